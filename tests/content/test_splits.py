"""Training, calibration and test messages never mix."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from isobot.cli.calibrate import read_messages
from isobot.content.red_flag_phrasings import LOOK_ALIKE_KINDS, read_red_flag_phrasings
from isobot.content.reference import ROOT
from isobot.content.topics import read_topic_file
from isobot.nlu import danger_limits, thresholds
from isobot.safety.table import table

SETS = ROOT / "tests" / "understanding"
SAFETY = ROOT / "tests" / "safety"


def fold(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", "", text.lower()).split()) or text.strip()


def training() -> set[str]:
    files = [*(ROOT / "data" / "topics").glob("*.yml"), *(ROOT / "data" / "conversation").glob("*.yml")]
    topics = [read_topic_file(f, yaml.safe_load(f.read_text(encoding="utf-8"))) for f in files]
    return {fold(p) for t in topics for q in t.questions for p in q.phrasings}


def messages(name: str) -> list[dict[str, Any]]:
    return read_messages(SETS / f"{name}.jsonl")


def sentences(text: str) -> set[str]:
    """Return the folded sentences of four words and more, and the whole message."""
    return {f for s in re.split(r"[.?!\n]+", text) if s.strip() and len((f := fold(s)).split()) >= 4} | {fold(text)}


@pytest.mark.parametrize("name", ["calibration", "test"])
def test_no_held_out_message_is_a_training_phrasing(name: str) -> None:
    held_out = {fold(m["text"]) for m in messages(name)}
    assert sorted(held_out & training()) == []


def test_no_sentence_stands_in_both_held_out_sets() -> None:
    calibration = {s for m in messages("calibration") for s in sentences(m["text"])}
    test = {s for m in messages("test") for s in sentences(m["text"])}
    assert sorted(calibration & test) == []


@pytest.mark.parametrize("name", ["calibration", "test"])
def test_no_sentence_of_a_held_out_message_is_a_training_phrasing(name: str) -> None:
    held_out = {s for m in messages(name) for s in sentences(m["text"])}
    assert sorted(held_out & training()) == []


@pytest.mark.parametrize("name", ["calibration", "test"])
def test_each_held_out_message_is_labelled(name: str) -> None:
    topics = set(yaml.safe_load((ROOT / "data" / "topic_list.yml").read_text())["topics"])
    rows = messages(name)
    assert len(rows) >= 800
    assert len({m["id"] for m in rows}) == len(rows)
    for message in rows:
        assert message["topics"], message["id"]
        assert set(message["topics"]) <= topics, message["id"]
        assert message["kind"], message["id"]


def test_the_thresholds_were_set_on_the_calibration_messages_as_they_are() -> None:
    stored = yaml.safe_load(thresholds.THRESHOLDS_FILE.read_text(encoding="utf-8"))["calibration_sha256"]
    assert stored == thresholds.calibration_digest(), "run 'make calibrate' and commit isobot/nlu/thresholds.yml"
    assert thresholds.read().confidence > 0


def danger_training() -> set[str]:
    """Return what the learned danger detector is trained on, and the examples of the rules."""
    phrasings = {fold(p.text) for p in read_red_flag_phrasings()}
    rules = table().rules.values()
    return phrasings | {fold(t) for r in rules for t in (*r.look_alikes, *(x for e in r.examples.values() for x in e))}


@pytest.mark.parametrize("name", ["calibration", "test"])
def test_no_sentence_about_danger_is_both_held_out_and_trained_on(name: str) -> None:
    held_out = {s for m in read_messages(SAFETY / f"{name}.jsonl") for s in sentences(m["text"])}
    assert sorted(held_out & danger_training()) == []
    assert sorted(held_out & training()) == []


def test_no_sentence_about_danger_stands_in_both_held_out_sets() -> None:
    calibration = {s for m in read_messages(SAFETY / "calibration.jsonl") for s in sentences(m["text"])}
    test = {s for m in read_messages(SAFETY / "test.jsonl") for s in sentences(m["text"])}
    assert sorted(calibration & test) == []


def test_the_danger_test_set_is_large_and_hard_enough() -> None:
    rows = read_messages(SAFETY / "test.jsonl")
    rules = set(table().rules)
    assert len(rows) >= 1000
    assert len({m["id"] for m in rows}) == len(rows)
    assert sum(m["level"] == "none" for m in rows) >= 0.4 * len(rows)
    for rule in rules:
        assert sum(rule in m["rules"] for m in rows) >= 25, rule
    kinds = {m["kind"] for m in rows}
    assert kinds >= {
        "minimising",
        "third_person",
        "teen_slang",
        "typos",
        "several_sentences",
        "last_sentence",
        "off_topic",
    }
    assert kinds >= set(LOOK_ALIKE_KINDS)


def test_the_danger_limits_were_set_on_the_calibration_messages_as_they_are() -> None:
    stored = yaml.safe_load(danger_limits.LIMITS_FILE.read_text(encoding="utf-8"))["calibration_sha256"]
    assert stored == danger_limits.calibration_digest(), "run 'make calibrate-danger' and commit danger_limits.yml"
