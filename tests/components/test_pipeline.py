"""Each graph component trains, is stored, loaded again and gives the same result, on a tiny model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from isobot.nlu.country_extractor import CountryExtractor
from isobot.nlu.message_segmenter import SEGMENTS, MessageSegmenter
from isobot.nlu.question_classifier import QUESTIONS, QuestionClassifier
from isobot.nlu.sentence_encoder_featurizer import SentenceEncoderFeaturizer
from isobot.nlu.spelling_repairer import SpellingRepairer
from isobot.nlu.tfidf_featurizer import TfidfFeaturizer

PHRASINGS = {
    "alcohol.can_i_drink": ["can I drink alcohol", "is beer ok", "can I have wine", "is alcohol ok with it"],
    "sun.protection": ["do I need sunscreen", "can I go in the sun", "is the sun bad", "which sunscreen is ok"],
    "hair.loss": ["is my hair falling out", "does hair get thin", "losing hair", "hair in the shower"],
}


def training_data() -> TrainingData:
    return TrainingData(
        [
            Message.build(text=text, intent=intent, intent_metadata={"title": f"About {intent}?"})
            for intent, texts in PHRASINGS.items()
            for text in texts
        ]
    )


class Workshop:
    """Trains a component the way Rasa does, and loads it again from its storage."""

    def __init__(self, folder: Path) -> None:
        self.storage = LocalModelStorage(folder)

    def _arguments(self, kind: type[Any], config: dict[str, Any] | None) -> dict[str, Any]:
        name = kind.__name__
        return {
            "config": {**kind.get_default_config(), **(config or {})},
            "model_storage": self.storage,
            "resource": Resource(name),
            "execution_context": ExecutionContext(GraphSchema({}), node_name=name),
        }

    def train(self, kind: type[Any], data: TrainingData, config: dict[str, Any] | None = None) -> Any:
        kind.create(**self._arguments(kind, config)).train(data)
        return self.load(kind, config)

    def load(self, kind: type[Any], config: dict[str, Any] | None = None) -> Any:
        return kind.load(**self._arguments(kind, config))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    workshop = Workshop(tmp_path_factory.mktemp("model"))
    data = training_data()
    speller = workshop.train(SpellingRepairer, data)
    encoder = workshop.train(SentenceEncoderFeaturizer, data)
    encoder.process_training_data(data)
    tfidf = workshop.train(TfidfFeaturizer, data, {"max_features": 500})
    tfidf.process_training_data(data)
    classifier = workshop.train(QuestionClassifier, data, {"directions": 8})
    return [MessageSegmenter(), speller, encoder, tfidf, classifier, CountryExtractor()]


def understand(components: list[Any], text: str) -> Message:
    messages = [Message({"text": text})]
    for component in components:
        messages = component.process(messages)
    return messages[0]


@pytest.mark.parametrize(
    ("text", "intent"),
    [("may I drink some beer", "alcohol.can_i_drink"), ("hair keeps falling", "hair.loss"), ("sun?", "sun.protection")],
)
def test_new_words_for_a_known_question_are_understood(trained: list[Any], text: str, intent: str) -> None:
    message = understand(trained, text)
    assert message.get("intent")["name"] == intent
    assert message.get(QUESTIONS)[0]["candidates"][0]["title"] == f"About {intent}?"


def test_two_questions_are_judged_one_by_one(trained: list[Any]) -> None:
    message = understand(trained, "Can I drink alcohol? And do I need sunscreen?")
    assert len(message.get(SEGMENTS)) == 2
    assert [q["intent"] for q in message.get(QUESTIONS)] == ["alcohol.can_i_drink", "sun.protection"]


def test_confidence_and_margin_are_the_questions_own(trained: list[Any]) -> None:
    alone = understand(trained, "do I need sunscreen").get(QUESTIONS)[0]
    beside = understand(trained, "Can I drink alcohol? do I need sunscreen").get(QUESTIONS)[1]
    assert beside["confidence"] == pytest.approx(alone["confidence"])
    assert beside["margin"] == pytest.approx(alone["margin"])


def test_the_ranking_is_rasas_own(trained: list[Any]) -> None:
    ranking = understand(trained, "beer").get("intent_ranking")
    assert [set(r) for r in ranking] == [{"name", "confidence"}] * 3
    assert ranking == sorted(ranking, key=lambda r: -r["confidence"])


def test_a_country_becomes_an_entity(trained: list[Any]) -> None:
    entities = understand(trained, "I'm in the UK").get("entities")
    assert [(e["entity"], e["value"]) for e in entities] == [("country", "UK")]


def test_training_data_is_not_split(trained: list[Any]) -> None:
    data = TrainingData([Message.build(text="One here. Two here.", intent="a.b")])
    assert trained[0].process_training_data(data).training_examples[0].get(SEGMENTS) is None


def test_a_useless_setting_is_refused() -> None:
    with pytest.raises(InvalidConfigException, match="max_features"):
        TfidfFeaturizer.validate_config({"max_features": 0})


def test_an_untrained_component_says_what_to_do(tmp_path: Path) -> None:
    arguments = Workshop(tmp_path)._arguments(QuestionClassifier, None)
    with pytest.raises(RuntimeError, match="make train"):
        QuestionClassifier.create(**arguments).process([Message({"text": "hi"})])
