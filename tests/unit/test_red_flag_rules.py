"""Each rule of the table, by itself: what must escalate and what must not; how a symptom is meant; what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from isobot.content.reference import TableError
from isobot.safety.detector import detector
from isobot.safety.table import ASSERTIONS_FILE, CONCEPTS_FILE, RULES_FILE, read_table, table
from isobot.safety.urgency import Urgency

EXAMPLES = [
    (r.id, level, text) for r in table().rules.values() for level, texts in r.examples.items() for text in texts
]
LOOK_ALIKES = [(r.id, text) for r in table().rules.values() for text in r.look_alikes]


def level(text: str) -> Urgency:
    """The level without the learned detector, so that weak signs count."""
    return detector().detect(text).with_learned(None).level


def test_all_thirty_one_rules_are_there() -> None:
    assert list(table().rules) == [f"RF-{n:02d}" for n in range(1, 32)]


@pytest.mark.parametrize(("rule", "wanted", "text"), EXAMPLES)
def test_an_example_escalates_to_its_level(rule: str, wanted: Urgency, text: str) -> None:
    found = detector().detect(text).with_learned(None)
    assert found.level >= wanted, (found, text)
    assert rule in found.rules


@pytest.mark.parametrize(("rule", "text"), LOOK_ALIKES)
def test_a_look_alike_does_not_escalate(rule: str, text: str) -> None:
    assert level(text) is Urgency.NONE, detector().detect(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("no rash but my vision went blurry", Urgency.URGENT),
        ("No rash but my vision went blurry on 40mg", Urgency.URGENT),
        ("i dont have chest pain or anything just the worst headache of my life", Urgency.EMERGENCY),
        ("I want to kill myself", Urgency.EMERGENCY),
        ("I'm not suicidal, just tired", Urgency.NONE),
        ("Suicidal thoughts? No. Chest pain? No.", Urgency.NONE),
        ("havent had any chest pain", Urgency.NONE),
        ("can it cause seizures", Urgency.NONE),
        ("what if I cough up blood", Urgency.NONE),
        ("how common are seizures on accutane", Urgency.NONE),
        ("As a kid I had a seizure, years before this", Urgency.NONE),
        ("my cousin had a seizure in 2015", Urgency.NONE),
        ("my cousin is on accutane and he just had a seizure", Urgency.EMERGENCY),
        ("my mate collapsed, hes on roaccutane", Urgency.EMERGENCY),
        ("my son wants to kill himself", Urgency.EMERGENCY),
        ("had crushing chest pain yesterday but its gone now", Urgency.EMERGENCY),
        ("a stroke of luck", Urgency.NONE),
        ("the keystroke on my keyboard", Urgency.NONE),
        ("my new rashguard", Urgency.NONE),
        ('The leaflet says "seizures, stroke, chest pain". Which page?', Urgency.NONE),
        ('my son says "i want to kill myself"', Urgency.EMERGENCY),
    ],
)
def test_a_symptom_counts_as_it_is_meant(text: str, wanted: Urgency) -> None:
    assert level(text) is wanted, detector().detect(text)


def test_what_is_only_asked_about_is_remembered() -> None:
    danger = detector().detect("can accutane cause seizures?")
    assert danger.level is Urgency.NONE
    assert danger.asked_about == ("RF-07",)


def test_words_that_may_mean_wanting_to_die_are_checked_softly() -> None:
    danger = detector().detect("this purge makes me want to die")
    assert danger.soft_check
    assert danger.level is Urgency.NONE


def broken(folder: Path, **change: object) -> Path:
    data = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))
    for key, value in change.items():
        if value is None:
            del data["rules"][0][key]
        else:
            data["rules"][0][key] = value
    file = folder / "red_flags.yml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "field", ["id", "name", "level", "leaflet_says_stop", "signs", "examples", "look_alikes", "text", "source"]
)
def test_a_rule_without_a_field_is_refused(field: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=field):
        read_table(broken(tmp_path, **{field: None}), CONCEPTS_FILE, ASSERTIONS_FILE)


def test_an_unknown_concept_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no_such_thing"):
        read_table(broken(tmp_path, signs={"emergency": ["no_such_thing + fever"]}), CONCEPTS_FILE, ASSERTIONS_FILE)


def test_two_rules_with_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="stands twice"):
        read_table(broken(tmp_path, id="RF-02"), CONCEPTS_FILE, ASSERTIONS_FILE)
