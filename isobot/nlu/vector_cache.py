"""Keeps the sentence vectors of training phrasings between trainings: encoding them is half of a training's time.

The vectors stand in build/ with the encoder that made them; what another encoder made is not used.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
_KEY_BYTES = 16  # of the SHA-256 of a text


def encode_cached(
    texts: Sequence[str], encode: Callable[[Sequence[str]], FloatArray], encoder: bytes, file: Path
) -> FloatArray:
    """Return the vectors of `texts`, shape (texts, dimensions), encoding only those that `file` does not hold.

    Args:
        texts: what to encode.
        encode: makes the vectors of texts.
        encoder: the encoder's graph; vectors of any other are not used.
        file: where vectors are kept; written anew with those of `texts` only.
    """
    digest = hashlib.sha256(encoder).hexdigest()
    kept = _read(file, digest)
    missing = [t for t in dict.fromkeys(texts) if _key(t) not in kept]
    if missing:
        kept |= dict(zip(map(_key, missing), encode(missing), strict=True))
        wanted = list(dict.fromkeys(map(_key, texts)))
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".tmp.npz")
        np.savez(
            temporary,
            encoder=np.array(digest),
            keys=np.frombuffer(b"".join(wanted), dtype=np.uint8).reshape(len(wanted), _KEY_BYTES),
            vectors=np.array([kept[k] for k in wanted], dtype=np.float32),
        )
        temporary.replace(file)
    return np.array([kept[_key(t)] for t in texts], dtype=np.float32)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_KEY_BYTES]


def _read(file: Path, digest: str) -> dict[bytes, FloatArray]:
    """Return the vectors that `file` holds for this encoder; none where it is missing, broken or another encoder's."""
    try:
        with np.load(file) as arrays:
            if str(arrays["encoder"]) != digest:
                return {}
            return {k.tobytes(): v for k, v in zip(arrays["keys"], arrays["vectors"], strict=True)}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return {}
