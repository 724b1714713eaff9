"""Dose arithmetic in decimals: conversions, mg per kg, totals over periods, days to a target. Pure functions.

Full precision inside; `shown` rounds half up, for display only. 1 lb is 0.45359237 kg (international pound,
exact), 1 stone is 14 lb. Totals are over calendar days, less those missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from dateutil.relativedelta import relativedelta

KG_PER_LB = Decimal("0.45359237")
LB_PER_STONE = 14
OUNCES_PER_LB = 16


@dataclass(frozen=True)
class Period:
    """So many days on one daily dose.

    Attributes:
        mg_per_day: the daily dose, in mg; an average where it alternates.
        days: how many days, without those missed.
    """

    mg_per_day: Fraction
    days: int


def kg_from_lb(pounds: Decimal) -> Decimal:
    """Return a weight in kg."""
    return pounds * KG_PER_LB


def kg_from_stone(stone: Decimal, pounds: Decimal = Decimal(0)) -> Decimal:
    """Return a weight in kg from stone and pounds."""
    return (stone * LB_PER_STONE + pounds) * KG_PER_LB


def mg_per_kg(mg: Fraction, weight_kg: Decimal) -> Fraction:
    """Return mg for each kg of body weight; exact, as a fraction."""
    return mg / Fraction(weight_kg)


def mg_at(rate: Fraction, weight_kg: Decimal) -> Fraction:
    """Return the mg that a rate (mg per kg) comes to."""
    return rate * Fraction(weight_kg)


def total_mg(periods: Iterable[Period]) -> Fraction:
    """Return the mg taken over periods."""
    return sum((p.mg_per_day * p.days for p in periods), Fraction(0))


def remaining_mg(target_mg: Fraction, taken_mg: Fraction) -> Fraction:
    """Return the mg that are left to a target; 0 where it is reached."""
    return max(Fraction(0), target_mg - taken_mg)


def days_for(mg: Fraction, mg_per_day: Fraction) -> int:
    """Return how many whole days `mg` lasts at a daily dose, rounded up.

    Raises:
        ZeroDivisionError: when the daily dose is 0.
    """
    return -((-mg) // mg_per_day)


def days_back(end: date, *, years: int = 0, months: int = 0, days: int = 0) -> int:
    """Return how many calendar days lie between `end` and so many calendar months or days before it."""
    return (end - (end - relativedelta(years=years, months=months) - timedelta(days=days))).days


def shown(value: Fraction | Decimal, places: int) -> Decimal:
    """Return a value rounded half up to `places` decimals: 24.95 -> 25.0."""
    exact = Fraction(value) * 10**places
    whole = (exact + Fraction(1, 2)).__floor__() if exact >= 0 else -((-exact + Fraction(1, 2)).__floor__())
    return Decimal(whole).scaleb(-places)
