"""How a symptom is meant: there now, denied, supposed, long past, over, somebody else's, a figure of speech, quoted.

The algorithm is ConText (Harkema et al. 2009) in medspaCy; the words are ours (assertions.yml), as patients write
otherwise than clinicians do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from spacy.tokens import Doc, Span

from isobot.safety.context_library import ConText, ConTextRule
from isobot.safety.danger import Status
from isobot.safety.patterns import token_pattern, word_sets
from isobot.safety.table import Assertion
from isobot.safety.words import Words

_OLDEST_YEAR = 1970
_ENDED_BY = {"NEGATED": {"JOINS"}}  # beside the words that end everything

_ORDER = (
    ("QUOTED", Status.QUOTED),
    ("FIGURATIVE", Status.FIGURATIVE),
    ("OTHER_PERSON", Status.SOMEONE_ELSE),
    ("NEGATED", Status.NEGATED),
    ("HYPOTHETICAL", Status.HYPOTHETICAL),
    ("PAST", Status.PAST),
    ("OVER", Status.OVER),
)


class Assertions:
    """Finds the words that modify symptoms."""

    def __init__(self, words: Words, assertions: Iterable[Assertion]) -> None:
        """Compile the table.

        Args:
            words: reads the table's phrases the way messages are read.
            assertions: what modifies a symptom.
        """
        # A span group, as symptoms may overlap and spaCy's entities may not.
        self._context = ConText(
            words.language, rules=None, phrase_matcher_attr="ORTH", span_attrs=None, input_span_type="group"
        )
        self._context.add(
            [
                ConTextRule(
                    text,
                    a.category,
                    direction=a.direction,
                    max_scope=a.max_scope,
                    terminated_by=_ENDED_BY.get(a.category),
                    pattern=token_pattern(sets),
                )
                for a in assertions
                for text in a.words
                for sets in word_sets(text, words.phrase)
            ]
        )
        years = [str(year) for year in range(_OLDEST_YEAR, date.today().year)]
        self._context.add([ConTextRule("a year", "PAST", direction="BIDIRECTIONAL", pattern=[{"ORTH": {"IN": years}}])])

    def categories(self, doc: Doc, spans: list[tuple[int, int]]) -> list[frozenset[str]]:
        """Return for each span of a sentence the categories of the words that modify it.

        Args:
            doc: one sentence, as `Words.doc` makes it.
            spans: first and last-plus-one word of each symptom.
        """
        targets = [Span(doc, start, end, label="SIGN") for start, end in spans]
        doc.spans[self._context.span_group_name] = targets
        self._context(doc)
        edges = doc._.context_graph.edges
        found: dict[tuple[int, int], set[str]] = {}
        for target, modifier in edges:
            found.setdefault((target.start, target.end), set()).add(modifier.category)
        return [frozenset(found.get(span, ())) for span in spans]


_DENIES = frozenset({"no", "nope", "nah", "never", "none"})
_ASKS = frozenset({"is", "be", "are", "do", "does", "can", "could", "would", "will", "how", "what", "which", "who",
                   "when", "why", "should", "might", "may"})  # fmt: skip
_SOMEBODY = frozenset({"i", "me", "my", "mine", "myself", "we", "our", "us", "he", "she", "his", "her", "him", "they",
                       "them", "their", "else"})  # fmt: skip
_NORMAL = frozenset({"normal", "ok", "okay", "usual", "bad", "serious"})


def of_sentence(words: Sequence[str]) -> frozenset[str]:
    """Return the categories that a sentence as a whole gives to every symptom in it.

    "Fits, no." denies what comes before. A question that speaks of nobody asks for information: "How common are fits?",
    but not "Is it normal to see double?".
    """
    found = set()
    if words[-1] in _DENIES and len(words) > 1:
        found.add("NEGATED")
    if words[0] in _ASKS and not _SOMEBODY.intersection(words) and not _NORMAL.intersection(words[:4]):
        found.add("HYPOTHETICAL")
    return frozenset(found)


def status(categories: frozenset[str], *, relative_counts: bool = False, anybody_counts: bool = False) -> Status:
    """Return how a symptom with these modifiers is meant.

    Args:
        categories: of all the words that modify it.
        relative_counts: a brother or a friend is spoken of who takes the medicine, so they count as the writer.
        anybody_counts: it does not matter who is spoken of.
    """
    if anybody_counts:
        categories -= {"OTHER_PERSON", "RELATIVE"}
    if "RELATIVE" in categories and not relative_counts:
        return Status.SOMEONE_ELSE
    for category, meant in _ORDER:
        if category in categories and not (category in ("PAST", "OVER") and "NOW" in categories):
            return meant
    return Status.PRESENT
