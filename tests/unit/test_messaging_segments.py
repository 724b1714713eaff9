"""Text messages: how many segments they are charged as, plain text, and where they are cut."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from isobot.channels.messaging.segments import LONGEST, cut, fits, parts, plain_text, segments
from isobot.content.reference import ROOT, sources
from isobot.content.texts import gsm7_units

# 3GPP TS 23.038, 6.2.1: the default alphabet without its escape, and the extension table.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "\f^{}\\[~]|€"
GSM7 = st.text(alphabet=BASIC + EXTENDED, max_size=1700)
ANY = st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x1b"), max_size=900)
WORDS = st.lists(st.text(alphabet="abcxyz.,!?€é", min_size=1, max_size=14), max_size=260).map(" ".join)


def units(character: str, *, gsm7: bool) -> int:
    if gsm7:
        return 2 if character in EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def charged(text: str) -> int:
    """Return the segments of a text by 3GPP TS 23.038 and 23.040: a user-data header takes 7 septets, or 6 octets."""
    gsm7 = all(c in BASIC + EXTENDED for c in text)
    single, several = (160, 153) if gsm7 else (70, 67)
    if sum(units(c, gsm7=gsm7) for c in text) <= single:
        return 1
    found, room = 1, several
    for character in text:  # neither an escaped character nor a surrogate pair is split
        if units(character, gsm7=gsm7) > room:
            found, room = found + 1, several
        room -= units(character, gsm7=gsm7)
    return found


def words(text: str) -> list[str]:
    return text.split()


@given(st.one_of(GSM7, ANY))
def test_segments_are_those_of_the_standard(text: str) -> None:
    assert segments(text) == charged(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
     ("€" * 152, 2), ("€" * 153, 3), ("a" * 152 + "€" + "a" * 152, 3), ("я" * 70, 1), ("я" * 71, 2), ("я" * 134, 2),
     ("я" * 135, 3), ("\U0001f600" * 35, 1), ("\U0001f600" * 36, 2), ("\U0001f600" * 66, 2), ("\U0001f600" * 67, 3),
     ("a" * 69 + "\u2019", 1), ("a" * 70 + "\u2019", 2), ("a\n", 1)],
)  # fmt: skip
def test_the_limits_of_a_segment(text: str, count: int) -> None:
    assert segments(text) == count == charged(text)


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [("**Bold** and **two\nlines**.", "Bold and two\nlines."),
     ("[NHS](https://www.nhs.uk)", "NHS (https://www.nhs.uk)"),
     ("[https://www.nhs.uk](https://www.nhs.uk)", "https://www.nhs.uk"),
     ("* one\n* two", "- one\n- two"),
     ("Before:\n\n* one\n* two", "Before:\n\n- one\n- two"),
     ("- one\n- two", "- one\n- two"),
     ("Don\u2019t \u2013 \u201creally\u201d\u2026", "Don't - \"really\"..."),
     ("5\u00a0mg \u2265 2 \u00d7 \u00bd", "5 mg >= 2 x 1/2"),
     ("a\n\n\n\nb\n", "a\n\nb"),
     ("2 * 3 * 4", "2 * 3 * 4"),
     ("cafe\u0301", "café")],
)  # fmt: skip
def test_plain_text_says_the_same_without_markdown(markdown: str, plain: str) -> None:
    assert plain_text(markdown) == plain


@given(ANY)
def test_plain_text_of_plain_text_is_the_same(text: str) -> None:
    once = plain_text(text.replace("*", "").replace("[", ""))
    assert plain_text(once) == once


def _responses() -> dict[str, str]:
    found = {}
    for file in sorted((ROOT / "data").rglob("*.yml")):
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        for name, variants in (data.get("responses") or {}).items() if isinstance(data, dict) else ():
            for number, variant in enumerate(variants):
                found[f"{file.name} {name} {number} {variant.get('channel', '')}"] = variant["text"]
    return found


RESPONSES = _responses()
SHORT = {name: text for name, text in RESPONSES.items() if name.endswith(" sms")}


def test_there_are_responses() -> None:
    assert len(RESPONSES) > 300
    assert len(SHORT) > 100


def test_every_response_is_gsm7() -> None:
    odd = {
        name: sorted({c for c in plain_text(text) if gsm7_units(c) is None})
        for name, text in RESPONSES.items()
        if gsm7_units(plain_text(text)) is None
    }
    assert odd == {}


def test_every_source_is_gsm7() -> None:
    odd = [s.title for s in sources().values() if gsm7_units(plain_text(f"{s.title}: {s.url}")) is None]
    assert odd == []


def test_no_response_leaves_markdown() -> None:
    left = {name for name, text in RESPONSES.items() if re.search(r"\*\*|\]\(|^#+ |^\s*\* |`", plain_text(text), re.M)}
    assert left == set()


@given(st.one_of(WORDS, GSM7, ANY), st.integers(1, 10))
@settings(max_examples=150, deadline=None)
def test_a_cut_loses_no_word_and_keeps_to_its_segments(text: str, most: int) -> None:
    head, rest = cut(text, most)
    assert fits(head, most)
    assert "".join(words(head + rest)) == "".join(words(text))
    if rest and text.strip():
        assert head


@given(WORDS, st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_a_cut_is_never_inside_a_word_where_there_is_a_space(text: str, most: int) -> None:
    head, rest = cut(text, most)
    assert words(head) + words(rest) == words(text)


@given(st.one_of(WORDS, GSM7, ANY, st.text(alphabet="a€\U0001f600", min_size=1500, max_size=4000)))
@settings(max_examples=60, deadline=None)
def test_parts_lose_nothing_and_are_taken_by_twilio(text: str) -> None:
    found = parts(text)
    assert all(part and len(part) <= LONGEST and segments(part) <= 10 for part in found)
    assert "".join(words("".join(found))) == "".join(words(text))


def test_a_sentence_is_not_cut_where_one_ends_in_time() -> None:
    text = " ".join(f"This is sentence number {n} of a long answer." for n in range(40))
    head, rest = cut(text, 2)
    assert head.endswith(".")
    assert rest.startswith("This")


def test_a_short_first_line_is_not_all_that_is_sent() -> None:
    """A paragraph's end is a good place only where a good part of the room is used."""
    text = "Yes.\n\n" + " ".join(f"This is sentence number {n} of a long answer." for n in range(40))
    head, _ = cut(text, 3)
    assert len(head) > 153
