"""Replies as text messages: choices by number, danger never cut, nothing lost between an answer and its MOREs."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_messaging_segments import RESPONSES, SHORT

from isobot.channels.messaging.render import MOST_SEGMENTS, WANTED_SEGMENTS, for_phone, for_room, whole
from isobot.channels.messaging.segments import fits, plain_text, segments
from isobot.channels.reply import Reply
from isobot.content.reference import Source, sources

SOURCE = Source("UK-NHS1", "Isotretinoin capsules, NHS, 2024", "https://www.nhs.uk/medicines/isotretinoin")
SENTENCES = st.lists(st.sampled_from(["Ask your clinic.", "It can dry lips.", "That is common at first, so use balm."]),
                     min_size=1, max_size=60)  # fmt: skip
LONG_DANGER = "Call 999 now. " + " ".join(f"Tell them this is point {n} of many." for n in range(60))


def none_short(response: str) -> bool:
    return False


def all_short(response: str) -> bool:
    return True


def text_of(rendered: object) -> str:
    return " ".join(payload.text for payload in rendered.payloads)  # type: ignore[attr-defined]


def test_choices_are_numbered() -> None:
    rendered = for_phone([Reply("Which one?", choices=("Can I drink?", "Can I train?", "Something else"))], none_short)
    assert text_of(rendered) == (
        "Which one?\n\n1 Can I drink?\n2 Can I train?\n3 Something else\nReply 1, 2 or 3, or ask in your own words."
    )


def test_one_choice_and_two_choices() -> None:
    assert "Reply 1, or ask" in text_of(for_phone([Reply("x", choices=("A",))], none_short))
    assert "Reply 1 or 2, or ask" in text_of(for_phone([Reply("x", choices=("A", "B"))], none_short))


def test_choices_are_not_lost_where_the_text_before_them_is_long() -> None:
    replies = [Reply("Word after word. " * 60, choices=("Can I drink?", "Can I train?"))]
    assert not fits(plain_text(replies[0].text), MOST_SEGMENTS)
    said, rest = text_of(rendered := for_phone(replies, none_short)), rendered.rest
    for _ in range(9):
        if not rest:
            break
        more = for_phone([Reply(rest)], none_short)
        said, rest = f"{said} {text_of(more)}", more.rest
    assert "1 Can I drink?" in said


def test_an_answer_with_choices_keeps_to_its_segments() -> None:
    for words in range(1, 120):
        rendered = for_phone([Reply("Seven more " * words, choices=("Can I drink alcohol?",) * 4)], none_short)
        assert sum(segments(p.text) for p in rendered.payloads) <= MOST_SEGMENTS + 1, words


@given(SENTENCES)
@settings(max_examples=80, deadline=None)
def test_an_answer_and_its_mores_are_the_whole_answer(sentences: list[str]) -> None:
    body = " ".join(sentences)
    rendered, said = for_phone([Reply(body)], none_short), []
    for _ in range(40):
        assert sum(segments(p.text) for p in rendered.payloads) <= MOST_SEGMENTS
        text = text_of(rendered)
        assert text.endswith("Reply MORE for the rest.") == bool(rendered.rest)
        said.append(text.replace("\n\nReply MORE for the rest.", ""))
        if not rendered.rest:
            break
        rendered = for_phone([Reply(rendered.rest)], none_short)
    assert " ".join(said).split() == body.split()


def test_danger_is_never_cut_nor_followed_by_more() -> None:
    for reply in (
        Reply(LONG_DANGER, urgency="emergency"),
        Reply(LONG_DANGER, response="utter_red_flag.soft_check"),
        Reply(LONG_DANGER, urgency="soon", choices=("Yes", "No"), sources=(SOURCE,)),
    ):
        rendered = for_phone([Reply("Lips can get dry."), reply], all_short)
        assert rendered.urgent
        assert rendered.rest == ""
        assert "MORE" not in text_of(rendered)
        assert LONG_DANGER.split() == text_of(rendered).split()[4 : 4 + len(LONG_DANGER.split())]
        assert all(fits(p.text, 10) for p in rendered.payloads)


def test_danger_stands_before_everything_that_is_said_beside_it() -> None:
    """Where a message is both, the assistant says the danger first; the phone keeps that order."""
    rendered = for_phone([Reply("Call 999 now.", urgency="emergency"), Reply("Lips can get dry.")], none_short)
    assert text_of(rendered).startswith("Call 999 now.")


@given(SENTENCES, st.sampled_from([(), (SOURCE,), (Source("X", "A title " * 20, None),)]))
@settings(max_examples=80, deadline=None)
def test_a_source_line_never_costs_a_third_segment(sentences: list[str], shown: tuple[Source, ...]) -> None:
    body = plain_text(" ".join(sentences))
    rendered = for_phone([Reply(body, sources=shown, response="utter_x")], all_short)
    if fits(body, MOST_SEGMENTS):
        assert sum(segments(p.text) for p in rendered.payloads) <= max(WANTED_SEGMENTS, segments(body))
        assert text_of(rendered).startswith(body)
        assert rendered.longer == ("utter_x",)


def test_no_short_text_costs_more_than_two_segments() -> None:
    some = tuple(sources().values())[:1]
    costs = {}
    for name, text in SHORT.items():
        rendered = for_phone([Reply(text, sources=some, response="utter_x")], all_short)
        costs[name] = sum(segments(p.text) for p in rendered.payloads)
        assert rendered.rest == ""
    assert {name: cost for name, cost in costs.items() if cost > WANTED_SEGMENTS} == {}
    assert statistics.median(costs.values()) <= WANTED_SEGMENTS


@pytest.mark.parametrize("name", RESPONSES)
def test_every_response_is_said_as_a_whole(name: str) -> None:
    rendered = for_phone([Reply(RESPONSES[name])], none_short)
    said = [text_of(rendered).removesuffix("\n\nReply MORE for the rest.")]
    while rendered.rest:
        assert len(plain_text(said[0]).split()) > 12  # worth a message
        rendered = for_phone([Reply(rendered.rest)], none_short)
        said.append(text_of(rendered).removesuffix("\n\nReply MORE for the rest."))
    assert " ".join(said).split() == plain_text(RESPONSES[name]).split()


def test_the_whole_answer_lists_each_source_once() -> None:
    rendered = whole([Reply("One.", sources=(SOURCE,)), Reply("Two.", sources=(SOURCE, Source("B", "A book", None)))])
    text = text_of(rendered)
    assert text.count(SOURCE.url or "-") == 1
    assert text.endswith("A book")


def test_a_reply_without_words_sends_no_empty_message() -> None:
    assert for_phone([Reply("")], none_short).payloads == ()
    assert all(p.text.strip() for p in for_phone([Reply(""), Reply("Hello.")], none_short).payloads)


def test_a_room_message_escapes_what_is_not_markup() -> None:
    source = Source("X", 'A <b>"title"</b>', "https://example.org/?a=1&b=2")
    payload = for_room([Reply("a < b", sources=(source,), choices=("<i>x</i>",))], none_short).payloads[0]
    assert "<b>" not in payload.html
    assert "<i>" not in payload.html
    assert "a=1&amp;b=2" in payload.html
