"""The little language that the rules are written in.

want to die                 these words in a row (any form of each, slips tolerated)
(severe|awful) pain         one of several words
belly_pain + severe         both in one sentence, close together, in any order; names of `concepts` or words
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

_ALTERNATIVES = re.compile(r"\(([^()]*)\)")

WordSets = list[frozenset[str]]


def flat(pattern: str) -> str:
    """Return a pattern whose alternatives hold no alternatives of their own: "(a (b|c)|d)" becomes "(a b|a c|d)"."""
    depth, start = 0, 0
    for i, letter in enumerate(pattern):
        if letter == "(":
            depth += 1
            if depth == 1:
                start = i
        elif letter == ")":
            depth -= 1
            if depth == 0 and "(" in (inside := pattern[start + 1 : i]):
                spelt_out = "|".join(phrase for option in _options(inside) for phrase in _spelt_out(option))
                return flat(f"{pattern[:start]}({spelt_out}){pattern[i + 1 :]}")
    return pattern


def _options(inside: str) -> list[str]:
    """Return the alternatives of a group, split where no inner group is open."""
    options, depth = [""], 0
    for letter in inside:
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and depth == 0:
            options.append("")
        else:
            options[-1] += letter
    return options


def _spelt_out(option: str) -> list[str]:
    """Return every phrase that an alternative stands for."""
    pieces = _ALTERNATIVES.split(flat(option))
    choices_of = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(pieces)]
    return [" ".join("".join(choice).split()) for choice in itertools.product(*choices_of)]


def word_sets(pattern: str, plain: Callable[[str], list[str]]) -> list[WordSets]:
    """Return the sequences of word sets that a pattern stands for; an empty alternative leaves the word out.

    Alternatives of one word each become one set; longer ones multiply the sequences.

    Args:
        pattern: words with (alternatives|in brackets).
        plain: turns words into plain words, the way messages are read.
    """
    slots: list[list[WordSets]] = []
    for i, piece in enumerate(_ALTERNATIVES.split(flat(pattern))):
        if i % 2 == 0:
            slots.append([[frozenset([word]) for word in plain(piece)]])
            continue
        # An alternative that is a mere filler ("completely") says nothing by itself; an empty one is meant.
        alternatives = [words for a in piece.split("|") if (words := plain(a)) or not a.strip()]
        single = frozenset(words[0] for words in alternatives if len(words) == 1)
        options: list[WordSets] = [[single]] if single else []
        options += [[frozenset([w]) for w in words] for words in sorted({tuple(a) for a in alternatives if len(a) > 1})]
        if not all(alternatives):
            options.append([])
        slots.append(options)
    return [made for choice in itertools.product(*slots) if (made := list(itertools.chain(*choice)))]


def token_pattern(sets: WordSets) -> list[dict[str, Any]]:
    """Return a sequence of word sets as a spaCy `Matcher` pattern over plain words."""
    return [{"ORTH": {"IN": sorted(choice)}} if len(choice) > 1 else {"ORTH": next(iter(choice))} for choice in sets]


def parts(sign: str) -> list[str]:
    """Return the parts of a sign that must stand together."""
    return [part.strip() for part in sign.split(" + ")]


def words_of(pattern: str) -> set[str]:
    """Return the words that stand in a pattern."""
    return set(re.findall(r"[^\W_]+(?:'[^\W_]+)?", pattern.lower()))


def choices(part: str) -> list[str]:
    """Return the alternatives of a part that is nothing but alternatives, "(belly_pain|cramp)"; else the part alone."""
    match = _ALTERNATIVES.fullmatch(flat(part))
    return match.group(1).split("|") if match else [part]
