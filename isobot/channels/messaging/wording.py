"""The sentences that the messaging channels say themselves, filled in for the clinic and the person's country."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from isobot.channels.messaging.segments import fits, in_gsm7
from isobot.content.clinic import clinic
from isobot.content.emergency import help_in
from isobot.content.reference import read_checked

TEXTS_FILE = Path(__file__).with_name("texts.yml")
_MOST_SEGMENTS = 2
_SCHEMA = {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}}


@lru_cache(maxsize=1)
def texts() -> dict[str, str]:
    """Return texts.yml.

    Raises:
        TableError: when it has a mistake.
    """
    return dict(read_checked(TEXTS_FILE, _SCHEMA))


def say(name: str, country: str | None, **words: str) -> str:
    """Return a sentence of texts.yml.

    Args:
        name: its key.
        country: whose emergency number to name.
        words: what its other placeholders stand for.
    """
    about = clinic()
    words |= {"contact": about.contact, "emergency": help_in(country or about.country or None).emergency}
    named = in_gsm7(texts()[name].format(from_clinic=f" from {about.name}" if about.name else "", **words))
    return named if fits(named, _MOST_SEGMENTS) else in_gsm7(texts()[name].format(from_clinic="", **words))
