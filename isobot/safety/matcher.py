"""Finds the signs of the rule table in one sentence of plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from isobot.safety.patterns import word_sets
from isobot.safety.words import Words

Place = tuple[int, int]  # first word, last word plus one
_CLOSE = 5  # words between the parts of a concept ("pain", "in", "my", "lower", "belly")
LOOK_ALIKE = 3  # words between the parts of a look-alike: it must be about the very thing
_TOGETHER = 14  # words between the parts of a sign
_MOST_PLACES = 12  # of one concept in one sentence; bounds the cost of a hostile message


@dataclass(frozen=True)
class Hit:
    """A sign that stands in a sentence.

    Attributes:
        places: where each of its parts stands.
    """

    places: tuple[Place, ...]

    @property
    def extent(self) -> Place:
        """From the first word of the first part to the last word of the last."""
        return min(p[0] for p in self.places), max(p[1] for p in self.places)


class Matcher:
    """Compiled phrases and concepts.

    Phrases are looked up by their first word: a hundredth of the time that spaCy's Matcher takes for as many patterns,
    which it tries one by one at each word.
    """

    def __init__(self, words: Words, phrases: Mapping[str, list[list[str]]]) -> None:
        """Compile.

        Args:
            words: reads the phrases the way messages are read.
            phrases: label to the patterns that make it up (see `isobot.safety.table.phrases`).
        """
        self._by_first: dict[str, list[tuple[str, tuple[frozenset[str], ...]]]] = {}
        self._composed: list[tuple[str, list[str]]] = []
        for label, patterns in phrases.items():
            for pattern in patterns:
                if len(pattern) > 1 or (pattern[0] in phrases and pattern[0] != label):
                    self._composed.append((label, pattern))
                    for part in pattern:
                        if part not in phrases:
                            self._add(part, part, words)
                else:
                    self._add(label, pattern[0], words)

    def _add(self, label: str, phrase: str, words: Words) -> None:
        for first, *rest in word_sets(phrase, words.phrase):
            for word in first:
                entry = label, tuple(rest)
                entries = self._by_first.setdefault(word, [])
                if entry not in entries:
                    entries.append(entry)

    def find(self, words: Sequence[str]) -> dict[str, list[Place]]:
        """Return where each label stands in a sentence of plain words, concepts made of others included."""
        found: dict[str, list[Place]] = {}
        for start, word in enumerate(words):
            for label, rest in self._by_first.get(word, ()):
                end = start + 1 + len(rest)
                if end > len(words) or (rest and words[start + 1] not in rest[0]):  # nearly always
                    continue
                if all(words[start + 1 + i] in choice for i, choice in enumerate(rest)):
                    places = found.setdefault(label, [])
                    if len(places) < _MOST_PLACES and (start, end) not in places:
                        places.append((start, end))
        for label, pattern in self._composed:
            if pattern[0] in found:
                for hit in together(pattern, found, _CLOSE):
                    found.setdefault(label, []).append(hit.extent)
        return found


def together(parts: Sequence[str], found: Mapping[str, list[Place]], within: int = _TOGETHER) -> list[Hit]:
    """Return where all parts stand close together, one hit for each place of the first part.

    Args:
        parts: labels.
        found: where labels stand.
        within: how many words may stand between neighbouring parts.
    """
    for part in parts:
        if part not in found:
            return []
    hits = []
    for first in found[parts[0]]:
        places = [first]
        for part in parts[1:]:
            if (nearest := _nearest(found[part], places, within)) is None:
                break
            places.append(nearest)
        else:
            hits.append(Hit(tuple(places)))
    return hits


def _nearest(candidates: Iterable[Place], places: Sequence[Place], within: int) -> Place | None:
    """Return the candidate nearest to the places that were found so far, none of which it may repeat."""
    low, high = min(p[0] for p in places), max(p[1] for p in places)
    best: tuple[int, Place] | None = None
    for place in candidates:
        if place in places:
            continue
        gap = max(place[0] - high, low - place[1], 0)
        if gap <= within and (best is None or gap < best[0]):
            best = gap, place
    return best[1] if best else None
