"""Rasa component: hangs a repaired spelling on each message and segment, which the featurizers read in its place.

The message's own text stays as the person wrote it: medicines, countries and choices are looked for in that.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from isobot.nlu.message_segmenter import READ_AS, readable, with_segments
from isobot.text.spelling import Speller

FAMILIAR = "familiar"  # whether a message holds any known word


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class SpellingRepairer(GraphComponent):
    """Sets what messages and segments are read as, with the spelling repaired; training data stays as written."""

    def __init__(self, storage: ModelStorage, resource: Resource, speller: Speller | None = None) -> None:
        """Create the component, untrained where `speller` is None."""
        self._storage = storage
        self._resource = resource
        self._speller = speller

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpellingRepairer:
        """Create an untrained component (see the parent class)."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SpellingRepairer:
        """Load the trained component (see the parent class)."""
        with model_storage.read_from(resource) as folder:
            speller = Speller.load(folder)
        return cls(model_storage, resource, speller)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words of the phrasings."""
        self._speller = Speller.fit(m.get(TEXT) for m in training_data.training_examples if m.get(TEXT))
        with self._storage.write_to(self._resource) as folder:
            self._speller.save(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the training data as it is: its misspelt phrasings teach what people write."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Repair each message and its segments (see the parent class)."""
        if self._speller is None:
            raise RuntimeError("The spelling repairer is not trained. Run 'make train'.")
        for message in with_segments(messages):
            if text := readable(message):
                repaired = self._speller.repair(without_code_marks(text))
                message.set(READ_AS, repaired)
                message.set(FAMILIAR, self._speller.knows_a_word_of(repaired))
        return messages


_CODE = re.compile(r"[\[\]{}]")
_CODE_MARKS = re.compile(r"[\[\]{}()<>\"':,]+")


def without_code_marks(text: str) -> str:
    """Return a text that holds brackets or braces as plain words: an encoder of sentences knows no code."""
    return " ".join(_CODE_MARKS.sub(" ", text).split()) if _CODE.search(text) else text
