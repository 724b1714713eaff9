"""Decides what to say to one message: a pure function from what was understood to a list of actions.

Kept apart from Rasa's policy class so that each rule of the conversation can be tested in microseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from isobot.content.guides import Guide
from isobot.dialogue import dose_turn, guided
from isobot.dialogue.danger_first import danger_first, is_recent_emergency
from isobot.dialogue.dose_turn import Calculator
from isobot.dialogue.ellipsis import ADULT_AGE, YOUNGEST_AGE, SomeoneElse, how_long, someone_else
from isobot.dialogue.replies import fold, picked
from isobot.dialogue.state import Choice, Memory, Turn
from isobot.dose.wording import Mode
from isobot.safety.danger import Danger
from isobot.safety.urgency import Urgency

MAX_CHOICES = 3
MAX_ANSWERS = 3
CHOICE_FLOOR = 0.04  # an intent less likely than this is no help as a choice

UTTER_EMPTY = "utter_empty"
UTTER_CLARIFY = "utter_clarify"
UTTER_NO_ANSWER = "utter_no_answer"
UTTER_COUNTRY_SET = "utter_country_set"
UTTER_NO_MORE = "utter_no_more"
UTTER_SOURCES = "utter_sources"
UTTER_SAME_FOR_ADULT = "utter_same_for_adult"
UTTER_SAME_FOR_TEEN = "utter_same_for_teen"
UTTER_SAME_FOR_SOMEONE = "utter_same_for_someone"
ACTION_NOTE_UNANSWERED = "action_note_unanswered"
MIN_AGE_QUESTION = "teens.min_age"
TEEN_QUESTION = "teens.is_it_ok"

_COUNTRY_LEAD_IN_WORDS = 3
_NO_ANSWER_TO_GIVE = ("chitchat", "out_of_scope")
_NEVER_A_CHOICE = _NO_ANSWER_TO_GIVE


@dataclass(frozen=True)
class Content:
    """What there is to say.

    Attributes:
        responses: the names of all responses; tells which questions have a longer answer.
        guides: the guided answers by name.
        country_names: country code to its name, offered where a guide must know the country.
        calculator: how the dose calculator is set.
    """

    responses: Collection[str] = ()
    guides: Mapping[str, Guide] = field(default_factory=dict)
    country_names: Mapping[str, str] = field(default_factory=dict)
    calculator: Calculator = field(default_factory=lambda: Calculator(Mode.OFF, date.min))


NOTHING = Content()


def utter(intent: str) -> str:
    """Return the response that answers an intent."""
    return f"utter_{intent}"


def more(intent: str) -> str:
    """Return the response that says more about an intent."""
    return f"{utter(intent)}.more"


def plan(text: str, parse_data: Mapping[str, Any], memory: Memory, content: Content = NOTHING) -> Turn:
    """Return what to say to a message.

    Args:
        text: the message.
        parse_data: what understanding made of it: `red_flags` (see `isobot.safety.danger`), `questions` (see
            `isobot.nlu.questions`) and `entities`.
        memory: what the conversation remembers.
        content: what there is to say.
    """
    danger = Danger.from_dict(parse_data.get("red_flags") or {})
    if _is_our_own_wording(text, memory):
        danger = Danger()
    in_a_guide = memory.progress and danger.level < Urgency.URGENT and not danger.failed
    return danger_first(
        text,
        danger,
        memory,
        content.responses,
        lambda: (
            _guided(text, parse_data, memory, content) if in_a_guide else _ordinary(text, parse_data, memory, content)
        ),
    )


def _ordinary(text: str, parse_data: Mapping[str, Any], memory: Memory, content: Content) -> Turn:
    """Return what to say to a message outside a guided answer: a calculation goes on, is begun, or another answer."""
    rest = replace(memory, dose=None)
    questions: Sequence[Mapping[str, Any]] = parse_data.get("questions") or ()
    if is_recent_emergency(memory.raised):  # no sums in the middle of it
        if waiting := dose_turn.waiting_turn(text, questions, memory, content.calculator):
            return _with_others(waiting, questions, memory, content)
        return dose_turn.put_aside(_turn(text, parse_data, memory, content), memory)
    if turn := dose_turn.next_turn(
        text, memory, content.calculator, lambda: _ordinary(text, parse_data, rest, content)
    ):
        return turn
    if picked(text, memory.offered) is None and (turn := dose_turn.first_turn(text, questions, content.calculator)):
        return _with_others(turn, questions, memory, content)
    return _turn(text, parse_data, memory, content)


def _with_others(turn: Turn, questions: Sequence[Mapping[str, Any]], memory: Memory, content: Content) -> Turn:
    """Return a calculator's turn with the answers to the other questions of the message before what it asks back."""
    others = [q for q in questions if q["understood"] and q["intent"].split(".")[0] not in dose_turn.NEIGHBOURS]
    if not others or len(questions) == 1:
        return turn
    answer = _answer(others, memory, content)
    if not answer.answered:
        return turn
    return replace(turn, actions=(*answer.actions, *turn.actions), answered=(*answer.answered, *turn.answered))


def _is_our_own_wording(text: str, memory: Memory) -> bool:
    """Return whether a message is a choice that was offered, word for word: those are our words, not the person's."""
    return any(fold(c.title) == fold(text) for c in memory.offered)


def _guided(text: str, parse_data: Mapping[str, Any], memory: Memory, content: Content) -> Turn:
    """Return what to say to a message in the middle of a guided answer."""
    guide = content.guides.get(memory.progress.guide) if memory.progress else None
    if guide is None:
        return _turn(text, parse_data, memory, content)
    said_country = any(e.get("entity") == "country" for e in parse_data.get("entities") or ())
    if turn := guided.go_on(text, memory, guide, said_country):
        return turn
    return _aside(_turn(text, parse_data, memory, replace(content, guides={})), memory, guide, content)


def _aside(turn: Turn, memory: Memory, guide: Guide, content: Content) -> Turn:
    """Return the answer to a side question followed by the guide's question again."""
    if memory.progress is None:
        return turn
    if not turn.answered:  # not understood, small talk, or another subject: no reason to leave the question
        return guided.not_understood(guide, memory.progress, content.country_names) or turn
    again = guided.ask(guide, replace(memory.progress, misses=0), content.country_names)
    return replace(turn, actions=(*turn.actions, *again.actions), choices=again.choices, progress=again.progress)


def _turn(text: str, parse_data: Mapping[str, Any], memory: Memory, content: Content) -> Turn:
    """Return what to say to a message outside a guided answer."""
    if not _has_words(text):
        return Turn((UTTER_EMPTY,))
    if turn := _picked(text, memory, content):
        return turn
    questions: Sequence[Mapping[str, Any]] = parse_data.get("questions") or ()
    understood = [q for q in questions if q["understood"]]
    countries = [e for e in parse_data.get("entities") or () if e.get("entity") == "country"]
    if countries and not _asks_beside(countries[0], understood, text):
        return Turn((UTTER_COUNTRY_SET, *(utter(i) for i in memory.answered)), memory.answered)
    if memory.answered and (turn := _about_the_last(text, understood, memory, content)):
        return turn
    return _answer(understood, memory, content) if understood else _ask_back(questions, memory)


def _picked(text: str, memory: Memory, content: Content) -> Turn | None:
    """Return the turn that a choice of the last reply leads to, or None where none was picked."""
    choice = picked(text, memory.offered)
    if choice is None:
        return None
    if guide := guided.guide_of(choice, content.guides):
        return guided.begin(guide, memory, content.country_names)
    # A choice may be left over from a guide that has ended: "yes" is no question.
    return Turn((utter(choice),), (choice,), guided.offers((choice,), content.guides)) if "." in choice else None


def _has_words(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _asks_beside(country: Mapping[str, Any], understood: Sequence[Mapping[str, Any]], text: str) -> bool:
    """Return whether a message that names a country asks a question beside it."""
    if not understood or any(q["intent"] == "chitchat.country" for q in understood):
        return False
    # "I'm in the UK", "what about Ireland?" leave few words for a question of their own.
    rest = text[: country["start"]] + " " + text[country["end"] :]
    return len(rest.split()) > _COUNTRY_LEAD_IN_WORDS


def _about_the_last(
    text: str, understood: Sequence[Mapping[str, Any]], memory: Memory, content: Content
) -> Turn | None:
    """Return what to say to a message that only makes sense after the last answer, or None where it says more."""
    if question := how_long(text, memory.answered[-1]):
        return Turn((utter(question),), (question,))
    if person := someone_else(text):
        return _for_someone(person, memory)
    intent = understood[0]["intent"] if understood else ""
    if intent == "chitchat.who_says":
        return Turn((UTTER_SOURCES,), memory.answered)
    if intent in ("chitchat.more", "chitchat.why"):
        longer = tuple(more(i) for i in memory.answered if more(i) in content.responses)
        return Turn(longer or (UTTER_NO_MORE,), memory.answered)
    return None


def _for_someone(person: SomeoneElse, memory: Memory) -> Turn:
    """Return the last answer's meaning for another person, or for the writer's own age."""
    if person.age is None:
        return Turn((UTTER_SAME_FOR_SOMEONE,), memory.answered)
    if person.age < YOUNGEST_AGE:
        return Turn((utter(MIN_AGE_QUESTION),), (MIN_AGE_QUESTION,))
    if person.age < ADULT_AGE:
        return Turn((UTTER_SAME_FOR_TEEN, utter(TEEN_QUESTION)), (TEEN_QUESTION,))
    return Turn((UTTER_SAME_FOR_ADULT,), memory.answered)


def _answer(understood: Sequence[Mapping[str, Any]], memory: Memory, content: Content) -> Turn:
    """Answer what was asked; small talk around a question is not answered beside it.

    Asking the same again gets the longer answer with it. A guide that fits the answer is offered.
    """
    asked = [q for q in understood if q["intent"].split(".")[0] not in _NO_ANSWER_TO_GIVE]
    chosen = (asked or list(understood))[:MAX_ANSWERS]
    intents = tuple(dict.fromkeys(q["intent"] for q in chosen))
    actions = [utter(i) for i in intents]
    if asked and intents == memory.answered:
        actions += [more(i) for i in intents if more(i) in content.responses]
    answered = intents if asked else ()
    return Turn(tuple(actions), answered, guided.offers(answered, content.guides))


def _ask_back(questions: Sequence[Mapping[str, Any]], memory: Memory) -> Turn:
    """Say that the message was not understood; the second time in a row, give the clinic's contact."""
    choices = [
        Choice(c["intent"], c["title"])
        for q in questions
        for c in q["candidates"]
        if c["confidence"] >= CHOICE_FLOOR and c["intent"].split(".")[0] not in _NEVER_A_CHOICE
    ]
    choices = list(dict.fromkeys(choices))[:MAX_CHOICES]
    if memory.misses or not choices:
        return Turn((UTTER_NO_ANSWER, ACTION_NOTE_UNANSWERED), understood=False)
    return Turn((UTTER_CLARIFY, ACTION_NOTE_UNANSWERED), choices=tuple(choices), understood=False)
