"""Reads a message for the dose calculator: quantities and what is asked for, put together as `Said`.

What a number is for is taken from its unit and from the words right beside it, never from its size alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from isobot.dose.ages import note_ages
from isobot.dose.arithmetic import Period, kg_from_lb
from isobot.dose.daily import note_doses, note_weekly
from isobot.dose.dates import MONTHS, Span, find_spans
from isobot.dose.days import note_days
from isobot.dose.label import Product, label
from isobot.dose.pairing import Mark, paired
from isobot.dose.quantities import Item, Kind, digits, find
from isobot.dose.reading import I_AM, Reading, decimal_of
from isobot.dose.said import Problem, Said, Unit, Weight, Wish
from isobot.dose.story import is_a_story
from isobot.dose.totals import note_totals
from isobot.dose.weights import chosen
from isobot.dose.wishes import refusals, wishes
from isobot.dose.words import words

_NOW_BEFORE = re.compile(r"\bnow (?:at |only |about )?$")
_PRESENT_BEFORE = re.compile(r"\b(?:now(?: i'm| i am| at| weigh| down to| up to)?|(?:down|up) to)(?: only| about)? $")
_PRESENT_AFTER = re.compile(r"^,? ?(?:now|today|these days|at the moment)\b")
_MOST_TIMES_A_DAY = 3
_MONTH = re.compile(MONTHS)
_DATE = re.compile(rf"\b\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}\b|\b(?:of|in|since|all|from) {MONTHS}\b")


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
    reading = Reading(text, today)
    asked = wishes(text)
    reading.said = Said(wishes=asked, refusals=refusals(text, message, asked))
    items = sorted([*find(hidden), *map(_item_of, spans)], key=lambda i: i.start)
    _note_problems(items, spans, reading)
    note_ages(items, reading)
    items = _crosses(items, reading)
    _note_weights(items, reading)
    note_totals(items, reading)
    _note_what_is_not_read(items, reading)
    note_days(items, reading)
    note_doses(items, reading)
    note_weekly(reading)
    _pair(reading, counting=counting)
    return _finish(reading)


def _item_of(span: Span) -> Item:
    return Item(Kind.FROM_TO, Fraction(max(span.days, 0)), span.start, span.end, span.words)


def _note_problems(items: Sequence[Item], spans: Sequence[Span], reading: Reading) -> None:
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


def _note_what_is_not_read(items: Sequence[Item], reading: Reading) -> None:
    """Note boxes without what is in them, and days that are not read: "4 to 5 months", a date that begins nothing."""
    boxes = re.compile(rf"\d {words().units['boxes']}\b")
    counted = any(i.kind is Kind.CAPSULES and boxes.search(i.words) for i in items)
    reading.loose_boxes = bool(boxes.search(reading.text)) and not counted
    reading.unsure_days = any(
        i.kind is Kind.UNSURE_DAYS or (i.kind is Kind.OTHER and _MONTH.search(i.words)) for i in items
    )


def _crosses(items: Sequence[Item], reading: Reading) -> list[Item]:
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


def _note_weights(items: list[Item], reading: Reading) -> None:
    """Note body weights; a number beside one that can only be another weight has its unit."""
    known = [i for i in items if i.kind in _UNITS and not i.odd and i.value > 0]
    changes: list[Item] = []
    for item in list(items):
        if item in known and reading.is_before("change", item):
            changes.append(item)
        elif item in known and not (reading.is_before("other_weight", item) or reading.is_before("lift", item)):
            reading.weights.append((item, _weight(item, item.kind)))
        elif item.kind is Kind.NUMBER and (other := _same_unit(item, known, reading)):
            reading.weights.append((item, _weight(item, other.kind)))
            items.remove(item)
    reading.weights.sort(key=lambda w: w[0].start)
    if len(reading.weights) == 1 and _is_present(reading.weights[0][0], reading):  # "lost 5 kg, now I'm 65 kg"
        reading.settled = tuple(c for c in changes if c.end <= reading.weights[0][0].start)
    if len(changes) > len(reading.settled):
        reading.said = replace(reading.said, unclear=True)  # "I was 70 kg, lost 5 kg"


def _is_present(weight: Item, reading: Reading) -> bool:
    """Return whether words right beside a weight say that it is the present one."""
    return bool(_PRESENT_BEFORE.search(reading.before(weight)) or _PRESENT_AFTER.match(reading.after(weight)))


def _same_unit(item: Item, known: Sequence[Item], reading: Reading) -> Item | None:
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
        if other.end <= item.start and I_AM.search(reading.before(item)) and reading.is_after("same_unit", item):
            return other
    return None


def _weight(item: Item, kind: Kind) -> Weight:
    number = decimal_of(item.value)
    return Weight(number if kind is Kind.KG else kg_from_lb(number), item.words, _UNITS[kind])


def _pair(reading: Reading, *, counting: bool) -> None:
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
    beside = [] if len(current) == 1 else doses  # of other days, perhaps
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
    asked_so_far = counts and said.target_mg_per_kg is None and said.mg_taken is None
    untold = asked_so_far and not periods and bool(doses) and _tells_of_days(reading)
    loose = bool(pairs and days)  # days of something else, or of another dose
    told = bool(periods) or (counts and (said.mg_taken is not None or bool(days)))
    if untold or (told and ((loose and counts) or _is_doubtful(reading))):
        reading.problems.append(Problem.UNCLEAR_DAYS)
    if reading.missed and not periods:
        said = replace(said, missed_days=reading.missed)
    if reading.missed and periods:
        periods = _without_missed(periods, reading.missed, reading.problems)
    if sum(p.days for p in periods) > label().longest_days:
        reading.problems.append(Problem.TOO_LONG)
    if dose is None and periods:
        dose = periods[-1].mg_per_day  # the last dose is the one that goes on, unless another is said
    left_over = days if pairs else days[1:]  # a dose without days of its own goes with the days that stand alone
    reading.said = replace(
        said,
        mg_per_day=dose,
        periods=tuple(periods),
        unclear=said.unclear or (len(set(doses)) > 1 and not periods),
        read_back=bool(periods) and is_a_story(periods, beside, left_over, reading),
    )


def _is_doubtful(reading: Reading) -> bool:
    """Return whether more is said of days and doses than was read, so that a total might be wrong."""
    several = len(reading.doses) > 1
    return bool(
        words().doubtful_days.search(reading.text)
        or reading.unsure_days
        or (several and re.search(r"\bago\b.*\bago\b", reading.text))
        or (several and "ago" in reading.text and len(reading.days) < len(reading.doses))
        or reading.loose_boxes
    )


def _tells_of_days(reading: Reading) -> bool:
    """Return whether a message without days that were read tells of some: missed ones, dates, months."""
    return reading.missed > 0 or reading.unsure_days or bool(_DATE.search(reading.text))


def _is_current(item: Item, reading: Reading) -> bool:
    """Return whether words beside a dose say that it is the one that counts now."""
    before, after = reading.before(item)[-16:], reading.after(item)[:14]
    return bool(words().now.search(re.split(r"[,.;]", before)[-1]) or words().now.search(re.split(r"[,.;]", after)[0]))


def _without_missed(periods: list[Period], missed: int, problems: list[Problem]) -> list[Period]:
    """Take the missed days off: off the last period where the doses differ, as it is not known off which."""
    if missed >= periods[-1].days:
        problems.append(Problem.MISSED_TOO_MANY)
        return periods
    return [*periods[:-1], replace(periods[-1], days=periods[-1].days - missed)]


def _finish(reading: Reading) -> Said:
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
        maybe_under_12=said.age is None and bool(words().young.search(text)),
        problems=tuple(dict.fromkeys(reading.problems)),
        wants_target=no_number and bool(re.search(r"\b(?:target|goal)\b(?! weight)", text)),
    )


def _is_of_another(weight: Item, reading: Reading) -> bool:
    """Return whether the only weight is somebody else's, and the dose the writer's."""
    theirs = re.search(r"\b(?:my|our) (\w+)(?:'s| is| weighs| was)? $", reading.before(weight))
    mine = re.search(r"\b(?:i take|i'm on|i am on|i get|my dose|i was put on)\b", reading.text)
    return bool(theirs and mine and words().others.search(theirs.group(1)))


def _dose_beside(weight: Item, reading: Reading) -> Fraction:
    """Return the dose that stands nearest after a person's weight, else nearest before it."""
    after = [(i.start, mg) for i, mg, _ in reading.doses if i.start >= weight.end]
    before = [(-i.end, mg) for i, mg, _ in reading.doses if i.end <= weight.start]
    return min(after or before)[1]
