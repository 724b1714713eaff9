"""Reads data/red_flags: how people tell of each danger, and messages that only look like it (training only)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from isobot.content.reference import ROOT, TableError, read_checked
from isobot.safety.urgency import Urgency

FOLDER = ROOT / "data" / "red_flags"
LEVELS = tuple(level.label for level in sorted(Urgency, reverse=True) if level)  # "emergency", "urgent", "soon"
LOOK_ALIKE_KINDS = (
    "negated", "hypothetical", "past_before", "past_over", "someone_else", "figurative", "other_cause", "quoted",
    "word_inside", "everyday",
)  # fmt: skip
MIXED_KINDS = "mixed"  # look-alikes of all these kinds, not sorted
_LINES = {"type": "string", "pattern": r"^- "}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["rule", "look_alikes"],
    "additionalProperties": False,
    "properties": {
        "rule": {"type": "string", "pattern": r"^RF-\d\d$"},
        **dict.fromkeys(LEVELS, _LINES),
        "look_alikes": {
            "type": "object",
            "required": list(LOOK_ALIKE_KINDS),
            "additionalProperties": False,
            "properties": dict.fromkeys((*LOOK_ALIKE_KINDS, MIXED_KINDS), _LINES),
        },
    },
}


NOT_DANGER_FILE = ROOT / "data" / "not_danger.yml"
_NOT_DANGER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["also_told", "replies", "ordinary"],
    "additionalProperties": False,
    "properties": {
        "also_told": {"type": "array", "items": {"type": "string", "pattern": r"^[a-z_]+\.[a-z0-9_]+$"}},
        "replies": _LINES,
        "ordinary": _LINES,
    },
}


@dataclass(frozen=True)
class NotDanger:
    """What is no danger.

    Attributes:
        also_told: questions under which people also tell of danger.
        replies: short replies, follow-ups and keyboard mashing.
        ordinary: messages told through a situation in which nothing is dangerous.
    """

    also_told: frozenset[str]
    replies: tuple[str, ...]
    ordinary: tuple[str, ...]


@lru_cache(maxsize=1)
def not_danger() -> NotDanger:
    """Return the table of data/not_danger.yml.

    Raises:
        TableError: when it is not as it must be.
    """
    data = read_checked(NOT_DANGER_FILE, _NOT_DANGER_SCHEMA)
    replies = tuple(line.strip('"') for line in _lines(NOT_DANGER_FILE, data["replies"]))
    return NotDanger(frozenset(data["also_told"]), replies, tuple(_lines(NOT_DANGER_FILE, data["ordinary"])))


@dataclass(frozen=True)
class RedFlagPhrasing:
    """A training message.

    Attributes:
        rule: the red flag that it tells of, or only resembles.
        level: "emergency", "urgent", "soon", or "none" for a look-alike.
        kind: of look-alike; the level where it is none.
    """

    text: str
    rule: str
    level: str
    kind: str


def read_red_flag_phrasings() -> list[RedFlagPhrasing]:
    """Return all training messages, in the order of the files.

    Raises:
        TableError: when a file breaks the schema or a line is not "- a message".
    """
    return [phrasing for file in sorted(FOLDER.glob("*.yml")) for phrasing in _read(file)]


def _read(file: Path) -> list[RedFlagPhrasing]:
    data = read_checked(file, _SCHEMA)
    rule = data["rule"]
    found = [RedFlagPhrasing(t, rule, level, level) for level in LEVELS for t in _lines(file, data.get(level, ""))]
    for kind, block in data["look_alikes"].items():
        found += [RedFlagPhrasing(t, rule, "none", kind) for t in _lines(file, block)]
    return found


def _lines(file: Path, block: str) -> list[str]:
    lines = [line for line in block.splitlines() if line.strip()]
    if wrong := next((line for line in lines if not line.startswith("- ")), None):
        raise TableError(f"{file}: the line {wrong!r} must begin with '- '.")
    return [line[2:].strip() for line in lines]
