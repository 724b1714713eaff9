"""Finds the medicines that a message names, this one and others, by whole words with tolerance for typos."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import spacy
import spacy.util
from rapidfuzz import process
from rapidfuzz.distance import OSA
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

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
                "properties": {"answer": {"type": "string"}, "in_passing": {"const": True}, "names": _NAMES},
            },
        },
    },
}
OWN = "isotretinoin"
_FUZZY_LENGTH = 8  # shorter names are one slip away from ordinary words
_LETTERS_PER_SLIP = 5
_LETTERS_PER_SLIP_OWN = 4  # people misspell their own medicine more boldly, and no other name is near it
_LEAVE_WORDS = 14  # "can I take ibuprofen for a headache?"; longer ones are about that medicine's own use
# Words that tell that the writer means both together although only the other medicine is named.
_TOGETHER = re.compile(
    r"\bwith (?:these|my (?:capsules?|course|acne (?:pills?|tablets?|meds?)))\b"
    r"|\binteract(?:s|ion|ions)? with it\b"
    r"|\b(?:while|when|if|since|already|also|now(?: that)?)"
    r" (?:i'?m |i am )?(?:taking|on) (?:it|this|these|the capsules)\b"
    r"|\b(?:the|these|my) capsules\b"
    r"|\b(?:after|once|when) (?:finishing|my course|the course|(?:i|i'?m|i am|i'?ve|i have) (?:finish(?:ed)?|done|off))"
    r"(?: (?:it|this|treatment|with it))?\W*$"
    r"|\bduring (?:my|the) (?:course|capsules)\b"
    r"|\b(?:alongside|on top of|beside|together with) (?:it|this|these|them|the pills|my pills)\b|\bclash(?:es)?\b"
    r"|\b(?:help|work|safe|ok(?:ay)?|fine|use|take|using|taking)\b.{0,40} (?:on|with) (?:it|this|these)\W*$",
    re.IGNORECASE,
)
_WITH_IT = re.compile(r"^(?:\W*\w+){0,2}\W*\bwith (?:it|this)\b", re.IGNORECASE)  # "ibuprofen with it?"
_WITH_IT_LIKE = re.compile(
    r"\bwith (?:it|this)\W+(?:like|such as|e\.?g\.?|for example|including|say)?\W*$", re.IGNORECASE
)
# "Can I take X?" to this bot asks about the two together.
_MAY_I_TAKE = re.compile(
    r"\b(?:can|could|may|am i (?:ok|okay|allowed)|is it (?:ok|okay|safe|alright|all right|fine)|ok(?:ay)?|safe)\b"
    r"(?: (?:i|we|my \w+|he|she|you|to|still|also|just|for|me))* (?:take|use|have|pop|apply)"
    r"(?: (?:an?|some|the|my|any|\d+ ?mg(?: of)?))?\W*$"
    r"|\b(?:is it|would it be) (?:an? (?:problem|issue)|ok(?:ay)?|fine|bad|dangerous|safe|all ?right)"
    r"(?: that| if| when)? (?:i'?m|i am|he'?s|she'?s) (?:still |also )?(?:on|taking)(?: (?:an?|some|the|my|any))?\W*$",
    re.IGNORECASE,
)
# What may follow: "for a headache", "now", "for my back"; not "when pregnant" or "with blood pressure pills".
_AFTER_LEAVE = re.compile(
    r"^\W*(?:(?:for (?:a |an |my |the )?\w+(?: \w+)?|now|too|also|tonight|today|as well|please|or not|on (?:this|it)"
    r"|(?:or|and) \w+)\W*)*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mentions:
    """The medicines that a message names.

    Attributes:
        own: isotretinoin is named.
        together: other words tell that the other medicine is meant beside isotretinoin.
        answers: for each other medicine, in order, the question on taking it together with isotretinoin.
        in_passing: only such words are among them as people use in passing ("antibiotics never helped").
    """

    own: bool
    together: bool
    answers: tuple[str, ...]
    in_passing: bool = False


@dataclass(frozen=True)
class _Names:
    """The table, ready for matching.

    Attributes:
        language: splits a text into words.
        matcher: finds the names as whole words; a match's label is a key of `groups`.
        single: one-word names that are long enough for slips, to their label.
        groups: label to (the question it leads to, named in passing).
    """

    language: spacy.language.Language
    matcher: PhraseMatcher
    single: dict[str, str]
    groups: dict[str, tuple[str, bool]]


@lru_cache(maxsize=1)
def _names() -> _Names:
    table = read_checked(MEDICINES_FILE, _SCHEMA)
    language = spacy.blank("en")
    language.max_length = 100_000
    matcher = PhraseMatcher(language.vocab, attr="LOWER")
    single: dict[str, str] = {}
    groups = {OWN: (OWN, False)}
    named = [(OWN, table[OWN])]
    for number, group in enumerate(table["groups"]):
        label = f"group {number}"
        groups[label] = (group["answer"], group.get("in_passing", False))
        named.append((label, group["names"]))
    for label, names in named:
        matcher.add(label, [language.make_doc(name) for name in names])
        single |= {n.lower(): label for n in names if len(n) >= _FUZZY_LENGTH and " " not in n}
    return _Names(language, matcher, single, groups)


def own_names() -> tuple[str, ...]:
    """Return what people call isotretinoin, lower case."""
    return tuple(name.lower() for name in read_checked(MEDICINES_FILE, _SCHEMA)[OWN])


def find_medicines(text: str) -> Mentions:
    """Return which medicines `text` names."""
    names = _names()
    doc = names.language.make_doc(text)
    label_of = {(a, b): names.language.vocab.strings[m] for m, a, b in names.matcher(doc)}
    spans = spacy.util.filter_spans([doc[a:b] for a, b in label_of])
    found = {span.start: (span, label_of[span.start, span.end]) for span in spans}
    found |= {i: (doc[i : i + 1], label) for i, label in _misspelt(doc, found, names.single).items()}
    others = [(span, *names.groups[label]) for _, (span, label) in sorted(found.items()) if label != OWN]
    together = bool(_TOGETHER.search(text)) or any(_meant_together(span, text, len(doc)) for span, _, _ in others)
    return Mentions(
        own=any(label == OWN for _, label in found.values()),
        together=together,
        answers=tuple(dict.fromkeys(answer for _, answer, _ in others)),
        in_passing=bool(others) and all(passing for _, _, passing in others),
    )


def _meant_together(span: Span, text: str, words: int) -> bool:
    """Return whether the words around another medicine ask about it beside the one that this bot is about."""
    before, after = text[: span.start_char], text[span.end_char :]
    if _WITH_IT_LIKE.search(before) or (_WITH_IT.search(after) and words <= _LEAVE_WORDS):
        return True
    return words <= _LEAVE_WORDS and bool(_MAY_I_TAKE.search(before)) and bool(_AFTER_LEAVE.match(after))


def _misspelt(doc: Doc, found: Container[int], names: dict[str, str]) -> dict[int, str]:
    """Return labels for words that are a slip or two away from a long name."""
    labels = {}
    for token in doc:
        word = token.lower_
        if token.i in found or len(word) < _FUZZY_LENGTH - 1 or not word.isalpha():
            continue
        most = max(1, len(word) // _LETTERS_PER_SLIP_OWN)
        best = process.extractOne(word, names.keys(), scorer=OSA.distance, score_cutoff=most)
        if best is None:
            continue
        label = names[best[0]]
        if label == OWN or best[1] <= max(1, len(word) // _LETTERS_PER_SLIP):
            labels[token.i] = label
    return labels
