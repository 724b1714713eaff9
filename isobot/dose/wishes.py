"""What a message asks of the calculator, and what it says that forbids an answer: wishes and refusals by words."""

from __future__ import annotations

from isobot.dose.said import Refusal, Wish
from isobot.dose.words import words
from isobot.text.medicines import find_medicines


def wishes(text: str) -> tuple[Wish, ...]:
    """Return what is asked for.

    Args:
        text: a message in lower case, with digits.
    """
    return tuple(Wish(name) for name, pattern in words().wishes.items() if pattern.search(text))


def refusals(text: str, message: str, asked: tuple[Wish, ...]) -> tuple[Refusal, ...]:
    """Return what in the words forbids a calculation.

    Args:
        text: the message in lower case, with digits.
        message: the message as it was written.
        asked: what it asks for.
    """
    without_denials = words().denials.sub(" ", text)
    found = [Refusal(name) for name, pattern in words().refusals.items() if pattern.search(without_denials)]
    if _names_another_drug(message):
        found.append(Refusal.OTHER_DRUG)
    if {Wish.CHOICE, Wish.CATCH_UP}.intersection(asked) and Refusal.NO_PRESCRIBER not in found:
        found.append(Refusal.NO_PRESCRIBER)
    return tuple(found)


def _names_another_drug(message: str) -> bool:
    """Return whether another medicine than isotretinoin is the one whose dose is spoken of."""
    mentions = find_medicines(message)
    return bool(mentions.answers) and not mentions.own and not mentions.together and not mentions.in_passing
