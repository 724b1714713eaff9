"""Spans between dates: both days count, a missing year is the last one, days to come and reversed ones are told."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isobot.dose.dates import Span, find_spans
from isobot.dose.quantities import digits
from isobot.dose.reader import read
from isobot.dose.said import Problem

TODAY = date(2026, 11, 24)


def spans(message: str, today: date = TODAY, *, month_first: bool = False) -> list[Span]:
    return find_spans(digits(message), today, month_first=month_first)


def only(message: str, today: date = TODAY, *, month_first: bool = False) -> Span:
    (span,) = spans(message, today, month_first=month_first)
    return span


@pytest.mark.parametrize(
    ("message", "days"),
    [
        ("from 1 March to 31 May", 92),
        ("1 March 2026 - 31 May 2026", 92),
        ("01/03/2026 - 31/05/2026", 92),
        ("from 01.03.26 to 31.05.26", 92),
        ("from March to May", 92),
        ("May to July", 92),
        ("between 1 June and 10 June", 10),
        ("from 1st of June 2026 until 30th of June 2026", 30),
        ("march 5 to april 2", 29),
        ("from 1 June to 1 June", 1),
        ("from 1 Nov to now", 24),
        ("from 1 Nov until today", 24),
        ("from 1 January to yesterday", 327),
        ("from November 2025 to February 2026", 120),
    ],
)
def test_the_first_and_the_last_day_both_count(message: str, days: int) -> None:
    span = only(message)
    assert (span.days, span.problem) == (days, None)


@pytest.mark.parametrize(
    ("message", "first"),
    [
        ("since 1 August", date(2026, 8, 1)),
        ("since August", date(2026, 8, 1)),
        ("since November", date(2026, 11, 1)),
        ("since the start of September", date(2026, 9, 1)),
        ("started on 3 October", date(2026, 10, 3)),
        ("began taking it in October", date(2026, 10, 1)),
        ("I started accutane on the 3rd of October 2026", date(2026, 10, 3)),
        ("since yesterday", date(2026, 11, 23)),
        ("since today", TODAY),
    ],
)
def test_a_span_without_an_end_goes_on_until_today(message: str, first: date) -> None:
    span = only(message)
    assert (span.first, span.last) == (first, TODAY)
    assert span.open_ended


@pytest.mark.parametrize(
    ("message", "today", "days"),
    [
        ("from 10 Feb 2024 to 10 March 2024", TODAY, 30),
        ("from 10 Feb 2026 to 10 March 2026", TODAY, 29),
        ("from February to March", date(2024, 11, 24), 60),
        ("from February to March", date(2023, 11, 24), 59),
        ("since 29 February", date(2024, 3, 1), 2),
        ("since February", date(2024, 3, 1), 30),
    ],
)
def test_a_leap_year_has_a_day_more(message: str, today: date, days: int) -> None:
    assert only(message, today).days == days


@pytest.mark.parametrize(
    ("message", "today", "first", "last"),
    [
        ("since 1 December", TODAY, date(2025, 12, 1), TODAY),
        ("since 25 November", TODAY, date(2025, 11, 25), TODAY),
        ("since 24 November", TODAY, TODAY, TODAY),
        ("from 1 December to 31 January", TODAY, date(2025, 12, 1), date(2026, 1, 31)),
        ("from 1 December to 31 January", date(2026, 12, 20), date(2025, 12, 1), date(2026, 1, 31)),
        ("from 1 December to 31 January", date(2027, 2, 1), date(2026, 12, 1), date(2027, 1, 31)),
        ("from December to January", date(2027, 2, 1), date(2026, 12, 1), date(2027, 1, 31)),
        ("from 1 March 2026 to 31 March", TODAY, date(2026, 3, 1), date(2026, 3, 31)),
    ],
)
def test_a_date_without_a_year_is_the_last_such_day(message: str, today: date, first: date, last: date) -> None:
    span = only(message, today)
    assert (span.first, span.last, span.problem) == (first, last, None)


@pytest.mark.parametrize(
    "message", ["since 1 December 2026", "from 5 January 2027 to 6 January 2027", "since 25/11/2026"]
)
def test_a_day_to_come_is_told(message: str) -> None:
    assert only(message).problem is Problem.FUTURE
    assert Problem.FUTURE in read(f"70 kg, 40 mg {message}", TODAY).problems


@pytest.mark.parametrize("message", ["from 1 May 2026 to 1 March 2026", "20/05/2026 to 19/05/2026"])
def test_a_reversed_span_is_told(message: str) -> None:
    assert only(message).problem is Problem.REVERSED
    assert Problem.REVERSED in read(f"70 kg, 40 mg {message}", TODAY).problems


@pytest.mark.parametrize(
    ("message", "day_first", "month_first"),
    [
        ("since 03/04/2026", date(2026, 4, 3), date(2026, 3, 4)),
        ("since 3.4.2026", date(2026, 4, 3), date(2026, 3, 4)),
        ("since 03/04/26", date(2026, 4, 3), date(2026, 3, 4)),
        ("since 13/04/2026", date(2026, 4, 13), date(2026, 4, 13)),
        ("since 04/13/2026", date(2026, 4, 13), date(2026, 4, 13)),
        ("since 3 April 2026", date(2026, 4, 3), date(2026, 4, 3)),
    ],
)
def test_the_month_comes_first_only_where_it_is_said_to(message: str, day_first: date, month_first: date) -> None:
    assert only(message).first == day_first
    assert only(message, month_first=True).first == month_first


def test_the_month_first_reaches_the_reader() -> None:
    message = "40 mg from 03/04/2026 to 05/04/2026, 70 kg"
    assert [p.days for p in read(message, TODAY).periods] == [3]
    assert [p.days for p in read(message, TODAY, month_first=True).periods] == [62]


@pytest.mark.parametrize(
    "message",
    ["no dates at all", "I may start soon", "from Monday to Friday"],
)
def test_what_is_no_date_gives_no_span(message: str) -> None:
    assert spans(message) == []


@pytest.mark.parametrize(
    "message", ["since 13/25/2026", "from 31 February to 3 March", "from 1 Feb 2026 to 29 Feb 2026"]
)
def test_a_day_that_is_not_in_the_calendar_is_a_problem(message: str) -> None:
    assert only(message).problem is Problem.NO_SUCH_DAY


def test_dates_in_iso_form_are_year_month_day() -> None:
    assert only("from 2026-02-01 to 2026-02-28").days == 28


def test_an_open_span_ends_where_the_next_one_begins() -> None:
    first, second = spans("20 mg from 1 July, 40 from 1 August")
    assert (first.first, first.last, first.days) == (date(2026, 7, 1), date(2026, 7, 31), 31)
    assert (second.first, second.last) == (date(2026, 8, 1), TODAY)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("from 1 July to 31 July", "from 15 July to 31 August", True),
        ("from 1 July to 31 August", "from 10 July to 12 July", True),
        ("from 1 July to 31 July", "from 1 August to 31 August", False),
        ("from 1 July to 31 July", "from 31 July to 31 August", False),  # one ends on the day the other begins
    ],
)
def test_periods_that_share_days_are_told(one: str, other: str, shared: bool) -> None:
    said = read(f"70 kg, 20 mg {one} and 40 mg {other}", TODAY)
    assert (Problem.OVERLAP in said.problems) is shared


def test_days_between_dates_become_a_period() -> None:
    (period,) = read("30 mg from 1 March to 31 May, 70 kg", TODAY).periods
    assert (period.mg_per_day, period.days) == (Fraction(30), 92)


@pytest.mark.parametrize("message", ["on 40 mg 1 March 2026 - 31 May 2026", "took it from 1 June to 10 June."])
def test_a_span_knows_its_place(message: str) -> None:
    text = digits(message)
    span = only(message)
    assert span.places == ((span.start, span.end),)
    assert text[span.start : span.end].strip() == span.words


days_past = st.dates(min_value=date(2020, 1, 1), max_value=TODAY)


@settings(deadline=None)
@given(days_past, days_past, st.booleans())
def test_written_dates_are_read_as_they_are(one: date, other: date, by_name: bool) -> None:
    first, last = sorted((one, other))
    style = "%d %B %Y" if by_name else "%d/%m/%Y"
    span = only(f"from {first.strftime(style)} to {last.strftime(style)}")
    assert (span.first, span.last, span.problem) == (first, last, None)
    assert span.days == (last - first).days + 1
