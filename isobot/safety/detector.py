"""The rule-based red-flag detector: a message in, findings and their urgency out.

Highest level wins. Only words that deny, date, suppose or give away the very symptom silence it; words that play it
down never do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from isobot.safety import people
from isobot.safety.assertion import Assertions, of_sentence, status
from isobot.safety.danger import Danger, Finding, Status, highest
from isobot.safety.matcher import LOOK_ALIKE, Hit, Matcher, Place, together
from isobot.safety.quotations import without_quotations
from isobot.safety.table import Sign, Table, phrases, table
from isobot.safety.urgency import Urgency
from isobot.safety.words import Words
from isobot.text.medicines import own_names


@dataclass
class _Seen:
    """What the sentences of a message have shown so far."""

    relative_counts: bool
    findings: list[Finding] = field(default_factory=list)
    weak: list[Finding] = field(default_factory=list)
    present: set[str] = field(default_factory=set)  # labels that stand somewhere and are meant
    asked_about: dict[str, None] = field(default_factory=dict)
    denied: dict[str, None] = field(default_factory=dict)
    soft_check: bool = False


class Detector:
    """The compiled rule table."""

    def __init__(self, rules: Table, medicine_names: Iterable[str]) -> None:
        """Compile the table.

        Args:
            rules: the rule table.
            medicine_names: what people call isotretinoin, lower case.
        """
        self.table = rules
        self.words = Words(rules.lexicon, medicine_names)
        self._matcher = Matcher(self.words, phrases(rules.rules, rules.concepts))
        self._assertions = Assertions(self.words, rules.assertions)
        signs = [s for r in rules.rules.values() for s in r.signs]
        self._signs: dict[str, list[Sign]] = {}  # by their first part: most sentences hold few of them
        for sign in signs:
            if not sign.anywhere:
                self._signs.setdefault(sign.parts[0], []).append(sign)
        self._combinations = [s for s in signs if s.anywhere]
        self._wanted = {p for s in self._combinations for p in s.parts}

    def detect(self, text: str) -> Danger:
        """Return the danger in a message, as far as the rules know it."""
        sentences = self.words.sentences(without_quotations(text))
        seen = _Seen(relative_counts=people.takes_it(sentences))
        for words in sentences:
            self._read(words, seen)
        for sign in self._combinations:
            if all(part in seen.present for part in sign.parts):
                (seen.weak if sign.weak else seen.findings).append(Finding(sign.rule, sign.level))
        findings = highest(seen.findings)
        counted = {f.rule for f in findings}
        meant = counted | {f.rule for f in seen.weak}
        return Danger(
            findings=findings,
            weak=highest(seen.weak),
            asked_about=tuple(rule for rule in seen.asked_about if rule not in counted),
            denied=tuple(rule for rule in seen.denied if rule not in meant),
            soft_check=seen.soft_check,
            under_18=people.under_18(text),
            about_another=people.is_about_another(sentences),
        )

    def _read(self, words: list[str], seen: _Seen) -> None:
        """Add what one sentence shows to `seen`."""
        found = self._matcher.find(words)
        standing = [
            (sign, of_sign)
            for label in found
            for sign in self._signs.get(label, ())
            if (of_sign := together(sign.parts, found))
        ]
        alike = {rule for rule in {sign.rule for sign, _ in standing} if self._is_look_alike(rule, found)}
        hits = [(sign, hit) for sign, of_sign in standing if sign.soft or sign.rule not in alike for hit in of_sign]
        lone = [(part, place) for part in self._wanted if part in found for place in found[part]]
        places = list(dict.fromkeys([*(p for _, hit in hits for p in hit.places), *(p for _, p in lone)]))
        if not places:
            return
        whole = of_sentence(words)
        of_places = self._assertions.categories(self.words.doc(words), places)
        meant = {place: whole | categories for place, categories in zip(places, of_places, strict=True)}
        for sign, hit in hits:
            self._judge(sign, hit, meant, seen)
        for part, place in lone:
            if status(meant[place], relative_counts=seen.relative_counts) is Status.PRESENT:
                seen.present.add(part)

    def _is_look_alike(self, rule: str, found: dict[str, list[Place]]) -> bool:
        return any(together(parts, found, LOOK_ALIKE) for parts in self.table.rules[rule].unless)

    def _judge(self, sign: Sign, hit: Hit, meant: dict[Place, frozenset[str]], seen: _Seen) -> None:
        """Note a sign as it is meant."""
        categories = frozenset[str]().union(*(meant[p] for p in hit.places))
        anybody = self.table.rules[sign.rule].somebody_else_counts
        how = status(categories, relative_counts=seen.relative_counts, anybody_counts=anybody)
        if sign.soft:
            seen.soft_check |= how not in (Status.NEGATED, Status.SOMEONE_ELSE)
            return
        if how is Status.OVER and sign.level is Urgency.EMERGENCY:
            how = Status.PRESENT  # what was an emergency yesterday is not dismissed by "it's gone now"
        if how is Status.PRESENT:
            (seen.weak if sign.weak else seen.findings).append(Finding(sign.rule, sign.level))
            return
        seen.denied[sign.rule] = None
        if how in (Status.HYPOTHETICAL, Status.QUOTED):
            seen.asked_about[sign.rule] = None


@lru_cache(maxsize=1)
def detector() -> Detector:
    """Return the detector over the rule table of this package; it is compiled once.

    Raises:
        TableError: when a table is not as it must be.
    """
    return Detector(table(), own_names())
