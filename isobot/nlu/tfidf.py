"""Word and character TF-IDF as one vectorizer that is kept as plain JSON and arrays (no Rasa import)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

_KINDS: dict[str, dict[str, Any]] = {
    "word": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w[\w']*\b"},
    "char": {"analyzer": "char_wb", "ngram_range": (2, 5)},
}
_SHARED: dict[str, Any] = {"lowercase": True, "sublinear_tf": True, "strip_accents": "unicode", "dtype": np.float32}
_FIT: dict[str, Any] = {"min_df": 2}  # a term of a single phrasing tells nothing about another


class WordCharTfidf:
    """Word 1-2-grams beside character 2-5-grams within words, each with length 1."""

    def __init__(self, vectorizers: dict[str, TfidfVectorizer]) -> None:
        """Wrap fitted vectorizers; use `fit` or `load`."""
        self._vectorizers = vectorizers

    @classmethod
    def fit(cls, texts: Sequence[str], max_features: int) -> "WordCharTfidf":
        """Learn vocabulary and weights from `texts`, at most `max_features` terms of each kind."""
        return cls.fit_transform(texts, max_features)[0]

    @classmethod
    def fit_transform(cls, texts: Sequence[str], max_features: int) -> "tuple[WordCharTfidf, csr_matrix]":
        """Return what `fit` does with the features of `texts`; half the time of doing one after the other."""
        vectorizers = {
            kind: TfidfVectorizer(max_features=max_features, **_FIT, **_SHARED, **options)
            for kind, options in _KINDS.items()
        }
        blocks = [vectorizer.fit_transform(texts) for vectorizer in vectorizers.values()]
        return cls(vectorizers), hstack(blocks, format="csr", dtype=np.float32)

    @property
    def size(self) -> int:
        """The number of columns that `transform` gives."""
        return sum(len(v.vocabulary_) for v in self._vectorizers.values())

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return the features, shape (len(texts), size)."""
        # One precision everywhere: a mixed product makes SciPy convert (and copy) the larger factor for each message.
        return hstack([v.transform(texts) for v in self._vectorizers.values()], format="csr", dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write vocabulary (JSON, sorted by column) and weights (npz) into `folder`."""
        terms = {k: sorted(v.vocabulary_, key=v.vocabulary_.__getitem__) for k, v in self._vectorizers.items()}
        (folder / "terms.json").write_text(json.dumps(terms, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / "weights.npz", **{k: v.idf_ for k, v in self._vectorizers.items()})

    @classmethod
    def load(cls, folder: Path) -> "WordCharTfidf":
        """Read what `save` wrote."""
        terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        weights = np.load(folder / "weights.npz")
        vectorizers = {}
        for kind, options in _KINDS.items():
            vectorizer = TfidfVectorizer(vocabulary={t: i for i, t in enumerate(terms[kind])}, **_SHARED, **options)
            vectorizer.idf_ = weights[kind]
            vectorizers[kind] = vectorizer
        return cls(vectorizers)
