"""The sentence encoder: all-MiniLM-L6-v2 in ONNX Runtime, texts in, unit vectors out (no Rasa import)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

DEFAULT_FOLDER = Path(__file__).parents[2] / "build" / "encoder"
GRAPH_FILE = "encoder.onnx"
TOKENIZER_FILE = "tokenizer.json"
MAX_TOKENS = 128  # the length that this model was trained with; longer texts are cut
DIMENSIONS = 384


class EncoderMissingError(Exception):
    """The encoder's files are not there or not the official ones; the message says what to do."""


class SentenceEncoder:
    """Turns texts into sentence vectors."""

    def __init__(self, graph: bytes, tokenizer: str, threads: int = 1) -> None:
        """Open a built encoder.

        Args:
            graph: the ONNX model that `encoder_build` wrote.
            tokenizer: the contents of the model's tokenizer.json.
            threads: how many texts are encoded at the same time: one for serving, all processors for training.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the operations are small: sharing one costs more than it saves
        options.inter_op_num_threads = 1
        self.graph = graph
        self.tokenizer_json = tokenizer
        self._threads = threads
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_str(tokenizer)
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> "SentenceEncoder":
        """Open the encoder whose files are in `folder`.

        Raises:
            EncoderMissingError: when they are not there.
        """
        try:
            tokenizer = (folder / TOKENIZER_FILE).read_text(encoding="utf-8")
            return cls((folder / GRAPH_FILE).read_bytes(), tokenizer, threads)
        except FileNotFoundError as error:
            raise EncoderMissingError(
                f"The sentence encoder has not been built ({error.filename} is missing). Run 'make setup'."
            ) from error

    def save(self, folder: Path) -> None:
        """Write the encoder's files into `folder`, so that a model archive carries all that serving needs."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / GRAPH_FILE).write_bytes(self.graph)
        (folder / TOKENIZER_FILE).write_text(self.tokenizer_json, encoding="utf-8")

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit vector for each text, shape (len(texts), 384)."""
        encodings = self._tokenizer.encode_batch(list(texts))

        def encode_one(encoding: Encoding) -> npt.NDArray[np.float32]:
            # Alone, not in a batch: the int8 scale is taken over a whole batch, so neighbours would change a vector.
            ids = np.array([encoding.ids], dtype=np.int64)
            vector = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
            return np.asarray(vector[0], dtype=np.float32)

        if self._threads == 1 or len(texts) == 1:
            vectors = [encode_one(e) for e in encodings]
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                vectors = list(pool.map(encode_one, encodings))
        return np.array(vectors, dtype=np.float32).reshape(len(texts), DIMENSIONS)
