"""Tells which of several weights in a message counts: the present one, the writer's own, the corrected one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from isobot.dose.label import label
from isobot.dose.quantities import Item
from isobot.dose.said import Weight
from isobot.dose.words import words

_SAME = Decimal("0.5")  # kg: "70 kg (154 lb)" is one weight
_THEIRS = re.compile(  # "what's his mg/kg", "mg/kg for him?"
    r"\b(?:his|her|hers|their)(?: \w+)? ?(?:mg|dose|per)|\bfor (?:him|her|them)\b|\b(?:is|about) (?:he|she|his|hers)\b"
)
_BESIDE, _BEHIND = 40, 30  # characters before and after the weights
_PAIR = 2  # one person's, then and now; more are several people's

Weights = Sequence[tuple[Item, Weight]]


def chosen(weights: Weights, text: str) -> tuple[tuple[Weight, ...], bool, Item | None]:
    """Return the weights that count, whether they are earlier and present ones, and the writer's own among others'.

    Args:
        weights: all that were said, in order.
        text: the message in lower case, with digits.
    """
    left = _distinct(_of_people(weights))
    if len(left) <= 1:
        return tuple(w for _, w in left), False, None
    if _is_corrected(left, text):
        return (left[-1][1],), False, None
    own = [item for item, _ in left if words().own_weight.search(text[max(0, item.start - _BESIDE) : item.start])]
    others = bool(words().others.search(text)) or len(left) > _PAIR
    if (
        len(own) == 1
        and others
        and not _THEIRS.search(text)
        and (words().mine.search(text) or not words().both.search(text))
    ):
        return tuple(w for item, w in left if item is own[0]), False, own[0]
    changed = not others and bool(words().weight_changed.search(_around(left, text)))
    if others and _grew(left, text):
        changed = True
    if changed and _present_first(left, text):
        left = left[::-1]
    return tuple(w for _, w in left), changed, None


def _of_people(weights: Weights) -> list[tuple[Item, Weight]]:
    """Return the weights without those that no patient has, where another one is left: "my backpack is 12 kg"."""
    low, high = label().weights
    plausible = [(i, w) for i, w in weights if low <= w.kg <= high]
    return plausible or list(weights)


def _distinct(weights: Weights) -> list[tuple[Item, Weight]]:
    kept: list[tuple[Item, Weight]] = []
    for item, weight in weights:
        if not any(abs(weight.kg - k.kg) <= _SAME for _, k in kept):
            kept.append((item, weight))
    return kept


def _is_corrected(weights: Weights, text: str) -> bool:
    """Return whether the later of two weights takes the earlier one back."""
    between = text[weights[0][0].end : weights[-1][0].start]
    return bool(words().corrected.search(between)) and not words().others.search(between)


def _around(weights: Weights, text: str) -> str:
    return text[max(0, weights[0][0].start - _BESIDE) : weights[-1][0].end + _BEHIND]


def _present_first(weights: Weights, text: str) -> bool:
    """Return whether the first of two weights is the present one: "64 kg now but was 70 kg when I started"."""
    first, last = weights[0][0], weights[-1][0]
    now_after_first = words().now.match(text[first.end : first.end + 12].lstrip())
    earlier = re.search(
        r"\b(?:was|were|from|started at|used to (?:be|weigh)|before|previously|originally)(?: about| around)? $",
        text[: last.start],
    )
    now_before_last = re.search(r"\bnow\b[^,.;]{0,6}$", text[: last.start])
    from_first = re.search(r"\bfrom(?: about| around)? $", text[: first.start])
    return bool((now_after_first or earlier) and not now_before_last and not from_first)


def _grew(weights: Weights, text: str) -> bool:
    """Return whether one person's weights are told, then and now: "my son weighed 48 kg at 14, he's 61 kg now"."""
    first, last = weights[0][0], weights[-1][0]
    now = text[last.end : last.end + 8].strip().startswith("now") or " now " in text[last.start - 12 : last.start]
    then = any(w in text[max(0, first.start - 20) : first.start] for w in ("weighed", "was ", "used to"))
    return now and then
