"""Reads a topic file: phrasings and answers in Rasa's format, checked by a schema that names the place of an error."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from isobot.content.reference import TableError

_DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_WORD = {"type": "string", "pattern": "^[a-z_]+$"}
_COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$"}
_GUIDE = {
    "type": "object",
    "required": ["name", "title", "offered_after", "verdicts", "steps"],
    "additionalProperties": False,
    "properties": {
        "name": _WORD,
        "title": {"type": "string", "minLength": 3},
        "offered_after": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "verdicts": {"type": "array", "items": _WORD, "minItems": 2},
        "decided": {"type": "object", "propertyNames": _COUNTRY, "additionalProperties": _WORD},
        "steps": {
            "type": "array",
            "minItems": 1,
            "maxItems": 6,
            "items": {
                "type": "object",
                "required": ["name", "verdicts"],
                "additionalProperties": False,
                "properties": {
                    "name": _WORD,
                    "countries": {"type": "array", "items": _COUNTRY, "minItems": 1},
                    "verdicts": {
                        "type": "object",
                        "propertyNames": {"enum": ["if_yes", "if_no", "if_unsure"]},
                        "additionalProperties": _WORD,
                    },
                },
            },
        },
    },
}
TOPIC_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "version": {"const": "3.1"},
        "rules": {"type": "array"},
        "stories": {"type": "array"},
        "guide": _GUIDE,
        "nlu": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["intent", "metadata", "examples"],
                "additionalProperties": False,
                "properties": {
                    "intent": {"type": "string", "pattern": r"^[a-z_]+\.[a-z0-9_]+$"},
                    "metadata": {
                        "type": "object",
                        "required": ["title"],
                        "additionalProperties": False,
                        "properties": {"title": {"type": "string", "minLength": 3}},
                    },
                    "examples": {"type": "string", "pattern": r"^- "},
                },
            },
        },
        "responses": {
            "type": "object",
            "propertyNames": {"pattern": r"^utter_[a-z0-9_.]+$"},
            "additionalProperties": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["text"],
                    "additionalProperties": False,
                    "properties": {
                        "text": {"type": "string", "minLength": 1},
                        "channel": {"const": "sms"},
                        "condition": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 1,
                            "items": {
                                "type": "object",
                                "required": ["type", "name", "value"],
                                "additionalProperties": False,
                                "properties": {
                                    "type": {"const": "slot"},
                                    "name": {"const": "country"},
                                    "value": {"type": "string", "pattern": "^[A-Z]{2}$"},
                                },
                            },
                        },
                        "metadata": {
                            "type": "object",
                            "required": ["source", "checked", "signed_off"],
                            "additionalProperties": False,
                            "properties": {
                                "source": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                                "checked": _DATE,
                                "signed_off": {"type": "string"},
                            },
                        },
                    },
                },
            },
        },
    },
}
_VALIDATOR = jsonschema.Draft7Validator(TOPIC_SCHEMA)


@dataclass(frozen=True)
class TopicQuestion:
    """A leaf question: how people ask it.

    Attributes:
        intent: topic and question, "alcohol.can_i_drink".
        title: the question in human words, shown as a choice.
        phrasings: the training data.
    """

    intent: str
    title: str
    phrasings: tuple[str, ...]


@dataclass(frozen=True)
class TopicFile:
    """One file of data/topics or data/conversation."""

    path: Path
    questions: tuple[TopicQuestion, ...]
    responses: dict[str, list[dict[str, Any]]]


def read_topic_file(path: Path, data: dict[str, Any]) -> TopicFile:
    """Return the parsed contents of a topic file.

    Args:
        path: where it came from, for messages.
        data: its YAML.

    Raises:
        TableError: when it breaks the schema or a line of the examples is not "- a phrasing".
    """
    if error := next(iter(_VALIDATOR.iter_errors(data)), None):
        place = ".".join(str(p) for p in error.absolute_path) or "top level"
        raise TableError(f"{path}, at {place}: {error.message}. Correct the file and try again.")
    questions = []
    for item in data.get("nlu", ()):
        lines = [line for line in item["examples"].splitlines() if line.strip()]
        if wrong := next((line for line in lines if not line.startswith("- ")), None):
            raise TableError(f"{path}, {item['intent']}: the line {wrong!r} must begin with '- '.")
        phrasings = tuple(line[2:].strip() for line in lines)
        questions.append(TopicQuestion(item["intent"], item["metadata"]["title"], phrasings))
    return TopicFile(path, tuple(questions), data.get("responses", {}))
