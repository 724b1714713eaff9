"""Finds the daily doses in a message: mg, or a number that is taken, with how often beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from isobot.dose.quantities import Item, Kind
from isobot.dose.reading import I_AM, Reading, decimal_of, one_sentence
from isobot.dose.said import Problem, Wish
from isobot.dose.words import words

_LEAST_BARE_DOSE, _MOST_BARE_DOSE = 4, 100  # mg: outside these a number that is "taken" is something else
_CAPSULES = re.compile(
    r"\b(?:takes?|taking|took|on) '?(?:\d|one|two|three|four) "
    r"(?:capsules?|caps?|pills?|tablets?|(?:a|per|each|every) day)\b"
)
_TAKEN_AT_ONCE = re.compile(r"\b(?:takes?|taking|took) $")
_MOST_AT_ONCE = 4  # capsules
_CAPSULES_MAKE = 10  # mg: doses that are made of capsules; a body's weight may be any number
_CHANGED_TO = re.compile(r"\b(?:now|to|up to|down to)(?: on| just| only)? $")
_DAYS_BESIDE = 14  # characters
_PAIR = 2  # doses that can share a week


def note_doses(items: Sequence[Item], reading: Reading) -> None:
    """Note daily doses: mg, or a number that is taken, with how often beside it."""
    often = [i for i in items if i.kind is Kind.TIMES]
    first_dose = min((i.start for i in items if i.kind in (Kind.MG, Kind.DOSE)), default=0)
    goes_before = len(often) > 1 and often[0].end <= first_dose  # "weekdays 20 mg, weekends 40 mg"
    used: set[int] = set()
    rest: list[Item] = []
    for item in items:
        if item.kind not in (Kind.MG, Kind.DOSE, Kind.NUMBER):
            continue
        beside = None if item.kind is Kind.DOSE else _often(item, often, reading.text, goes_before=goes_before)
        if item.kind is Kind.MG and reading.is_before("weighs", item) and not reading.weights:
            reading.said = replace(reading.said, weight_number=decimal_of(item.value))  # "I weigh 70 mg"
            continue
        if item.kind is Kind.NUMBER:
            if reading.is_before("weighs", item) or reading.is_after("weighs", item):
                reading.said = replace(reading.said, weight_number=decimal_of(item.value))
                continue
            if not _is_bare_dose(item, beside, reading):
                rest.append(item)
                continue
        if beside and beside.start in used and beside.value == 1:
            beside = None
        if beside:
            used.add(beside.start)
        reading.doses.append((item, item.value * (beside.value if beside else 1), beside))
    reading.doses = _present_doses(reading)
    capsules_only = not reading.doses and _CAPSULES.search(reading.text)  # "two capsules a day", of what?
    if (
        any(i.kind is Kind.UNSURE_DOSE for i in items)
        or capsules_only
        or words().doubtful_dose.search(reading.unsettled_text)
    ):
        reading.said = replace(reading.said, unclear=True)
    counts = [i.value for i in items if i.kind is Kind.COUNT]
    if len(counts) == 1 and len(reading.doses) == 1:  # "each 20 mg. I take one in the morning and two at night"
        (dose, mg, beside) = reading.doses[0]
        reading.doses = [(dose, mg * counts[0], beside)]
    loose = [  # "three times a week", but what?
        o
        for o in often
        if o.start not in used
        and (o.value != 1 or reading.before(o).endswith("then "))
        and not _NOTHING.search(reading.before(o))
        and not _ONE_DAY.fullmatch(o.words)
    ]
    unclear = any(one_sentence(o, i, reading.text) for o in loose for i, _, _ in reading.doses)
    numbers = tuple(decimal_of(i.value) for i in rest)
    reading.said = replace(reading.said, numbers=numbers, unclear=unclear or reading.said.unclear)
    read = reading.read_items
    unread = [r for r in rest if reading.weights and _may_be_ours(r, read, reading)]
    at_once = any(r.value <= _MOST_AT_ONCE and _TAKEN_AT_ONCE.search(reading.before(r)) for r in unread)  # "I take 2"
    if at_once or any(one_sentence(r, i, reading.text) for r in unread for i in read):
        reading.problems.append(Problem.UNREAD)


def _present_doses(reading: Reading) -> list[tuple[Item, Fraction, Item | None]]:
    """Return the doses without a former one beside the only other: "40 mg instead of 20 mg", "I used to take 60"."""
    if reading.days or {Wish.HAD, Wish.TAKEN, Wish.LEFT}.intersection(reading.said.wishes):
        return reading.doses
    present = [d for d in reading.doses if not _FORMER_BEFORE.search(reading.before(d[0]))]
    return present if len({mg for _, mg, _ in present}) == 1 else reading.doses


def _may_be_ours(item: Item, read: Sequence[Item], reading: Reading) -> bool:
    """Return whether a bare number that was not read may be a weight or a dose: the words or signs beside it say so.

    "75 kg (no, 72)", "60 kg 500", "take three", "100 out of 180"; not "3 litres", "my bus is the 40", "said again: 40".
    """
    if any(item.value == mg for _, mg, _ in reading.doses) or any(
        decimal_of(item.value) == w.kg for _, w in reading.weights
    ):
        return False
    touches = any(0 <= gap <= 1 for i in read for gap in (item.start - i.end, i.start - item.end))
    return touches or bool(_OURS_BEFORE.search(reading.before(item)) or _OURS_AFTER.match(reading.after(item)))


def _is_bare_dose(item: Item, often: Item | None, reading: Reading) -> bool:
    """Return whether a number without a unit is a dose: it is taken, or so often a day, beside a weight with a unit."""
    if not _LEAST_BARE_DOSE <= item.value <= _MOST_BARE_DOSE:
        return False
    if often is not None:
        return True
    if reading.said.mg_per_kg_day is not None or I_AM.search(reading.before(item)):
        return False
    if not (reading.weights or reading.days):  # "I'm on 40, how many mg/kg is that?"
        return item.value % _CAPSULES_MAKE == 0 and reading.is_before("taken", item)
    changed_to = _CHANGED_TO.search(reading.before(item))  # "was on 40 mg, now 20", "up from 40 mg to 60"
    if reading.is_before("taken", item) or (changed_to and reading.doses and item.value % 5 == 0):
        return True
    beside_days = any(
        0 <= gap <= _DAYS_BESIDE for d, _ in reading.days for gap in (item.start - d.end, d.start - item.end)
    )
    return beside_days and (
        reading.is_before("beside_days", item) or bool(re.match(r" ?(?:for|x|mg)\b", reading.after(item)))
    )


_FORMER_BEFORE = re.compile(r"\b(?:instead of|rather than|used to (?:take|have|be on))(?: the| my| about)? $")
_OURS_BEFORE = re.compile(
    r"(?:\b(?:now|no|not|actually|really|it'?s|to|by|another|plus|then|or|takes?|taking|took|had|dose|weigh\w*|kgs?|mg|only|more"
    r"|extra)[ ,(:]*|[-+*/] ?|\bx ?)$"
)
_OURS_AFTER = re.compile(
    r"^ ?(?:out of|of (?:the|them|my|those)|on\b|off\b|more\b|less\b|extra|now\b|instead|each\b|times|x\b|mg|kg|today"
    r"|then|lighter|heavier)"
)
_ONE_DAY = re.compile(r"(?:on )?\w+day")  # "last Tuesday": when something was, not how often
_NOTHING = re.compile(
    r"\b(?:nothing|none|off|not|no|skip|never)(?: at all)?,? (?:on |at |in )?(?:the )?$"
)  # "nothing at weekends"
_BETWEEN = re.compile(
    r"^(?:[ ,(:]|(?:capsules?|caps?|pills?|tablets?|tabs?|of|it|isotretinoin|accutane|roaccutane|claravis|absorica|mg"
    r"|dose|each|i take|taken|take|to|but|only|just|them|total|in total|is|my dose is|at|on|and|is what i take|ld|one"
    r"|a)\b)*$"
)


def _often(item: Item, often: Sequence[Item], text: str, *, goes_before: bool) -> Item | None:
    """Return how often a dose is taken: what stands right after it, else right before it."""
    after = [o for o in often if o.start >= item.end and _BETWEEN.match(text[item.end : o.start])]
    before = [o for o in often if o.end <= item.start and _BETWEEN.match(text[o.end : item.start])][-1:]
    joined = [o for o in after if "," not in text[item.end : o.start]]
    if before and (goes_before or (after and not joined and "," not in text[before[0].end : item.start])):
        return before[0]
    if after:  # "20 mg a day, twice a day" keeps the more telling one
        return next((o for o in after if o.value != 1), after[0])
    return before[0] if before else None


def note_weekly(reading: Reading) -> None:
    """Put doses together that share a week: "20 mg on weekdays and 40 at weekends", "20 a day but 40 on Wednesdays"."""
    if len(reading.doses) != _PAIR:
        return
    (one, first, often), (_, second, often_other) = reading.doses
    if often_other is None or often_other.value >= 1 or reading.days:
        return
    share = often_other.value
    if often is not None and often.value < 1 and often.value + share == 1:
        reading.doses = [(one, first + second, None)]
    elif often is None or often.value == 1:
        reading.doses = [(one, first * (1 - share) + second, None)]
