"""The words by which the calculator reads a message: words.yml, checked by a schema, compiled to patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from isobot.content.reference import read_checked

WORDS_FILE = Path(__file__).with_name("words.yml")
UNITS = (
    "mg",
    "micrograms",
    "grams",
    "kg",
    "lb",
    "stone",
    "day",
    "week",
    "month",
    "year",
    "fortnight",
    "capsules",
    "boxes",
)
_BEFORE = ("taken", "beside_days", "weighs", "missed", "target", "change", "lift", "other_weight")
_LIST = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}
_FEW_WORDS = r"\b.{0,45}?\b"
_NUMBER = r"\d+(?:\.\d+)?"


def _object(names: Iterable[str], each: Any = _LIST) -> dict[str, Any]:
    names = list(names)
    return {
        "type": "object",
        "required": names,
        "additionalProperties": False,
        "properties": dict.fromkeys(names, each),
    }


_ANYWHERE = (
    "child", "young", "others", "both", "mine", "now", "corrected", "weight_changed", "absorica_ld", "ordinary",
)  # fmt: skip
_OFTEN = _object(("factor", "words"))
_OFTEN["properties"]["factor"] = {"type": "string", "pattern": r"^\d(/\d+)?$"}
_SCHEMA: dict[str, Any] = _object(
    ("cues", "plain", "doubtful_days", "doubtful_dose", *_ANYWHERE, "own_weight", "to_come", "denials", "units",
     "repair", "times_of_day", "often", "before", "after", "wishes", "refusals")
)  # fmt: skip
_SCHEMA["properties"] |= {
    "units": _object(UNITS),
    "repair": _object(("towards", "never")),
    "times_of_day": _object(("morning", "evening")),
    "often": {"type": "array", "minItems": 1, "items": _OFTEN},
    "before": _object([*_BEFORE, *(f"{name}_filler" for name in _BEFORE)]),
    "after": _object(("weighs", "target", "so_far", "missed", "missed_filler", "same_unit")),
    "wishes": _object(("had", "taken", "left", "course", "choice", "catch_up")),
    "refusals": _object(("not_human", "pregnancy", "breastfeeding", "no_prescriber")),
}


def phrase(text: str) -> str:
    """Return a phrase of words.yml as a regular expression.

    (a|b) one of these, (a|) a or nothing, * the rest of a word, ... a few words, N a number.
    """
    pattern = ""
    pieces = [p for p in re.split(r"(\([^()]*\)| \.\.\. |\*|\bN\b)", text) if p]
    for i, piece in enumerate(pieces):
        if piece.startswith("(") and piece.endswith(")"):
            options = piece[1:-1].split("|")
            choice = "|".join(_literal(o) for o in options if o)
            if "" not in options:
                pattern += f"(?:{choice})"
            elif pieces[i + 1 :] and pieces[i + 1].startswith(" "):  # a choice of nothing takes its space with it
                pieces[i + 1] = pieces[i + 1][1:]
                pattern += f"(?:(?:{choice}) )?"
            else:
                pattern += f"(?:{choice})?"
        else:
            pattern += {" ... ": _FEW_WORDS, "*": r"\w*", "N": _NUMBER}.get(piece) or _literal(piece)
    return pattern


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\ ", " ").replace(r"\*", r"\w*")


def _words_in(data: Any) -> Iterator[str]:
    """Yield the words of at least four letters that stand anywhere in the table."""
    if isinstance(data, str):
        yield from re.findall(r"[a-z]{4,}", data)
    elif data:
        for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
            yield from _words_in(value)


def any_of(phrases: Iterable[str], *, whole: bool = True) -> str:
    """Return a pattern for any of some phrases, the longest first; as whole words, unless told otherwise."""
    joined = "|".join(sorted(map(phrase, phrases), key=len, reverse=True))
    return rf"(?<![a-z])(?:{joined})(?![a-z])" if whole else f"(?:{joined})"


@dataclass(frozen=True)
class Words:
    """The compiled table; every pattern is matched in lower case text with digits.

    Attributes:
        vocabulary: all words of the table, in its order: of two repairs as near, the earlier word is taken.
        units: unit to a pattern of its names.
        repair_towards, repair_never: for misspelt units.
        morning, evening: patterns of times of day.
        often: patterns of how often a day, with their factors, in order.
        before: what a number is, by the words that end right before it.
        after: the same by the words that begin right after it.
        wishes, refusals: by name.
        denials: take back words of `refusals`.
        plain: words of a message that says nothing but quantities.
        cues: tell that a sum is asked for.
        doubtful_days, doubtful_dose: tell of more than is read.
        own_weight: right before a weight that is the writer's own.
        to_come: right after days that are still to come.
        child, young, others, both, mine, now, corrected, weight_changed, absorica_ld, ordinary: words anywhere.
    """

    vocabulary: tuple[str, ...]
    units: dict[str, str]
    repair_towards: tuple[str, ...]
    repair_never: frozenset[str]
    morning: str
    evening: str
    often: tuple[tuple[Fraction, str], ...]
    before: dict[str, re.Pattern[str]]
    after: dict[str, re.Pattern[str]]
    wishes: dict[str, re.Pattern[str]]
    refusals: dict[str, re.Pattern[str]]
    denials: re.Pattern[str]
    plain: frozenset[str]
    cues: re.Pattern[str]
    doubtful_days: re.Pattern[str]
    doubtful_dose: re.Pattern[str]
    own_weight: re.Pattern[str]
    to_come: re.Pattern[str]
    corrected: re.Pattern[str]
    both: re.Pattern[str]
    mine: re.Pattern[str]
    now: re.Pattern[str]
    child: re.Pattern[str]
    young: re.Pattern[str]
    others: re.Pattern[str]
    weight_changed: re.Pattern[str]
    absorica_ld: re.Pattern[str]
    ordinary: re.Pattern[str]


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the compiled table.

    Raises:
        TableError: when words.yml is not as it must be.
    """
    data = read_checked(WORDS_FILE, _SCHEMA)
    before, after = data["before"], data["after"]
    filler = any_of(after["missed_filler"], whole=False)
    return Words(
        vocabulary=tuple(dict.fromkeys(_words_in(data))),
        units={name: any_of(names, whole=False) for name, names in data["units"].items()},
        repair_towards=tuple(data["repair"]["towards"]),
        repair_never=frozenset(data["repair"]["never"]),
        morning=any_of(data["times_of_day"]["morning"], whole=False),
        evening=any_of(data["times_of_day"]["evening"], whole=False),
        often=tuple((Fraction(row["factor"]), any_of(row["words"])) for row in data["often"]),
        before={
            name: re.compile(rf"{any_of(before[name])}(?: {any_of(before[f'{name}_filler'], whole=False)})*[ :=]*$")
            for name in _BEFORE
        },
        after={
            **{name: re.compile(rf"^ ?{any_of(after[name])}") for name in ("weighs", "target", "so_far", "same_unit")},
            "missed": re.compile(rf"^(?: ?-)? ?(?:{filler} )*{any_of(after['missed'])}"),
        },
        wishes={name: re.compile(any_of(phrases)) for name, phrases in data["wishes"].items()},
        refusals={name: re.compile(any_of(phrases)) for name, phrases in data["refusals"].items()},
        denials=re.compile(any_of(data["denials"])),
        plain=frozenset(data["plain"]),
        cues=re.compile(any_of(data["cues"])),
        doubtful_days=re.compile(any_of(data["doubtful_days"])),
        doubtful_dose=re.compile(any_of(data["doubtful_dose"])),
        own_weight=re.compile(rf"{any_of(data['own_weight'])}[ ,:]*$"),
        to_come=re.compile(rf"^ ?{any_of(data['to_come'])}"),
        **{name: re.compile(any_of(data[name])) for name in _ANYWHERE},
    )
