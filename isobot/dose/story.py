"""Tells whether a total was put together from a story, so that it is read back before anything is worked out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from isobot.dose.arithmetic import Period
from isobot.dose.reading import Reading


def is_a_story(periods: Sequence[Period], doses: Sequence[Fraction], days: Sequence[int], reading: Reading) -> bool:
    """Return whether a total may be read wrong, as more is told than one list of doses and days.

    Args:
        periods: what the total is made of.
        doses: doses that stand alone beside them.
        days: days that stand alone beside them.
        reading: the message.
    """
    another_dose = any(mg != periods[-1].mg_per_day for mg in doses)
    missed_of_one = reading.missed > 0 and len({p.mg_per_day for p in periods}) > 1  # it is not known of which
    two_totals = reading.said.mg_taken is not None
    return another_dose or bool(days) or missed_of_one or two_totals
