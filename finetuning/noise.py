"""Typing noise: what thumbs on a phone make of a phrasing."""

from __future__ import annotations

import random
import re

NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_SHARES = (0.0, 0.0, 0.0, 0.08, 0.15, 0.25)  # of words with a slip; half of the texts have none
_MIN_LENGTH = 4
_OFTEN = 0.4


def typed(text: str, generator: random.Random) -> str:
    """Return `text` as somebody in a hurry might have typed it."""
    if generator.random() < _OFTEN:
        text = text.lower()
    if generator.random() < _OFTEN:
        text = re.sub(r"[.,?!']", "", text)
    share = generator.choice(_SHARES)
    return " ".join(
        _slip(word, generator) if len(word) >= _MIN_LENGTH and generator.random() < share else word
        for word in text.split()
    )


def _slip(word: str, generator: random.Random) -> str:
    """Return `word` with a letter dropped, swapped, doubled or hit beside."""
    at = generator.randrange(1, len(word))
    match generator.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
        case 2:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + generator.choice(NEIGHBOURS.get(word[at].lower(), word[at])) + word[at + 1 :]
