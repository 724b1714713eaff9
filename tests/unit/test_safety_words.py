"""Messages and rules are read as plain words: whole words, base forms, slips repaired."""

from __future__ import annotations

import pytest

from isobot.safety.detector import detector
from isobot.safety.patterns import choices, flat, parts, word_sets


def words(text: str) -> list[list[str]]:
    return detector().words.sentences(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("my eyes have gone yelow", "my eyes have gone yellow"),
        ("i cant brethe", "I can't breathe"),
        ("im not suicidal", "I'm not suicidal"),
        ("he didnt sleep", "he did not sleep"),
        ("on roaccutane", "on Isotretinoin"),
        ("a really bad headake", "bad headache"),
    ],
)
def test_two_ways_of_writing_read_the_same(one: str, other: str) -> None:
    assert words(one) == words(other)


def test_sentences_are_kept_apart() -> None:
    assert len(words("No fever. I have a bad headache!\nIt hurts")) == 3
    assert words("") == []
    assert words("?!... ,") == []


def test_a_number_with_a_point_is_one_word() -> None:
    assert ["fever", "39.5"] in words("fever 39.5")


def test_a_question_answered_with_no_is_one_sentence() -> None:
    assert words("Suicidal thoughts? No.")[0][-1] == "no"


def test_a_hostile_message_is_bounded() -> None:
    assert len(words("no. " * 5000)) <= 60
    assert max(map(len, words("pain " * 5000))) <= 60


def test_alternatives_become_sets_and_longer_ones_sequences() -> None:
    plain = str.split
    assert word_sets("(a|b) c", plain) == [[frozenset("ab"), frozenset("c")]]
    assert word_sets("x (a|b c|)", plain) == [
        [frozenset("x"), frozenset("a")],
        [frozenset("x"), frozenset("b"), frozenset("c")],
        [frozenset("x")],
    ]


def test_the_parts_of_a_sign() -> None:
    assert parts("belly_pain + to my back") == ["belly_pain", "to my back"]
    assert choices("(a|b)") == ["a", "b"]
    assert choices("a (b|c)") == ["a (b|c)"]


def test_alternatives_may_hold_alternatives() -> None:
    assert flat("x (a (b|c)|d) y") == "x (a b|a c|d) y"
    assert flat("(a|b) c") == "(a|b) c"
