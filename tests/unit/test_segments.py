"""A message is split where another question may begin."""

import pytest

from isobot.nlu.segments import MAX_SEGMENTS, split


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
