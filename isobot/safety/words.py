"""Turns a text into sentences of plain words: base forms, slips repaired, one name for the medicine, no fillers.

Rules and the words that deny or date a symptom are matched on these, so that "my eyes have gone yelow" and "eyes going
yellow" are the same to them. Whole words are compared, never pieces of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import lemminflect
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from isobot.content.reference import read_checked
from isobot.text.spelling import Speller

WORDS_FILE = Path(__file__).with_name("words.yml")
_LIST = {"type": "array", "items": {"type": "string"}}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["fillers", "keeps", "forms"],
    "additionalProperties": False,
    "properties": {
        "fillers": _LIST,
        "keeps": _LIST,
        "forms": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
MEDICINE = "isotretinoin"
MAX_SENTENCES = 60  # a post of average length has eight; bounds the cost of a hostile message
MAX_WORDS = 60  # a longer sentence is cut into pieces: people leave out full stops
_FOLD = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "`": "'"})
_SENTENCE_END = re.compile(
    r"(?<=[a-zA-Z)\"'\u2026])[.]+(?=\s|$)|(?<=\d)\.(?=\s|$)|[!?;\u2026]+|\.{2,}|\n+| [-\u2013\u2014] "
)
_ANSWERED_NO = re.compile(r"\s*\?\s*(?:no|nope|nah|never|not really|none)\b(?=\s*[.,;!?\n]|\s*$)")  # "Rash? No."
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*(?:'[^\W_]+)?|,|%|\+")


@dataclass(frozen=True)
class _Forms:
    """The table of words.yml."""

    fillers: frozenset[str]
    keeps: frozenset[str]
    of: dict[str, str]


@lru_cache(maxsize=1)
def _forms() -> _Forms:
    data = read_checked(WORDS_FILE, _SCHEMA)
    return _Forms(frozenset(data["fillers"]), frozenset(data["keeps"]), data["forms"])


class Words:
    """Reads texts as plain words; the repair of slips leans towards the words that it is given."""

    def __init__(self, lexicon: Iterable[str], medicine_names: Iterable[str]) -> None:
        """Create a reader.

        Args:
            lexicon: words worth repairing towards: those of the rules.
            medicine_names: what people call isotretinoin, lower case.
        """
        self._speller = Speller(dict.fromkeys({*lexicon, *medicine_names}, 9))
        names = sorted(medicine_names, key=len, reverse=True)
        self._names = re.compile(rf"\b(?:{'|'.join(re.escape(n) for n in names)})\b")
        self.language: Language = spacy.blank("en")
        self.language.tokenizer = _Tokenizer(self, self.language.vocab)

    def fold(self, text: str) -> str:
        """Return `text` in lower case with slips repaired and the medicine under one name."""
        lowered = text.translate(_FOLD).lower()
        return self._names.sub(MEDICINE, self._names.sub(MEDICINE, self._speller.repair(lowered)))

    def plain(self, folded: str) -> list[str]:
        """Return the plain words of a folded text, commas included."""
        words: list[str] = []
        for match in _WORD.finditer(folded):
            for piece in _pieces(match.group()):
                words.extend(base_form(piece).split())
        return [w for w in words if w not in _forms().fillers]

    def phrase(self, text: str) -> list[str]:
        """Return a phrase of the rules as plain words; their own words are not repaired."""
        return self.plain(text.lower())

    def sentences(self, text: str) -> list[list[str]]:
        """Return the sentences of `text` as lists of plain words, in order; an empty list where there are no words."""
        found: list[list[str]] = []
        for sentence in _SENTENCE_END.split(_ANSWERED_NO.sub(" no.", self.fold(text))):
            words = self.plain(sentence)
            found += [words[i : i + MAX_WORDS] for i in range(0, len(words), MAX_WORDS)]
        if len(found) > MAX_SENTENCES:  # danger stands at the start of a long post or, more often, at its end
            half = MAX_SENTENCES // 2
            found = found[:half] + found[-half:]
        return [f for f in found if f != [","]]

    def doc(self, words: list[str]) -> Doc:
        """Return a sentence of plain words as a spaCy document of one sentence."""
        return Doc(self.language.vocab, words=words, sent_starts=[i == 0 for i in range(len(words))])


class _Tokenizer:
    """Lets spaCy's pipeline and medspaCy read a text as plain words."""

    def __init__(self, words: Words, vocab: Vocab) -> None:
        self._words = words
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        return self._words.doc(self._words.phrase(text))

    def to_bytes(self, **kwargs: Any) -> bytes:
        return b""


_ENDINGS = re.compile(r"^(.+?)('m|'re|'ve|'ll|'d|'s|s')$")
_NOT = re.compile(
    r"^(ca|wo|do|does|did|is|are|was|were|has|have|had|could|would|should|must|need|ai)(?:n't|nt)$|^(can)('t|t)$"
)


def _pieces(word: str) -> list[str]:
    """Return "didnt" and "didn't" as "did" and "not", "he's" as "he" and "'s"."""
    if match := _NOT.match(word):
        return [match.group(1) or "can", "not"]
    if match := _ENDINGS.match(word):
        stem, ending = match.groups()
        return (
            [stem] if ending in ("'s", "s'") and stem not in _PRONOUNS else [stem, "be" if ending == "'s" else ending]
        )
    return [word]


_PRONOUNS = frozenset({"he", "she", "it", "that", "what", "there", "who", "i"})


@lru_cache(maxsize=50_000)
def base_form(word: str) -> str:
    """Return the base form of a word ("swollen" -> "swell"), or the words that a short form stands for."""
    if word in _forms().of:
        return _forms().of[word]
    if word in _forms().keeps or not word.isalpha():
        return word
    lemmas = lemminflect.getAllLemmas(word)
    for part_of_speech in ("AUX", "VERB", "NOUN"):
        if forms := lemmas.get(part_of_speech):
            return str(forms[0])
    return word
