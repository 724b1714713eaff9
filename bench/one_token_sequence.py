"""Rasa component: gives a message's sentence features a second time, as a sequence of one token.

DIET refuses to train without features of tokens. Ours are of whole sentences.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class OneTokenSequence(GraphComponent):
    """Adds a sequence feature, shape (1, dimensions), for each sentence feature that a message has."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OneTokenSequence:
        """Create the component (see the parent class)."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features."""
        for message in messages:
            for feature in [f for f in message.features if f.attribute == TEXT and f.type == FEATURE_TYPE_SENTENCE]:
                message.add_features(Features(feature.features, FEATURE_TYPE_SEQUENCE, TEXT, feature.origin))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features to the training examples."""
        self.process(training_data.training_examples)
        return training_data
