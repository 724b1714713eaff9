"""Reads the two tables that answers lean on: countries and sources; refuses them at load when a field is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

ROOT = Path(__file__).parents[2]
COUNTRIES_FILE = ROOT / "data" / "countries.yml"
SOURCES_FILE = ROOT / "data" / "sources.yml"

_DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_NAMES = {"type": "array", "items": {"type": "string"}}
_COUNTRIES_SCHEMA = {
    "type": "object",
    "required": ["checked", "countries"],
    "additionalProperties": False,
    "properties": {
        "checked": _DATE,
        "countries": {
            "type": "object",
            "propertyNames": {"pattern": "^[A-Z]{2}$"},
            "additionalProperties": {
                "type": "object",
                "required": ["name", "names", "people"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "names": _NAMES,
                    "people": _NAMES,
                    "answers_as": _NAMES,
                },
            },
        },
    },
}
_SOURCES_SCHEMA = {
    "type": "object",
    "required": ["checked", "sources"],
    "additionalProperties": False,
    "properties": {
        "checked": _DATE,
        "sources": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["title"],
                "additionalProperties": False,
                "properties": {"title": {"type": "string"}, "url": {"type": "string", "pattern": "^https://"}},
            },
        },
    },
}


class TableError(Exception):
    """A table is not as it must be; the message names the file, the place and what is wrong."""


@dataclass(frozen=True)
class Country:
    """A country whose rules the answers know.

    Attributes:
        code: two letters, as the slot `country` holds it (EU for the European Union).
        name: in a sentence, "the United Kingdom".
        names: how people write it, lower case.
        people: words for its people, lower case.
        variants: whose answer variants apply, best first; begins with its own code.
    """

    code: str
    name: str
    names: tuple[str, ...]
    people: tuple[str, ...]
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Something that an answer cites; `url` is an official page, or None where none is known to be stable."""

    key: str
    title: str
    url: str | None


def read_checked(path: Path, schema: dict[str, Any]) -> Any:
    """Return the YAML of `path` after checking it.

    Args:
        path: the file.
        schema: a JSON Schema.

    Raises:
        TableError: when it does not satisfy the schema.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        jsonschema.validate(data, schema)
    except jsonschema.ValidationError as error:
        place = ".".join(str(p) for p in error.absolute_path) or "top level"
        raise TableError(f"{path}, at {place}: {error.message}. Correct the file and try again.") from error
    return data


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """Return the known countries by code."""
    table = read_checked(COUNTRIES_FILE, _COUNTRIES_SCHEMA)["countries"]
    return {
        code: Country(
            code,
            row["name"],
            tuple(row["names"]),
            tuple(row["people"]),
            (code, *row.get("answers_as", ())),
        )
        for code, row in table.items()
    }


@lru_cache(maxsize=1)
def sources() -> dict[str, Source]:
    """Return the known sources by key."""
    table = read_checked(SOURCES_FILE, _SOURCES_SCHEMA)["sources"]
    return {key: Source(key, row["title"], row.get("url")) for key, row in table.items()}
