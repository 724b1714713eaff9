"""A message is split where another question may begin."""

import pytest

from isobot.text.segments import MAX_SEGMENTS, in_context, split


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("can I drink?", ["can I drink?"]),
        ("My lips hurt. Can I drink?", ["My lips hurt.", "Can I drink?"]),
        ("do i need sunscreen and can i give blood?", ["do i need sunscreen", "can i give blood?"]),
        ("I take 0.5 mg a day. Is that low?", ["I take 0.5 mg a day.", "Is that low?"]),
        ("line one here\n\nline two here", ["line one here", "line two here"]),
        ("rice and beans are fine", ["rice and beans are fine"]),
        ("", [""]),
    ],
)
def test_split(text: str, parts: list[str]) -> None:
    assert split(text) == parts


def test_a_flood_of_sentences_keeps_start_and_end() -> None:
    parts = split("First question here? " + "More words here. " * 500 + "Last question here?")
    assert len(parts) <= MAX_SEGMENTS
    assert parts[0] == "First question here?"
    assert parts[-1] == "Last question here?"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("no, I meant the blood test", "the blood test"),
        ("Sorry, I mean the cream my doctor gave me", "the cream my doctor gave me"),
        ("not that one, i was asking about sunbeds", "sunbeds"),
        ("nobody I know", "nobody I know"),
    ],
)
def test_a_correction_loses_its_lead_in(text: str, rest: str) -> None:
    assert split(text) == [rest]


def test_a_short_segment_that_leans_back_is_read_with_the_one_before() -> None:
    segments = ["My hair's coming out.", "Is it from the tablets?", "Can I still drink beer?"]
    assert in_context(segments) == [segments[0], f"{segments[0]} {segments[1]}", segments[2]]
    assert in_context([]) == []
