"""What a turn of the conversation starts from and what it comes to: plain data, kept in Rasa slots."""

from __future__ import annotations

from dataclasses import dataclass


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
class Memory:
    """What the conversation remembers from before this message.

    Attributes:
        offered: the choices that the last reply gave.
        answered: the leaf questions that the last answering turn answered, in order.
        misses: how many messages in a row were not understood.
        country: whose rules apply, or None.
        progress: the guided answer that is going on, or None.
    """

    offered: tuple[Choice, ...] = ()
    answered: tuple[str, ...] = ()
    misses: int = 0
    country: str | None = None
    progress: Progress | None = None


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
    """

    actions: tuple[str, ...]
    answered: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    understood: bool = True
    progress: Progress | None = None
    country: str | None = None
