"""Every danger has its answers, and they say whom to call, and nothing that harms."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from isobot.content import texts
from isobot.content.emergency import NUMBERS_FILE, help_in, placeholders
from isobot.content.red_flag_phrasings import LOOK_ALIKE_KINDS, read_red_flag_phrasings
from isobot.content.reference import ROOT, countries, sources
from isobot.content.topics import read_topic_file
from isobot.dialogue.danger_first import response_of
from isobot.safety.table import table
from isobot.safety.urgency import Urgency

FILE = ROOT / "data" / "topics" / "red_flag.yml"
RESPONSES = read_topic_file(FILE, yaml.safe_load(FILE.read_text(encoding="utf-8"))).responses
ANSWERS = [(name, v) for name, variants in RESPONSES.items() if ".rf_" in name for v in variants]
GENERAL = {
    f"utter_red_flag.{name}"
    for name in (
        "if_now.emergency", "if_now.urgent", "if_now.soon", "soft_check", "support", "possible", "unsure",
        "again.emergency", "again.crisis", "again.urgent", "again.soon", "after.emergency", "after.crisis",
        "after.urgent", "reminder.emergency", "reminder.crisis",
    )
}  # fmt: skip


def test_each_rule_has_an_answer_at_each_level_that_its_signs_and_phrasings_come_to() -> None:
    levels = {(r.id, s.level) for r in table().rules.values() for s in r.signs if s.level is not Urgency.NONE}
    levels |= {(p.rule, Urgency.of(p.level)) for p in read_red_flag_phrasings() if p.level != "none"}
    missing = sorted(response_of(rule, level) for rule, level in levels if response_of(rule, level) not in RESPONSES)
    assert missing == []


def test_the_general_answers_are_there() -> None:
    assert set(RESPONSES) >= GENERAL
    assert all(name in GENERAL or ".rf_" in name for name in RESPONSES)


def test_the_table_names_its_responses_and_known_sources() -> None:
    for rule in table().rules.values():
        assert rule.text == response_of(rule.id, rule.level).rpartition(".")[0]
        assert set(rule.source) <= set(sources()), rule.id


@pytest.mark.parametrize(("name", "variant"), ANSWERS, ids=lambda v: v if isinstance(v, str) else "")
def test_an_answer_begins_with_whom_to_call(name: str, variant: dict[str, Any]) -> None:
    text = variant["text"]
    level = name.rpartition(".")[2]
    if level == "emergency":
        assert text.startswith("Call {emergency_number} now"), text
        first = text.split("\n\n")[0]
        assert len(re.findall(r"[.!?](?:\s|$)", first)) == 2, first
    else:
        assert text.startswith("Contact your doctor or prescriber"), text


@pytest.mark.parametrize(("name", "variant"), ANSWERS, ids=lambda v: v if isinstance(v, str) else "")
def test_stopping_is_only_ever_what_the_leaflet_says(name: str, variant: dict[str, Any]) -> None:
    for sentence in re.split(r"(?<=[.!?])\s+", variant["text"]):
        if re.search(r"\bstop(?:ping)? (?:the|your) capsules\b", sentence):
            assert re.search(r"\b(leaflet|label|ask)", sentence, re.IGNORECASE), (name, sentence)


def test_every_text_may_be_shown_in_every_country() -> None:
    found = []
    for name, variants in RESPONSES.items():
        for variant in variants:
            for country in (*countries(), None):
                filled = variant["text"]
                for key, value in placeholders(country).items():
                    filled = filled.replace(f"{{{key}}}", value)
                problems = texts.problems(filled.strip(), more=True)
                # The list of all countries' numbers counts as a hard sentence, and can't be shorter.
                found += [f"{name} {country}: {p}" for p in problems if country or "grade" not in p]
    assert found == []


def test_the_numbers_stand_in_one_dated_file_for_every_country() -> None:
    checked = yaml.safe_load(NUMBERS_FILE.read_text(encoding="utf-8"))["checked"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", checked)
    for code in countries():
        assert re.fullmatch(r"\d{3}( or \d{3})?", help_in(code).emergency), code
        assert re.search(r"\d", help_in(code).crisis), code


def test_who_is_under_18_or_helps_gets_a_word_of_their_own() -> None:
    assert "0800 1111" in placeholders("UK", under_18=True)["crisis_line"]
    assert "adult you trust" in placeholders("UK", under_18=True)["for_whom"]
    assert "Stay with them" in placeholders("UK", emergency=True, about_another=True)["for_whom"]
    assert placeholders("UK")["for_whom"] == ""


def test_each_rule_has_training_messages_of_every_kind() -> None:
    by_rule: dict[str, set[str]] = {}
    for phrasing in read_red_flag_phrasings():
        by_rule.setdefault(phrasing.rule, set()).add(phrasing.kind)
    assert set(by_rule) == set(table().rules)
    for rule, kinds in by_rule.items():
        assert kinds >= set(LOOK_ALIKE_KINDS), rule
        assert kinds - set(LOOK_ALIKE_KINDS), rule
