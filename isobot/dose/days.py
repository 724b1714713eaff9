"""Counts the days on the medicine that a message tells of, and those that were missed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from isobot.dose.arithmetic import days_back
from isobot.dose.label import label
from isobot.dose.quantities import Item, Kind
from isobot.dose.reading import Reading
from isobot.dose.words import words

_MOST_MONTHS = 120  # longer is no course; it is asked back as too long
_STARTED = re.compile(
    r"\b(?:start\w*|began|begun|been on|on it since|went on|put on|first (?:capsule|pill|dose|took))\b"
)
_THEN_AFTER = re.compile(r"^[- ]*(?:break|gap|pause|off)?[, ]*(?:and )?then\b")
_THEN_BEFORE = re.compile(r"\bthen (?:i )?(?:had |took |have )?(?:a |an |about )?$")
_OLDEST = date(1970, 1, 1)
_HALF_MONTH_DAYS = 15  # half a month has no calendar days of its own


def note_days(items: list[Item], reading: Reading) -> None:
    """Note durations; months and years are counted on the calendar, each back from the beginning of the next."""
    durations = _joined(
        [i for i in items if i.kind in (Kind.DAYS, Kind.FROM_TO) and _is_on_it(i, reading)], reading.text
    )
    counted: dict[int, int] = {}
    missed = {item.start for item in durations if _is_missed(item, reading)}
    end = reading.today
    for item in reversed(durations):
        counted[item.start] = _in_days(item, end)
        if item.start not in missed:
            end = _earlier(end, counted[item.start])
    for item in durations:
        if item.start in missed:
            gap = _THEN_BEFORE.search(reading.before(item)) or _THEN_AFTER.match(reading.after(item))
            if not gap:  # "then a month off, then 40 mg": no days of any period
                reading.missed += counted[item.start]
        else:
            reading.days.append((item, counted[item.start]))
    for item in list(items):
        if item.kind is Kind.NUMBER and item.value.denominator == 1 and _is_missed(item, reading):
            reading.missed += int(item.value)
            items.remove(item)


def _is_on_it(item: Item, reading: Reading) -> bool:
    """Return whether days may be days on the medicine: not still to come, nor since something else."""
    after = reading.after(item)
    if words().to_come.match(after) or _is_of_baby(item, reading) or reading.before(item).endswith("every "):
        return False
    return not (re.match(r" ?ago\b", after) and not _STARTED.search(reading.before(item) + reading.after(item)[:40]))


def _joined(items: Sequence[Item], text: str) -> list[Item]:
    """Return durations with "4 months and 2 weeks" as one, counted in days."""
    order = ("year", "month", "week", "day")
    found: list[Item] = []
    for item in items:
        last = found[-1] if found else None
        if (
            last
            and last.unit in order
            and item.unit in order
            and order.index(item.unit) > order.index(last.unit)
            and re.fullmatch(r"(?: and |, ?| )", text[last.end : item.start])
        ):
            found[-1] = replace(last, end=item.end, more=(*last.more, (item.value, item.unit)))
        else:
            found.append(item)
    return found


def _is_of_baby(item: Item, reading: Reading) -> bool:
    """Return whether the days are an age or long past: "had my baby 4 months ago", "six years ago"."""
    on_it = re.match(r" ?(?:on|of|at|with)\b", reading.after(item)) or reading.before(item).endswith("for ")
    return (item.unit == "year" and not on_it) or bool(re.search(r"\bbaby(?: \w+)? $", reading.before(item)))


def _in_days(item: Item, end: date) -> int:
    """Return how many calendar days a duration that ends on a day has."""
    days = 0
    for value, unit in ((item.value, item.unit), *item.more):
        part = _part_in_days(replace(item, value=value, unit=unit), end)
        days += part
        end = _earlier(end, part)
    return days


def _earlier(end: date, days: int) -> date:
    """Return the day so many days earlier; no further than a course can reach, so absurd numbers stay dates."""
    return max(_OLDEST, end - timedelta(days=min(days, label().longest_days + 1)))


def _part_in_days(item: Item, end: date) -> int:
    if item.kind is Kind.FROM_TO or item.unit == "day":
        return int(item.value)
    if item.unit == "week":
        return int(item.value * 7)
    if item.value > _MOST_MONTHS:
        return label().longest_days + 1
    whole, rest = divmod(item.value * (12 if item.unit == "year" else 1), 1)
    return days_back(end, months=int(whole), days=_HALF_MONTH_DAYS if rest else 0)


def _is_missed(item: Item, reading: Reading) -> bool:
    return reading.is_before("missed", item) or reading.is_after("missed", item)
