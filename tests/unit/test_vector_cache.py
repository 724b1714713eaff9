"""Vectors are kept between trainings, and only those of the same encoder are used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from isobot.nlu.vector_cache import encode_cached


class Encoder:
    """Counts what it was asked to encode."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += texts
        return np.array([[len(t), ord(t[0])] for t in texts], dtype=np.float32)


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    encoder, file = Encoder(), tmp_path / "v.npz"
    first = encode_cached(["a", "bb", "a"], encoder.encode, b"one", file)
    assert first.tolist() == [[1, 97], [2, 98], [1, 97]]
    assert encode_cached(["bb", "ccc"], encoder.encode, b"one", file).tolist() == [[2, 98], [3, 99]]
    assert encoder.asked == ["a", "bb", "ccc"]


def test_vectors_of_another_encoder_or_a_broken_file_are_not_used(tmp_path: Path) -> None:
    encoder, file = Encoder(), tmp_path / "v.npz"
    encode_cached(["a"], encoder.encode, b"one", file)
    encode_cached(["a"], encoder.encode, b"two", file)
    file.write_bytes(b"broken")
    encode_cached(["a"], encoder.encode, b"two", file)
    assert encoder.asked == ["a", "a", "a"]
