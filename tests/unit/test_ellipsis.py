"""Messages that make sense only after the last answer, and those that say enough by themselves."""

from __future__ import annotations

import pytest
import yaml

from isobot.content.reference import ROOT
from isobot.dialogue.ellipsis import TABLE_FILE, SomeoneElse, how_long, someone_else


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("and for my son, he's 15?", 15),
        ("what about my 15 year old?", 15),
        ("same for a 14 yr old?", 14),
        ("he’s 15 btw", 15),
        ("what if I'm 16", 16),
        ("is it the same for my sister who's 17", 17),
        ("what if he's only fifteen?", 15),
        ("for a 9 yo", 9),
        ("and my wife?", None),
        ("and teenagers?", None),
    ],
)
def test_the_last_question_for_someone_else(text: str, age: int | None) -> None:
    assert someone_else(text) == SomeoneElse(age)


@pytest.mark.parametrize(
    "text",
    [
        "my son wants to drink",
        "what about my blood test",
        "what about my son's acne",
        "15",
        "my daughter is 15 and wants to know if she can wax",
        "and for how long",
        "I'm on 40 mg",
        "for 150 days",
    ],
)
def test_a_question_of_its_own_is_left_alone(text: str) -> None:
    assert someone_else(text) is None


@pytest.mark.parametrize(
    "text", ["how long does that last?", "for how long", "and how long will it take", "until when?"]
)
def test_how_long_leads_to_the_duration_of_what_was_answered(text: str) -> None:
    assert how_long(text, "hair.loss") == "hair.grow_back"
    assert how_long(text, "men_fertility.partner_semen") == "pregnancy.planning"


@pytest.mark.parametrize("text", ["how long is a course", "how long does it stay in my body", "how long until results"])
def test_a_duration_of_its_own_is_left_to_the_classifier(text: str) -> None:
    assert how_long(text, "hair.loss") is None


def test_every_topic_leads_to_an_answer_that_exists() -> None:
    table = yaml.safe_load(TABLE_FILE.read_text())["how_long"]
    topics = {p.stem for p in (ROOT / "data" / "topics").glob("*.yml")}
    texts = "\n".join(p.read_text() for p in (ROOT / "data" / "topics").glob("*.yml"))
    assert topics <= set(table)
    assert {k.split(".")[0] for k in table} <= topics
    assert [leaf for leaf in table.values() if f"  utter_{leaf}:\n" not in texts] == []
