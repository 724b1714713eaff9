"""Reads a message for the dose calculator: quantities and what is asked for, put together as `Said`.

What a number is for is taken from its unit and from the words right beside it, never from its size alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from isobot.dose.arithmetic import KG_PER_LB, Period, days_back
from isobot.dose.dates import MONTHS, Span, find_spans
from isobot.dose.label import Product, label
from isobot.dose.pairing import Mark, paired
from isobot.dose.quantities import Item, Kind, digits, find
from isobot.dose.said import Problem, Said, Unit, Weight, Wish
from isobot.dose.weights import chosen
from isobot.dose.wishes import refusals, wishes
from isobot.dose.words import words

_TOTAL_RATE_FROM = 20  # mg/kg: a higher rate is a total for the course; no daily one comes near
_HIGHEST_BARE_RATE = Decimal("1.3")  # "0.7" beside a weight can only be mg per kg; "1.7" may be a height in metres
_LEAST_BARE_DOSE, _MOST_BARE_DOSE = 4, 100  # mg: outside these a number that is "taken" is something else
_TARGETS = range(100, 301)  # mg/kg
_LEAST_TOTAL = 300  # mg: more than anybody takes on a day
_LEAST_TARGET = 1000  # mg
_YEARS_OF_AGE = range(1, 100)
_TEEN, _GROWN = 10, 30
_NEAR = 58  # characters beside a number in which words say what it is
_SO_FAR_BEFORE = re.compile(r"\b(?:so far|already|total(?: so far)?|altogether|taken|had|swallowed|done)\b[^.;]{0,25}$")
_NOW_BEFORE = re.compile(r"\bnow (?:at |only |about )?$")
_CHANGED_TO = re.compile(r"\b(?:now|to|up to|down to)(?: on| just| only)? $")
_I_AM = re.compile(r"\b(?:i'?m|i am|she'?s|he'?s|she is|he is|turning|turned)(?: only| just| a| nearly| almost)? ?$")
_AGE_AFTER = re.compile(r"^ ?(?:,|\.|\?|!|and|f\b|m\b|male|female|$|y\b|so|but|with|years|in|now|\))")
_WHEN_AGED = re.compile(r"\b(?:when|since|at|until) (?:i|he|she) (?:was|were|am|turned) $|\bat $")
_PERSON = re.compile(
    r"(?:son|daughter|sister|brother|boy|girl|kid|child|lad|teen|nephew|niece)(?:'s)?[ ,(]+"
    r"(?:is |who'?s |aged? |only |just )*$"
)
_GENDER_AFTER = re.compile(r"^ ?[fm](?![a-z'])")
_MOST_TIMES_A_DAY = 3
_MONTH = re.compile(MONTHS)
_DAYS_BESIDE = 14  # characters
_MOST_MONTHS = 120  # longer is no course; it is asked back as too long
_STARTED = re.compile(
    r"\b(?:start\w*|began|begun|been on|on it since|went on|put on|first (?:capsule|pill|dose|took))\b"
)
_THEN_AFTER = re.compile(r"^[- ]*(?:break|gap|pause|off)?[, ]*(?:and )?then\b")
_THEN_BEFORE = re.compile(r"\bthen (?:i )?(?:had |took |have )?(?:a |an |about )?$")
_OLDEST = date(1970, 1, 1)
_HALF_MONTH_DAYS = 15  # half a month has no calendar days of its own


@dataclass
class _Reading:
    """What has been made of the items so far."""

    text: str
    today: date
    weights: list[tuple[Item, Weight]] = field(default_factory=list)
    doses: list[tuple[Item, Fraction, Item | None]] = field(default_factory=list)  # mg a day, and how often it is taken
    days: list[tuple[Item, int]] = field(default_factory=list)
    missed: int = 0
    loose_boxes: bool = False  # boxes are counted, but not what is in them
    unsure_days: bool = False  # "4 to 5 months"
    first_dose: int = 0  # where the first mg stand
    problems: list[Problem] = field(default_factory=list)
    said: Said = field(default_factory=Said)

    def before(self, item: Item) -> str:
        """Return the words right before an item."""
        return self.text[max(0, item.start - _NEAR) : item.start]

    def after(self, item: Item) -> str:
        """Return the words right after an item."""
        return self.text[item.end : item.end + _NEAR]

    def is_before(self, name: str, item: Item) -> bool:
        """Return whether words of words.yml (`before`) end right before an item."""
        return bool(words().before[name].search(self.before(item)))

    def is_after(self, name: str, item: Item) -> bool:
        """Return whether words of words.yml (`after`) begin right after an item."""
        return bool(words().after[name].match(self.after(item)))


def read(message: str, today: date, *, month_first: bool = False, counting: bool = False) -> Said:
    """Return what a message says about weights, doses and days.

    Args:
        message: as the person wrote it.
        today: what "since" and "3 months" go back from.
        month_first: "03/04/2026" is the 4th of March, as in the US.
        counting: the talk is about days so far, whether or not this message says so.
    """
    text = digits(message)
    spans = find_spans(text, today, month_first=month_first)
    hidden = text
    for span in spans:
        for start, end in span.places:
            hidden = hidden[:start] + "\x00" * (end - start) + hidden[end:]
    reading = _Reading(text, today)
    asked = wishes(text)
    reading.said = Said(wishes=asked, refusals=refusals(text, message, asked))
    items = sorted([*find(hidden), *map(_item_of, spans)], key=lambda i: i.start)
    _note_problems(items, spans, reading)
    _note_ages(items, reading)
    items = _crosses(items, reading)
    _note_weights(items, reading)
    _note_totals(items, reading)
    boxes = re.compile(rf"\d {words().units['boxes']}\b")
    counted = [i for i in items if i.kind is Kind.CAPSULES and boxes.search(i.words)]
    reading.loose_boxes = bool(boxes.search(text)) and not counted
    # Days that are not read: "4 to 5 months", a date that begins and ends nothing.
    reading.unsure_days = any(
        i.kind is Kind.UNSURE_DAYS or (i.kind is Kind.OTHER and _MONTH.search(i.words)) for i in items
    )
    _note_days(items, reading)
    _note_doses(items, reading)
    _note_weekly(reading)
    _pair(reading, counting=counting)
    return _finish(reading)


def _item_of(span: Span) -> Item:
    return Item(Kind.FROM_TO, Fraction(max(span.days, 0)), span.start, span.end, span.words)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _note_problems(items: Sequence[Item], spans: Sequence[Span], reading: _Reading) -> None:
    """Note numbers that can't be used."""
    kinds = {i.kind for i in items}
    weighed = bool(kinds & {Kind.KG, Kind.LB, Kind.STONE})
    nothing = any(i.value == 0 for i in items if i.kind in (Kind.KG, Kind.LB, Kind.MG, Kind.DAYS))
    dated = [s for s in spans if not s.problem]
    overlaps = any(one.overlaps(other) for one, other in itertools.combinations(dated, 2))
    found = {
        Problem.NOT_POSITIVE: Kind.NEGATIVE in kinds or nothing,
        Problem.SEPARATOR: Kind.SEPARATOR in kinds,
        Problem.STONE_POUNDS: any(i.odd for i in items if i.kind is Kind.STONE),
        Problem.HEIGHT: Kind.HEIGHT in kinds and not weighed,
        Problem.MICROGRAMS: Kind.MICROGRAMS in kinds,
        Problem.GRAMS: Kind.GRAMS in kinds and not weighed,
        Problem.OVERLAP: overlaps,
    }
    reading.problems += [problem for problem, there in found.items() if there]
    reading.problems += [s.problem for s in spans if s.problem]


def _note_ages(items: list[Item], reading: _Reading) -> None:
    """Note the person's age, and hide numbers that are ages in any way."""
    weighed = any(i.kind in (Kind.KG, Kind.LB, Kind.STONE) for i in items)
    for item in list(items):
        if item.kind is Kind.AGE:
            reading.said = replace(reading.said, age=int(item.value))
        elif item.kind is Kind.NUMBER and item.value in _YEARS_OF_AGE:
            if (
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


def _is_age(item: Item, reading: _Reading, weighed: bool) -> bool:
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
        _I_AM.search(before)
        and (weighed or person)
        and _AGE_AFTER.match(after)
        and not reading.is_after("same_unit", item)
    ):
        return item.value >= _TEEN or person
    return person and item.value < _GROWN


def _crosses(items: Sequence[Item], reading: _Reading) -> list[Item]:
    """Return the items with "20 x 30" read as a dose and days where nothing else says what the numbers are."""
    found: list[Item] = []
    for item in items:
        last = found[-1] if found else None
        crossed = last and re.fullmatch(r" ?[x*] ?", reading.text[last.end : item.start])
        if last and crossed and item.kind is Kind.NUMBER and last.kind is Kind.MG and item.value <= _MOST_TIMES_A_DAY:
            found.append(replace(item, kind=Kind.TIMES))  # "20 mg x2"
        elif last and crossed and item.kind is Kind.NUMBER and last.kind in (Kind.NUMBER, Kind.MG):
            found[-1] = replace(last, kind=Kind.MG)
            found.append(replace(item, kind=Kind.DAYS, unit="day"))
        elif last and crossed and item.kind is Kind.DAYS and last.kind is Kind.NUMBER:
            found[-1] = replace(last, kind=Kind.MG)
            found.append(item)
        else:
            found.append(item)
    return found


_UNITS = {Kind.KG: Unit.KG, Kind.LB: Unit.LB, Kind.STONE: Unit.STONE}


def _note_weights(items: list[Item], reading: _Reading) -> None:
    """Note body weights; a number beside one that can only be another weight has its unit."""
    known = [i for i in items if i.kind in _UNITS and not i.odd and i.value > 0]
    for item in list(items):
        if item in known and not (reading.is_before("change", item) or reading.is_before("other_weight", item)):
            reading.weights.append((item, _weight(item, item.kind)))
        elif item.kind is Kind.NUMBER and (other := _same_unit(item, known, reading)):
            reading.weights.append((item, _weight(item, other.kind)))
            items.remove(item)
    reading.weights.sort(key=lambda w: w[0].start)


def _same_unit(item: Item, known: Sequence[Item], reading: _Reading) -> Item | None:
    """Return the weight whose unit a bare number shares: "either 150 or 160 lb", "used to be 95 kg, I'm 83 now"."""
    for other in known:
        if other.kind is Kind.STONE or not Fraction(2, 3) < item.value / other.value < Fraction(3, 2):
            continue
        between = (
            reading.text[item.end : other.start] if item.end <= other.start else reading.text[other.end : item.start]
        )
        either = r" ?(?:or|to|-|/|and) ?(?:maybe |about |around )?"
        if (
            item.end <= other.start
            and re.fullmatch(either, between)
            and ("and" not in between or "between" in reading.before(item))
        ):
            return other
        if reading.is_before("weighs", item) or (other.end <= item.start and _NOW_BEFORE.search(reading.before(item))):
            return other
        if other.end <= item.start and _I_AM.search(reading.before(item)) and reading.is_after("same_unit", item):
            return other
    return None


def _weight(item: Item, kind: Kind) -> Weight:
    number = _decimal(item.value)
    return Weight(number if kind is Kind.KG else number * KG_PER_LB, item.words, _UNITS[kind])


def _note_totals(items: list[Item], reading: _Reading) -> None:
    """Note rates, totals that the course is to come to, and totals that were taken."""
    targets: list[Decimal] = []
    for item in list(items):
        value = _decimal(item.value)
        if item.kind is Kind.RANGE:
            pass
        elif item.kind is Kind.RATE and value >= _TOTAL_RATE_FROM:
            if _had(item, reading) and reading.weights:
                taken = item.value * Fraction(reading.weights[-1][1].kg)
                reading.said = replace(reading.said, mg_taken=taken)
            else:
                targets.append(value)
        elif item.kind is Kind.RATE or _is_bare_rate(item, value, reading):
            second = reading.said.mg_per_kg_day not in (None, value)
            often = next((o for o in items if o.kind is Kind.TIMES and 0 <= o.start - item.end <= 1), None)
            unclear = second or (often is not None and often.value != 1)  # "0.5 mg/kg twice a day"
            reading.said = replace(reading.said, mg_per_kg_day=value, unclear=reading.said.unclear or unclear)
        elif item.kind is Kind.CAPSULES and not {Wish.HAD, Wish.TAKEN, Wish.LEFT}.intersection(reading.said.wishes):
            reading.said = replace(reading.said, unclear=True)  # prescribed, not taken: how many a day?
        elif item.kind is Kind.CAPSULES or _is_taken_total(item, reading):
            reading.said = replace(reading.said, mg_taken=(reading.said.mg_taken or 0) + item.value)
        elif item.kind in (Kind.MG, Kind.NUMBER) and value > _LEAST_TARGET and _is_target(item, reading):
            reading.said = replace(reading.said, target_mg=value)
        elif item.kind is Kind.NUMBER and value in _TARGETS and _is_target(item, reading):
            targets.append(value)
        else:
            continue
        items.remove(item)
    if targets and set(targets) != set(label().cumulative):  # both ends of the often-used total are no target
        reading.said = replace(reading.said, target_mg_per_kg=targets[-1])


def _had(item: Item, reading: _Reading) -> bool:
    """Return whether a total was taken already: "I've had 90 mg/kg so far"."""
    had = re.search(r"\b(?:had|taken|done|reached|at|total (?:so far )?is)(?: about| around)? $", reading.before(item))
    total = re.search(r"\bcumulative (?:dose |total )?is (?:about |around )?$", reading.before(item))
    return bool(total) or reading.is_after("so_far", item) or bool(had and not reading.is_before("target", item))


def _is_bare_rate(item: Item, value: Decimal, reading: _Reading) -> bool:
    has_point = value != value.to_integral_value()
    return item.kind is Kind.NUMBER and has_point and 0 < value <= _HIGHEST_BARE_RATE and bool(reading.weights)


def _is_taken_total(item: Item, reading: _Reading) -> bool:
    if item.kind not in (Kind.MG, Kind.NUMBER) or item.value <= _LEAST_TOTAL:
        return False
    return reading.is_after("so_far", item) or bool(
        _SO_FAR_BEFORE.search(reading.before(item)) and not reading.is_before("target", item)
    )


def _is_target(item: Item, reading: _Reading) -> bool:
    return reading.is_before("target", item) or reading.is_after("target", item)


def _note_days(items: list[Item], reading: _Reading) -> None:
    """Note durations; months and years are counted on the calendar, each back from the beginning of the next."""
    durations = _joined(
        [i for i in items if i.kind in (Kind.DAYS, Kind.FROM_TO) and _is_on_it(i, reading)], reading.text
    )
    counted: dict[int, int] = {}
    end = reading.today
    for item in reversed(durations):
        counted[item.start] = _in_days(item, end)
        if not _is_missed(item, reading):
            end = max(_OLDEST, end - timedelta(days=min(counted[item.start], label().longest_days + 1)))
    for item in durations:
        if _is_missed(item, reading):
            gap = _THEN_BEFORE.search(reading.before(item)) or _THEN_AFTER.match(reading.after(item))
            if not gap:  # "then a month off, then 40 mg": no days of any period
                reading.missed += counted[item.start]
        else:
            reading.days.append((item, counted[item.start]))
    for item in list(items):
        if item.kind is Kind.NUMBER and item.value.denominator == 1 and _is_missed(item, reading):
            reading.missed += int(item.value)
            items.remove(item)


def _is_on_it(item: Item, reading: _Reading) -> bool:
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


def _is_of_baby(item: Item, reading: _Reading) -> bool:
    """Return whether the days are an age or long past: "had my baby 4 months ago", "six years ago"."""
    on_it = re.match(r" ?(?:on|of|at|with)\b", reading.after(item)) or reading.before(item).endswith("for ")
    return (item.unit == "year" and not on_it) or bool(re.search(r"\bbaby(?: \w+)? $", reading.before(item)))


def _in_days(item: Item, end: date) -> int:
    """Return how many calendar days a duration that ends on a day has."""
    days = 0
    for value, unit in ((item.value, item.unit), *item.more):
        part = _part_in_days(replace(item, value=value, unit=unit), end)
        days += part
        end = max(_OLDEST, end - timedelta(days=min(part, label().longest_days + 1)))
    return days


def _part_in_days(item: Item, end: date) -> int:
    if item.kind is Kind.FROM_TO or item.unit == "day":
        return int(item.value)
    if item.unit == "week":
        return int(item.value * 7)
    if item.value > _MOST_MONTHS:
        return label().longest_days + 1
    whole, rest = divmod(item.value * (12 if item.unit == "year" else 1), 1)
    return days_back(end, months=int(whole), days=_HALF_MONTH_DAYS if rest else 0)


def _is_missed(item: Item, reading: _Reading) -> bool:
    return reading.is_before("missed", item) or reading.is_after("missed", item)


def _note_doses(items: Sequence[Item], reading: _Reading) -> None:
    """Note daily doses: mg, or a number that is taken, with how often beside it."""
    often = [i for i in items if i.kind is Kind.TIMES]
    reading.first_dose = min((i.start for i in items if i.kind in (Kind.MG, Kind.DOSE)), default=0)
    used: set[int] = set()
    rest: list[Decimal] = []
    for item in items:
        if item.kind not in (Kind.MG, Kind.DOSE, Kind.NUMBER):
            continue
        beside = None if item.kind is Kind.DOSE else _often(item, often, reading)
        if item.kind is Kind.MG and reading.is_before("weighs", item) and not reading.weights:
            reading.said = replace(reading.said, weight_number=_decimal(item.value))  # "I weigh 70 mg"
            continue
        if item.kind is Kind.NUMBER:
            if reading.is_before("weighs", item) or reading.is_after("weighs", item):
                reading.said = replace(reading.said, weight_number=_decimal(item.value))
                continue
            if not _is_bare_dose(item, beside, reading):
                rest.append(_decimal(item.value))
                continue
        if beside and beside.start in used and beside.value == 1:
            beside = None
        if beside:
            used.add(beside.start)
        reading.doses.append((item, item.value * (beside.value if beside else 1), beside))
    if any(i.kind is Kind.UNSURE_DOSE for i in items) or words().doubtful_dose.search(reading.text):
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
    ]
    unclear = any(_one_sentence(o, i, reading.text) for o in loose for i, _, _ in reading.doses)
    reading.said = replace(reading.said, numbers=tuple(rest), unclear=unclear or reading.said.unclear)


def _one_sentence(one: Item, other: Item, text: str) -> bool:
    return not re.search(r"[.!?]\s", text[min(one.end, other.end) : max(one.start, other.start)])


def _is_bare_dose(item: Item, often: Item | None, reading: _Reading) -> bool:
    """Return whether a number without a unit is a dose: it is taken, or so often a day, beside a weight with a unit."""
    if not _LEAST_BARE_DOSE <= item.value <= _MOST_BARE_DOSE:
        return False
    if often is not None:
        return True
    if (
        reading.said.mg_per_kg_day is not None
        or not (reading.weights or reading.days)
        or _I_AM.search(reading.before(item))
    ):
        return False
    changed_to = _CHANGED_TO.search(reading.before(item))  # "was on 40 mg, now 20", "up from 40 mg to 60"
    if reading.is_before("taken", item) or (changed_to and reading.doses and item.value % 5 == 0):
        return True
    beside_days = any(
        0 <= gap <= _DAYS_BESIDE for d, _ in reading.days for gap in (item.start - d.end, d.start - item.end)
    )
    return beside_days and (
        reading.is_before("beside_days", item) or bool(re.match(r" ?(?:for|x|mg)\b", reading.after(item)))
    )


_NOTHING = re.compile(
    r"\b(?:nothing|none|off|not|no|skip|never)(?: at all)?,? (?:on |at |in )?(?:the )?$"
)  # "nothing at weekends"
_BETWEEN = re.compile(
    r"^(?:[ ,(:]|(?:capsules?|caps?|pills?|tablets?|tabs?|of|it|isotretinoin|accutane|roaccutane|claravis|absorica|mg"
    r"|dose|each|i take|taken|take|to|but|only|just|them|total|in total|is|my dose is|at|on|and|is what i take|ld|one"
    r"|a)\b)*$"
)


def _often(item: Item, often: Sequence[Item], reading: _Reading) -> Item | None:
    """Return how often a dose is taken: what stands right after it, else right before it."""
    after = [o for o in often if o.start >= item.end and _BETWEEN.match(reading.text[item.end : o.start])]
    before = [o for o in often if o.end <= item.start and _BETWEEN.match(reading.text[o.end : item.start])][-1:]
    goes_before = len(often) > 1 and often[0].end <= reading.first_dose  # "weekdays 20 mg, weekends 40 mg"
    joined = [o for o in after if "," not in reading.text[item.end : o.start]]
    if before and (goes_before or (after and not joined and "," not in reading.text[before[0].end : item.start])):
        return before[0]
    if after:  # "20 mg a day, twice a day" keeps the more telling one
        return next((o for o in after if o.value != 1), after[0])
    return before[0] if before else None


def _note_weekly(reading: _Reading) -> None:
    """Put doses together that share a week: "20 mg on weekdays and 40 at weekends", "20 a day but 40 on Wednesdays"."""
    if len(reading.doses) != 2:  # noqa: PLR2004
        return
    (one, first, often), (_, second, often_other) = reading.doses
    if often_other is None or often_other.value >= 1 or reading.days:
        return
    share = often_other.value
    if often is not None and often.value < 1 and often.value + share == 1:
        reading.doses = [(one, first + second, None)]
    elif often is None or often.value == 1:
        reading.doses = [(one, first * (1 - share) + second, None)]


def _pair(reading: _Reading, *, counting: bool) -> None:
    """Put doses and days together: "40 mg for 90 days", "90 days at 40", "20 for 30 days, then 40"."""
    marks = [
        *(Mark(i.start, i.end, mg_per_day=mg) for i, mg, _ in reading.doses),
        *(Mark(i.start, i.end, days=days) for i, days in reading.days),
    ]
    said = reading.said
    counts = counting or bool({Wish.TAKEN, Wish.LEFT}.intersection(said.wishes))
    pairs, doses, days = paired(marks, reading.text, loosely=counts)
    periods = [Period(mg, n) for mg, n in pairs]
    current = [mg for i, mg, _ in reading.doses if mg in doses and _is_current(i, reading)]
    doses = current if len(current) == 1 else doses
    dose = doses[-1] if doses else None
    if days and not periods and counts:
        if dose is None and said.mg_per_kg_day is not None and reading.weights:
            mg = Fraction(said.mg_per_kg_day) * Fraction(reading.weights[-1][1].kg)
            periods = [Period(mg, n) for n in days]
        elif dose is not None and len(doses) == 1:
            periods = [Period(dose, n) for n in days]
        else:
            said = replace(said, days_only=sum(days))
    if (periods or said.mg_taken is not None or days) and counts and _is_doubtful(reading):
        reading.problems.append(Problem.UNCLEAR_DAYS)
    if reading.missed and periods:
        periods = _without_missed(periods, reading.missed, reading.problems)
    if sum(p.days for p in periods) > label().longest_days:
        reading.problems.append(Problem.TOO_LONG)
    if dose is None and periods:
        dose = periods[-1].mg_per_day  # the last dose is the one that goes on, unless another is said
    reading.said = replace(
        said, mg_per_day=dose, periods=tuple(periods), unclear=said.unclear or (len(set(doses)) > 1 and not periods)
    )


def _is_doubtful(reading: _Reading) -> bool:
    """Return whether more is said of days and doses than was read, so that a total might be wrong."""
    several = len(reading.doses) > 1
    return bool(
        words().doubtful_days.search(reading.text)
        or reading.unsure_days
        or (several and re.search(r"\bago\b.*\bago\b", reading.text))
        or (several and "ago" in reading.text and len(reading.days) < len(reading.doses))
        or reading.loose_boxes
    )


def _is_current(item: Item, reading: _Reading) -> bool:
    """Return whether words beside a dose say that it is the one that counts now."""
    before, after = reading.before(item)[-16:], reading.after(item)[:14]
    return bool(words().now.search(re.split(r"[,.;]", before)[-1]) or words().now.search(re.split(r"[,.;]", after)[0]))


def _without_missed(periods: list[Period], missed: int, problems: list[Problem]) -> list[Period]:
    """Take the missed days off: off the last period where the doses differ, as it is not known off which."""
    if missed >= periods[-1].days:
        problems.append(Problem.MISSED_TOO_MANY)
        return periods
    return [*periods[:-1], replace(periods[-1], days=periods[-1].days - missed)]


def _finish(reading: _Reading) -> Said:
    """Add the product, a child, a target without a number, and which of several weights counts."""
    said = reading.said
    text = reading.text
    weights, changed, own = chosen(reading.weights, text)
    if len(weights) == 1 and said.mg_per_day is not None and _is_of_another(reading.weights[0][0], reading):
        weights = ()  # "I take 40 mg and my mum is 60 kg"
    if own is not None and len({mg for _, mg, _ in reading.doses}) > 1 and not said.periods:
        said = replace(said, mg_per_day=_dose_beside(own, reading), unclear=False)
    lds = [m.start() for m in words().absorica_ld.finditer(text)]
    others = [
        m.start() for m in words().ordinary.finditer(words().absorica_ld.sub(lambda m: " " * len(m.group()), text))
    ]
    product = None  # the one that is named last is the present one
    if lds or others:
        product = Product.ABSORICA_LD if max(lds, default=-1) > max(others, default=-1) else Product.ORDINARY
    no_number = said.target_mg_per_kg is None and said.target_mg is None
    return replace(
        said,
        weights=weights,
        weight_changed=changed,
        product=product,
        mixed_products=bool(lds and others and said.periods),
        of_a_child=said.age is None and bool(words().child.search(text)),
        problems=tuple(dict.fromkeys(reading.problems)),
        wants_target=no_number and bool(re.search(r"\b(?:target|goal)\b(?! weight)", text)),
    )


def _is_of_another(weight: Item, reading: _Reading) -> bool:
    """Return whether the only weight is somebody else's, and the dose the writer's."""
    theirs = re.search(r"\b(?:my|our) (\w+)(?:'s| is| weighs| was)? $", reading.before(weight))
    mine = re.search(r"\b(?:i take|i'm on|i am on|i get|my dose|i was put on)\b", reading.text)
    return bool(theirs and mine and words().others.search(theirs.group(1)))


def _dose_beside(weight: Item, reading: _Reading) -> Fraction:
    """Return the dose that stands nearest after a person's weight, else nearest before it."""
    after = [(i.start, mg) for i, mg, _ in reading.doses if i.start >= weight.end]
    before = [(-i.end, mg) for i, mg, _ in reading.doses if i.end <= weight.start]
    return min(after or before)[1]
