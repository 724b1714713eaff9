"""Rasa component: an empty stand-in for one kind of features, to measure the question classifier without that kind.

The classifier of ours wants dense and sparse features. A column of zeros tells it nothing and costs next to nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import coo_matrix

from isobot.nlu.message_segmenter import with_segments

_KINDS = ("dense", "sparse")
_COLUMNS = 2  # the fewest that a projection onto one direction can be fitted on


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class BlankFeaturizer(Featurizer, GraphComponent):
    """Adds a sentence feature of zeros, shape (1, 2), to each message and each of its segments."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`kind`: "dense" or "sparse"."""
        return {**Featurizer.get_default_config(), "kind": "dense"}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuse an unknown kind.

        Raises:
            InvalidConfigException: when `kind` is neither "dense" nor "sparse".
        """
        if config["kind"] not in _KINDS:
            raise InvalidConfigException(f"BlankFeaturizer: set kind to one of {', '.join(_KINDS)}.")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> BlankFeaturizer:
        """Create the component (see the parent class)."""
        return cls(execution_context.node_name, config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the feature (see the parent class)."""
        self._add(with_segments(messages))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the feature to the training examples (see the parent class)."""
        self._add(training_data.training_examples)
        return training_data

    def _add(self, messages: list[Message]) -> None:
        zeros = np.zeros((1, _COLUMNS), dtype=np.float32)
        value = coo_matrix(zeros) if self._config["kind"] == "sparse" else zeros
        for message in messages:
            if message.get(TEXT):
                message.add_features(Features(value, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
