"""What has been made of a message's quantities so far, and the words around each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from isobot.dose.quantities import Item
from isobot.dose.said import Problem, Said, Weight
from isobot.dose.words import words

_NEAR = 58  # characters beside a number in which words say what it is
I_AM = re.compile(r"\b(?:i'?m|i am|she'?s|he'?s|she is|he is|turning|turned)(?: only| just| a| nearly| almost)? ?$")
_CHANGE = re.compile(r"\b(?:lost|gained|put on|lose|gain|dropped|down|up)\b[^.,;]*$")


@dataclass
class Reading:
    """What has been made of the items so far."""

    text: str
    today: date
    weights: list[tuple[Item, Weight]] = field(default_factory=list)
    doses: list[tuple[Item, Fraction, Item | None]] = field(default_factory=list)  # mg a day, and how often it is taken
    days: list[tuple[Item, int]] = field(default_factory=list)
    missed: int = 0
    loose_boxes: bool = False  # boxes are counted, but not what is in them
    unsure_days: bool = False  # "4 to 5 months"
    settled: tuple[Item, ...] = ()  # changes of weight whose outcome is told: "lost 5 kg, now I'm 65 kg"
    problems: list[Problem] = field(default_factory=list)
    said: Said = field(default_factory=Said)

    @property
    def read_items(self) -> list[Item]:
        """The items that were read as weights, doses or days."""
        return [
            *(item for item, _ in self.weights),
            *(item for item, _, _ in self.doses),
            *(item for item, _ in self.days),
        ]

    @property
    def unsettled_text(self) -> str:
        """The text without changes of weight whose outcome is told."""
        text = self.text
        for item in self.settled:
            begins = _CHANGE.search(text[: item.start])
            start = begins.start() if begins else item.start
            text = text[:start] + " " * (item.end - start) + text[item.end :]
        return text

    def before(self, item: Item) -> str:
        """Return the words right before an item."""
        return self.text[max(0, item.start - _NEAR) : item.start]

    def after(self, item: Item) -> str:
        """Return the words right after an item."""
        return self.text[item.end : item.end + _NEAR]

    def is_before(self, name: str, item: Item) -> bool:
        """Return whether words of words.yml (`before`) end right before an item."""
        return bool(words().before[name].search(self.before(item)))

    def is_after(self, name: str, item: Item) -> bool:
        """Return whether words of words.yml (`after`) begin right after an item."""
        return bool(words().after[name].match(self.after(item)))


def decimal_of(value: Fraction) -> Decimal:
    """Return a number as a decimal; numbers that people write have no other part."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def one_sentence(one: Item, other: Item, text: str) -> bool:
    """Return whether two items stand in one sentence of a text."""
    return not re.search(r"[.!?]\s", text[min(one.end, other.end) : max(one.start, other.start)])
