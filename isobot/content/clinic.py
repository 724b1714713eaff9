"""The clinic's own settings: who runs this assistant and how patients reach it (clinic.yml)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from isobot.content.reference import ROOT, countries, read_checked

CLINIC_FILE = ROOT / "clinic.yml"
CALCULATOR_MODES = ("full", "label_table", "off")
_EUROPE = ("UK", "IE", "EU")
_TEXT = {"type": "string"}


@dataclass(frozen=True)
class Clinic:
    """Who runs the assistant; every field may be empty.

    `escalation` is where red flags are handed over, as written; `isobot.escalation.settings` reads it.
    `staff_room` is the id of the Matrix room of the clinic's staff, where they read and steer conversations.
    `websites` are the origins whose pages may hold the chat widget: "https://www.example.org".
    `dose_calculator` is how much the dose calculator may do: "full", "label_table" or "off"; by country where empty.
    """

    name: str
    phone: str
    hours: str
    website: str
    country: str
    dose_calculator: str = ""
    websites: Sequence[str] = ()
    escalation: Sequence[Mapping[str, Any]] | None = None
    staff_room: str = ""

    def calculator_in(self, country: str | None) -> str:
        """Return how much the dose calculator may do for a person in `country`, or whose country is not known.

        In the UK and EU, software that works out a person's dose may be a medical device, so that there it shows the
        label's table and converts units until the clinic decides otherwise.
        """
        return self.dose_calculator or ("label_table" if country in _EUROPE else "full")

    @property
    def contact(self) -> str:
        """How to reach the clinic, as the end of a sentence that begins with "please contact"."""
        who = self.name or "your clinic or pharmacy"
        ways = ", ".join(w for w in (self.phone, self.website, self.hours) if w)
        return f"{who} ({ways})" if ways else who


@lru_cache(maxsize=1)
def clinic() -> Clinic:
    """Return the settings of clinic.yml, or of the file that ISOBOT_CLINIC names.

    Raises:
        TableError: when a field is missing, unknown, or the country is not one of data/countries.yml.
    """
    schema = {
        "type": "object",
        "required": ["name", "phone", "hours", "website", "country"],
        "additionalProperties": False,
        "properties": {
            "name": _TEXT,
            "phone": _TEXT,
            "hours": _TEXT,
            "website": {"type": "string", "pattern": "^(https://.*)?$"},
            "country": {"enum": ["", *countries()]},
            "dose_calculator": {"enum": ["", *CALCULATOR_MODES]},
            "escalation": {"type": "array"},
            "staff_room": {"type": "string", "pattern": "^(![^\\s]+)?$"},
            "websites": {"type": "array", "items": {"type": "string", "pattern": r"^https?://[^/\s]+$"}},
        },
    }
    return Clinic(**read_checked(Path(os.environ.get("ISOBOT_CLINIC") or CLINIC_FILE), schema))
