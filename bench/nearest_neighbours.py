"""Rasa component: the intent that most of a message's nearest phrasings have, by the cosine of their vectors."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

FloatArray = npt.NDArray[np.float32]
_VECTORS_FILE, _INTENTS_FILE = "vectors.npy", "intents.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NearestNeighbours(IntentClassifier, GraphComponent):
    """Keeps all phrasings' unit vectors; each of the nearest votes for its intent with its cosine."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what has to stand before this component in the pipeline."""
        return [DenseFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`neighbours`: how many phrasings vote."""
        return {"neighbours": 5}

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        vectors: FloatArray | None = None,
        intents: list[str] | None = None,
    ) -> None:
        """Create the component, untrained where `vectors` is None (shape (phrasings, dimensions))."""
        self._config = config
        self._storage = storage
        self._resource = resource
        self._vectors = vectors
        self._intents = intents or []

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NearestNeighbours:
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
    ) -> NearestNeighbours:
        """Load the trained component (see the parent class)."""
        with model_storage.read_from(resource) as folder:
            vectors = np.load(folder / _VECTORS_FILE)
            intents = json.loads((folder / _INTENTS_FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, vectors, intents)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the phrasings' vectors."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        self._vectors = np.vstack([_vector(e) for e in examples])
        self._intents = [str(e.get(INTENT)) for e in examples]
        with self._storage.write_to(self._resource) as folder:
            np.save(folder / _VECTORS_FILE, self._vectors)
            (folder / _INTENTS_FILE).write_text(json.dumps(self._intents), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify each message as a whole (see the parent class)."""
        if self._vectors is None:
            raise RuntimeError("The nearest-neighbour classifier is not trained. Train the model first.")
        for message in messages:
            if not message.get(TEXT):
                continue
            ranking = self._vote(self._vectors @ _vector(message))
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _vote(self, cosines: FloatArray) -> list[dict[str, Any]]:
        """Return the intents of the nearest phrasings with their share of the votes, best first."""
        votes: dict[str, float] = {}
        for i in np.argsort(cosines)[-self._config["neighbours"] :]:
            votes[self._intents[i]] = votes.get(self._intents[i], 0.0) + max(float(cosines[i]), 1e-6)
        total = sum(votes.values())
        ranked = sorted(votes.items(), key=lambda item: -item[1])
        return [{"name": intent, "confidence": vote / total} for intent, vote in ranked]


def _vector(message: Message) -> FloatArray:
    """Return the message's sentence vector, shape (dimensions,)."""
    found = [f for f in message.features if f.attribute == TEXT and f.type == "sentence" and not f.is_sparse()]
    return np.asarray(found[0].features[0], dtype=np.float32)
