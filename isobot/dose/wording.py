"""Puts a result into words: inputs, formula, figures, the label's range beside them, the standing sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from isobot.content.reference import read_checked
from isobot.dose.arithmetic import Period, mg_per_kg, shown
from isobot.dose.label import Product, label
from isobot.dose.outcome import Figures
from isobot.dose.said import Said, Unit

WORDING_FILE = Path(__file__).with_name("wording.yml")
_NAMES = (
    "converted", "per_kg", "average", "from_rate", "label_row", "label_row_ld", "outside_table", "below", "within",
    "above_young", "above_us", "above_uk", "above_both", "outside", "taken", "taken_start", "left", "left_days",
    "reached", "course", "not_a_rule", "total_below", "total_within", "total_above", "total_high", "mixed", "for_whom",
    "standing", "own_withheld", "table_only", "understood", "read", "read_part", "read_now", "read_taken",
)  # fmt: skip
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["checked", "source", "sentences"],
    "additionalProperties": False,
    "properties": {
        "checked": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "source": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "sentences": {
            "type": "object",
            "required": list(_NAMES),
            "additionalProperties": False,
            "properties": {name: {"type": "string", "minLength": 10} for name in _NAMES},
        },
    },
}
_DECIMAL = (1, 2, 5, 10)  # denominators of a dose that is said in figures; others are averages over a week
_EUROPE = ("UK", "IE", "EU")


class Mode(StrEnum):
    """How much the calculator may do."""

    FULL = "full"
    TABLE = "label_table"  # unit conversion and the label's table only
    OFF = "off"


@lru_cache(maxsize=1)
def sentences() -> dict[str, str]:
    """Return the sentences of wording.yml by name.

    Raises:
        TableError: when the file is not as it must be.
    """
    found: dict[str, str] = read_checked(WORDING_FILE, _SCHEMA)["sentences"]
    return found


def _say(name: str, **values: Any) -> str:
    return sentences()[name].format(**values)


def number(value: Fraction | Decimal, places: int) -> str:
    """Return a number for reading, rounded half up: "69.9", "5400"."""
    return f"{shown(value, places):f}"


def _mg(value: Fraction) -> str:
    """Return a daily dose: whole where it is whole, else one decimal."""
    return number(value, 0 if value.denominator == 1 else 1)


def result_text(figures: Figures, periods: Sequence[Period], country: str | None, mode: Mode = Mode.FULL) -> str:
    """Return the reply: paragraphs in Markdown.

    Args:
        figures: what was calculated.
        periods: the doses that the total is made of.
        country: whose label to compare with, or None for both.
        mode: with `Mode.TABLE`, only the label's figures at this weight.
    """
    if mode is Mode.TABLE:
        own = [_say("own_withheld")] if figures.mg_per_day is not None or figures.taken_mg is not None else []
        table = [*_weight(figures), *_label_row(figures)]
        paragraphs = [own, table, [*_outside_table(figures), _say("table_only")]]
    else:
        paragraphs = [
            [*_weight(figures), *_daily(figures, country)],
            list(_total(figures, periods)),
            list(_left(figures)),
            [*_outside_table(figures), *_notes(figures)],
        ]
    paragraphs.append([_say("standing")])
    return "\n\n".join(" ".join(p) for p in paragraphs if p)


def understood(slot: Mapping[str, Any] | None) -> str:
    """Return what was understood so far, to be shown before a question; empty where nothing was.

    Args:
        slot: the slot `dose`.
    """
    said = Said.from_dict(slot["talk"]["said"]) if slot else Said()
    if said.read_back and said.weights:
        return _say("read", parts=_parts(said), weight=said.weights[-1].words) + " "
    known = [w.words for w in said.weights[-1:]]
    if said.periods:
        known.append(_sum(said.periods))
    elif said.mg_per_day is not None:
        known.append(f"{_mg(said.mg_per_day)} mg a day")
    elif said.mg_per_kg_day is not None:
        known.append(f"{said.mg_per_kg_day} mg/kg a day")
    return _say("understood", known=", ".join(known)) + " " if known else ""


def _parts(said: Said) -> str:
    """Return what a total is put together from, in words, for the person to look over."""
    if said.mg_taken is not None:
        parts = _say("read_taken", taken=number(said.mg_taken, 0))
    else:
        parts = ", plus ".join(_say("read_part", dose=_mg(p.mg_per_day), days=p.days) for p in said.periods)
    goes_on = said.periods and said.periods[-1].mg_per_day == said.mg_per_day
    if said.mg_per_day is not None and not goes_on:
        parts += ", " + _say("read_now", dose=_mg(said.mg_per_day))
    return parts


def _kg(figures: Figures) -> str:
    """Return the weight as it is worked with: as said where that was in kg, else with one decimal."""
    return (
        number(figures.weight.kg, 1).removesuffix(".0")
        if figures.weight.unit is Unit.KG
        else number(figures.weight.kg, 1)
    )


def _weight(figures: Figures) -> Iterator[str]:
    exact = figures.weight.kg == shown(figures.weight.kg, 1)
    if figures.weight.unit is not Unit.KG or not exact:
        yield _say("converted", said=figures.weight.words, weight=number(figures.weight.kg, 1))


def _daily(figures: Figures, country: str | None) -> Iterator[str]:
    """Say the dose per kg, or the label's row where no dose is known."""
    if figures.mg_per_day is None or figures.mg_per_kg_day is None:
        if figures.taken_mg is None and figures.target_mg is None:
            yield from _label_row(figures)
            yield _say("for_whom")
        return
    rates = label().rates[figures.product]
    just_above = any(
        shown(figures.mg_per_kg_day, 2) == limit < figures.mg_per_kg_day
        for limit in (rates.usual_high, rates.adult_high)
    )  # 1.002 is above 1, and must not be shown as 1.00
    rate, dose = number(figures.mg_per_kg_day, 3 if just_above else 2), _mg(figures.mg_per_day)
    if figures.mg_per_day.denominator not in _DECIMAL and not figures.given_rate:
        yield _say("average", dose=dose)
    name = "from_rate" if figures.given_rate else "per_kg"
    dose = number(figures.mg_per_day, 1) if figures.given_rate else dose
    yield _say(name, dose=dose, rate=rate, weight=_kg(figures))
    yield _range(figures, country)


def _label_row(figures: Figures) -> Iterator[str]:
    rates = label().rates[figures.product]
    low, high, adult = (number(mg, 1) for mg in figures.label_mg_per_day)
    yield _say(
        "label_row_ld" if figures.product is Product.ABSORICA_LD else "label_row",
        weight=_kg(figures),
        low_rate=rates.low,
        high_rate=rates.usual_high,
        adult_rate=rates.adult_high,
        low=low,
        high=high,
        adult=adult,
    )


def _range(figures: Figures, country: str | None) -> str:
    """Return where the unrounded dose stands against the label (clinical reference, 3.5)."""
    rates = label().rates[figures.product]
    rate = figures.mg_per_kg_day or Fraction(0)
    values = {"low_rate": rates.low, "high_rate": rates.usual_high, "adult_rate": rates.adult_high}
    if rate > Fraction(rates.adult_high):
        return _say("outside", **values)
    if rate > Fraction(rates.usual_high):
        if figures.age is not None and figures.age < label().adult:
            return _say("above_young", **values)
        if figures.product is Product.ABSORICA_LD or country == "US":
            return _say("above_us", **values)
        return _say("above_uk" if country in _EUROPE else "above_both", **values)
    return _say("below" if rate < Fraction(rates.low) else "within", **values)


def _sum(periods: Sequence[Period]) -> str:
    """Return how the total came about: each dose times its days."""
    return " + ".join(f"{_mg(p.mg_per_day)} mg × {p.days} days" for p in periods)


def _total(figures: Figures, periods: Sequence[Period]) -> Iterator[str]:
    if figures.mixed:
        yield _say("mixed")
    if figures.taken_mg is None or figures.taken_mg_per_kg is None:
        return
    taken = number(figures.taken_mg, 0)
    how = _sum(periods) if periods else f"{taken} mg"
    yield _say("taken", sum=how, taken=taken, taken_rate=number(figures.taken_mg_per_kg, 1), weight=_kg(figures))
    if figures.start_weight:
        start = figures.start_weight.kg
        yield _say(
            "taken_start",
            start=number(start, 1).removesuffix(".0"),
            start_rate=number(mg_per_kg(figures.taken_mg, start), 1),
        )
    yield from _judged_total(figures.taken_mg_per_kg)


def _judged_total(rate: Fraction) -> Iterator[str]:
    low, high = label().cumulative
    if rate < Fraction(low):
        yield _say("total_below")
    elif rate <= Fraction(high):
        yield _say("total_within")
    else:
        yield _say("total_above")
        if rate > Fraction(label().cumulative_discussed):
            yield _say("total_high")


def _left(figures: Figures) -> Iterator[str]:
    """Say what is left: to the target that was named, else to either end of the often-used total, or what that is."""
    if figures.about_course and figures.taken_mg is None and figures.target_mg is None and figures.remaining_mg is None:
        low, high = figures.course_mg
        yield _say("course", weight=_kg(figures), low=number(low, 0), high=number(high, 0))
        yield _say("not_a_rule")
        return
    if figures.target_mg is not None and figures.target_mg_per_kg is not None:
        left = figures.target_remaining_mg or Fraction(0)
        yield _left_to(
            number(figures.target_mg_per_kg, 1).removesuffix(".0"),
            figures.target_mg,
            left,
            figures.target_days,
            figures,
        )
        yield _say("not_a_rule")
    elif figures.remaining_mg is not None and figures.wants_left:
        days: tuple[int | None, int | None] = figures.days_left or (None, None)
        for rate, total, left, wait in zip(
            label().cumulative, figures.course_mg, figures.remaining_mg, days, strict=True
        ):
            yield _left_to(str(rate), total, left, wait, figures)
        yield _say("not_a_rule")


def _left_to(rate: str, total: Fraction, left: Fraction, days: int | None, figures: Figures) -> str:
    values = {"rate": rate, "total": number(total, 0), "left": number(left, 0)}
    if left == 0:
        return _say("reached", **values)
    if days is None or figures.mg_per_day is None:
        return _say("left", **values)
    weeks = number(Fraction(days, 7), 1)
    return _say("left_days", **values, days=days, weeks=weeks, dose=_mg(figures.mg_per_day))


def _outside_table(figures: Figures) -> Iterator[str]:
    lightest, heaviest = label().table_weights
    if not lightest <= figures.weight.kg <= heaviest:
        yield _say("outside_table", weight=_kg(figures), lightest=lightest, heaviest=heaviest)


def _notes(figures: Figures) -> Iterator[str]:
    if figures.age is None and figures.mg_per_day is not None:
        yield _say("for_whom")
