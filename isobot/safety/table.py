"""Reads the rule table: red_flags.yml, concepts.yml and assertions.yml, refused at load when a field is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from isobot.content.reference import TableError, read_checked
from isobot.safety.patterns import choices, parts, words_of
from isobot.safety.urgency import Urgency

FOLDER = Path(__file__).parent
RULES_FILE = FOLDER / "red_flags.yml"
CONCEPTS_FILE = FOLDER / "concepts.yml"
ASSERTIONS_FILE = FOLDER / "assertions.yml"

_STRINGS = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 2}}
_LEVELS = tuple(level.label for level in Urgency if level)
_BY_LEVEL = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": dict.fromkeys(_LEVELS, _STRINGS),
}
_RULES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["checked", "rules"],
    "additionalProperties": False,
    "properties": {
        "checked": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "rules": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": [
                    "id",
                    "name",
                    "level",
                    "leaflet_says_stop",
                    "signs",
                    "examples",
                    "look_alikes",
                    "text",
                    "source",
                ],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "pattern": r"^RF-\d\d$"},
                    "name": {"type": "string", "minLength": 3},
                    "level": {"enum": list(_LEVELS)},
                    "leaflet_says_stop": {"type": "boolean"},
                    "signs": _BY_LEVEL,
                    "combinations": _BY_LEVEL,
                    "weak_combinations": _BY_LEVEL,
                    "weak_signs": _BY_LEVEL,
                    "somebody_else_counts": {"type": "boolean"},
                    "soft_check": _STRINGS,
                    "unless": _STRINGS,
                    "examples": _BY_LEVEL,
                    "look_alikes": _STRINGS,
                    "text": {"type": "string", "pattern": r"^utter_red_flag\.rf_\d\d$"},
                    "source": _STRINGS,
                },
            },
        },
    },
}
_CONCEPTS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["concepts"],
    "additionalProperties": False,
    "properties": {
        "concepts": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z_0-9]+$"},
            "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
        }
    },
}
CATEGORIES = (
    "NEGATED", "HYPOTHETICAL", "PAST", "OVER", "NOW", "OTHER_PERSON", "RELATIVE", "FIGURATIVE", "QUOTED", "ENDS",
    "JOINS", "NOTHING",
)  # fmt: skip
_ASSERTIONS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["assertions"],
    "additionalProperties": False,
    "properties": {
        "assertions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["category", "direction", "words"],
                "additionalProperties": False,
                "properties": {
                    "category": {"enum": list(CATEGORIES)},
                    "direction": {"enum": ["FORWARD", "BACKWARD", "BIDIRECTIONAL", "TERMINATE", "PSEUDO"]},
                    "max_scope": {"type": "integer", "minimum": 1},
                    "words": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
                },
            },
        }
    },
}


@dataclass(frozen=True)
class Sign:
    """One way in which a danger shows.

    Attributes:
        rule: the rule's id.
        level: what it comes to.
        parts: names of concepts, or phrases; all must be there.
        anywhere: the parts may stand in different sentences of the message.
        soft: too ambiguous to act on: the person is asked softly whether they mean it.
        weak: often harmless: counts where the learned detector agrees, or can't be asked.
    """

    rule: str
    level: Urgency
    parts: tuple[str, ...]
    anywhere: bool = False
    soft: bool = False
    weak: bool = False


@dataclass(frozen=True)
class Rule:
    """A red flag.

    Attributes:
        id: "RF-05".
        name: the danger in a few words.
        level: the least that it comes to; `signs` may raise it.
        leaflet_says_stop: whether official leaflets tell patients to stop the capsules and call.
        signs: the ways in which it shows.
        unless: look-alikes: where one stands in the sentence, the rule's signs there don't count.
        examples: level to messages that must escalate to it.
        look_alikes: messages that must not escalate.
        text: the name of its responses, without the level; the texts stand in data/topics/red_flag.yml.
        source: keys of data/sources.yml.
        somebody_else_counts: the danger is that of anybody, not only of the one who takes the medicine.
    """

    id: str
    name: str
    level: Urgency
    leaflet_says_stop: bool
    signs: tuple[Sign, ...]
    unless: tuple[tuple[str, ...], ...]
    examples: dict[Urgency, tuple[str, ...]]
    look_alikes: tuple[str, ...]
    text: str
    source: tuple[str, ...]
    somebody_else_counts: bool = False


@dataclass(frozen=True)
class Assertion:
    """Words that say how a symptom beside them is meant; medspaCy's ConText rule as data."""

    category: str
    direction: str
    words: tuple[str, ...]
    max_scope: int | None = None


@dataclass(frozen=True)
class Table:
    """All that the rule-based detector works with."""

    rules: dict[str, Rule]
    concepts: dict[str, tuple[str, ...]]
    assertions: tuple[Assertion, ...]
    lexicon: frozenset[str] = field(default_factory=frozenset)


def _signs(rule: dict[str, Any]) -> Iterator[Sign]:
    for key in ("signs", "weak_signs", "combinations", "weak_combinations"):
        for level, patterns in rule.get(key, {}).items():
            for pattern in patterns:
                yield Sign(
                    rule["id"],
                    Urgency.of(level),
                    tuple(parts(pattern)),
                    anywhere="combinations" in key,
                    weak="weak" in key,
                )
    for pattern in rule.get("soft_check", ()):
        yield Sign(rule["id"], Urgency.NONE, tuple(parts(pattern)), soft=True)


def _rule(data: dict[str, Any]) -> Rule:
    return Rule(
        data["id"],
        data["name"],
        Urgency.of(data["level"]),
        data["leaflet_says_stop"],
        tuple(_signs(data)),
        tuple(tuple(parts(p)) for p in data.get("unless", ())),
        {Urgency.of(level): tuple(texts) for level, texts in data["examples"].items()},
        tuple(data["look_alikes"]),
        data["text"],
        tuple(data["source"]),
        data.get("somebody_else_counts", False),
    )


def phrases(rules: dict[str, Rule], concepts: dict[str, tuple[str, ...]]) -> dict[str, list[list[str]]]:
    """Return everything that signs may name: label to the patterns that make it up, each a list of parts.

    A part with one element is a phrase; more stand close together. Phrases that a sign spells out are their own label.
    """
    found = {name: [parts(p) for p in patterns] for name, patterns in concepts.items()}
    for rule in rules.values():
        for part in (*(p for s in rule.signs for p in s.parts), *(p for u in rule.unless for p in u)):
            if part not in concepts:
                found.setdefault(part, [[choice] for choice in choices(part)])
    return found


@lru_cache(maxsize=1)
def table() -> Table:
    """Return the rule table.

    Raises:
        TableError: when a file breaks its schema, an id stands twice, or a sign names a concept that is not there.
    """
    return read_table(RULES_FILE, CONCEPTS_FILE, ASSERTIONS_FILE)


def read_table(rules_file: Path, concepts_file: Path, assertions_file: Path) -> Table:
    """Return the table that stands in these files (see `table`)."""
    data = read_checked(rules_file, _RULES_SCHEMA)
    rules: dict[str, Rule] = {}
    for item in data["rules"]:
        if item["id"] in rules:
            raise TableError(f"{rules_file}: {item['id']} stands twice. Give each rule an id of its own.")
        rules[item["id"]] = _rule(item)
    concepts = {k: tuple(v) for k, v in read_checked(concepts_file, _CONCEPTS_SCHEMA)["concepts"].items()}
    labels = phrases(rules, concepts)
    for patterns in labels.values():
        for part in (choice for pattern in patterns for p in pattern for choice in choices(p)):
            if "_" in part and part not in concepts:
                raise TableError(
                    f"{rules_file}: add the concept {part!r} to {concepts_file.name}, or correct its name."
                )
    assertions = tuple(
        Assertion(a["category"], a["direction"], tuple(a["words"]), a.get("max_scope"))
        for a in read_checked(assertions_file, _ASSERTIONS_SCHEMA)["assertions"]
    )
    lexicon = {w for patterns in labels.values() for p in patterns for part in p for w in words_of(part)}
    lexicon |= {w for a in assertions for pattern in a.words for w in words_of(pattern)}
    return Table(rules, concepts, assertions, frozenset(lexicon))
