"""Finds the person's age in a message, and hides other ages from the sums."""

from __future__ import annotations

import re
from dataclasses import replace

from isobot.dose.quantities import Item, Kind
from isobot.dose.reading import I_AM, Reading

YEARS_OF_AGE = range(1, 100)
_TEEN, _GROWN = 10, 30
_AGE_AFTER = re.compile(r"^ ?(?:,|\.|\?|!|and|f\b|m\b|male|female|$|y\b|so|but|with|years|in|now|\))")
_WHEN_AGED = re.compile(r"\b(?:when|since|at|until) (?:i|he|she) (?:was|were|am|turned) $|\bat $")
_PERSON = re.compile(
    r"(?:son|daughter|sister|brother|boy|girl|kid|child|lad|teen|nephew|niece)(?:'s)?[ ,(]+"
    r"(?:is |who'?s |aged? |only |just )*$"
)
_ALONE = re.compile(
    r"(?:(?:no|hmm|that'?s wrong|sorry|well|and|but)[, ]+)*(?:i'?m|i am|he'?s|she'?s|he is|she is)"
    r"(?: only| just)? (\d{1,2})"
)
_LOWEST_ADULT_WEIGHT = 30  # "I'm 30": an age, or kilograms; less is an age
_GENDER_AFTER = re.compile(r"^ ?[fm](?![a-z'])")


def note_ages(items: list[Item], reading: Reading) -> None:
    """Note the person's age, and hide numbers that are ages in any way."""
    weighed = any(i.kind in (Kind.KG, Kind.LB, Kind.STONE) for i in items)
    for item in list(items):
        if item.kind is Kind.AGE:
            reading.said = replace(reading.said, age=int(item.value))
        elif item.kind is Kind.NUMBER and item.value in YEARS_OF_AGE:
            if alone := _ALONE.fullmatch(
                reading.text.strip(" .!?,")
            ):  # "I'm 11": a young age, or a reply to a question
                if item.value < _LOWEST_ADULT_WEIGHT:
                    reading.said = replace(reading.said, age=int(alone.group(1)))
                    items.remove(item)
            elif (
                _WHEN_AGED.search(reading.before(item))
                and item.value < _GROWN
                and not reading.is_before("weighs", item)
            ):
                before = reading.before(item)
                if not before.endswith("at ") or (_AGE_AFTER.match(reading.after(item)) and "kg" in before):
                    items.remove(item)
            elif _is_age(item, reading, weighed):
                reading.said = replace(reading.said, age=int(item.value))
                items.remove(item)


def _is_age(item: Item, reading: Reading, weighed: bool) -> bool:
    before, after = reading.before(item), reading.after(item)
    person = bool(_PERSON.search(before))
    if item.value >= _TEEN and _GENDER_AFTER.match(after):
        return True
    if (
        re.search(r"\b(?:he|she)(?:'?s| is)(?: only| just)? $", before)
        and item.value < _GROWN
        and _AGE_AFTER.match(after)
    ):
        return True
    if (
        I_AM.search(before)
        and (weighed or person)
        and _AGE_AFTER.match(after)
        and not reading.is_after("same_unit", item)
    ):
        return True
    return person and item.value < _GROWN
