"""Danger is answered although the engine behind the channel is broken."""

from __future__ import annotations

import logging

import pytest

from isobot.channels import last_resort
from isobot.channels.last_resort import APOLOGY, without_engine


def test_an_emergency_gets_the_number_first() -> None:
    reply = without_engine("worst headache of my life and I went blind", "UK")
    assert reply.text.startswith("Call 999 or 112 now.")
    assert reply.urgency == "emergency"


def test_a_crisis_gets_the_crisis_line() -> None:
    assert "116 123" in without_engine("I want to kill myself", "UK").text


def test_an_ordinary_question_gets_the_apology_and_the_numbers() -> None:
    reply = without_engine("can I drink?", "US")
    assert reply.text.startswith(APOLOGY)
    assert "911" in reply.text


def test_when_even_the_rules_fail_the_reply_is_safe_and_the_log_has_no_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("my secret words")

    monkeypatch.setattr(last_resort, "detector", fail)
    with caplog.at_level(logging.ERROR):
        reply = without_engine("my secret words", None)
    assert "911" in reply.text
    assert "116 123" in reply.text
    assert "contact your doctor" in reply.text
    assert caplog.records
    assert "secret" not in caplog.text
