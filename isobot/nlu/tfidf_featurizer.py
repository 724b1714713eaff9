"""Rasa component: word and character TF-IDF as sparse features."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix

from isobot.nlu.message_segmenter import readable, with_segments
from isobot.nlu.tfidf import WordCharTfidf


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TfidfFeaturizer(SparseFeaturizer, GraphComponent):
    """Adds one sparse sentence feature, shape (1, terms), to each message and each of its segments."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`max_features`: the most terms of each kind (words, characters)."""
        return {**SparseFeaturizer.get_default_config(), "max_features": 12_000}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuse a number of features that is not positive.

        Raises:
            InvalidConfigException: when `max_features` is below 1.
        """
        if config["max_features"] < 1:
            raise InvalidConfigException("TfidfFeaturizer: set max_features in config.yml to 1 or more.")

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        storage: ModelStorage,
        resource: Resource,
        tfidf: WordCharTfidf | None = None,
    ) -> None:
        """Create the component, untrained where `tfidf` is None."""
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._tfidf = tfidf
        self._fitted: tuple[list[str], csr_matrix] = [], csr_matrix((0, 0))  # the training texts and their features

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TfidfFeaturizer:
        """Create an untrained component (see the parent class)."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TfidfFeaturizer:
        """Load the trained component (see the parent class)."""
        with model_storage.read_from(resource) as folder:
            tfidf = WordCharTfidf.load(folder)
        return cls(config, execution_context.node_name, model_storage, resource, tfidf)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the vocabulary from the phrasings."""
        texts = [m.get(TEXT) for m in training_data.training_examples if m.get(TEXT)]
        self._tfidf, rows = WordCharTfidf.fit_transform(texts, self._config["max_features"])
        self._fitted = texts, rows
        with self._storage.write_to(self._resource) as folder:
            self._tfidf.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features (see the parent class)."""
        self._add_features(with_segments(messages))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features to the training examples (see the parent class)."""
        self._add_features(training_data.training_examples)
        self._fitted = [], csr_matrix((0, 0))
        return training_data

    def _add_features(self, messages: list[Message]) -> None:
        if self._tfidf is None:
            raise RuntimeError("The TF-IDF featurizer is not trained. Run 'make train'.")
        with_text = [m for m in messages if m.get(TEXT)]
        if not with_text:
            return
        texts = [readable(m) for m in with_text]
        rows = self._fitted[1] if texts == self._fitted[0] else self._tfidf.transform(texts)
        for i, message in enumerate(with_text):
            message.add_features(Features(rows[i].tocoo(), FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
