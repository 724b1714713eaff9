"""Turns of the dose calculator: when it is asked, what it asks back, and how it goes on. Pure functions.

A form of Rasa's would need its RulePolicy and a call of the action server for each message. Here a calculation is a
state of the conversation like a guided answer, so side questions, "stop" and danger are handled in one place for both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from isobot.dialogue.replies import picked, stops, yes_no
from isobot.dialogue.state import Choice, Memory, Turn
from isobot.dose.conversation import Talk, begin, go_on, merged, outcome_of
from isobot.dose.label import label
from isobot.dose.outcome import Ask, Figures, Missing, Outcome, Refused, as_result
from isobot.dose.quantities import digits, find
from isobot.dose.said import Problem, Refusal, Said, Wish
from isobot.dose.wording import Mode
from isobot.dose.words import words

ACTION_CALCULATE_DOSE = "action_calculate_dose"
PER_KG, TOTAL = "dose_calc.per_kg", "dose_calc.total"
PREFIX = "utter_dose_calc."
_STOPPED, _AGAIN, _WAITING = f"{PREFIX}stopped", f"{PREFIX}again", f"{PREFIX}waiting"
_MAX_MISSES = 2  # then the question is dropped
_LASTING = (Refusal.PREGNANCY, Refusal.BREASTFEEDING, Refusal.UNDER_12)
_RED_FLAGS = {  # what the leaflets say then (clinical reference, RF-17 and RF-21)
    Refusal.PREGNANCY: "utter_red_flag.rf_17.urgent",
    Refusal.BREASTFEEDING: "utter_red_flag.rf_21.urgent",
}
_KEPT_AFTER_REFUSAL = 40  # so many messages no sum is done after it
_KEPT_MESSAGES = 4  # so many messages after a result, a correction still changes it; then it is forgotten
_KEPT_ASIDE = 8  # so many messages after an emergency, the numbers of a sum are kept until it is asked for again
_ASIDE = "aside"
_FEW_OTHER_WORDS = 5  # "70 kg on 40 mg a day please": hardly anything but quantities
_CHOICE_PREFIX = "dose."
_INSTEAD_OF_WEIGHT = frozenset(
    {Problem.HEIGHT, Problem.STONE_POUNDS, Problem.SEPARATOR, Problem.NOT_POSITIVE, Problem.GRAMS}
)
_HOW_MANY_MG = re.compile(r"how (?:many|much) (?:mg|milligrams?)|in mg\b|work (?:it |that )?out|calculat")
_UNITS = ("kg", "lb", "stone")
# Topics that a sum's own words are taken for; they are not answered beside it.
NEIGHBOURS = ("dose_calc", "dosing", "cumulative_dose", "missed_dose", "course_length", "brand_switch", "chitchat",
              "out_of_scope", "teens", "who_for")  # fmt: skip


@dataclass(frozen=True)
class Calculator:
    """How the calculator is set.

    Attributes:
        mode: how much it may do.
        today: what "since" and "3 months" go back from.
        month_first: "03/04/2026" is the 4th of March, as in the US.
    """

    mode: Mode
    today: date
    month_first: bool = False


def asks_for_sums(text: str, questions: Sequence[Mapping[str, Any]], said: Said) -> bool:
    """Return whether a message asks the calculator something.

    Args:
        text: the message.
        questions: what understanding made of it (see `isobot.nlu.questions`).
        said: what it says about a dose.
    """
    plain = digits(text)
    weighed = bool(said.weights) or said.weight_number is not None
    cued = bool(words().cues.search(plain))
    likely = any(q["understood"] and q["intent"] in (PER_KG, TOTAL) for q in questions)
    counts = Wish.TAKEN in said.wishes and (bool(said.periods) or said.mg_taken is not None)
    catches_up = Wish.CATCH_UP in said.wishes and (said.target_mg_per_kg is not None or weighed)
    chooses = weighed and (cued or Wish.CHOICE in said.wishes)
    converts = bool(cued and said.target_mg_per_kg is not None and _HOW_MANY_MG.search(plain))
    odd = cued and bool(_INSTEAD_OF_WEIGHT.intersection(said.problems))
    meant = likely and (len(questions) == 1 or weighed or cued)
    return meant or counts or catches_up or chooses or converts or odd or _is_nothing_else(plain, questions, said)


def _is_nothing_else(plain: str, questions: Sequence[Mapping[str, Any]], said: Said) -> bool:
    """Return whether a message holds hardly anything but a weight, or what is given instead of one."""
    other_words = _other_words(plain)
    others = any(q["understood"] and q["intent"].split(".")[0] not in NEIGHBOURS for q in questions)
    if other_words > _FEW_OTHER_WORDS or (others and not said.refusals):
        return False
    if said.weights or said.weight_number is not None or _INSTEAD_OF_WEIGHT.intersection(said.problems):
        return True
    if any(n >= label().weights[0] for n in said.numbers):
        return True
    return said.mg_per_day is not None and other_words == 0  # "70 mg": a dose, or meant as a weight?


def _other_words(plain: str) -> int:
    """Return how many words of a text are no part of a quantity."""
    for item in sorted(find(plain), key=lambda i: -i.start):
        plain = plain[: item.start] + " " + plain[item.end :]
    return len(re.findall(r"[a-z']+", plain))


def first_turn(text: str, questions: Sequence[Mapping[str, Any]], calculator: Calculator) -> Turn | None:
    """Return what the calculator says to a message outside a calculation, or None where it is not asked.

    Args: see `asks_for_sums`.
    """
    if calculator.mode is Mode.OFF or not any(c.isalnum() for c in text):
        return None
    likely = any(q["intent"] in (PER_KG, TOTAL) for q in questions)
    if not likely and not any(c.isdigit() for c in digits(text)):
        return None
    talk = begin(text, calculator.today, month_first=calculator.month_first)
    if not asks_for_sums(text, questions, talk.said):
        return None
    turn = _turn(talk, calculator)
    if not (talk.said.weights or talk.said.has_amount or talk.said.numbers or talk.said.weight_number):
        # Nothing to work with yet: the formula first, then the question.
        explained = next((q["intent"] for q in questions if q["intent"] in (PER_KG, TOTAL)), PER_KG)
        turn = replace(turn, actions=(f"utter_{explained}", *turn.actions), answered=(explained,))
    return turn


def next_turn(text: str, memory: Memory, calculator: Calculator, aside: Callable[[], Turn]) -> Turn | None:
    """Return what the calculator says in the middle of a calculation, or None where it lets go.

    Args:
        text: the message.
        memory: what the conversation remembers; its `dose` is a calculation.
        calculator: how it is set.
        aside: gives the turn that the message would get outside a calculation.
    """
    if memory.dose is None or calculator.mode is Mode.OFF:
        return None
    if memory.dose.get("barred"):
        return _barred(text, memory, calculator, aside)
    talk = Talk.from_dict(dict(memory.dose["talk"]))
    offered = bool(memory.dose.get("offered"))
    asked = talk.asked is not None and not offered
    if turn := _plain_reply(text, memory.dose, offered=offered):
        return turn
    choice = picked(text, memory.offered)
    if choice and choice.startswith(_CHOICE_PREFIX):
        text = next(c.title for c in memory.offered if c.intent == choice)
    following = go_on(talk, text, calculator.today, month_first=calculator.month_first)
    if following is not None:
        return _turn(following, calculator)
    other = aside()
    return _after_another(other, talk, calculator) if asked else _after_a_result(other, talk, memory.dose, calculator)


def waiting_turn(
    text: str, questions: Sequence[Mapping[str, Any]], memory: Memory, calculator: Calculator
) -> Turn | None:
    """Return what is said to a message that would begin or go on with a sum while an emergency is fresh, else None.

    No sum is done then. What the message tells is kept for when the person asks again.

    Args: see `first_turn` and `next_turn`.
    """
    begun = None if picked(text, memory.offered) else first_turn(text, questions, calculator)
    known = None if memory.dose is None else Talk.from_dict(dict(memory.dose["talk"]))
    if begun is not None and begun.dose is not None:
        new = Talk.from_dict(dict(begun.dose["talk"]))
        talk: Talk | None = merged(known, new) if known else new
    else:
        plain = known and calculator.mode is not Mode.OFF and any(c.isdigit() for c in digits(text))
        talk = go_on(known, text, calculator.today, month_first=calculator.month_first) if known and plain else None
    if talk is None:
        return None
    barred = next((d for d in (memory.dose, begun and begun.dose) if d and d.get("barred")), None)
    return Turn((_WAITING,), dose=barred or _aside(talk, calculator.mode.value))


def put_aside(turn: Turn, memory: Memory) -> Turn:
    """Return a turn that goes on with no sum, as an emergency goes before it, with the numbers told so far kept."""
    if turn.dose is not None or memory.dose is None:
        return turn
    if memory.dose.get("barred"):
        return replace(turn, dose=memory.dose)
    if not memory.dose.get("aside"):
        return replace(turn, dose=_aside(Talk.from_dict(dict(memory.dose["talk"])), memory.dose["mode"]))
    left = int(memory.dose["left"]) - 1
    return replace(turn, dose={**memory.dose, "left": left}) if left > 0 else turn


def _aside(talk: Talk, mode: str) -> dict[str, Any]:
    """Return the slot `dose` for numbers that are only kept."""
    talk = replace(talk, asked=None, problem=None, misses=0)
    return {"talk": talk.as_dict(), "mode": mode, "result": {"status": _ASIDE}, "left": _KEPT_ASIDE, "aside": True}


def _plain_reply(text: str, dose: Mapping[str, Any], *, offered: bool) -> Turn | None:
    """Return the turn after "stop", or after a yes or no to the offer to go on."""
    if stops(text) or (offered and yes_no(text) == "no"):
        return Turn((_STOPPED,))
    if offered and yes_no(text) == "yes":
        return Turn((f"{PREFIX}ask.{Missing.DOSE.value}",), (PER_KG,), dose={**dose, "offered": False})
    return None


def _after_a_result(other: Turn, talk: Talk, dose: Mapping[str, Any], calculator: Calculator) -> Turn:
    """Return the turn for a message after a result that does not change it."""
    if other.dose is not None and "refusals" not in other.dose["talk"]["said"]:
        # Another question about the same weight and dose: "how much have I had after 90 days?"
        return _turn(merged(talk, Talk.from_dict(dict(other.dose["talk"]))), calculator)
    left = int(dose.get("left", 0)) - 1
    return replace(other, dose={**dose, "left": left}) if left > 0 and other.dose is None else other


def _barred(text: str, memory: Memory, calculator: Calculator, aside: Callable[[], Turn]) -> Turn:
    """Return the turn after a refusal that lasts, such as a pregnancy: no later sum, unless it is taken back."""
    reason = Refusal((memory.dose or {})["barred"])
    other = aside()
    if words().denials.search(digits(text)):
        return other
    left = int((memory.dose or {}).get("left", 0)) - 1
    if other.dose is None:
        return replace(other, dose={**(memory.dose or {}), "left": left} if left > 0 else None)
    talk = Talk.from_dict(dict(other.dose["talk"]))
    return _refused(reason, talk, calculator, PER_KG)


def _after_another(other: Turn, talk: Talk, calculator: Calculator) -> Turn:
    """Return the turn for a message that is no reply: its own answer and the question again, or a hint."""
    if other.answered and other.understood:
        again = _turn(talk, calculator)
        return replace(other, actions=(*other.actions, *again.actions), choices=again.choices, dose=again.dose)
    if talk.misses + 1 >= _MAX_MISSES:
        return other
    again = _turn(replace(talk, misses=talk.misses + 1), calculator)
    return replace(again, actions=(_AGAIN, *again.actions))


def _turn(talk: Talk, calculator: Calculator) -> Turn:
    """Return the turn that says what comes of a calculation so far."""
    misses = talk.misses
    if calculator.mode is Mode.TABLE:
        talk = replace(talk, said=_weight_only(talk.said))
    outcome, talk = outcome_of(talk)
    about = TOTAL if talk.said.periods or Wish.TAKEN in talk.said.wishes else PER_KG
    if isinstance(outcome, Refused):
        return _refused(outcome.reason, talk, calculator, about)
    slot = _slot(replace(talk, misses=misses if isinstance(outcome, Ask) else 0), outcome, calculator)
    if isinstance(outcome, Ask):
        return Turn((_ask(outcome),), (about,), _choices(outcome, talk.said), dose=slot)
    if outcome.mg_per_day is None and calculator.mode is Mode.FULL and not (outcome.taken_mg or outcome.target_mg):
        # The label's row is shown; the person's own dose may follow.
        slot |= {"offered": True, "talk": {**slot["talk"], "asked": Missing.DOSE.value}}
        return Turn((ACTION_CALCULATE_DOSE, f"{PREFIX}offer"), (about,), dose=slot)
    return Turn((ACTION_CALCULATE_DOSE,), (about,), dose=slot)


def _weight_only(said: Said) -> Said:
    """Return what the label's table needs: where the calculator is limited, doses are not worked with."""
    return Said(
        weights=said.weights,
        weight_number=said.weight_number,
        age=said.age,
        of_a_child=said.of_a_child,
        product=said.product,
        refusals=said.refusals,
        weight_changed=said.weight_changed,
        numbers=said.numbers,
        problems=tuple(
            p for p in said.problems if p in (Problem.HEIGHT, Problem.SEPARATOR, Problem.STONE_POUNDS, Problem.GRAMS)
        ),
    )


def _slot(talk: Talk, outcome: Outcome, calculator: Calculator) -> dict[str, Any]:
    """Return the slot `dose`: the calculation, what came of it for `make evaluate`, how much longer it is kept."""
    return {
        "talk": talk.as_dict(),
        "mode": calculator.mode.value,
        "result": as_result(outcome),
        "left": _KEPT_MESSAGES,
    }


def _ask(outcome: Ask) -> str:
    """Return the response that asks: by the problem with what was said, else by what is missing."""
    return f"{PREFIX}ask.{outcome.problem.value if outcome.problem else outcome.missing.value}"


def _choices(outcome: Ask, said: Said) -> tuple[Choice, ...]:
    """Return the choices under a question, in words that are a reply to it."""
    if outcome.missing is Missing.UNIT:
        number = said.weight_number if said.weight_number is not None else next(iter(said.numbers), None)
        if number is None:
            return ()
        return tuple(Choice(f"{_CHOICE_PREFIX}{u}", f"{number.normalize():f} {u}") for u in _UNITS)
    if outcome.missing is Missing.WHICH_WEIGHT:
        return tuple(Choice(f"{_CHOICE_PREFIX}{i}", w.words) for i, w in enumerate(said.weights))
    if outcome.problem is Problem.READ_BACK or (outcome.missing is Missing.CONFIRM_WEIGHT and not outcome.problem):
        return (Choice(f"{_CHOICE_PREFIX}yes", "Yes"), Choice(f"{_CHOICE_PREFIX}no", "No"))
    return ()


def _refused(reason: Refusal, talk: Talk, calculator: Calculator, about: str) -> Turn:
    """Return the turn that refuses; beside a choice that is not ours, the label's row is shown."""
    result: dict[str, Any] = {
        "talk": talk.as_dict(),
        "mode": Mode.TABLE.value,
        "result": as_result(Refused(reason)),
        "left": 0,
    }
    if reason in _LASTING:
        result |= {"barred": reason.value, "left": _KEPT_AFTER_REFUSAL}
    name = "catch_up" if reason is Refusal.NO_PRESCRIBER and Wish.CATCH_UP in talk.said.wishes else reason.value
    actions: tuple[str, ...] = (f"{PREFIX}refused.{name}",)
    if reason in _RED_FLAGS:
        actions = (_RED_FLAGS[reason], *actions)
    if reason is Refusal.NO_PRESCRIBER and name != "catch_up":
        plain = replace(talk, said=replace(_weight_only(talk.said), refusals=()))
        if isinstance(outcome_of(plain)[0], Figures):
            actions = (*actions, ACTION_CALCULATE_DOSE)
            result["talk"] = plain.as_dict()
    return Turn(actions, (about,), dose=result)
