"""The question classifier's arithmetic: features in, a probability for every leaf question out (no Rasa import).

Multinomial logistic regression on the sentence vector beside the TF-IDF features, which are first projected onto
their strongest directions (latent semantic analysis): the accuracy of the full features at a thirtieth of the
training time. It is kept as plain arrays: scikit-learn's own persistence takes seconds to load through skops.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

FloatArray = npt.NDArray[np.float32]


def softmax(scores: FloatArray, temperature: float) -> FloatArray:
    """Return `scores`, shape (rows, classes), as probabilities; a temperature above 1 makes them less sure."""
    exponents = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True)
class QuestionModel:
    """A trained classifier.

    Attributes:
        intents: the names of the classes, in the order of the columns that `probabilities` gives.
        projection: TF-IDF terms to directions, shape (terms, directions).
        weights: shape (dense + directions, classes).
        bias: shape (classes,).
        temperature: what the scores are divided by before the softmax; above 1 makes the model less sure of itself.
    """

    intents: tuple[str, ...]
    projection: FloatArray
    weights: FloatArray
    bias: FloatArray
    temperature: float = 1.0

    @classmethod
    def fit(
        cls,
        dense: FloatArray,
        sparse: csr_matrix,
        intents: Sequence[str],
        *,
        inverse_regularization: float,
        directions: int,
        seed: int = 0,
    ) -> QuestionModel:
        """Train on one row a phrasing.

        Args:
            dense: sentence vectors, shape (phrasings, dimensions).
            sparse: TF-IDF features, shape (phrasings, terms).
            intents: the right intent of each phrasing.
            inverse_regularization: scikit-learn's C; larger fits the phrasings more closely.
            directions: the size of the projected TF-IDF features; fewer where there are fewer terms.
            seed: makes the projection repeatable.
        """
        from sklearn.decomposition import TruncatedSVD
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        svd = TruncatedSVD(min(directions, min(sparse.shape) - 1), n_iter=2, random_state=seed).fit(sparse)
        projection = np.ascontiguousarray(svd.components_.T, dtype=np.float32)
        features = np.hstack([dense, sparse @ projection])
        with warnings.catch_warnings():
            # Forty steps are as accurate on unseen messages as running to the end, in a third of the time.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = LogisticRegression(C=inverse_regularization, max_iter=40).fit(features, list(intents))
        coefficients, bias = model.coef_, model.intercept_
        if len(coefficients) == 1:  # scikit-learn keeps one row for two classes
            coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.hstack([-bias, bias]) / 2
        return cls(
            tuple(str(c) for c in model.classes_),
            projection,
            coefficients.T.astype(np.float32),
            bias.astype(np.float32),
        )

    def probabilities(self, dense: FloatArray, sparse: csr_matrix) -> FloatArray:
        """Return the probability of each intent for each row, shape (rows, classes)."""
        return softmax(self.scores(dense, sparse), self.temperature)

    def scores(self, dense: FloatArray, sparse: csr_matrix) -> FloatArray:
        """Return the scores before temperature and softmax, shape (rows, classes)."""
        return np.asarray(np.hstack([dense, sparse @ self.projection]) @ self.weights + self.bias, dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the model into `folder` as arrays and JSON."""
        # Half precision halves the archive; the scores move in the third digit.
        np.savez(
            folder / "question_model.npz",
            projection=self.projection.astype(np.float16),
            weights=self.weights,
            bias=self.bias,
        )
        (folder / "intents.json").write_text(json.dumps(self.intents), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> QuestionModel:
        """Read what `save` wrote."""
        arrays = np.load(folder / "question_model.npz")
        intents = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
        return cls(
            tuple(intents),
            # In row order: SciPy copies the whole array for each message otherwise.
            np.ascontiguousarray(arrays["projection"], dtype=np.float32),
            arrays["weights"],
            arrays["bias"],
        )
