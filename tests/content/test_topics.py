"""Every topic, question and answer is complete, sourced, short, plain and unsigned until a clinician signs."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from isobot.content import texts
from isobot.content.reference import COUNTRIES_FILE, ROOT, SOURCES_FILE, TableError, countries, read_checked, sources
from isobot.content.topics import TopicFile, read_topic_file
from isobot.dialogue.answers import variant_country
from isobot.nlu.questions import topic_of

# The answers to danger have tests of their own: test_red_flag_texts.py.
FILES = sorted(f for f in (ROOT / "data" / "topics").glob("*.yml") if f.stem != "red_flag")
CONVERSATION_FILES = sorted((ROOT / "data" / "conversation").glob("*.yml"))
MIN_PHRASINGS = 25


def load(path: Any) -> TopicFile:
    return read_topic_file(path, yaml.safe_load(path.read_text(encoding="utf-8")))


TOPICS = [load(p) for p in FILES]
ALL = [*TOPICS, *map(load, CONVERSATION_FILES)]


def answers() -> Iterator[tuple[str, dict[str, Any]]]:
    for topic in TOPICS:
        for name, variants in topic.responses.items():
            for variant in variants:
                yield name, variant


def fold(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


def test_every_topic_of_the_list_has_a_question() -> None:
    listed = set(yaml.safe_load((ROOT / "data" / "topic_list.yml").read_text())["topics"])
    asked = {topic_of(q.intent) for t in ALL for q in t.questions}
    assert asked | {"red_flag"} == listed  # danger is found by detectors of its own, not asked about


@pytest.mark.parametrize("topic", TOPICS, ids=lambda t: t.path.stem)
def test_a_topic_file_holds_its_own_questions_only(topic: TopicFile) -> None:
    assert topic.questions
    assert {topic_of(q.intent) for q in topic.questions} == {topic.path.stem}


@pytest.mark.parametrize("topic", ALL, ids=lambda t: t.path.stem)
def test_each_question_has_enough_phrasings_that_differ(topic: TopicFile) -> None:
    for question in topic.questions:
        assert len(question.phrasings) >= MIN_PHRASINGS, question.intent
        openings = Counter(" ".join(fold(p).split()[:4]) for p in question.phrasings if len(p.split()) > 4)
        assert not openings or max(openings.values()) <= 8, (question.intent, openings.most_common(1))


def test_no_phrasing_stands_under_two_questions() -> None:
    seen: dict[str, str] = {}
    for topic in ALL:
        for question in topic.questions:
            for phrasing in question.phrasings:
                other = seen.setdefault(fold(phrasing) or phrasing, question.intent)
                assert other == question.intent, (phrasing, other, question.intent)


def test_titles_are_unique() -> None:
    titles = Counter(fold(q.title) for t in ALL for q in t.questions)
    assert [t for t, n in titles.items() if n > 1] == []


def test_each_question_has_an_answer_and_each_answer_a_question() -> None:
    intents = {q.intent for t in ALL for q in t.questions}
    responses = {name for t in ALL for name in t.responses}
    assert {f"utter_{i}" for i in intents} <= responses
    of_topics = {name.removeprefix("utter_").removesuffix(".more") for t in TOPICS for name in t.responses}
    assert of_topics <= intents


@pytest.mark.parametrize("topic", TOPICS, ids=lambda t: t.path.stem)
def test_each_answer_has_one_text_for_everybody_and_one_for_text_messages(topic: TopicFile) -> None:
    for name, variants in topic.responses.items():
        kinds = Counter((variant_country(v), v.get("channel")) for v in variants)
        assert kinds[(None, None)] == 1, name
        assert max(kinds.values()) == 1, name
        assert name.endswith(".more") or kinds[(None, "sms")] == 1, name
        assert {c for c, _ in kinds if c} <= set(countries()), name


def test_every_answer_names_known_sources_and_a_date_and_is_unsigned() -> None:
    for name, variant in answers():
        facts = variant.get("metadata")
        assert facts, name
        assert set(facts["source"]) <= set(sources()), name
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", facts["checked"]), name
        assert re.fullmatch(r"|.+, 20\d\d-\d\d-\d\d", facts["signed_off"]), f"{name}: sign as 'Name, YYYY-MM-DD'"


def test_every_answer_may_be_shown() -> None:
    found = []
    for name, variant in answers():
        more = name.endswith(".more")
        found += [
            f"{name} {variant_country(variant)}: {p}"
            for p in texts.problems(variant["text"], sms=variant.get("channel") == "sms", more=more)
        ]
    assert found == []


def test_conversation_texts_may_be_shown() -> None:
    found = [
        f"{name}: {p}"
        for topic in map(load, CONVERSATION_FILES)
        for name, variants in topic.responses.items()
        for v in variants
        for p in texts.problems(v["text"])
        # Not English; and a sum's sentences, which tests/unit/test_dose_wording.py reads.
        if name not in ("utter_out_of_scope.language", "utter_dose_calc.result")
    ]
    assert found == []


def test_answers_read_at_grade_six_or_below_on_average() -> None:
    grades = [texts.reading_grade(v["text"]) for _, v in answers()]
    assert statistics.mean(grades) <= texts.MAX_MEAN_GRADE


def test_lists_and_paragraphs_survived_yaml_folding() -> None:
    for name, variant in answers():
        assert not re.search(r"[.:] - [A-Z]", variant["text"]), f"{name}: a list was folded into one line; use |-"
        single = re.search(r"[^\n-][^\n]*[^\n]\n(?![\n-])", variant["text"])
        assert not single, f"{name}: a single line break; use |- and an empty line between paragraphs"


def test_no_seller_and_no_unknown_site_is_named() -> None:
    for name, variant in answers():
        for site in re.findall(r"\b[\w-]+\.(?:com|net|org|co\.uk|gov|eu|info|shop)\b", variant["text"].lower()):
            assert site in {"ipledgeprogram.com"}, (name, site)


def test_the_tables_are_refused_when_a_field_is_wrong(tmp_path: Any) -> None:
    broken = tmp_path / "countries.yml"
    broken.write_text(COUNTRIES_FILE.read_text().replace("name: Ireland", "nom: Ireland"))
    from isobot.content.reference import _COUNTRIES_SCHEMA

    with pytest.raises(TableError, match=r"countries\.IE"):
        read_checked(broken, _COUNTRIES_SCHEMA)
    assert SOURCES_FILE.is_file()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"nlu": [{"intent": "nodot", "metadata": {"title": "Abc"}, "examples": "- a"}]}, "nlu.0.intent"),
        ({"responses": {"utter_a.b": [{"text": "x", "metadata": {"source": []}}]}}, "utter_a.b"),
        ({"respones": {}}, "top level"),
    ],
)
def test_a_topic_file_with_a_mistake_is_refused_with_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(TableError, match=re.escape(place)):
        read_topic_file(ROOT / "x.yml", {"version": "3.1", **change})
