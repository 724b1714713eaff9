"""Puts doses and days together: "40 mg for 90 days", "90 days at 40", "20 for 30 days, then 40"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

_DOSE_THEN_DAYS = re.compile(
    r"^ ?(?:(?:for|x|over|during|\*|the|a|of it|daily|once a day|every day|capsules?|mg|these|those|about|on it"
    r"|of isotretinoin|of accutane|past|last|first|every other day|twice a day|a day|each day|per day|/ ?day"
    r"|on alternate days|on weekdays"
    r"|and|i|i'm|i am|i've|i have|been|have been|on it|exactly|roughly|now|already|just|taking|took|taken|it) ?|[ ,])*$"
)
_DAYS_THEN_DOSE = re.compile(
    r"^ ?(?:(?:at|on|of|@|:|x|with|taking|was|were|in|i took|i was on|it was|=|doing|the|using|about|having|i had"
    r"|they gave me|just|only|i was|days|i've had|i have had|i've been on|i have been on|been on|i've taken"
    r"|i have taken|have been) ?)*$"
)
_NOW = re.compile(
    r"\b(?:now|currently|at the moment|today|these days|then|since then|still|carry\w*|continu\w*)\b[^,;.]*$"
)


@dataclass(frozen=True)
class Mark:
    """A dose or a number of days, where it stands in the text."""

    start: int
    end: int
    mg_per_day: Fraction | None = None
    days: int | None = None


def paired(
    marks: Sequence[Mark], text: str, *, loosely: bool
) -> tuple[list[tuple[Fraction, int]], list[Fraction], list[int]]:
    """Return (dose, days) pairs, doses that stand alone, and days that stand alone.

    Args:
        marks: doses and days, in any order.
        text: the text that they stand in.
        loosely: put neighbours together although other words stand between them.
    """
    marks = sorted(marks, key=lambda m: m.start)
    partner: dict[int, int] = {}
    for tightly in (True, False) if loosely else (True,):
        for k in range(len(marks) - 1):
            if k not in partner and k + 1 not in partner and _belong(marks[k], marks[k + 1], text, tightly=tightly):
                partner[k], partner[k + 1] = k + 1, k
    pairs: list[tuple[Fraction, int]] = []
    doses: list[Fraction] = []
    days: list[int] = []
    for k, mark in enumerate(marks):
        if k not in partner:
            if mark.mg_per_day is not None:
                doses.append(mark.mg_per_day)
            elif mark.days is not None:
                days.append(mark.days)
        elif k < partner[k]:
            both = (mark, marks[partner[k]])
            mg = next(m.mg_per_day for m in both if m.mg_per_day is not None)
            pairs.append((mg, next(m.days for m in both if m.days is not None)))
    return pairs, doses, days


def _belong(one: Mark, other: Mark, text: str, *, tightly: bool) -> bool:
    """Return whether two neighbours are a dose and the days on it."""
    if (one.days is None) == (other.days is None):
        return False
    between = text[one.end : other.start]
    if tightly:
        return bool((_DOSE_THEN_DAYS if one.days is None else _DAYS_THEN_DOSE).match(between))
    return one.days is None or not _NOW.search(between)
