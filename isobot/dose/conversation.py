"""Goes on with a calculation from message to message: replies to a question, corrections, changes. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from isobot.dose.arithmetic import LB_PER_STONE, Period, kg_from_lb, kg_from_stone
from isobot.dose.label import label
from isobot.dose.outcome import Ask, Missing, Outcome, judge
from isobot.dose.reader import read
from isobot.dose.said import Problem, Refusal, Said, Unit, Weight, Wish
from isobot.dose.words import words

_LEAD = (
    r"(?:(?:no|nope|oh|sorry|actually|wait|i mean|i meant|make (?:that|it)|it'?s|its|that'?s|was|in|that was|should be"
    r"|please|the)[,. ]+)*"
)
_CORRECTS = re.compile(
    r"^(?:no\b|nope|oh|sorry|actually|wait|i mean|i meant|make (?:that|it)|correction|that should be|should be"
    r"|what (?:about|if)|and (?:at|on|with|for|if)|how about|or\b|but i'?m|change)"
)
_TO_TARGET = re.compile(
    r"^(?:and )?(?:how (?:long|many (?:more )?(?:days|weeks)|much(?: is| mg)?(?: left)?) )?(?:is left )?"
    r"(?:to|until|till|for) (1\d\d|2\d\d)$"
)
_ADDS = re.compile(r"^(?:and |then |plus |also )")
_LASTING = (Refusal.PREGNANCY, Refusal.BREASTFEEDING, Refusal.NOT_HUMAN)  # no later word of the talk takes them back
_LOWEST_TARGET, _HIGHEST_TARGET = 20, 300  # mg/kg; a higher number is a total in mg
_LEAST_TARGET_MG = 1000
_AT = re.compile(r"^(?:and |what about |what if |how about )?(?:i was |it was )?(?:at|on|with|taking) (\d+)(?: ?mg)?$")
_YES = re.compile(
    r"^(?:y|ye|yes|yeah|yep|yup|correct|right|that'?s right|it is|i am|he is|she is|sure|ok(?:ay)?|over|older)\b"
)
_NO = re.compile(
    r"^(?:n|no|nope|nah|(?:that'?s |it'?s )?(?:wrong|not right|incorrect)|under|below|less than|younger)\b"
)
_UNKNOWN = re.compile(
    r"\b(?:don'?t know|dont know|not sure|no idea|unsure|dunno|none|no target|didn'?t say|never said|no\b)"
)


@dataclass(frozen=True)
class Talk:
    """What a calculation has come to in a conversation; nothing else about the person's body is remembered.

    Attributes:
        said: all that was said so far.
        asked: what was asked last; None after a result.
        confirmed: an unlikely weight was asked back, and is right.
        misses: how often in a row a reply to the question was of no use.
        problem: why it was asked, or None.
    """

    said: Said
    asked: Missing | None = None
    confirmed: bool = False
    misses: int = 0
    problem: Problem | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return {
            "said": self.said.as_dict(),
            "asked": self.asked.value if self.asked else None,
            "confirmed": self.confirmed,
            "misses": self.misses,
            "problem": self.problem.value if self.problem else None,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Talk:
        """Return what `as_dict` gave."""
        asked = Missing(data["asked"]) if data.get("asked") else None
        problem = Problem(data["problem"]) if data.get("problem") else None
        return cls(Said.from_dict(data["said"]), asked, data["confirmed"], data["misses"], problem)


def outcome_of(talk: Talk) -> tuple[Outcome, Talk]:
    """Return what comes of a calculation so far, and the talk with what is asked next."""
    outcome = judge(talk.said, confirmed=talk.confirmed)
    asked = outcome.missing if isinstance(outcome, Ask) else None
    problem = outcome.problem if isinstance(outcome, Ask) else None
    return outcome, replace(talk, asked=asked, problem=problem, misses=talk.misses if asked is talk.asked else 0)


def begin(message: str, today: date, *, month_first: bool = False) -> Talk:
    """Return the talk that a message begins.

    Args:
        message: as the person wrote it.
        today: what "since" and "3 months" go back from.
        month_first: "03/04/2026" is the 4th of March, as in the US.
    """
    return Talk(read(message, today, month_first=month_first))


def go_on(talk: Talk, message: str, today: date, *, month_first: bool = False) -> Talk | None:
    """Return the talk after a reply or a correction, or None where the message is neither.

    Args: see `begin`.
    """
    counting = bool(talk.said.periods or talk.said.days_only or {Wish.TAKEN, Wish.LEFT}.intersection(talk.said.wishes))
    new = read(message, today, month_first=month_first, counting=counting)
    plain = " ".join(message.lower().replace("\u2019", "'").split()).strip(" .!?,")
    if unit := _unit_alone(plain):
        return _in_unit(talk, unit)
    if talk.asked is not None and (reply := _reply(talk, new, plain)):
        return replace(reply, said=_with_person(reply.said, new))
    if (match := _AT.match(plain)) and talk.said.weights and not new.weights:
        new = replace(new, mg_per_day=Fraction(match.group(1)), weight_number=None, numbers=())
    if talk.said.weights and (match := _TO_TARGET.search(plain)) and new.target_mg_per_kg is None:
        wishes = tuple(dict.fromkeys((*new.wishes, Wish.LEFT)))
        new = replace(new, target_mg_per_kg=Decimal(match.group(1)), numbers=(), weight_number=None, wishes=wishes)
    if talk.problem is Problem.READ_BACK and new.days_only and not new.periods and len(new.numbers) == 1:
        period = Period(Fraction(new.numbers[0]), new.days_only)  # "no, the 40 was 45 days"
        new = replace(new, periods=(period,), days_only=0, numbers=())
    if not _has_anything(new) or not _is_about_it(talk, new, plain):
        return None
    adds = bool(_ADDS.match(plain))
    return replace(talk, said=_merged(talk.said, new, adds=adds), confirmed=talk.confirmed and not new.weights)


def _is_about_it(talk: Talk, new: Said, plain: str) -> bool:
    """Return whether a message goes on with the sum: a reply, a correction, or hardly anything but quantities."""
    lasting = any(r in _LASTING for r in new.refusals)
    if Refusal.OTHER_DRUG in new.refusals and not lasting:
        return False  # "can I take 400 mg ibuprofen?"
    if lasting or talk.asked or Refusal.NO_PRESCRIBER in new.refusals:
        return True
    only_a_number = not (new.weights or new.has_amount or new.age is not None or new.days_only or new.missed_days)
    if only_a_number and not _CORRECTS.match(plain):
        return False  # "26": nothing was asked
    return not set(re.findall(r"[a-z]+", plain)) - words().plain


def _with_person(said: Said, new: Said) -> Said:
    """Return what was said with what a reply tells of the person beside what it replies."""
    lasting = tuple(r for r in new.refusals if r in _LASTING and r not in said.refusals)
    return replace(said, refusals=(*said.refusals, *lasting), age=said.age if new.age is None else new.age)


def _unit_alone(plain: str) -> Unit | None:
    """Return the unit that a message names without a number: "pounds", "make that lb", "kg, sorry"."""
    for unit in Unit:
        if re.fullmatch(rf"{_LEAD}{words().units[unit.value]}(?:,? (?:sorry|please|of course|obviously))?", plain):
            return unit
    return None


def _in_unit(talk: Talk, unit: Unit) -> Talk | None:
    """Return the talk with the weight in another unit, or None where no weight was said."""
    number = talk.said.weight_number
    if number is None and talk.said.weights and talk.said.weights[-1].unit is Unit.STONE:
        return replace(
            talk, said=replace(talk.said, weights=())
        )  # stone and pounds are no one number: it is asked again
    if number is None and talk.said.weights:
        match = re.match(r"\d+(?:\.\d+)?", talk.said.weights[-1].words)
        number = Decimal(match.group()) if match else None
    if number is None:
        low, high = label().weights
        number = next((n for n in talk.said.numbers if low <= n <= high * LB_PER_STONE), None)
    if number is None:
        return None
    return replace(talk, said=_with_weight(talk.said, number, unit), confirmed=False)


def _with_weight(said: Said, number: Decimal, unit: Unit) -> Said:
    kg = {Unit.KG: number, Unit.LB: kg_from_lb(number), Unit.STONE: kg_from_stone(number)}[unit]
    weight = Weight(kg, f"{number.normalize():f} {unit.value}", unit)
    rest = tuple(n for n in said.numbers if n != number)
    return replace(said, weights=(weight,), weight_number=None, numbers=rest, problems=(), weight_changed=False)


def _reply(talk: Talk, new: Said, plain: str) -> Talk | None:
    """Return the talk after a reply in the words of the question, or None where it is none."""
    number = _only_number(new, age_counts=talk.asked is Missing.AGE)
    read_reply = {
        Missing.CONFIRM_WEIGHT: _confirmation,
        Missing.AGE: _age,
        Missing.TARGET: _target,
        Missing.WEIGHT: _weight,
        Missing.UNIT: _weight,
        Missing.WHICH_WEIGHT: _weight,
        Missing.DOSE: _dose,
    }[talk.asked or Missing.WEIGHT]
    return read_reply(talk, new, number, plain)


def _confirmation(talk: Talk, new: Said, number: Decimal | None, plain: str) -> Talk | None:
    if _YES.match(plain) and talk.said.weights and not talk.said.problems:
        return replace(talk, confirmed=True)
    if _NO.match(plain) and not new.weights:
        return replace(talk, said=replace(talk.said, weights=(), weight_number=None, problems=()))
    return None


def _age(talk: Talk, new: Said, number: Decimal | None, plain: str) -> Talk | None:
    if _NO.match(plain):
        return replace(talk, said=replace(talk.said, age=label().youngest - 1))
    age = new.age if new.age is not None else number
    if age is not None and age == int(age):
        return replace(talk, said=replace(talk.said, age=int(age)))
    if _YES.match(plain):
        return replace(talk, said=replace(talk.said, of_a_child=False, maybe_under_12=False))
    return None


def _target(talk: Talk, new: Said, number: Decimal | None, plain: str) -> Talk | None:
    if number is None and new.mg_per_day is not None and new.mg_per_day > _LEAST_TARGET_MG:
        number = Decimal(new.mg_per_day.numerator) / Decimal(new.mg_per_day.denominator)
    if number is not None and number > _LEAST_TARGET_MG:
        return replace(talk, said=replace(talk.said, target_mg=number, wants_target=False))
    if number is not None and _LOWEST_TARGET <= number <= _HIGHEST_TARGET:
        return replace(talk, said=replace(talk.said, target_mg_per_kg=number, wants_target=False))
    if new.mg_per_day is not None and new.target_mg_per_kg is None:
        return replace(talk, misses=talk.misses + 1)  # "150 mg": of the course, or per kg? asked again
    if _UNKNOWN.search(plain):
        return replace(talk, said=replace(talk.said, wants_target=False))
    return None


def _weight(talk: Talk, new: Said, number: Decimal | None, plain: str) -> Talk | None:
    if number is None:
        return None
    if chosen := _chosen(talk.said, number):
        return replace(talk, said=replace(talk.said, weights=(chosen,), weight_changed=False))
    return replace(talk, said=replace(talk.said, weights=(), weight_number=number, problems=()))


def _read_back(talk: Talk, new: Said, plain: str) -> Talk | None:
    """Return the talk after a plain yes or no to what was read; a correction is merged as any other."""
    if _has_anything(new) or new.numbers:
        return None
    if _YES.match(plain):
        return replace(talk, said=replace(talk.said, read_back=False))
    if _NO.match(plain):
        without = replace(talk.said, periods=(), mg_taken=None, mg_per_day=None, days_only=0, read_back=False)
        return replace(talk, said=replace(without, problems=(Problem.UNCLEAR_DAYS,)))
    return None


def _dose(talk: Talk, new: Said, number: Decimal | None, plain: str) -> Talk | None:
    if talk.problem is Problem.READ_BACK:
        return _read_back(talk, new, plain)
    if number is None:
        return None
    if talk.problem is Problem.DAYS and talk.said.mg_per_day is not None:
        if number != int(number):
            return None
        return replace(talk, said=replace(talk.said, periods=(Period(talk.said.mg_per_day, int(number)),)))
    said = replace(talk.said, mg_per_day=Fraction(number), problems=(), unclear=False)
    if said.days_only:
        said = replace(said, periods=(Period(Fraction(number), said.days_only),), days_only=0)
    return replace(talk, said=said)


def _only_number(new: Said, *, age_counts: bool) -> Decimal | None:
    """Return the one number of a reply that says nothing else."""
    if new.weights or new.has_amount:
        return None
    numbers = [*new.numbers, *([new.weight_number] if new.weight_number is not None else [])]
    if age_counts and new.age is not None and not numbers:
        return Decimal(new.age)
    return numbers[0] if len(numbers) == 1 else None


def _chosen(said: Said, number: Decimal) -> Weight | None:
    """Return which of several weights a number picks."""
    return next((w for w in said.weights if re.match(rf"{number.normalize():f}\b", w.words)), None)


def _has_anything(new: Said) -> bool:
    return bool(
        new.weights
        or new.has_amount
        or new.weight_number is not None
        or new.age is not None
        or new.problems
        or new.refusals
        or new.days_only
        or new.missed_days
    )


def merged(talk: Talk, new: Talk) -> Talk:
    """Return a talk that asks something new, with the weight and the dose that the last one had."""
    return replace(talk, said=_merged(talk.said, new.said, adds=False), asked=None)


def _merged(old: Said, new: Said, *, adds: bool) -> Said:
    """Return what was said so far with what a message changes, or adds to the days so far."""
    lasting = tuple(r for r in old.refusals if r in _LASTING and r not in new.refusals)
    kept = replace(
        old,
        problems=new.problems,
        refusals=(*lasting, *new.refusals),
        unclear=new.unclear,
        wants_target=new.wants_target,
    )
    for name in ("mg_taken", "target_mg_per_kg", "target_mg", "age", "product", "weight_number"):
        if getattr(new, name) is not None:
            kept = replace(kept, **{name: getattr(new, name)})
    if new.weights:
        kept = replace(kept, weights=new.weights, weight_changed=new.weight_changed, weight_number=None)
    if new.mg_per_day is not None:
        kept = replace(kept, mg_per_day=new.mg_per_day, mg_per_kg_day=None)
        if old.days_only:  # the days were told first, then the dose
            kept = replace(kept, periods=(Period(new.mg_per_day, old.days_only),), days_only=0)
    elif new.mg_per_kg_day is not None:
        kept = replace(kept, mg_per_kg_day=new.mg_per_kg_day, mg_per_day=None)
    kept = _days_merged(kept, old, new, adds=adds)
    return replace(kept, wishes=tuple(dict.fromkeys((*old.wishes, *new.wishes))))


def _days_merged(kept: Said, old: Said, new: Said, *, adds: bool) -> Said:
    """Return what is kept with the doses and days that a message tells."""
    if new.periods:
        return _periods_merged(kept, old, new, adds=adds)
    if new.missed_days and old.periods and new.missed_days < old.periods[-1].days:
        last = replace(old.periods[-1], days=old.periods[-1].days - new.missed_days)
        several = len({p.mg_per_day for p in old.periods}) > 1  # it is not known off which they were missed
        return replace(kept, periods=(*old.periods[:-1], last), read_back=old.read_back or several)
    if new.mg_per_day is not None and old.read_back and len(old.periods) == 1:  # "no, it was 60 mg"
        return replace(kept, periods=(replace(old.periods[0], mg_per_day=new.mg_per_day),))
    return _days_alone_merged(kept, old, new) if new.days_only else kept


def _days_alone_merged(kept: Said, old: Said, new: Said) -> Said:
    """Return what is kept with days that a message tells without a dose."""
    if len(old.periods) == 1:  # "make that 90 days"
        return replace(kept, periods=(replace(old.periods[0], days=new.days_only),))
    if old.periods:  # of which dose?
        return replace(kept, problems=(*new.problems, Problem.UNCLEAR_DAYS))
    if kept.mg_per_day is not None:
        return replace(kept, periods=(Period(kept.mg_per_day, new.days_only),), days_only=0)
    return replace(kept, days_only=new.days_only)


def _periods_merged(kept: Said, old: Said, new: Said, *, adds: bool) -> Said:
    """Return what is kept with doses and their days: added, in place of those that they put right, or of all."""
    if adds:
        both = old.read_back or new.read_back
        return replace(kept, periods=(*old.periods, *new.periods), days_only=0, read_back=both)
    if old.read_back and len(new.periods) < len(old.periods):
        return _put_right(kept, old, new.periods)
    return replace(kept, periods=new.periods, days_only=0, read_back=new.read_back)


def _put_right(kept: Said, old: Said, named: Sequence[Period]) -> Said:
    """Return what was said with the periods put right that a correction names by their dose, else by their days."""
    periods = list(old.periods)
    for period in named:
        same_dose = [i for i, p in enumerate(periods) if p.mg_per_day == period.mg_per_day]
        same_days = [i for i, p in enumerate(periods) if p.days == period.days]
        found = same_dose or same_days
        if len(found) != 1:
            return replace(kept, periods=tuple(named))
        periods[found[0]] = period
    goes_on = old.mg_per_day == old.periods[-1].mg_per_day
    return replace(kept, periods=tuple(periods), mg_per_day=periods[-1].mg_per_day if goes_on else old.mg_per_day)
