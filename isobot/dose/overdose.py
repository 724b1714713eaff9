"""Tells whether a message speaks of a daily dose above every label, so that it is answered as a red flag (RF-20)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction

from isobot.dose.label import label
from isobot.dose.outcome import Figures, judge
from isobot.dose.reader import read

_MAY_BE = re.compile(r"\d ?(?:mg|milli)|\d ?(?:capsules|caps|pills|tablets|x)\b", re.IGNORECASE)
_WEIGHT = re.compile(r"\d ?(?:kg|kilo|lb|pound|#|st\b|st\d|stone)", re.IGNORECASE)


def is_above_every_label(message: str) -> bool:
    """Return whether a message gives a weight and a daily dose that is above every label at that weight.

    Source of the limits: label.yml. A dose that is asked about as a rate (mg/kg) is not counted.

    Args:
        message: as the person wrote it.
    """
    if not (_MAY_BE.search(message) and _WEIGHT.search(message)):
        return False
    outcome = judge(replace(read(message, date.today()), read_back=False), confirmed=True)
    if not isinstance(outcome, Figures) or outcome.mg_per_kg_day is None or outcome.given_rate:
        return False
    return outcome.mg_per_kg_day > Fraction(label().rates[outcome.product].adult_high)
