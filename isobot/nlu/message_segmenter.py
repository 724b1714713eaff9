"""Rasa component: hangs a message's segments on it, so that the components after it see each question by itself."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from isobot.text.segments import in_context, split

SEGMENTS = "segments"
READ_AS = "read_as"


def readable(message: Message) -> str:
    """Return the text that featurizers read: with context or repaired where need be, else as written."""
    return str(message.get(READ_AS) or message.get(TEXT) or "")


def with_segments(messages: list[Message]) -> list[Message]:
    """Return the messages followed by all their segments (messages, too), to be handled in one batch."""
    return [*messages, *(segment for message in messages for segment in message.get(SEGMENTS) or [])]


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER], is_trainable=False)
class MessageSegmenter(GraphComponent):
    """Sets `segments` (and what each is read as) on messages of several segments; training data stays whole."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageSegmenter:
        """Create the component (see the parent class)."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Split each message (see the parent class)."""
        for message in messages:
            text = message.get(TEXT) or ""
            parts = split(text)
            if parts != [text]:
                message.set(
                    SEGMENTS,
                    [Message({TEXT: part, READ_AS: read}) for part, read in zip(parts, in_context(parts), strict=True)],
                )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the training data as it is: a phrasing is one question."""
        return training_data
