"""Decides what to say to one message: a pure function from what was understood to a list of actions.

Kept apart from Rasa's policy class so that each rule of the conversation can be tested in microseconds.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_CHOICES = 3
MAX_ANSWERS = 3
CHOICE_FLOOR = 0.04  # an intent less likely than this is no help as a choice

UTTER_EMPTY = "utter_empty"
UTTER_CLARIFY = "utter_clarify"
UTTER_NO_ANSWER = "utter_no_answer"
UTTER_COUNTRY_SET = "utter_country_set"
UTTER_NO_MORE = "utter_no_more"
UTTER_SOURCES = "utter_sources"
ACTION_NOTE_UNANSWERED = "action_note_unanswered"

_COUNTRY_LEAD_IN_WORDS = 3
_NUMBER = re.compile(r"^\W*(?:number|no\.?|option|choice)?\s*(\d|one|two|three)\W*$", re.IGNORECASE)
_NUMBER_WORDS = {"one": 1, "two": 2, "three": 3}
_NO_ANSWER_TO_GIVE = ("chitchat", "out_of_scope")
_NEVER_A_CHOICE = (*_NO_ANSWER_TO_GIVE, "red_flag")  # nobody should pick "I think about dying" from a menu


@dataclass(frozen=True)
class Choice:
    """A question offered to the person, numbered on text channels.

    Attributes:
        intent: the leaf question.
        title: the question in human words; sending it back picks it.
    """

    intent: str
    title: str


@dataclass(frozen=True)
class Memory:
    """What the conversation remembers from before this message.

    Attributes:
        offered: the choices that the last reply gave.
        answered: the leaf questions that the last answering turn answered, in order.
        misses: how many messages in a row were not understood.
    """

    offered: tuple[Choice, ...] = ()
    answered: tuple[str, ...] = ()
    misses: int = 0


@dataclass(frozen=True)
class Turn:
    """What to do now.

    Attributes:
        actions: Rasa actions in order, without the final action_listen.
        answered: the leaf questions that these actions answer.
        choices: what is offered to the person.
        understood: False where the person is asked back or told that there is no reviewed answer.
    """

    actions: tuple[str, ...]
    answered: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    understood: bool = True


def utter(intent: str) -> str:
    """Return the response that answers an intent."""
    return f"utter_{intent}"


def plan(text: str, parse_data: Mapping[str, Any], memory: Memory, responses: Collection[str] = ()) -> Turn:
    """Return what to say to a message.

    Args:
        text: the message.
        parse_data: what understanding made of it: `questions` (see `isobot.nlu.questions`) and `entities`.
        memory: what the conversation remembers.
        responses: the names of all responses; tells which questions have a longer answer.
    """
    if not _has_words(text):
        return Turn((UTTER_EMPTY,))
    if picked := _picked(text, memory.offered):
        return Turn((utter(picked),), (picked,))
    questions: Sequence[Mapping[str, Any]] = parse_data.get("questions") or ()
    understood = [q for q in questions if q["understood"]]
    countries = [e for e in parse_data.get("entities") or () if e.get("entity") == "country"]
    if countries and not _asks_beside(countries[0], understood, text):
        return Turn((UTTER_COUNTRY_SET, *(utter(i) for i in memory.answered)), memory.answered)
    if understood and memory.answered and (turn := _follow_up(understood[0]["intent"], memory, responses)):
        return turn
    if understood:
        return _answer(understood, memory, responses)
    return _ask_back(questions, memory)


def _has_words(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _picked(text: str, offered: Sequence[Choice]) -> str | None:
    """Return the offered intent that `text` picks by number or by its words."""
    if match := _NUMBER.match(text):
        word = match.group(1).lower()
        number = _NUMBER_WORDS.get(word) or int(word)
        return offered[number - 1].intent if 1 <= number <= len(offered) else None
    return next((c.intent for c in offered if _fold(c.title) == _fold(text)), None)


def _fold(text: str) -> str:
    return " ".join(text.lower().translate(str.maketrans("", "", string.punctuation)).split())


def _asks_beside(country: Mapping[str, Any], understood: Sequence[Mapping[str, Any]], text: str) -> bool:
    """Return whether a message that names a country asks a question beside it."""
    if not understood or any(q["intent"] == "chitchat.country" for q in understood):
        return False
    # "I'm in the UK", "what about Ireland?" leave few words for a question of their own.
    rest = text[: country["start"]] + " " + text[country["end"] :]
    return len(rest.split()) > _COUNTRY_LEAD_IN_WORDS


def more(intent: str) -> str:
    """Return the response that says more about an intent."""
    return f"{utter(intent)}.more"


def _follow_up(intent: str, memory: Memory, responses: Collection[str]) -> Turn | None:
    """Return what to say to a word about the last answer, or None where `intent` is something else."""
    if intent == "chitchat.who_says":
        return Turn((UTTER_SOURCES,), memory.answered)
    if intent in ("chitchat.more", "chitchat.why"):
        longer = tuple(more(i) for i in memory.answered if more(i) in responses)
        return Turn(longer or (UTTER_NO_MORE,), memory.answered)
    return None


def _answer(understood: Sequence[Mapping[str, Any]], memory: Memory, responses: Collection[str]) -> Turn:
    """Answer what was asked; small talk around a question is not answered beside it.

    Asking the same again gets the longer answer with it.
    """
    asked = [q for q in understood if q["intent"].split(".")[0] not in _NO_ANSWER_TO_GIVE]
    chosen = (asked or list(understood))[:MAX_ANSWERS]
    intents = tuple(dict.fromkeys(q["intent"] for q in chosen))
    actions = [utter(i) for i in intents]
    if asked and intents == memory.answered:
        actions += [more(i) for i in intents if more(i) in responses]
    return Turn(tuple(actions), tuple(i for i in intents if asked))


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
