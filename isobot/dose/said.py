"""What a message says about weight, doses and days: plain data that travels as JSON."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from isobot.dose.arithmetic import Period
from isobot.dose.label import Product


class Unit(StrEnum):
    """The unit in which a weight was said."""

    KG = "kg"
    LB = "lb"
    STONE = "stone"


class Problem(StrEnum):
    """Why a number can't be used as it stands; each is asked back with words of its own."""

    HEIGHT = "height"  # "5'8", "172 cm"
    STONE_POUNDS = "stone_pounds"  # "11 st 16 lb"
    SEPARATOR = "separator"  # "1,200 kg"
    NOT_POSITIVE = "not_positive"  # "-70 kg", "0 kg"
    MICROGRAMS = "micrograms"
    GRAMS = "grams"
    FUTURE = "future"  # a day that has not come yet
    REVERSED = "reversed"  # from a later day to an earlier one
    NO_SUCH_DAY = "no_such_day"  # the 30th of February
    OVERLAP = "overlap"  # two periods share days
    TOO_LONG = "too_long"
    MISSED_TOO_MANY = "missed_too_many"
    DAYS = "days"  # a total so far is asked for, but not of how many days
    UNCLEAR_DAYS = "unclear_days"  # more is said of days and doses than is read
    UNREAD = "unread"  # numbers beside a weight or a dose that nothing was made of
    SEVERAL_DOSES = "several_doses"  # nobody says which one counts
    PERIOD_DOSE = "period_dose"  # days without a dose
    READ_BACK = "read_back"  # put together from a story: is it right?


class Wish(StrEnum):
    """What is asked for beside the plain sums."""

    HAD = "had"  # so far, in plain words
    TAKEN = "taken"  # a total
    LEFT = "left"
    COURSE = "course"  # what the often-used total for a course comes to
    CHOICE = "choice"  # which dose to take, or to go up: not ours to say
    CATCH_UP = "catch_up"


class Refusal(StrEnum):
    """Why nothing is calculated."""

    IMPLAUSIBLE_WEIGHT = "implausible_weight"
    IMPLAUSIBLE_DOSE = "implausible_dose"
    UNDER_12 = "under_12"
    PREGNANCY = "pregnancy"
    BREASTFEEDING = "breastfeeding"
    NO_PRESCRIBER = "no_prescriber"
    OTHER_DRUG = "other_drug"
    NOT_HUMAN = "not_human"


@dataclass(frozen=True)
class Weight:
    """A body weight as it was said.

    Attributes:
        kg: in kilograms, unrounded.
        words: as it was said, for repeating it: "11 st 4 lb".
        unit: the unit in which it was said.
    """

    kg: Decimal
    words: str
    unit: Unit


@dataclass(frozen=True)
class Said:
    """What one message, or a conversation so far, says about a dose.

    Attributes:
        weights: body weights with a unit, in order; the last one is the present one.
        weight_number: a weight without a unit.
        mg_per_day: the present daily dose in mg; an average where it alternates.
        mg_per_kg_day: a daily rate.
        periods: doses so far, in order, without the days that were missed.
        mg_taken: a total in mg that was counted otherwise (capsules, boxes).
        target_mg_per_kg, target_mg: what the whole course is to come to.
        wants_target: a target is spoken of, but not which.
        age: in years.
        of_a_child: a child is spoken of without an age.
        maybe_under_12: words tell of a young child without an age.
        product: None where it is not named.
        mixed_products: the history holds both products.
        wishes: what is asked for.
        refusals: why nothing is to be calculated.
        problems: numbers that can't be used.
        weight_changed: the weights are earlier and present ones of the same person.
        numbers: other numbers, in order; they have no unit.
        days_only: days were said without a dose.
        missed_days: days were missed of periods that were said before.
        unclear: it is not known which of several doses counts, or how often one is taken.
        read_back: the total is put together from a story, and nobody has said yet that it was read right.
    """

    weights: tuple[Weight, ...] = ()
    weight_number: Decimal | None = None
    mg_per_day: Fraction | None = None
    mg_per_kg_day: Decimal | None = None
    periods: tuple[Period, ...] = ()
    mg_taken: Fraction | None = None
    target_mg_per_kg: Decimal | None = None
    target_mg: Decimal | None = None
    wants_target: bool = False
    age: int | None = None
    of_a_child: bool = False
    maybe_under_12: bool = False
    product: Product | None = None
    mixed_products: bool = False
    wishes: tuple[Wish, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    problems: tuple[Problem, ...] = ()
    weight_changed: bool = False
    numbers: tuple[Decimal, ...] = ()
    days_only: int = 0
    missed_days: int = 0
    unclear: bool = False
    read_back: bool = False

    @property
    def has_amount(self) -> bool:
        """Whether any dose, rate or total is said."""
        return any(
            x is not None for x in (self.mg_per_day, self.mg_per_kg_day, self.mg_taken, self.target_mg_per_kg)
        ) or bool(self.periods)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data without what is empty."""
        found: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                found[field.name] = _plain(value)
        return found

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Said:
        """Return what `as_dict` gave."""
        return replace(cls(), **{k: _READERS.get(k, lambda x: x)(v) for k, v in data.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Weight):
        return {"kg": str(value.kg), "words": value.words, "unit": value.unit.value}
    if isinstance(value, Period):
        return {"mg_per_day": str(value.mg_per_day), "days": value.days}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Decimal | Fraction | StrEnum) else value


_READERS: dict[str, Any] = {
    "weights": lambda v: tuple(Weight(Decimal(w["kg"]), w["words"], Unit(w["unit"])) for w in v),
    "weight_number": Decimal,
    "mg_per_day": Fraction,
    "mg_per_kg_day": Decimal,
    "periods": lambda v: tuple(Period(Fraction(p["mg_per_day"]), p["days"]) for p in v),
    "mg_taken": Fraction,
    "target_mg_per_kg": Decimal,
    "target_mg": Decimal,
    "product": Product,
    "wishes": lambda v: tuple(map(Wish, v)),
    "refusals": lambda v: tuple(map(Refusal, v)),
    "problems": lambda v: tuple(map(Problem, v)),
    "numbers": lambda v: tuple(map(Decimal, v)),
}
