"""Misspelt words are repaired towards what patients ask; right words, names and other languages are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isobot.text.spelling import Speller

PHRASINGS = [
    "can I drink alcohol during treatment with isotretinoin",
    "does my dermatologist check cholesterol during treatment",
    "is alcohol bad for cholesterol on isotretinoin, asks the dermatologist",
    "what does isotretinoin do and does alcohol matter during treatment",
    "dermatologist alcohol cholesterol treatment isotretinoin during",
]
SPELLER = Speller.fit(PHRASINGS)


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("my dermatoligist", "my dermatologist"),
        ("alchohol durng tretment", "alcohol during treatment"),
        ("cholestrol?", "cholesterol?"),
        ("can u drink wen on it", "can you drink when on it"),
        ("i dont know", "i don't know"),
        ("how long dose treatment", "how long does treatment"),
        ("when dose it matter", "when does it matter"),
        ("what dose of isotretinoin", "what dose of isotretinoin"),
        ("Isotretinion, please", "isotretinoin, please"),
    ],
)
def test_slips_and_shorthand_are_repaired(text: str, repaired: str) -> None:
    assert SPELLER.repair(text) == repaired


@pytest.mark.parametrize(
    "text",
    [
        "a boat trip to Wales",
        "she doesn't mind",
        "doxycycline",
        "ich nehme jeden abend zwei kapseln",
        "¿puedo beber alcohol?",
        "bc",
        "40mg 2x",
        "",
        "😀",
    ],
)
def test_everything_else_is_left_alone(text: str) -> None:
    assert SPELLER.repair(text) == text


@pytest.mark.parametrize(("text", "known"), [("zxcv uiop", False), ("asdfgh!!", False), ("u ok", True), ("boat", True)])
def test_keyboard_mashing_is_told_from_words(text: str, known: bool) -> None:
    assert SPELLER.knows_a_word_of(text) == known


def test_a_saved_speller_repairs_the_same(tmp_path: Path) -> None:
    SPELLER.save(tmp_path)
    assert Speller.load(tmp_path).repair("alchohol") == "alcohol"


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    SPELLER.repair(text)
