"""Finds the medicines that a message names, this one and others, by whole words with tolerance for typos."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import spacy
from rapidfuzz import process
from rapidfuzz.distance import OSA
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from isobot.content.reference import ROOT, read_checked

MEDICINES_FILE = ROOT / "data" / "medicines.yml"
_NAMES = {"type": "array", "minItems": 1, "items": {"type": "string"}}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["isotretinoin", "groups"],
    "additionalProperties": False,
    "properties": {
        "isotretinoin": _NAMES,
        "groups": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["answer", "names"],
                "additionalProperties": False,
                "properties": {"answer": {"type": "string"}, "names": _NAMES},
            },
        },
    },
}
OWN = "isotretinoin"
_FUZZY_LENGTH = 8  # shorter names are one slip away from ordinary words
_LETTERS_PER_SLIP = 5
_LEAVE_WORDS = 9  # "can I take ibuprofen for a headache?"; longer ones are about that medicine's own use
# Words that tell that the writer means both together although only the other medicine is named.
_TOGETHER = re.compile(
    r"\b(?:"
    r"with (?:it|this|these|my (?:capsules?|course|acne (?:pills?|tablets?|meds?)))"
    r"|interact(?:s|ion|ions)? with it"
    r"|(?:taking|for) (?:it|this)"
    r"|(?:the|these|my) capsules"
    r"|after (?:finishing|my course|the course)"
    r"|(?:while|when|if) (?:i'?m )?on (?:this|these|the capsules)"
    r"|during (?:my|the) (?:course|capsules)"
    r")\b",
    re.IGNORECASE,
)
# "Can I take X?" to this bot asks about the two together.
_MAY_I_TAKE = re.compile(
    r"\b(?:can|could|may|am i (?:ok|okay|allowed)|is it (?:ok|okay|safe|alright|all right|fine)|ok(?:ay)?|safe)\b"
    r"(?: (?:i|we|my \w+|he|she|you|to|still|also|just|for|me))* (?:take|use|have|pop|apply)"
    r"(?: (?:an?|some|the|my|any))?\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mentions:
    """The medicines that a message names.

    Attributes:
        own: isotretinoin is named.
        together: other words tell that the other medicine is meant beside isotretinoin.
        answers: for each other medicine, in order, the question on taking it together with isotretinoin.
    """

    own: bool
    together: bool
    answers: tuple[str, ...]


@lru_cache(maxsize=1)
def _matcher() -> tuple[spacy.language.Language, PhraseMatcher, dict[str, str]]:
    table = read_checked(MEDICINES_FILE, _SCHEMA)
    language = spacy.blank("en")
    language.max_length = 100_000
    matcher = PhraseMatcher(language.vocab, attr="LOWER")
    single: dict[str, str] = {}
    for label, names in [(OWN, table[OWN]), *((g["answer"], g["names"]) for g in table["groups"])]:
        matcher.add(label, [language.make_doc(name) for name in names])
        single |= {n.lower(): label for n in names if len(n) >= _FUZZY_LENGTH and " " not in n}
    return language, matcher, single


def find_medicines(text: str) -> Mentions:
    """Return which medicines `text` names."""
    language, matcher, single = _matcher()
    doc = language.make_doc(text)
    labels = {start: language.vocab.strings[match] for match, start, _ in sorted(matcher(doc), key=lambda m: m[1])}
    labels |= _misspelt(doc, labels, single)
    in_order = [labels[i] for i in sorted(labels)]
    own = OWN in in_order
    asks_leave = len(doc) <= _LEAVE_WORDS and any(
        _MAY_I_TAKE.search(text[: doc[i].idx]) for i, label in labels.items() if label != OWN
    )
    together = asks_leave or bool(_TOGETHER.search(text))
    return Mentions(own, together, tuple(dict.fromkeys(label for label in in_order if label != OWN)))


def _misspelt(doc: Doc, found: dict[int, str], names: dict[str, str]) -> dict[int, str]:
    """Return labels for words that are a slip or two away from a long name."""
    labels = {}
    for token in doc:
        word = token.lower_
        if token.i in found or len(word) < _FUZZY_LENGTH - 1 or not word.isalpha():
            continue
        slips = max(1, len(word) // _LETTERS_PER_SLIP)
        best = process.extractOne(word, names.keys(), scorer=OSA.distance, score_cutoff=slips)
        if best is not None:
            labels[token.i] = names[best[0]]
    return labels
