"""Guided answers: a few questions in a row that end in a verdict, read from data/guides and checked by a schema.

A guide's file is a topic file with the key `guide` beside its responses: `utter_guide.<name>.<step>` asks a step,
`utter_guide.<name>.<verdict>` says what came out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from isobot.content.reference import ROOT, TableError, countries
from isobot.content.topics import read_topic_file

GUIDES_FOLDER = ROOT / "data" / "guides"


@dataclass(frozen=True)
class Step:
    """A question that is answered with yes, no or not sure.

    Attributes:
        name: what `utter_guide.<guide>.<name>` asks.
        countries: where it is asked; empty for everywhere.
        verdicts: what a reply leads to; a reply without an entry leads to nothing by itself.
    """

    name: str
    countries: tuple[str, ...]
    verdicts: Mapping[str, str]


@dataclass(frozen=True)
class Guide:
    """A guided answer.

    Attributes:
        name: its name in responses, "online_pharmacy".
        title: the words by which a person picks it.
        offered_after: the questions whose answer offers it.
        verdicts: what may come out, the worst first; the last where no reply led to another.
        decided: the countries in which the verdict needs no question.
        steps: the questions, in order.
    """

    name: str
    title: str
    offered_after: tuple[str, ...]
    verdicts: tuple[str, ...]
    decided: Mapping[str, str]
    steps: tuple[Step, ...]

    def steps_in(self, country: str | None) -> tuple[Step, ...]:
        """Return the steps that are asked in a country (all without a country of their own where it is unknown)."""
        if country in self.decided:
            return ()
        return tuple(s for s in self.steps if not s.countries or country in s.countries)


def read_guide(path: Path) -> Guide:
    """Return the guide of a file.

    Raises:
        TableError: when it breaks the schema, or names a verdict, a country or a response that does not exist.
    """
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    responses = read_topic_file(path, data).responses
    if "guide" not in data:
        raise TableError(f"{path}: the key 'guide' is missing. See docs/developers.md, 'Add a guided answer'.")
    raw = data["guide"]
    guide = Guide(
        raw["name"],
        raw["title"],
        tuple(raw["offered_after"]),
        tuple(raw["verdicts"]),
        raw.get("decided", {}),
        tuple(Step(s["name"], tuple(s.get("countries", ())), _by_reply(s)) for s in raw["steps"]),
    )
    named = {*guide.decided.values(), *(v for s in guide.steps for v in s.verdicts.values())}
    if unknown := named - set(guide.verdicts):
        raise TableError(f"{path}: {sorted(unknown)} must stand under 'verdicts'.")
    where = {*guide.decided, *(c for s in guide.steps for c in s.countries)}
    if unknown := where - set(countries()):
        raise TableError(f"{path}: {sorted(unknown)} must stand in data/countries.yml.")
    texts = {f"utter_guide.{guide.name}.{part}" for part in (*(s.name for s in guide.steps), *guide.verdicts)}
    if missing := texts - set(responses):
        raise TableError(f"{path}: write the responses {sorted(missing)}.")
    return guide


def _by_reply(step: dict[str, Any]) -> dict[str, str]:
    """Return a step's verdicts by reply; the file says if_yes, as a bare `yes` is a truth value in YAML."""
    return {reply.removeprefix("if_"): verdict for reply, verdict in step["verdicts"].items()}


@lru_cache(maxsize=1)
def guides() -> dict[str, Guide]:
    """Return all guided answers by name."""
    return {g.name: g for g in map(read_guide, sorted(GUIDES_FOLDER.glob("*.yml")))}
