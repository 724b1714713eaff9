"""Rasa component: sentence vectors as features, danger vectors beside them; the encoder travels in the archive."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from isobot.content.reference import ROOT
from isobot.nlu.encoder import DEFAULT_FOLDER, SentenceEncoder
from isobot.nlu.message_segmenter import readable, with_segments
from isobot.nlu.question_model import FloatArray
from isobot.nlu.vector_cache import encode_cached

DANGER = "danger_vector"  # shape (384,), on each message and segment


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence feature, shape (1, 384), to each message and each of its segments."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`vectors`: a file that keeps the phrasings' vectors between trainings; none where it is empty."""
        return {**DenseFeaturizer.get_default_config(), "vectors": ""}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Accept any configuration: any path will do."""

    def __init__(
        self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource, encoder: SentenceEncoder
    ) -> None:
        """Create the component around a loaded encoder."""
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._encoder = encoder

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoderFeaturizer:
        """Create the component for training, with the encoder that set-up built.

        Raises:
            EncoderMissingError: when set-up has not built it.
        """
        encoder = SentenceEncoder.load(DEFAULT_FOLDER)
        return cls(config, execution_context.node_name, model_storage, resource, encoder)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceEncoderFeaturizer:
        """Load the component with the encoder that the model archive carries."""
        with model_storage.read_from(resource) as folder:
            encoder = SentenceEncoder.load(folder)
        return cls(config, execution_context.node_name, model_storage, resource, encoder)

    def train(self, training_data: TrainingData) -> Resource:
        """Write the encoder into the model; its weights are not trained."""
        with self._storage.write_to(self._resource) as folder:
            self._encoder.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the vectors (see the parent class)."""
        with_text = [m for m in with_segments(messages) if m.get(TEXT)]
        # Segments of a long message often repeat it; each text is encoded once.
        texts = list(dict.fromkeys(readable(m) for m in with_text))
        asked, told = self._encoder.encode_both(texts)
        self._add_vectors(with_text, dict(zip(texts, asked, strict=True)))
        dangers = dict(zip(texts, told, strict=True))
        for message in with_text:
            message.set(DANGER, dangers[readable(message)])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors to the training examples (see the parent class)."""
        with_text = [m for m in training_data.training_examples if m.get(TEXT)]
        texts = list(dict.fromkeys(readable(m) for m in with_text))
        self._add_vectors(with_text, dict(zip(texts, self._encode_phrasings(texts), strict=True)))
        return training_data

    def _encode_phrasings(self, texts: list[str]) -> FloatArray:
        if not self._config["vectors"]:
            return self._encoder.encode_many(texts)
        file = ROOT / self._config["vectors"]
        return encode_cached(texts, self._encoder.encode_many, self._encoder.graph, file)

    def _add_vectors(self, messages: list[Message], vectors: dict[str, FloatArray]) -> None:
        for message in messages:
            vector = np.expand_dims(vectors[readable(message)], 0)
            message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
