"""Rasa component: classifies a message's questions one by one, at the level of the single question."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, vstack

from isobot.nlu import thresholds
from isobot.nlu.message_segmenter import with_segments
from isobot.nlu.question_model import FloatArray, QuestionModel
from isobot.nlu.questions import Question, choose, judge, topic_of
from isobot.nlu.scope import believable, rescope
from isobot.nlu.spelling_repairer import FAMILIAR
from isobot.text.medicines import Mentions, find_medicines

QUESTIONS = "questions"
_TITLES_FILE = "titles.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class QuestionClassifier(IntentClassifier, GraphComponent):
    """Sets `questions` (see `isobot.nlu.questions.Question`) beside Rasa's `intent` and `intent_ranking`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """How the model is trained: `inverse_regularization`, `directions`. Thresholds: isobot/nlu/thresholds.yml."""
        return {"inverse_regularization": 4.0, "directions": 256}

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: QuestionModel | None = None,
        titles: dict[str, str] | None = None,
    ) -> None:
        """Create the component, untrained where `model` is None."""
        self._config = config
        self._limits = thresholds.read()
        self._storage = storage
        self._resource = resource
        self._model = model
        self._titles = titles or {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionClassifier:
        """Create an untrained component (see the parent class)."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> QuestionClassifier:
        """Load the trained component (see the parent class)."""
        with model_storage.read_from(resource) as folder:
            model = replace(QuestionModel.load(folder), temperature=thresholds.read().temperature)
            titles = json.loads((folder / _TITLES_FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, model, titles)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the classifier on the phrasings and keep each question's title from its `metadata`."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        dense, sparse = _features(examples)
        self._model = QuestionModel.fit(
            dense,
            sparse,
            [e.get(INTENT) for e in examples],
            inverse_regularization=self._config["inverse_regularization"],
            directions=self._config["directions"],
        )
        self._titles = {
            e.get(INTENT): title
            for e in examples
            if (title := (e.get("metadata") or {}).get("intent", {}).get("title"))
        }
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
            (folder / _TITLES_FILE).write_text(json.dumps(self._titles), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify each message and its segments (see the parent class)."""
        if self._model is None:
            raise RuntimeError("The question classifier is not trained. Run 'make train'.")
        for message in messages:
            texts = [m for m in with_segments([message]) if m.get(TEXT)]
            if not texts:
                continue
            mentions = find_medicines(message.get(TEXT))
            whole, *parts = self._judge_all(self._model, texts, mentions)
            chosen = choose(whole, parts, self._limits)
            questions = [rescope(q, mentions, self._titles) for q in chosen]
            if message.get(FAMILIAR) is False and topic_of(questions[0].intent) != "out_of_scope":
                questions = [replace(q, understood=False) for q in questions]
            best = questions[0]
            message.set(QUESTIONS, [q.as_dict() for q in questions], add_to_output=True)
            message.set(INTENT, {"name": best.intent, "confidence": best.confidence}, add_to_output=True)
            ranking = [{"name": c.intent, "confidence": c.confidence} for c in best.candidates]
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _judge_all(self, model: QuestionModel, messages: list[Message], mentions: Mentions) -> list[Question]:
        probabilities = believable(model.probabilities(*_features(messages)), model.intents, mentions)
        return [
            judge(m.get(TEXT), row, model.intents, self._titles) for m, row in zip(messages, probabilities, strict=True)
        ]


def _features(messages: list[Message]) -> tuple[FloatArray, csr_matrix]:
    """Return the dense and the sparse sentence features of the messages, one row each."""
    dense: list[Any] = []
    sparse: list[Any] = []
    for message in messages:
        for feature in message.features:
            if feature.attribute == TEXT and feature.type == "sentence":
                (sparse if feature.is_sparse() else dense).append(feature.features)
    return np.vstack(dense), vstack(sparse, format="csr")
