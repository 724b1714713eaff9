"""The formulas of the clinical reference (3.2, 3.7): exact inside, rounded half up for display, days rounded up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isobot.dose.arithmetic import (
    KG_PER_LB,
    LB_PER_STONE,
    Period,
    days_back,
    days_for,
    kg_from_lb,
    kg_from_stone,
    mg_at,
    mg_per_kg,
    remaining_mg,
    shown,
    total_mg,
)


def periods(*pairs: tuple[int, int]) -> list[Period]:
    return [Period(Fraction(mg), days) for mg, days in pairs]


def test_the_constants_are_the_international_ones() -> None:
    assert Decimal("0.45359237") == KG_PER_LB
    assert kg_from_stone(Decimal(1)) == Decimal("6.35029318")
    assert LB_PER_STONE == 14


@pytest.mark.parametrize(
    ("pounds", "kg"),
    [("154", "69.85322498"), ("110", "49.8951607"), ("1", "0.45359237"), ("0.5", "0.226796185"), ("0", "0")],
)
def test_pounds_become_kilograms(pounds: str, kg: str) -> None:
    assert kg_from_lb(Decimal(pounds)) == Decimal(kg)


@pytest.mark.parametrize(
    ("stone", "pounds", "kg"),
    [
        ("10", "0", "63.5029318"),
        ("11", "4", "71.66759446"),
        ("9", "7", "60.32778521"),
        ("12.5", "0", "79.37866475"),
        ("8", "13.5", "56.925842435"),
    ],
)
def test_stone_and_pounds_become_kilograms(stone: str, pounds: str, kg: str) -> None:
    assert kg_from_stone(Decimal(stone), Decimal(pounds)) == Decimal(kg)


def test_stone_may_come_without_pounds() -> None:
    assert kg_from_stone(Decimal(11)) == kg_from_lb(Decimal(154))


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("24.95", 1, "25.0"),
        ("31.25", 1, "31.3"),
        ("31.35", 1, "31.4"),
        ("24.949", 1, "24.9"),
        ("0.125", 2, "0.13"),
        ("0.135", 2, "0.14"),
        ("2.5", 0, "3"),
        ("3.5", 0, "4"),
        ("99.95", 1, "100.0"),
        ("70", 1, "70.0"),
        ("0", 2, "0.00"),
        ("-2.5", 0, "-3"),
        ("-0.04", 1, "0.0"),
    ],
)
def test_display_rounds_half_up(value: str, places: int, expected: str) -> None:
    assert shown(Decimal(value), places) == Decimal(expected)
    assert shown(Fraction(value), places) == Decimal(expected)


@pytest.mark.parametrize(
    ("kg", "half", "one", "two"),
    [
        ("70", "35.0", "70.0", "140.0"),
        ("69.85322498", "34.9", "69.9", "139.7"),
        ("63.5029318", "31.8", "63.5", "127.0"),
        ("71.66759446", "35.8", "71.7", "143.3"),
        ("60.32778521", "30.2", "60.3", "120.7"),
        ("79.37866475", "39.7", "79.4", "158.8"),
        ("49.8951607", "24.9", "49.9", "99.8"),
        ("67.25", "33.6", "67.3", "134.5"),
        ("62.5", "31.3", "62.5", "125.0"),
        ("58.4", "29.2", "58.4", "116.8"),
    ],
)
def test_the_labels_row_is_rounded_from_the_exact_weight(kg: str, half: str, one: str, two: str) -> None:
    rates = (Fraction(1, 2), Fraction(1), Fraction(2))
    assert [str(shown(mg_at(rate, Decimal(kg)), 1)) for rate in rates] == [half, one, two]


@pytest.mark.parametrize(
    ("mg", "kg", "rate"),
    [
        (40, "72", "0.56"),
        (80, "72", "1.11"),
        (100, "72", "1.39"),
        (160, "72", "2.22"),
        (140, "70", "2.00"),
        (150, "70", "2.14"),
        (10, "80", "0.13"),
        (10, "60", "0.17"),
        (60, "90", "0.67"),
        (20, "48", "0.42"),
        (60, "45", "1.33"),
        (32, "50", "0.64"),
    ],
)
def test_a_dose_per_kilogram_is_shown_with_two_decimals(mg: int, kg: str, rate: str) -> None:
    assert str(shown(mg_per_kg(Fraction(mg), Decimal(kg)), 2)) == rate


@pytest.mark.parametrize(
    ("taken", "mg"),
    [
        ([], 0),
        ([(40, 90)], 3600),
        ([(20, 30), (40, 30), (60, 60)], 5400),
        ([(30, 28), (60, 84)], 5880),
        ([(20, 60), (30, 45)], 2550),
        ([(40, 0)], 0),
    ],
)
def test_a_total_is_each_dose_times_its_days(taken: list[tuple[int, int]], mg: int) -> None:
    assert total_mg(periods(*taken)) == mg


def test_a_total_of_averages_is_exact() -> None:
    assert total_mg([Period(Fraction(60, 7), 7)] * 3) == 180


@pytest.mark.parametrize(
    ("kg", "target", "taken", "dose", "left"),
    [
        ("65", 120, 3600, 40, (4200, 105)),
        ("65", 150, 3600, 40, (6150, 154)),
        ("70", 120, 5400, 60, (3000, 50)),
        ("70", 150, 5400, 60, (5100, 85)),
        ("69.85322498", 120, 5880, 60, (2502, 42)),
        ("69.85322498", 150, 5880, 60, (4598, 77)),
        ("90", 120, 0, 60, (10800, 180)),
        ("48", 120, 0, 20, (5760, 288)),
        ("52", 120, 2550, 40, (3690, 93)),
        ("100", 120, 0, 80, (12000, 150)),
        ("70", 120, 16000, 40, (0, 0)),
    ],
)
def test_what_is_left_takes_whole_days(kg: str, target: int, taken: int, dose: int, left: tuple[int, int]) -> None:
    rest = remaining_mg(mg_at(Fraction(target), Decimal(kg)), Fraction(taken))
    assert (shown(rest, 0), days_for(rest, Fraction(dose))) == left


@pytest.mark.parametrize(("mg", "dose", "days"), [(1, 40, 1), (40, 40, 1), (41, 40, 2), (0, 40, 0), (80, 40, 2)])
def test_days_are_rounded_up(mg: int, dose: int, days: int) -> None:
    assert days_for(Fraction(mg), Fraction(dose)) == days


def test_no_dose_lasts_for_no_number_of_days() -> None:
    with pytest.raises(ZeroDivisionError):
        days_for(Fraction(100), Fraction(0))


def test_more_than_the_target_leaves_nothing() -> None:
    assert remaining_mg(Fraction(7200), Fraction(9000)) == 0


@pytest.mark.parametrize(
    ("end", "months", "days", "expected"),
    [
        (date(2026, 11, 24), 3, 0, 92),
        (date(2026, 3, 31), 1, 0, 31),
        (date(2024, 3, 15), 1, 0, 29),
        (date(2026, 3, 15), 1, 0, 28),
        (date(2026, 11, 24), 0, 15, 15),
        (date(2026, 11, 24), 1, 15, 46),
        (date(2026, 11, 24), 0, 0, 0),
    ],
)
def test_months_go_back_on_the_calendar(end: date, months: int, days: int, expected: int) -> None:
    assert days_back(end, months=months, days=days) == expected


def test_years_go_back_on_the_calendar() -> None:
    assert days_back(date(2024, 12, 1), years=1) == 366
    assert days_back(date(2026, 12, 1), years=1) == 365


fractions = st.fractions(min_value=0, max_value=100_000, max_denominator=997)


@given(fractions, st.integers(min_value=0, max_value=4))
def test_what_is_shown_is_at_most_half_a_step_off(value: Fraction, places: int) -> None:
    off = Fraction(shown(value, places)) - value
    half = Fraction(1, 2) / 10**places
    assert -half < off <= half


@given(fractions, st.fractions(min_value=Fraction(1, 10), max_value=400, max_denominator=97))
def test_the_days_are_enough_and_a_day_less_is_not(mg: Fraction, dose: Fraction) -> None:
    days = days_for(mg, dose)
    assert days * dose >= mg
    assert days == 0 or (days - 1) * dose < mg


@given(
    st.decimals(min_value=1, max_value=25, places=1),
    st.decimals(min_value=0, max_value=13, places=1),
)
def test_stone_and_pounds_are_pounds_in_all(stone: Decimal, pounds: Decimal) -> None:
    assert kg_from_stone(stone, pounds) == kg_from_lb(stone * 14 + pounds)
