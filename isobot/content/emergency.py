"""Emergency numbers, crisis lines and other help by country: data/emergency_numbers.yml, one dated file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from isobot.content.reference import ROOT, TableError, countries, read_checked

NUMBERS_FILE = ROOT / "data" / "emergency_numbers.yml"
_TEXT = {"type": "string", "minLength": 3}
_FIELDS = ("emergency", "crisis", "young", "out_of_hours", "poison")
_HELP: dict[str, Any] = {
    "type": "object",
    "required": list(_FIELDS),
    "additionalProperties": False,
    "properties": {**dict.fromkeys(_FIELDS, _TEXT), "young": {"type": ["string", "null"]}},
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["checked", "countries", "unknown"],
    "additionalProperties": False,
    "properties": {
        "checked": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "countries": {"type": "object", "additionalProperties": _HELP},
        "unknown": _HELP,
    },
}
# A word to whoever writes, by whether it is an emergency.
_HELPER = {True: "Stay with them and call for them.", False: "You can call for them."}
_TELL_AN_ADULT = {
    True: "Tell a parent or another adult you trust now.",
    False: "Tell a parent or another adult you trust.",
}


@dataclass(frozen=True)
class Help:
    """Whom to call in one country.

    Attributes:
        emergency: the emergency number, "999 or 112".
        crisis: a clause that begins with a verb: "call Samaritans on 116 123".
        young: the same for people under 18, or None where no line could be confirmed.
        out_of_hours: a sentence for when the clinic is closed.
        poison: a clause: "call Poison Help on 1-800-222-1222".
    """

    emergency: str
    crisis: str
    young: str | None
    out_of_hours: str
    poison: str


@lru_cache(maxsize=1)
def _table() -> dict[str | None, Help]:
    data = read_checked(NUMBERS_FILE, _SCHEMA)
    if missing := set(countries()) ^ set(data["countries"]):
        raise TableError(f"{NUMBERS_FILE}: its countries and those of countries.yml differ in {sorted(missing)}.")
    return {None: Help(**data["unknown"]), **{code: Help(**row) for code, row in data["countries"].items()}}


def help_in(country: str | None) -> Help:
    """Return whom to call in a country; a list for all known countries where it is unknown.

    Raises:
        TableError: when data/emergency_numbers.yml is not as it must be.
    """
    return _table().get(country) or _table()[None]


def placeholders(
    country: str | None, *, emergency: bool = False, under_18: bool = False, about_another: bool = False
) -> dict[str, str]:
    """Return what the danger answers put in place of their placeholders.

    Args:
        country: whose numbers.
        emergency: it can't wait.
        under_18: the person is said to be under 18.
        about_another: a helper writes.
    """
    whom = help_in(country)
    word = _HELPER[emergency] if about_another else _TELL_AN_ADULT[emergency] if under_18 else ""
    return {
        "emergency_number": whom.emergency,
        "crisis_line": f"{whom.crisis}, or {whom.young}" if under_18 and whom.young else whom.crisis,
        "out_of_hours": whom.out_of_hours,
        "poison_line": whom.poison,
        "for_whom": word,
    }
