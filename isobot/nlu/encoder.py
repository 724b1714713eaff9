"""The sentence encoder: all-MiniLM-L6-v2 in ONNX Runtime, texts in, unit vectors out (no Rasa import).

Each text has two vectors: one for the question asked in it, one for the danger told in it.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

FloatArray = npt.NDArray[np.float32]

DEFAULT_FOLDER = Path(__file__).parents[2] / "build" / "encoder"
GRAPH_FILE = "encoder.onnx"
TOKENIZER_FILE = "tokenizer.json"
MAX_TOKENS = 128  # the length that this model was trained with; longer texts are cut
DIMENSIONS = 384
SENTENCE_VECTOR, DANGER_VECTOR = "sentence_vector", "danger_vector"  # the graph's outputs
_BATCH = 32


class EncoderMissingError(Exception):
    """The encoder's files are not there or not the official ones; the message says what to do."""


class SentenceEncoder:
    """Turns texts into sentence vectors."""

    def __init__(self, graph: bytes, tokenizer: str) -> None:
        """Open a built encoder.

        Args:
            graph: the ONNX model that `encoder_build` wrote.
            tokenizer: the contents of the model's tokenizer.json.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the operations are small: sharing one costs more than it saves
        options.inter_op_num_threads = 1
        self.graph = graph
        self.tokenizer_json = tokenizer
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_str(tokenizer)
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    @classmethod
    def load(cls, folder: Path) -> "SentenceEncoder":
        """Open the encoder whose files are in `folder`.

        Raises:
            EncoderMissingError: when they are not there.
        """
        try:
            tokenizer = (folder / TOKENIZER_FILE).read_text(encoding="utf-8")
            return cls((folder / GRAPH_FILE).read_bytes(), tokenizer)
        except FileNotFoundError as error:
            raise EncoderMissingError(
                f"The sentence encoder has not been built ({error.filename} is missing). Run 'make setup'."
            ) from error

    def save(self, folder: Path) -> None:
        """Write the encoder's files into `folder`, so that a model archive carries all that serving needs."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / GRAPH_FILE).write_bytes(self.graph)
        (folder / TOKENIZER_FILE).write_text(self.tokenizer_json, encoding="utf-8")

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return one unit vector for each text, shape (len(texts), 384).

        Each text is encoded alone: the int8 scale is taken over a whole batch, so neighbours would change a vector.
        """
        return self.encode_outputs(texts, [SENTENCE_VECTOR])[0]

    def encode_both(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Return the vectors for the questions and those for the danger, each of shape (len(texts), 384)."""
        asked, told = self.encode_outputs(texts, [SENTENCE_VECTOR, DANGER_VECTOR])
        return asked, told

    def encode_outputs(self, texts: Sequence[str], outputs: Sequence[str]) -> list[FloatArray]:
        """Return the vectors of the named outputs, each text encoded alone; one output takes less time than two."""
        found = [self._run([encoding], outputs) for encoding in self._tokenizer.encode_batch(list(texts))]
        return [
            np.array([arrays[k][0] for arrays in found], dtype=np.float32).reshape(len(texts), DIMENSIONS)
            for k in range(len(outputs))
        ]

    def encode_many(self, texts: Sequence[str]) -> FloatArray:
        """Return the same for thousands of texts, twice as fast: in batches and on all processors.

        The vectors differ from those of `encode` by a cosine of about 0.99; good enough to train on.
        """
        encodings = self._tokenizer.encode_batch(list(texts))
        of_length: dict[int, list[int]] = {}
        for i, encoding in enumerate(encodings):
            of_length.setdefault(len(encoding.ids), []).append(i)
        batches = [rows[k : k + _BATCH] for rows in of_length.values() for k in range(0, len(rows), _BATCH)]
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)

        def fill(rows: list[int]) -> None:
            vectors[rows] = self._run([encodings[i] for i in rows], [SENTENCE_VECTOR])[0]

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(fill, batches))
        return vectors

    def _run(self, encodings: Sequence[Encoding], outputs: Sequence[str]) -> list[FloatArray]:
        """Return the vectors of token sequences of one length, one array for each output."""
        ids = np.array([e.ids for e in encodings], dtype=np.int64)
        options = onnxruntime.RunOptions()
        options.only_execute_path_to_fetches = len(outputs) == 1  # training needs no danger vectors
        found = self._session.run(list(outputs), {"input_ids": ids, "attention_mask": np.ones_like(ids)}, options)
        return [np.asarray(array) for array in found]
