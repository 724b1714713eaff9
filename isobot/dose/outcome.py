"""Decides what comes of the quantities so far: a question back, a refusal, or the calculated figures. Pure functions.

Rules: clinical reference, part 3. Nothing is guessed: a number without a unit, two weights, or an unlikely one is asked
back; where an answer would mean to choose a dose, it is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from isobot.dose.arithmetic import days_for, mg_at, mg_per_kg, remaining_mg, shown, total_mg
from isobot.dose.label import Product, Rates, label
from isobot.dose.said import Problem, Refusal, Said, Weight, Wish


class Missing(StrEnum):
    """What is asked back (the `ask` of `make evaluate`)."""

    WEIGHT = "weight"
    UNIT = "unit"
    WHICH_WEIGHT = "which_weight"
    DOSE = "mg_per_kg_day"
    CONFIRM_WEIGHT = "confirm_weight"
    TARGET = "prescriber_target"
    AGE = "age"


@dataclass(frozen=True)
class Ask:
    """A question back.

    Attributes:
        missing: what is needed.
        problem: why what was said can't be used, or None.
    """

    missing: Missing
    problem: Problem | None = None


@dataclass(frozen=True)
class Refused:
    """Nothing is calculated."""

    reason: Refusal


@dataclass(frozen=True)
class Figures:
    """What was calculated, unrounded; None where it was not asked for or can't be known.

    Attributes:
        weight: the present body weight.
        start_weight: an earlier one of the same person.
        product: which isotretinoin.
        age: in years, or None.
        mg_per_kg_day: the weight-based dose; None where only the label's range is shown.
        mg_per_day: the daily dose.
        label_mg_per_day: the label's lowest, usual highest and adult highest dose at this weight, in mg a day.
        course_mg: the often-used total for a course at this weight, from and to, in mg.
        taken_mg, taken_mg_per_kg: so far.
        remaining_mg: to either end of the often-used total.
        days_left: at the present dose, to either end.
        target_mg: what the target that was named comes to.
        target_mg_per_kg: the target.
        target_remaining_mg, target_days: to that target.
        given_rate: the rate was given, and the daily dose worked out from it.
        wants_left: what is left was asked about.
        about_course: the often-used total itself is asked about.
        mixed: the history holds two products whose mg can't be added.
    """

    weight: Weight
    start_weight: Weight | None
    product: Product
    age: int | None
    mg_per_kg_day: Fraction | None
    mg_per_day: Fraction | None
    label_mg_per_day: tuple[Fraction, Fraction, Fraction]
    course_mg: tuple[Fraction, Fraction]
    taken_mg: Fraction | None = None
    taken_mg_per_kg: Fraction | None = None
    remaining_mg: tuple[Fraction, Fraction] | None = None
    days_left: tuple[int, int] | None = None
    target_mg: Fraction | None = None
    target_mg_per_kg: Fraction | None = None
    target_remaining_mg: Fraction | None = None
    target_days: int | None = None
    given_rate: bool = False
    wants_left: bool = False
    about_course: bool = False
    mixed: bool = False


Outcome = Ask | Refused | Figures
_NEVER_FIRST = (Refusal.PREGNANCY, Refusal.BREASTFEEDING)  # before any figure, whatever else is missing
_DAY_PROBLEMS = (
    Problem.FUTURE,
    Problem.REVERSED,
    Problem.NO_SUCH_DAY,
    Problem.UNCLEAR_DAYS,
    Problem.OVERLAP,
    Problem.TOO_LONG,
    Problem.MISSED_TOO_MANY,
)


def judge(said: Said, *, confirmed: bool = False) -> Outcome:
    """Return what comes of the quantities so far.

    Args:
        said: all that the conversation has said.
        confirmed: an unlikely weight was asked back, and is right.
    """
    for step in _STEPS:
        if stopped := step(said, confirmed):
            return stopped
    return _figures(said)


def _forbidden(said: Said, confirmed: bool) -> Outcome | None:
    for reason in (Refusal.NOT_HUMAN, Refusal.OTHER_DRUG, *_NEVER_FIRST):
        if reason in said.refusals:
            return Refused(reason)
    if said.age is not None and said.age < label().youngest:
        return Refused(Refusal.UNDER_12)
    if Refusal.NO_PRESCRIBER in said.refusals:
        return Refused(Refusal.NO_PRESCRIBER)
    return None


def _weight_problem(said: Said, confirmed: bool) -> Outcome | None:
    """Ask for a weight that can be used."""
    for problem in (Problem.SEPARATOR, Problem.STONE_POUNDS):
        if problem in said.problems:
            return Ask(Missing.CONFIRM_WEIGHT if problem is Problem.SEPARATOR else Missing.WEIGHT, problem)
    if len(said.weights) > 1 and not said.weight_changed:
        return Ask(Missing.WHICH_WEIGHT)
    if said.weights:
        return None
    low, high = label().weights
    if said.weight_number is not None or (not said.problems and any(low <= n <= high for n in said.numbers)):
        return Ask(Missing.UNIT)
    odd = (Problem.HEIGHT, Problem.GRAMS, Problem.NOT_POSITIVE)
    return Ask(Missing.WEIGHT, next((p for p in odd if p in said.problems), None))


def _unusual_weight(said: Said, confirmed: bool) -> Outcome | None:
    figures = label()
    for weight in said.weights:
        if not figures.weights[0] <= weight.kg <= figures.weights[1]:
            return Refused(Refusal.IMPLAUSIBLE_WEIGHT)
    kg = said.weights[-1].kg
    if not confirmed and (kg < figures.confirm_below or kg > figures.confirm_above):
        return Ask(Missing.CONFIRM_WEIGHT)
    return None


def _age_problem(said: Said, confirmed: bool) -> Outcome | None:
    """Ask for the age where a child is spoken of that is as light as a child under 12."""
    if said.age is None and said.maybe_under_12:
        return Ask(Missing.AGE)
    if said.age is None and said.of_a_child and said.weights[-1].kg < label().table_weights[0]:
        return Ask(Missing.AGE)
    return None


def _number_problem(said: Said, confirmed: bool) -> Outcome | None:
    """Ask again for doses or days that can't be used."""
    for problem in (Problem.MICROGRAMS, Problem.NOT_POSITIVE, *_DAY_PROBLEMS):
        if problem in said.problems:
            return Ask(Missing.DOSE, problem)
    return None


def _dose_problem(said: Said, confirmed: bool) -> Outcome | None:
    """Refuse or ask back a dose that nobody takes, or that can't be told from others."""
    if Problem.UNREAD in said.problems:
        return Ask(Missing.DOSE, Problem.UNREAD)
    highest = Fraction(label().implausible_dose)
    dose = _mg_per_day(said)
    if (dose is not None and dose > highest) or any(p.mg_per_day > highest for p in said.periods):
        return Refused(Refusal.IMPLAUSIBLE_DOSE)
    if dose is not None and mg_per_kg(dose, said.weights[-1].kg) < Fraction(label().recheck_below):
        return Ask(Missing.DOSE, Problem.NOT_POSITIVE if dose == 0 else None)
    return Ask(Missing.DOSE, Problem.SEVERAL_DOSES) if said.unclear else None


def _total_problem(said: Said, confirmed: bool) -> Outcome | None:
    """Ask for what a total, or what is left of it, is worked out from."""
    dose, taken = _mg_per_day(said), _taken(said)
    if said.days_only and dose is None:
        return Ask(Missing.DOSE, Problem.PERIOD_DOSE)
    if taken is not None and mg_per_kg(taken, said.weights[-1].kg) > Fraction(label().cumulative_recheck):
        return Ask(Missing.DOSE, Problem.TOO_LONG)
    if Wish.HAD in said.wishes and taken is None and dose is not None and Wish.LEFT not in said.wishes:
        return Ask(Missing.DOSE, Problem.DAYS)
    if said.wants_target and (Wish.LEFT in said.wishes or not said.has_amount):
        return Ask(Missing.TARGET)
    if Wish.LEFT in said.wishes and dose is None and taken is None and said.target_mg_per_kg is None:
        return Ask(Missing.DOSE)
    return None


def _story_problem(said: Said, confirmed: bool) -> Outcome | None:
    """Read a total back that was put together from a story: nothing is worked out before the person says yes."""
    return Ask(Missing.DOSE, Problem.READ_BACK) if said.read_back else None


_STEPS = (
    _forbidden,
    _weight_problem,
    _unusual_weight,
    _age_problem,
    _number_problem,
    _dose_problem,
    _total_problem,
    _story_problem,
)


def _mg_per_day(said: Said) -> Fraction | None:
    """Return the present daily dose in mg, from the dose or from the rate and the weight."""
    if said.mg_per_day is not None:
        return said.mg_per_day
    if said.mg_per_kg_day is not None and said.weights:
        return mg_at(Fraction(said.mg_per_kg_day), said.weights[-1].kg)
    return None


def _taken(said: Said) -> Fraction | None:
    if said.mg_taken is not None:
        return said.mg_taken
    return total_mg(said.periods) if said.periods else None


def _figures(said: Said) -> Figures:
    weight = said.weights[-1]
    product = said.product or Product.ORDINARY
    rates: Rates = label().rates[product]
    low, high = (mg_at(Fraction(rate), weight.kg) for rate in label().cumulative)
    dose = _mg_per_day(said)
    figures = Figures(
        weight=weight,
        start_weight=said.weights[0] if said.weight_changed and len(said.weights) > 1 else None,
        product=product,
        age=said.age,
        mg_per_kg_day=None if dose is None else mg_per_kg(dose, weight.kg),
        mg_per_day=dose,
        label_mg_per_day=(
            mg_at(Fraction(rates.low), weight.kg),
            mg_at(Fraction(rates.usual_high), weight.kg),
            mg_at(Fraction(rates.adult_high), weight.kg),
        ),
        course_mg=(low, high),
        given_rate=said.mg_per_kg_day is not None,
        wants_left=Wish.LEFT in said.wishes,
        about_course=Wish.COURSE in said.wishes,
        mixed=said.mixed_products,
    )
    taken = None if said.mixed_products else _taken(said)
    if taken is not None:
        figures = replace(figures, taken_mg=taken, taken_mg_per_kg=mg_per_kg(taken, weight.kg))
    if taken is not None or Wish.LEFT in said.wishes or (dose and said.target_mg_per_kg is not None):
        left = remaining_mg(low, taken or Fraction(0)), remaining_mg(high, taken or Fraction(0))
        figures = replace(figures, remaining_mg=left)
        if dose:
            figures = replace(figures, days_left=(days_for(left[0], dose), days_for(left[1], dose)))
    return _with_target(figures, said, taken, dose)


def _with_target(figures: Figures, said: Said, taken: Fraction | None, dose: Fraction | None) -> Figures:
    """Add what is left to the target that was named."""
    kg = figures.weight.kg
    if said.target_mg_per_kg is not None:
        target = mg_at(Fraction(said.target_mg_per_kg), kg)
    elif said.target_mg is not None:
        target = Fraction(said.target_mg)
    else:
        return figures
    left = remaining_mg(target, taken or Fraction(0))
    return replace(
        figures,
        target_mg=target,
        target_mg_per_kg=mg_per_kg(target, kg),
        target_remaining_mg=left,
        target_days=days_for(left, dose) if dose else None,
    )


def _rounded(value: Fraction | Decimal, places: int) -> float | int:
    number = shown(value, places)
    return int(number) if places == 0 else float(number)


def as_result(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as `make evaluate` reports it: rounded for display, without what was not calculated."""
    if isinstance(outcome, Ask):
        return {"status": "ask", "ask": outcome.missing.value}
    if isinstance(outcome, Refused):
        return {"status": "refused", "reason": outcome.reason.value}
    low, usual, _ = outcome.label_mg_per_day
    rates = label().rates[outcome.product]
    found: dict[str, Any] = {"status": "calculated", "weight_kg": _rounded(outcome.weight.kg, 1)}
    if outcome.mg_per_day is None or outcome.mg_per_kg_day is None:
        found["mg_per_kg_day"] = [float(rates.low), float(rates.usual_high)]
        found["total_mg_day"] = [_rounded(low, 1), _rounded(usual, 1)]
    else:
        found["mg_per_kg_day"] = _rounded(outcome.mg_per_kg_day, 2)
        found["total_mg_day"] = _rounded(outcome.mg_per_day, 1)
    found["cumulative_low_mg"], found["cumulative_high_mg"] = (_rounded(mg, 0) for mg in outcome.course_mg)
    optional: dict[str, tuple[Fraction | None, Callable[[Fraction], float | int]]] = {
        "taken_mg": (outcome.taken_mg, lambda v: _rounded(v, 0)),
        "taken_mg_per_kg": (outcome.taken_mg_per_kg, lambda v: _rounded(v, 1)),
        "cumulative_target_mg": (outcome.target_mg, lambda v: _rounded(v, 0)),
    }
    found |= {name: show(value) for name, (value, show) in optional.items() if value is not None}
    if outcome.remaining_mg is not None:
        found["remaining_low_mg"], found["remaining_high_mg"] = (_rounded(mg, 0) for mg in outcome.remaining_mg)
    if outcome.days_left is not None:
        found["days_to_low"], found["days_to_high"] = outcome.days_left
    return found
