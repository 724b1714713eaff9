"""Finds rates, the total that a course is to come to, and the total that was taken, in a message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from isobot.dose.label import Product, label
from isobot.dose.quantities import Item, Kind
from isobot.dose.reading import Reading, decimal_of
from isobot.dose.said import Wish

_TOTAL_RATE_FROM = 20  # mg/kg: a higher rate is a total for the course; no daily one comes near
_HIGHEST_RATE = 5  # mg/kg a day: none comes near
_HIGHEST_BARE_RATE = Decimal("1.3")  # "0.7" beside a weight can only be mg per kg; "1.7" may be a height in metres
_TARGETS = range(100, 301)  # mg/kg
_LEAST_TOTAL = 300  # mg: more than anybody takes on a day
_LEAST_TARGET = 1000  # mg
_SO_FAR_BEFORE = re.compile(r"\b(?:so far|already|total(?: so far)?|altogether|taken|had|swallowed|done)\b[^.;]{0,25}$")


def note_totals(items: list[Item], reading: Reading) -> None:
    """Note rates, totals that the course is to come to, and totals that were taken; they are taken off the items."""
    targets: list[Decimal] = []
    for item in list(items):
        value = decimal_of(item.value)
        if item.kind is Kind.RANGE:
            _note_range(item, reading)
        elif item.kind is Kind.RATE and value >= _TOTAL_RATE_FROM and not (_had(item, reading) and reading.weights):
            targets.append(value)
        elif item.kind is Kind.RATE or _is_bare_rate(item, value, reading):
            _note_rate(item, value, items, reading)
        elif item.kind is Kind.CAPSULES or _is_taken_total(item, reading):
            _note_taken(item, reading)
        elif item.kind in (Kind.MG, Kind.NUMBER) and value > _LEAST_TARGET and _is_target(item, reading):
            reading.said = replace(reading.said, target_mg=value)
        elif item.kind is Kind.NUMBER and value in _TARGETS and _is_target(item, reading):
            targets.append(value)
        else:
            continue
        items.remove(item)
    if targets and set(targets) != set(label().cumulative):  # both ends of the often-used total are no target
        reading.said = replace(reading.said, target_mg_per_kg=targets[-1])


def _note_range(item: Item, reading: Reading) -> None:
    """Note that a range of rates is not clear, unless it is the label's daily one or the often-used total."""
    ends = {Decimal(n) for n in re.findall(r"\d+(?:\.\d+)?", item.words)}
    rates = label().rates[Product.ORDINARY]
    if not (ends <= {rates.low, rates.usual_high} or ends <= set(label().cumulative)):
        reading.said = replace(reading.said, unclear=True)


def _note_taken(item: Item, reading: Reading) -> None:
    """Note a total that was taken; capsules that were only prescribed are none."""
    if item.kind is Kind.CAPSULES and not {Wish.HAD, Wish.TAKEN, Wish.LEFT}.intersection(reading.said.wishes):
        reading.said = replace(reading.said, unclear=True)  # how many a day?
    else:
        reading.said = replace(reading.said, mg_taken=(reading.said.mg_taken or 0) + item.value)


def _note_rate(item: Item, value: Decimal, items: Sequence[Item], reading: Reading) -> None:
    """Note a rate: a total that was taken, or a daily one.

    Two daily ones, one that no label knows, or one with how often beside it, are not clear.
    """
    if value >= _TOTAL_RATE_FROM:  # "I've had 90 mg/kg so far"
        reading.said = replace(reading.said, mg_taken=item.value * Fraction(reading.weights[-1][1].kg))
        return
    second = reading.said.mg_per_kg_day not in (None, value)
    often = next((o for o in items if o.kind is Kind.TIMES and 0 <= o.start - item.end <= 1), None)
    unclear = second or value > _HIGHEST_RATE or (often is not None and often.value != 1)
    reading.said = replace(reading.said, mg_per_kg_day=value, unclear=reading.said.unclear or unclear)


def _had(item: Item, reading: Reading) -> bool:
    """Return whether a total was taken already: "I've had 90 mg/kg so far"."""
    had = re.search(
        r"\b(?:had|taken|done|reached|at|so far|total (?:so far )?is)(?: about| around)? $", reading.before(item)
    )
    total = re.search(r"\bcumulative (?:dose |total )?is (?:about |around )?$", reading.before(item))
    return bool(total) or reading.is_after("so_far", item) or bool(had and not reading.is_before("target", item))


def _is_bare_rate(item: Item, value: Decimal, reading: Reading) -> bool:
    has_point = value != value.to_integral_value()
    return item.kind is Kind.NUMBER and has_point and 0 < value <= _HIGHEST_BARE_RATE and bool(reading.weights)


def _is_taken_total(item: Item, reading: Reading) -> bool:
    if item.kind not in (Kind.MG, Kind.NUMBER) or item.value <= _LEAST_TOTAL:
        return False
    return reading.is_after("so_far", item) or bool(
        _SO_FAR_BEFORE.search(reading.before(item)) and not reading.is_before("target", item)
    )


def _is_target(item: Item, reading: Reading) -> bool:
    return reading.is_before("target", item) or reading.is_after("target", item)
