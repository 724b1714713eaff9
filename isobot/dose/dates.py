"""Finds spans between dates in a text: "since 1 August", "from 1 March to 31 May", "01/03/2026 - 31/05/2026".

Dates are read by dateutil. Both the first and the last day count, as a capsule is taken on both; a span that goes on
until now counts today. A date without a year is the last such day; a month without a day is the whole month.
"""

from __future__ import annotations

import itertools
import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dateutil import parser
from dateutil.relativedelta import relativedelta

from isobot.dose.said import Problem

MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = (
    r"(?:20\d\d-\d\d-\d\d"
    r"|\d{1,2}[/.]\d{1,2}[/.](?:20)?\d\d"
    rf"|(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTHS}\b\.?(?:,? ?20\d\d)?"
    rf"|{MONTHS}\.? (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?! ?(?:mg|kg|lb|days?\b))(?:,? ?20\d\d)?"
    rf"|{MONTHS}\b\.?(?:,? ?20\d\d)?"
    r"|yesterday|today|now)"
)
_FROM_TO = re.compile(
    rf"\b(?:from |between |since )?(?:the )?(?:start of |beginning of )?(?P<first>{_DATE})"
    rf"(?: ?(?:-|to|until|till|through|thru|up to|and) ?)(?:the )?(?:end of )?(?P<last>{_DATE})(?![a-z])"
)
_SINCE = re.compile(
    rf"\b(?P<since>since|from|(?:started|start|began|starting|begun)(?: (?:it|them|taking it|accutane|roaccutane))?"
    r"(?: on| in)?"
    rf"|(?:started|began|start|went on|put on|took)\b[^.;]{{0,45}}? on(?= (?:the )?{_DATE}))"
    rf" (?:the )?(?:start of |beginning of )?(?P<first>{_DATE})(?: (?:until|till|to|up to) (?:now|today|this morning))?"
)


@dataclass(frozen=True)
class Span:
    """Days between two dates.

    Attributes:
        first, last: the dates, both counted.
        start, end: where it stands in the text.
        words: as it stands there.
        problem: why it can't be used, or None.
        places: the parts of the text that its words take.
        open_ended: it goes on until the next one begins, or until today.
    """

    first: date
    last: date
    start: int
    end: int
    words: str
    problem: Problem | None = None
    places: tuple[tuple[int, int], ...] = ()
    open_ended: bool = False

    def overlaps(self, other: Span) -> bool:
        """Return whether both share days, but for the one on which one ends and the other begins."""
        return self.first <= other.last and other.first <= self.last and self.last != other.first

    @property
    def days(self) -> int:
        """How many days, the first and the last included."""
        return (self.last - self.first).days + 1


def find_spans(text: str, today: date, *, month_first: bool = False) -> list[Span]:
    """Return the spans that stand in a text, in order.

    Args:
        text: lower case, with digits.
        today: what "since" goes up to.
        month_first: "03/04/2026" is the 4th of March, as in the US.
    """
    found: list[Span] = []
    for pattern in (_FROM_TO, _SINCE):
        for match in pattern.finditer(text):
            if any(match.start() < s.end and s.start < match.end() for s in found):
                continue
            if span := _span(match, today, month_first):
                found.append(span)
    found.sort(key=lambda s: s.start)
    for k, (span, following) in enumerate(itertools.pairwise(found)):
        if span.open_ended and span.first < following.first and not span.problem:
            found[k] = replace(span, last=following.first - timedelta(days=1))  # "20 mg from 1 July, 40 from 1 August"
    return found


def _span(match: re.Match[str], today: date, month_first: bool) -> Span | None:
    """Return the span of a match, or None where it holds no date ("may", the verb)."""
    groups = match.groupdict()
    if groups["first"] == "may" and groups.get("last") is None and not match.group().startswith(("since", "from")):
        return None
    last = _day(groups["last"], today, month_first, ends=True) if groups.get("last") else today
    first = _day(groups["first"], max(last or today, today) if groups.get("last") else today, month_first, ends=False)
    if first is None or last is None:  # the 29th of February in another year
        words, place = match.group().strip(), (match.start(), match.end())
        return Span(today, today, *place, words, Problem.NO_SUCH_DAY, places=(place,))
    if groups.get("last") and not _has_year(groups["first"]) and first > last and not _has_year(groups["last"]):
        last = last + relativedelta(years=1) if last + relativedelta(years=1) <= today else last
        first = first if first <= last else first - relativedelta(years=1)
    problem = Problem.FUTURE if max(first, last) > today else Problem.REVERSED if first > last else None
    started = groups.get("since") not in (None, "since", "from")  # "started 20 mg on 1 July": a dose may stand between
    start = match.start("first") if started else match.start()
    words = match.group()[start - match.start() :].strip()
    span = Span(first, last, start, match.end(), words, problem, open_ended=groups.get("last") is None)
    return replace(span, places=((start, match.end()),))


def _has_year(words: str) -> bool:
    return bool(re.search(r"20\d\d|[/.]\d\d$", words))


def _day(words: str, today: date, month_first: bool, *, ends: bool) -> date | None:
    """Return the day that `words` name: without a year the last such day up to `today`; a month's first or last day."""
    if words in ("today", "now"):
        return today
    if words == "yesterday":
        return today - timedelta(days=1)
    plain = re.sub(r"\b(?:the|of)\b", " ", words)
    iso = bool(re.match(r"20\d\d-", words))
    try:
        day = parser.parse(
            plain, dayfirst=not month_first and not iso, yearfirst=iso, default=datetime(today.year, 1, 1)
        ).date()
    except (ValueError, OverflowError):
        return None
    whole_month = not re.search(r"\d{1,2}(?!\d)(?<!20\d\d)", re.sub(r"20\d\d", "", plain))
    if (
        not _has_year(words)
        and day > today
        and not (whole_month and (day.year, day.month) <= (today.year, today.month))
    ):
        day -= relativedelta(years=1)
    if whole_month and ends:
        day = day.replace(day=monthrange(day.year, day.month)[1])
        if (day.year, day.month) == (today.year, today.month):
            day = min(day, today)
    return day
