"""Rasa component: sets `red_flags` (see `isobot.safety.danger`) on each message, from rules and a learned detector.

Whatever breaks, danger is still answered: without the learned detector the rules count alone, and weak signs with them;
without the rules the message is marked as not checked, and the patient gets the safe reply.
"""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from isobot.dose.overdose import is_above_every_label
from isobot.nlu import danger_limits
from isobot.nlu.danger_model import DangerModel
from isobot.nlu.encoder_build import BRANCH_FILE
from isobot.nlu.message_segmenter import with_segments
from isobot.nlu.sentence_encoder_featurizer import DANGER
from isobot.safety.danger import Danger, Finding, highest
from isobot.safety.detector import detector
from isobot.safety.urgency import Urgency

logger = logging.getLogger(__name__)

RED_FLAGS = "red_flags"
OVERDOSE = "RF-20"
_FEW_WORDS, _ONE_OR_TWO = 8, 2


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class RedFlagDetector(GraphComponent):
    """Looks for danger in every message, whatever else it asks."""

    def __init__(self, storage: ModelStorage, resource: Resource, model: DangerModel | None) -> None:
        """Create the component; `model` is None where the learned detector could not be loaded."""
        self._storage = storage
        self._resource = resource
        self._model = model
        self._limits = danger_limits.read() if model else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RedFlagDetector:
        """Create the component for training (see the parent class)."""
        return cls(model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RedFlagDetector:
        """Load the learned detector from the model archive; go on with the rules alone where that fails."""
        detector()  # a mistake in the rule table shows at start, not in a patient's conversation
        try:
            with model_storage.read_from(resource) as folder:
                return cls(model_storage, resource, DangerModel.load(folder / BRANCH_FILE.name))
        except Exception as error:
            logger.error("The learned danger detector could not be loaded (%s). The rules go on alone.", error)
            return cls(model_storage, resource, None)

    def train(self, training_data: TrainingData) -> Resource:
        """Put the heads into the model archive; they were trained together with the encoder's danger branch."""
        with self._storage.write_to(self._resource) as folder:
            shutil.copy(BRANCH_FILE, folder / BRANCH_FILE.name)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Look for danger in each message (see the parent class)."""
        for message in messages:
            message.set(RED_FLAGS, self._danger(message).as_dict(), add_to_output=True)
        return messages

    def _danger(self, message: Message) -> Danger:
        try:
            danger = detector().detect(message.get(TEXT) or "")
        except Exception as error:  # never the words of the message in a log
            logger.error("The red-flag rules failed on a message (%s).", type(error).__name__)
            danger = Danger(failed=True)
        danger = _with_overdose(danger, message.get(TEXT) or "")
        learned, possible = self._learned(message, danger)
        found = replace(danger.with_learned(learned), possible=possible)
        # What the learned detector sees is answered although the rules could not look.
        return found if not found.findings else Danger(**{**vars(found), "failed": False})

    def _learned(self, message: Message, danger: Danger) -> tuple[list[Finding] | None, Finding | None]:
        """Return what the learned detector finds (None where it can't be asked), else what it holds possible."""
        if self._model is None or self._limits is None:
            return None, None
        words = (message.get(TEXT) or "").lower().split()
        if len(words) > _FEW_WORDS and len(set(words)) <= _ONE_OR_TWO:
            return [], None  # one word over and over: nothing that an encoder of sentences was made for
        try:
            vectors = [v for m in with_segments([message]) if (v := m.get(DANGER)) is not None]
            if not vectors:
                return [], None
            seen = np.vstack(vectors), self._limits, danger
            found = self._model.findings(*seen)
            return found, None if found else self._model.possible(*seen)
        except Exception as error:
            logger.error("The learned danger detector failed on a message (%s).", type(error).__name__)
            return None, None


def _with_overdose(danger: Danger, text: str) -> Danger:
    """Return the danger with a dose above every label that is told with a weight: a sum, not a word, shows it."""
    try:
        if not is_above_every_label(text):
            return danger
    except Exception as error:
        logger.error("A dose could not be read from a message (%s).", type(error).__name__)
        return danger
    return replace(danger, findings=highest([*danger.findings, Finding(OVERDOSE, Urgency.URGENT)]))
