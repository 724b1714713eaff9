"""Finds quantities in a message: weights, milligrams, rates, days, heights, ages and bare numbers, in order.

Units are read by patterns of our own (see numbers.py for the libraries that were tried); the words in them stand in
words.yml. Patterns are tried in turn, from the most telling to a bare number; what one has taken is hidden from the
next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from isobot.dose.arithmetic import LB_PER_STONE, OUNCES_PER_LB
from isobot.dose.dates import MONTHS
from isobot.dose.numbers import NUMBER_WORDS, in_digits
from isobot.dose.words import words
from isobot.text.medicines import own_names
from isobot.text.spelling import Speller


class Kind(StrEnum):
    """What a number in a text is."""

    KG = "kg"
    LB = "lb"
    STONE = "stone"
    RATE = "rate"  # mg per kg of body weight
    RANGE = "range"  # from one rate to another, or the often-used total: nothing to calculate with
    DOSE = "dose"  # mg a day
    MG = "mg"  # mg, nobody says how often
    CAPSULES = "capsules"  # a number of capsules times their strength: a total
    TIMES = "times"  # how often a day a dose is taken, as a factor
    UNSURE_DAYS = "unsure_days"  # "4 to 5 months"
    UNSURE_DOSE = "unsure_dose"  # "20 to 40 mg"
    COUNT = "count"  # how many capsules a day, their strength stands elsewhere
    DAYS = "days"
    FROM_TO = "from_to"  # days between two dates
    HEIGHT = "height"
    AGE = "age"
    SEPARATOR = "separator"
    NEGATIVE = "negative"
    MICROGRAMS = "micrograms"
    GRAMS = "grams"
    OTHER = "other"  # hours, percentages: nothing of ours
    NUMBER = "number"


@dataclass(frozen=True)
class Item:
    """A quantity.

    Attributes:
        kind: what it is.
        value: its number in the unit of its kind; stone: in pounds; days: `unit` says of what.
        start, end: where it stands in the text with digits.
        words: as it stands there.
        unit: of a duration: "day", "week", "month" or "year".
        odd: a stone weight that can be read in two ways.
        more: of a duration in two units, the second: value and unit.
    """

    kind: Kind
    value: Fraction
    start: int
    end: int
    words: str
    unit: str = ""
    odd: bool = False
    more: tuple[tuple[Fraction, str], ...] = ()


_Read = Callable[[re.Match[str]], tuple[Fraction, str, bool]]  # value, unit, odd
_UNIT_WORD = re.compile(r"(?<=\d)( ?)([a-z]{4,})\b")
_YEAR_OLD = re.compile(r"-year-olds?\b", re.IGNORECASE)
_FORTY = re.compile(r"\bfourty\b")  # so common that the speller takes it for a word
_YEARS_OLD = re.compile(r" ?\by[/.]o\b\.?")  # "11 y/o": the speller would make words of it
_RUN_ON = re.compile(r"(?<=[a-z ])[.,](?=\d)|(?<=[a-z])\.(?=mg)")  # "60kg.40mg"
_LONG_WORD = 8  # letters; from here on two slips are repaired
_UNITS_OF_TIME = ("day", "week", "month", "year", "fortnight")
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "another": 1, "the same": 1}


def digits(message: str) -> str:
    """Return the text in which items are found: lower case, numbers in digits, units repaired."""
    message = _YEAR_OLD.sub(" year old", message)
    text = in_digits(_speller().repair(_FORTY.sub("forty", _YEARS_OLD.sub(" yo", message.lower()))))
    return _UNIT_WORD.sub(_repaired, _RUN_ON.sub(lambda m: m.group() + " ", text))


@lru_cache(maxsize=1)
def _speller() -> Speller:
    """Return what repairs slips towards the words that the calculator reads by."""
    return Speller(dict.fromkeys([*words().vocabulary, *NUMBER_WORDS, *own_names()], 9))


def _repaired(match: re.Match[str]) -> str:
    """Return a number and the word after it, as the unit that it most likely is: "70 killos" -> "70 kilos"."""
    word = match.group(2)
    table = words()
    if word in table.repair_towards or word in table.repair_never:
        return match.group()
    slips = 1 if len(word) < _LONG_WORD else 2
    best = process.extractOne(word, table.repair_towards, scorer=OSA.distance, score_cutoff=slips)
    return match.group(1) + (best[0] if best else word)


def find(text: str) -> list[Item]:
    """Return the quantities in a text with digits (see `digits`), in order; dates are not among them."""
    return sorted(_find(text), key=lambda i: i.start)


def _find(text: str) -> Iterator[Item]:
    for kind, pattern, read in _patterns():
        for match in pattern.finditer(text):
            value, unit, odd = read(match)
            yield Item(kind, value, match.start(), match.end(), match.group().strip(), unit, odd)
        text = pattern.sub(lambda m: "\x00" * len(m.group()), text)


def _number(text: str) -> Fraction:
    return Fraction(Decimal(text))


def _plain(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    return _number(match.group("n")), "", False


def _nothing(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    return Fraction(0), "", True


def _stone(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    pounds = _number(match.group("lb") or match.group("bare_lb") or "0")
    number = _number(match.group("n"))
    unclear = number * 4 != int(number * 4)  # "11.4 stone": 11 st 4 lb, or four tenths?
    return number * LB_PER_STONE + pounds, "", unclear or pounds >= LB_PER_STONE


def _pounds(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    ounces = _number(match.group("oz"))
    return _number(match.group("n")) + ounces / OUNCES_PER_LB, "", ounces >= OUNCES_PER_LB


def _duration(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    groups = match.groupdict()
    unit = next(u for u in _UNITS_OF_TIME if re.fullmatch(words().units[u], groups.get("unit") or "day"))
    number = _number(groups["n"]) if groups.get("n") else Fraction(1, 2) if groups.get("half") else Fraction(1)
    return (number * 2, "week", False) if unit == "fortnight" else (number, unit, False)


def _numbers(match: re.Match[str]) -> list[Fraction]:
    found = ((k, v) for k, v in sorted(match.groupdict().items()) if v)
    return [Fraction(_COUNTS[v]) if v in _COUNTS else _number(v) for _, v in found]


def _sum(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    return sum(_numbers(match), Fraction(0)), "", False


def _mean(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    numbers = _numbers(match)
    return sum(numbers, Fraction(0)) / len(numbers), "", False


def _counted(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    groups = match.groupdict()
    first, second = (Fraction(_COUNTS[v]) if v in _COUNTS else _number(v) for v in (groups["a"], groups["b"]))
    return (first + second) * _number(groups["s"]), "", False


def _mean_of_days(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    one, other, first, second = _numbers(match)  # two doses, then on how many days each
    return (one * first + other * second) / (first + second), "", False


def _product(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    value = Fraction(1)
    for number in _numbers(match):
        value *= number
    return value, "", False


_WEEKDAY = r"\b(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)(?:day|nesday|sday|rsday|urday|r?day)?s?\b"
_WEEKDAYS = rf"{_WEEKDAY}(?:(?: ?[,/&+] ?| and | )*{_WEEKDAY})*"
_DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK = len(_DAY_NAMES)


def _on_days(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    return Fraction(len({d[:3] for d in re.findall(_WEEKDAY, match.group("days"))}), _WEEK), "", False


def _but_days(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    return 1 - _on_days(match)[0], "", False


def _from_day(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    first, last = (_DAY_NAMES.index(match.group(name)[:3]) for name in ("first", "last"))
    return Fraction((last - first) % _WEEK + 1, _WEEK), "", False


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[Kind, re.Pattern[str], _Read], ...]:
    """Return the patterns in the order in which they are tried."""
    unit = words().units
    n = r"(?:\d{1,7}(?:\.\d{1,6})?)"
    new = r"(?<![\d.,/])"  # no part of a longer number
    mg, kg, lb, stone, caps = (unit[u] + r"(?![a-z])" for u in ("mg", "kg", "lb", "stone", "capsules"))
    time = "|".join(unit[u] for u in _UNITS_OF_TIME)
    per = r"(?: ?/ ?| per | pr | p | a | an | for each | for every | each | to the | every | by )"
    day = r"(?:(?: ?/ ?| a | per | each | every | )?(?:day|d|night|24 ?h(?:ours?|rs?)?)|(?: once)? daily)\b"
    join = r"(?: ?[,;+&] ?| and | then | plus | with | , and | )(?:a |another |one |then )?"
    take = r"(?:i take |i have |it's |its |on )?"
    no_pounds = rf"(?! ?(?:{mg}|{kg}|cm|%|x|yo|y/o|(?:{time})(?![a-z])|am\b|pm\b|{caps}|a day|daily|times|ft|foot|feet|oz|[/:-]\d))"

    def dose(name: str) -> str:
        return rf"(?P<{name}>{n}) ?(?:{mg})?"

    return tuple(
        (kind, re.compile(pattern), read)
        for kind, pattern, read in (
            (
                Kind.OTHER,
                r"[£$€] ?\d[\d.,]*|\b(?:paid|pay|costs?|price is|charged)(?: me| about| around)? \d[\d.,]* ?(?:pounds?|quid|euros?|dollars?|bucks)?",
                _nothing,
            ),
            (Kind.SEPARATOR, rf"{new}(?P<n>\d{{1,3}}),\d{{3}}(?![\d,]) ?(?:{kg}|{lb})", _plain),
            (
                Kind.NEGATIVE,
                rf"(?:(?<=\s)|^|(?<=[:(]))(?:- ?|minus |negative )(?P<n>{n}) ?(?:{kg}|{lb}|{stone}|{mg})"
                rf"|(?:(?<=\s)|^)(?:-|negative |(?<=for )minus )(?P<days>{n}) (?=days?|weeks?|months?|doses?)",
                _nothing,
            ),
            (
                Kind.AGE,
                rf"\b(?:age|aged|age:|age is)(?: of)? ?(?P<n>\d{{1,2}})\b(?! ?(?:{kg}|{lb}|{mg}|weeks?|months?))",
                _plain,
            ),
            (
                Kind.AGE,
                rf"\b(?:boy|girl|boys|girls|sons|son|daughter|child|kid|brother|sister|sis|bro|twins?)(?:'s| is| are| of|, aged?|,| \()? ?(?:only |just )?(?P<n>\d{{1,2}})\b"
                rf"(?! ?(?:{kg}|{lb}|{stone}|{mg}|%|weeks?|months?|days?|years? ago|\.\d|,\d))",
                _plain,
            ),
            (
                Kind.AGE,
                r"\b(?:he|she|son|daughter|boy|girl|boys|girls|kid|kids)\b[^.;\d]{0,15}?(?P<n>\d{1,2}) ?(?:years|yrs)\b(?! ?ago)",
                _plain,
            ),
            (Kind.AGE, r"\bturned (?P<n>\d{1,2})\b(?! ?(?:kg|kilo|mg|lb|st|pounds))", _plain),
            (Kind.AGE, r"(?<![\d.])(?P<n>1?\d) ?(?:yrs?)\b(?! ?(?:ago|on|of|in|now|since|later))", _plain),
            (
                Kind.AGE,
                r"\b(?:he|she|he's|she's)(?: is)? (?P<n>\d{1,2}\.(?:75|25|5))\b(?! ?(?:kg|kilo|mg|lb|st))",
                _plain,
            ),
            (Kind.AGE, r"\b(?P<n>\d{1,2}) ?-? ?(?:(?:years?|yrs?)[ -]?old|yo|y/o|y\.o\.?)\b", _plain),
            (
                Kind.HEIGHT,
                rf"\b\d ?' ?\d{{1,2}}\b ?(?:\"|'')?(?! ?{stone})"
                rf"|\b\d ?(?:ft|foot|feet)(?![a-z])\.?(?: ?\d{{1,2}}(?:\.5)?\b(?! ?(?:{kg}|{lb}|{stone}|{mg}))"
                r"(?: ?(?:in|ins|inch|inches|\"))?)?"
                r"|\b1\d\d ?(?:cms?|centimet\w+)\b|\b1\.\d\d? ?(?:m|met(?:re|er)s?)\b|\b1 ?m ?\d\d\b|\b1\.[4-9]\d\b(?! ?mg)|\b\d{2} ?(?:inches|in tall)\b",
                _nothing,
            ),
            (
                Kind.TIMES,
                r"(?:(?<=mg)|(?<=capsules)|(?<=caps)|(?<=tablets)|(?<=pills)|(?<=\d)) (?:(?:a|per|each|every) week|weekly)\b",
                lambda m: (Fraction(1, _WEEK), "", False),
            ),
            # Rates before weights and mg: "0.5 mg/kg", "0.75 per kilo", "1 mg a kilo"
            (
                Kind.RANGE,
                rf"{new}{n} ?(?:{mg})?(?:{per}{kg})? ?(?:-|to|and|or|/|&) ?{n} ?(?:{mg})?{per}(?:1 ?|one )?{kg}(?:{day})?"
                r"|\b120 ?(?:-|to|and|or|/|&) ?150\b"
                rf"|{new}0?\.\d+ ?(?:-|to|and|or) ?[12]?(?:\.\d+)?(?![\d.])(?! ?(?:{mg}|{kg}|{lb}))",
                _nothing,
            ),
            (
                Kind.RATE,
                rf"{new}(?P<n>{n})(?: ?(?:{unit['mg']})|(?<![4-9])(?<!\d[\d.]))?{per}(?:1 ?|one )?{kg}(?:{day})?",
                _plain,
            ),
            (
                Kind.RATE,
                rf"(?:{unit['mg']}){per}{kg}(?:{day})? (?:of|is|at|=|:) ?(?P<n>{n})(?![\d.])(?! ?(?:{kg}|{lb}|{mg}))",
                _plain,
            ),
            (
                Kind.OTHER,
                rf"\b(?:in|as) (?:two|three|[23]) (?:divided |separate |split |equal )?doses(?: of {n} ?{mg})?",
                _nothing,
            ),
            # Ranges: of days, and of a dose unless it was changed from one to the other
            (Kind.UNSURE_DAYS, rf"{new}{n} ?(?:-|to|or) ?{n} ?(?:{time})(?![a-z])", _nothing),
            (
                Kind.UNSURE_DOSE,
                rf"(?<!from )(?<!up )(?<!alternating ){new}(?<!x ){n} ?(?:{mg})? ?(?:to|-|or) ?{n} ?{mg}(?! ?(?:alternat|/))",
                _nothing,
            ),
            # Doses that need more than one number
            (
                Kind.DOSE,
                rf"{new}(?P<a>[1-4]|one|two|three) (?:{caps} )?(?:of |x )?(?P<s>\d{{1,2}}) ?(?:{mg})? ?(?:{caps})? ?{words().morning}{join}"
                rf"(?P<b>[1-4]|one|two|three|another|the same)(?: {caps})?(?: (?:of )?\d{{1,2}} ?(?:{mg})?)?(?: {caps})? {words().evening}\b",
                _counted,
            ),
            (
                Kind.DOSE,
                rf"{new}{dose('a')} (?:on )?(?:the )?(?:even|odd)(?: numbered)? days?(?: ?, ?| and | then | but | )+"
                rf"{dose('b')} (?:on )?(?:the )?(?:odd|even)(?: numbered)?(?: days?| ones)?",
                _mean,
            ),
            (
                Kind.DOSE,
                rf"\balternat\w+(?: between| from| daily)?(?: days)?:? {dose('a')}"
                rf"(?: ?[/&,+-] ?| and | with | to | then ){dose('b')}",
                _mean,
            ),
            (
                Kind.DOSE,
                rf"{new}{dose('a')} ?(?:/|and |& |or |then |, ?|-) ?{dose('b')} ?,? ?"
                r"(?:on )?(?:alternat\w+|every other day)(?: days?)?",
                _mean,
            ),
            (
                Kind.DOSE,
                rf"{new}{dose('a')} ?(?:{caps})? ?(?:(?:on )?(?:one|1|some|odd|the first)? ?(?:days?|nights?|mornings?|evenings?)\b) ?,? ?"
                rf"(?:and |then |but |or )?{dose('b')} ?(?:{caps})? ?"
                r"(?:on )?(?:the )?(?:next|other|second|following|2nd|even)\b(?: days?| one)?",
                _mean,
            ),
            (
                Kind.DOSE,
                rf"\b(?:one|1) day {take}{dose('a')},? ?(?:and |then )?(?:the )?(?:next|other)(?: day)? {take}{dose('b')}",
                _mean,
            ),
            (
                Kind.DOSE,
                rf"\b(?P<d1>[1-6]|one|two) (?:days?|nights?) (?:of|on|at) (?P<a1>{n}) ?(?:{mg})?(?: ?, ?| and | then |, then )+"
                rf"(?P<d2>[1-6]|one|two) (?:days?|nights?) (?:of|on|at) (?P<a2>{n})(?: ?{mg})?",
                _mean_of_days,
            ),
            (
                Kind.DOSE,
                rf"{new}{dose('a')} ?(?:{caps})? ?{words().morning}{join}{dose('b')} ?(?:{caps})? ?{words().evening}\b",
                _sum,
            ),
            (
                Kind.DOSE,
                rf"{new}{dose('a')} ?(?:{caps})? ?{words().evening}{join}{dose('b')} ?(?:{caps})? ?{words().morning}\b",
                _sum,
            ),
            (Kind.DOSE, rf"\b{words().morning}:? ?{dose('a')}{join}{words().evening}:? ?{dose('b')}", _sum),
            (
                Kind.DOSE,
                rf"\b(?:a|one|1) (?P<a>\d{{1,2}}) ?(?:{mg})? ?(?:{caps})?(?: and| plus| with| \+|,) (?:a|one|1) "
                rf"(?P<b>\d{{1,2}})(?!\d)(?: ?{mg})?(?: ?{caps})?",
                _sum,
            ),
            (Kind.DOSE, rf"{new}{dose('a')}(?: ?[,&+] ?| and | then | plus )+(?:then )?another {dose('b')}", _sum),
            (
                Kind.DOSE,
                rf"{new}(?P<a>\d{{1,2}}) ?(?:{mg})? ?(?:\+|plus) ?(?P<b>\d{{1,2}}) ?(?:{mg})?"
                rf"(?: ?(?:\+|plus) ?(?P<c>\d{{1,2}}) ?(?:{mg})?)?(?! ?(?:{kg}|{lb}|(?:{time})(?![a-z])))",
                _sum,
            ),
            (
                Kind.CAPSULES,
                rf"{new}(?P<a>\d{{1,3}}) {unit['boxes']}(?: of| with| x|,)? (?P<b>\d{{1,3}})(?!\d) ?(?:{caps})?"
                rf"(?:,? ?(?:of|at|x|in each|each of|each)*) ?(?P<c>\d{{1,2}}) ?{mg}",
                _product,
            ),
            (
                Kind.CAPSULES,
                rf"{new}(?P<a>9|\d{{2,3}}) ?(?:{caps} (?:of|at|x) ?(?:the )?(?P<b>\d{{1,2}}) ?(?:{mg})?"
                rf"|x ?(?P<c>\d{{1,2}}) ?{mg} ?{caps}|(?:of the )?(?P<d>\d{{1,2}}) ?{mg} ?{caps})",
                _product,
            ),
            (
                Kind.MG,
                rf"{new}(?P<a>[1-8]|one|two) (?:x |of (?:the |my )?)?(?P<b>\d{{1,2}})"
                rf"(?:'?s|'?s? ?{unit['mg']}'?s?(?= ?{caps}))\b(?: ?{caps})?",
                _product,
            ),
            (
                Kind.MG,
                rf"{new}(?P<a>[1-8]) ?[x*] ?(?P<b>\d{{1,2}}) ?(?:{mg})?(?![\d.])(?! ?(?:{time})(?![a-z]))(?: ?{caps})?",
                _product,
            ),
            (
                Kind.MG,
                rf"{new}(?P<a>[1-8]|one|two) {caps} ?(?:of|at|x|,|@|\()? ?(?:isotretinoin|accutane|roaccutane)? ?(?P<b>\d{{1,2}}) ?{mg}",
                _product,
            ),
            (
                Kind.MG,
                rf"{new}(?P<a>[1-8]|one|two) of (?:the |my )?(?P<b>\d{{2}})(?: ?{mg})?(?= (?:with|in|at|a|each|every|daily)\b)",
                _product,
            ),
            (Kind.MG, rf"\b(?:a|one|1) (?P<n>\d{{1,2}})(?: ?{mg})?(?= ?(?:{caps}|{day}))(?: ?{caps})?", _plain),
            (Kind.COUNT, rf"\b(?P<a>[1-6]|one) {caps} ?(?:{day}|in the (?:morning|evening)|at night)", _sum),
            (Kind.COUNT, rf"(?<=, )(?P<a>[1-6]|one)(?: of them)?{day}", _sum),
            (Kind.COUNT, rf"\b(?:take|taking|swallow|have) (?P<a>[2-6])(?: of them)?{day}", _sum),
            # How often
            (
                Kind.TIMES,
                r"\b(?P<n>\d) ?(?:times|x|days|nights|doses)(?:(?: out)?(?: of)?(?: a| per| each| every| the|/)? ?week(?:ly)?"
                r"| out of (?:7|seven|the week))\b",
                lambda m: (_number(m.group("n")) / 7, "", False),
            ),
            (
                Kind.TIMES,
                rf"\b(?:daily |every day |each day )?(?:except|but not|but|apart from|i skip|skipping|not on)(?: on)? (?P<days>{_WEEKDAYS})",
                _but_days,
            ),
            (
                Kind.TIMES,
                rf"\b(?:only )?(?:on |every )?(?P<first>{_WEEKDAY}) (?:to|through|-|until) (?P<last>{_WEEKDAY})",
                _from_day,
            ),
            (Kind.TIMES, rf"\b(?:only )?(?:on |every )?(?P<days>{_WEEKDAYS})", _on_days),
            *((Kind.TIMES, pattern, lambda m, factor=factor: (factor, "", False)) for factor, pattern in words().often),
            (Kind.TIMES, r"\b(?P<n>[4-9]) ?(?:times|x) ?(?:a |per |each |/ ?)?day\b", _plain),
            (Kind.TIMES, r"/ ?(?:day|dya|d)\b", lambda m: (Fraction(1), "", False)),
            (
                Kind.COUNT,
                rf"\b(?P<a>[1-4]|one|two|three|four) {words().morning}{join}(?P<b>[1-4]|one|two|three|four) {words().evening}\b",
                _sum,
            ),
            # Weights
            (Kind.STONE, rf"{new}\d{{1,2}}' ?\d{{1,2}} ?{stone}", _nothing),
            (
                Kind.STONE,
                rf"{new}(?P<n>{n}) ?{stone}\.?(?:,? ?(?:and )?(?P<lb>{n}) ?{lb}"
                rf"|,? ?(?P<bare_lb>1?\d(?:\.5)?)(?!\d|\.\d){no_pounds})?",
                _stone,
            ),
            (Kind.MG, rf"{new}(?P<a>[2-8]|two) (?P<b>\d{{2}}) ?{mg}", _product),
            (Kind.KG, rf"{new}(?P<n>{n}) ?{kg}(?!/)", _plain),
            (Kind.LB, rf"{new}(?P<n>{n}) ?{lb},? ?(?:and )?(?P<oz>{n}) ?(?:oz|ounces?)\b", _pounds),
            (Kind.LB, rf"{new}(?P<n>{n}) ?(?:{lb}(?!/)|#)", _plain),
            (Kind.MICROGRAMS, rf"{new}(?P<n>{n}) ?{unit['micrograms']}\b", _plain),
            (Kind.OTHER, rf"{new}{n} ?{mg} ?(?:/|per) ?(?:dl|ml|l|d\.l\.)\b", _nothing),  # a blood value
            (Kind.MG, rf"{new}(?P<n>{n}) ?{mg}(?! ?/ ?k)", _plain),
            (Kind.GRAMS, rf"{new}(?P<n>{n}) ?{unit['grams']}\b", _plain),
            # Days
            (Kind.DAYS, r"\b(?:on |it's |its |at )?day (?P<n>\d{1,3})\b", _duration),
            (Kind.DAYS, rf"{new}(?P<n>{n}) ?-? ?(?P<unit>{time})(?![a-z])", _duration),
            (Kind.DAYS, r"\b(?P<half>half) (?:an? |of an? )?(?P<unit>year|month)\b", _duration),
            (
                Kind.DAYS,
                r"\b(?:a|one|1|the (?:first|1st)|first|1st|(?:for|over|in|during) the (?:last|past))(?: whole| full| entire| solid)?"
                r" (?P<unit>week|month|year|fortnight)\b",
                _duration,
            ),
            (
                Kind.OTHER,
                rf"{new}\d+(?::\d\d)? ?(?:am|pm|th|nd|rd|st|hours?|hrs?|minutes?|mins?|percent|times|o'clock|k|km|miles|oz)\b|\d+ ?%"
                r"|\b(?:spf|factor|room|bus|number|level|page|floor|size|flat|no\.|(?:mum|mom|dad|father|mother|parent) of) \d+\b"
                rf"|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTHS}\b|\b{MONTHS} \d{{1,2}}\b(?! ?{mg})|\b20[0-4]\d\b",
                _nothing,
            ),
            (Kind.NUMBER, rf"{new}(?P<n>{n})(?![\d:/%'])(?!\.\d)", _plain),
        )
    )
