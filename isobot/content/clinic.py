"""The clinic's own settings: who runs this assistant and how patients reach it (clinic.yml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from isobot.content.reference import ROOT, countries, read_checked

CLINIC_FILE = ROOT / "clinic.yml"
_TEXT = {"type": "string"}


@dataclass(frozen=True)
class Clinic:
    """Who runs the assistant; every field may be empty.

    `escalation` is where red flags are handed over, as written; `isobot.escalation.settings` reads it.
    """

    name: str
    phone: str
    hours: str
    website: str
    country: str
    escalation: Sequence[Mapping[str, Any]] | None = None

    @property
    def contact(self) -> str:
        """How to reach the clinic, as the end of a sentence that begins with "please contact"."""
        who = self.name or "your clinic or pharmacy"
        ways = ", ".join(w for w in (self.phone, self.website, self.hours) if w)
        return f"{who} ({ways})" if ways else who


@lru_cache(maxsize=1)
def clinic() -> Clinic:
    """Return the settings of clinic.yml.

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
            "escalation": {"type": "array"},
        },
    }
    return Clinic(**read_checked(CLINIC_FILE, schema))
