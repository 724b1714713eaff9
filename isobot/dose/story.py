"""Tells whether a total was put together from a story, so that it is read back before anything is worked out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from isobot.dose.arithmetic import Period
from isobot.dose.quantities import Item
from isobot.dose.reading import Reading, one_sentence


def is_a_story(periods: Sequence[Period], doses: Sequence[Fraction], days: Sequence[int], reading: Reading) -> bool:
    """Return whether a total may be read wrong, as more is told than one list of doses and days.

    Args:
        periods: what the total is made of.
        doses: doses that stand alone beside them.
        days: days that stand alone beside them.
        reading: the message.
    """
    told = sorted([*(i for i, _ in reading.days), *_doses_with_days(periods, reading)], key=lambda i: i.start)
    apart = any(not one_sentence(one, other, reading.text) for one, other in itertools.pairwise(told))
    another_dose = any(mg != periods[-1].mg_per_day for mg in doses)
    missed_of_one = reading.missed > 0 and len({p.mg_per_day for p in periods}) > 1  # it is not known of which
    two_totals = reading.said.mg_taken is not None
    return apart or another_dose or bool(days) or missed_of_one or two_totals


def _doses_with_days(periods: Sequence[Period], reading: Reading) -> list[Item]:
    """Return the doses of a message without the last one said again: "I had 40 mg for 90 days. I'm still on 40 mg"."""
    last = periods[-1].mg_per_day
    times = sum(p.mg_per_day == last for p in periods)
    same = [item for item, mg, _ in reading.doses if mg == last]
    return [item for item, _, _ in reading.doses if not any(item is again for again in same[times:])]
