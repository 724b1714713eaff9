"""The texts of guided answers: plain, short, sourced, and leading to official addresses only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from isobot.content import texts
from isobot.content.guides import GUIDES_FOLDER, Guide, guides
from isobot.content.reference import sources
from isobot.content.topics import read_topic_file
from isobot.dialogue.answers import variant_country

FILES = sorted(GUIDES_FOLDER.glob("*.yml"))
OFFICIAL = ("fda.gov", "pharmacyregulation.org", "europa.eu", "psi.ie", "napra.ca", "pharmacyboard.gov.au")


def responses() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in FILES:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        for name, variants in read_topic_file(file, data).responses.items():
            yield from ((name, variant) for variant in variants)


def is_verdict(name: str) -> bool:
    _, guide, part = name.rsplit(".", 2)
    return part in guides()[guide].verdicts


def test_every_text_may_be_shown() -> None:
    found = [
        f"{name} {variant_country(v)}: {problem}"
        for name, v in responses()
        for problem in texts.problems(v["text"], sms=v.get("channel") == "sms", more=True)
    ]
    assert found == []


def test_every_verdict_names_known_sources_and_has_a_text_for_messages() -> None:
    for name, variant in responses():
        if is_verdict(name):
            assert set(variant["metadata"]["source"]) <= set(sources()), name
            assert variant["metadata"]["signed_off"] == "", name
    with_sms = {name for name, v in responses() if v.get("channel") == "sms"}
    assert {name for name, _ in responses() if is_verdict(name)} == with_sms


def test_addresses_are_official() -> None:
    for name, variant in responses():
        for host in re.findall(r"https?://([^/)]+)", variant["text"]):
            assert host.endswith(OFFICIAL), (name, host)


@pytest.mark.parametrize("guide", guides().values(), ids=lambda g: g.name)
def test_a_guide_is_offered_after_questions_that_exist(guide: Guide) -> None:
    topics = "\n".join(p.read_text(encoding="utf-8") for p in (GUIDES_FOLDER.parent / "topics").glob("*.yml"))
    assert [i for i in guide.offered_after if f"- intent: {i}\n" not in topics] == []
