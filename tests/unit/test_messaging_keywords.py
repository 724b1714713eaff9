"""The words that steer a messaging channel, and the questions that only hold them."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from isobot.channels.messaging.keywords import KEYWORDS_FILE, Keyword, is_auto_reply, keyword_of, without_stop

TABLE = yaml.safe_load(KEYWORDS_FILE.read_text(encoding="utf-8"))
WORDS = [(word, Keyword(name)) for name in ("stop", "start", "help", "more") for word in TABLE[name]]


@pytest.mark.parametrize(("word", "keyword"), WORDS)
def test_a_word_counts_in_any_case_and_with_any_punctuation(word: str, keyword: Keyword) -> None:
    forms = [word, word.upper(), word.title(), f" {word} ", f"{word}\n", f"\t{word}", word.replace(" ", "  ")]
    if word != "?":
        forms += [f'"{word}"', f"'{word}'", f"({word})", f"*{word}*", f"{word}.", f"{word}!", f"{word}!!!", f"{word},"]
        forms += [f"...{word}...", word.replace("'", "\u2019")]
    for form in forms:
        assert keyword_of(form) is keyword, form


@pytest.mark.parametrize(
    "text",
    ["\u201cSTOP\u201d", "\u2018stop\u2019", "\u201cStop\u201d.", "Stop\u2026", "STOP \u2013", "STOP\u200b",
     "\ufeffSTOP", "STOP\u00a0", "ＳＴＯＰ", "[STOP]", "STOP \U0001f6d1", "STOP \U0001f64f", "Stop\u2757\ufe0f",
     "Stop please", "Please stop", "STOP PLEASE", "STOP texting me!!"],
)  # fmt: skip
def test_stop_is_heard_however_a_phone_or_a_cross_person_writes_it(text: str) -> None:
    assert keyword_of(text) is Keyword.STOP


@pytest.mark.parametrize("text", ["help?", "Help??", "HELP \U0001f198"])
def test_help_is_heard_with_a_question_mark_and_an_emoji(text: str) -> None:
    assert keyword_of(text) is Keyword.HELP


@pytest.mark.parametrize("text", ["more?", "MORE please", "More \U0001f64f", "\u201cMORE\u201d"])
def test_more_is_heard_as_people_write_it(text: str) -> None:
    assert keyword_of(text) is Keyword.MORE


QUESTIONS = ["can I stop taking it", "help my lips", "end of course", "how do I quit", "more spots", "start dose",
             "info on alcohol", "stop taking it?", "Stop the capsules before surgery?", "should i cancel my waxing",
             "why does it start worse", "when will it end", "help!! my lips are bleeding", "is there more info",
             "no more spots", "can it help", "What if I unsubscribe from iPLEDGE", "revoke my consent form",
             "I want to resume after a break", "Don't stop", "do not stop", "stop smoking", "End of the month?",
             "stop or start", "yes", "no", "1", "Stopping early", "STOPPED yesterday", "HELPS?", "startle",
             "Is stop-start dosing ok", "stop it itching"]  # fmt: skip


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_that_holds_a_keyword_is_a_question(text: str) -> None:
    for form in (text, text.upper(), text + "?", text.replace("'", "\u2019")):
        if not form.startswith("STOP-"):
            assert keyword_of(form) is None, form


@pytest.mark.parametrize(
    "text", ["STOP. Please", "STOP, I don't want this", "STOP!\nleave me alone", "stop texting me"]
)
def test_a_message_that_begins_with_stop_in_capitals_is_stop(text: str) -> None:
    assert keyword_of(text) is Keyword.STOP


def test_what_stands_beside_stop_is_kept() -> None:
    assert without_stop("STOP. I want to die") == "I want to die"
    assert without_stop("STOP!!! I want to die").lstrip("! ") == "I want to die"
    assert without_stop("I can't stop. Help") == "I can't stop. Help"


@pytest.mark.parametrize("text", ["yes", "YES", "Yes.", "yes!", '"yes"'])
def test_yes_begins_again_only_after_stop(text: str) -> None:
    assert keyword_of(text) is None
    assert keyword_of(text, stopped=True) is Keyword.START


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "...", "!", "*", "\U0001f600", "\U0001f600\U0001f600", "\u2019", "'"]
)
def test_no_words_are_no_keyword(text: str) -> None:
    assert keyword_of(text) is None
    assert keyword_of(text, stopped=True) is None


@given(st.text(max_size=300))
def test_nothing_raises(text: str) -> None:
    keyword_of(text)
    keyword_of(text, stopped=True)
    without_stop(text)
    is_auto_reply(text)


@pytest.mark.parametrize("piece", TABLE["auto_reply"])
def test_how_what_machines_write_begins_is_seen(piece: str) -> None:
    for form in (piece, piece.upper(), f"  {piece.capitalize()}: back on Monday.", f"*** {piece} ***", f"[{piece}] Hi"):
        assert is_auto_reply(form), form


@pytest.mark.parametrize("piece", TABLE["auto_reply_anywhere"])
def test_what_machines_alone_write_is_seen_anywhere(piece: str) -> None:
    for form in (piece, piece.upper(), f"Hello! {piece.capitalize()}. Back on Monday.", f"Bob here, {piece}!"):
        assert is_auto_reply(form), form


@pytest.mark.parametrize(
    "text",
    ["My isotretinoin could not be delivered, what do I do without it?",
     "My dermatologist is out of the office until Monday. Can I take a double amount?",
     "My derm's out of office, my lips are bleeding and my next visit is in May",
     "I only get an automatic reply from my clinic. Who can I ask about my blood test?",
     "I'm driving right now at night and see badly, is that from the tablets?",
     "the pharmacy sent an automated response about my prescription, what now"],
)  # fmt: skip
def test_a_persons_question_is_not_taken_for_a_machine(text: str) -> None:
    """Who is taken for a machine gets no word at all, so that this must not happen to a person."""
    assert not is_auto_reply(text)
