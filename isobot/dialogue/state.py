"""What a turn of the conversation starts from and what it comes to: plain data, kept in Rasa slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choice:
    """Something offered to the person, numbered on text channels.

    Attributes:
        intent: the leaf question; or "guide.<name>", "country.<code>", or a reply to a guide's step.
        title: the choice in human words; sending it back picks it.
    """

    intent: str
    title: str


@dataclass(frozen=True)
class Progress:
    """How far a guided answer has come.

    Attributes:
        guide: its name.
        step: the step that was asked last, or "country".
        verdict: the worst verdict so far, or None.
        misses: how often in a row the reply to this step was not understood.
    """

    guide: str
    step: str
    verdict: str | None = None
    misses: int = 0


@dataclass(frozen=True)
class Raised:
    """The danger that was answered last.

    Attributes:
        level: "emergency", "urgent" or "soon".
        rules: the red flags that raised it, the most urgent first.
        settled: the person has thanked, taken it back or said that it is better, and has had the careful reply to that.
        turns: how many messages have come since.
    """

    level: str
    rules: tuple[str, ...]
    settled: bool = False
    turns: int = 0


@dataclass(frozen=True)
class Memory:
    """What the conversation remembers from before this message.

    Attributes:
        offered: the choices that the last reply gave.
        answered: the leaf questions that the last answering turn answered, in order.
        misses: how many messages in a row were not understood.
        country: whose rules apply, or None.
        progress: the guided answer that is going on, or None.
        raised: the danger that was answered last, or None.
        dose: the calculation that is going on or was shown last (see `isobot.dialogue.dose_turn`), or None.
    """

    offered: tuple[Choice, ...] = ()
    answered: tuple[str, ...] = ()
    misses: int = 0
    country: str | None = None
    progress: Progress | None = None
    raised: Raised | None = None
    dose: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Turn:
    """What to do now.

    Attributes:
        actions: Rasa actions in order, without the final action_listen.
        answered: the leaf questions that these actions answer.
        choices: what is offered to the person with the last of them.
        understood: False where the person is asked back or told that there is no reviewed answer.
        progress: the guided answer that goes on after this turn.
        country: the country that the person picked, or None where none was picked.
        raised: the danger that the conversation remembers after this turn.
        danger: danger is answered in this turn, before anything else.
        dose: the calculation that goes on after this turn, or whose result is said in it.
    """

    actions: tuple[str, ...]
    answered: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    understood: bool = True
    progress: Progress | None = None
    country: str | None = None
    raised: Raised | None = None
    danger: bool = False
    dose: Mapping[str, Any] | None = None
