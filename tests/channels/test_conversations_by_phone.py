"""The conversations of tests/conversations over the phone: each response comes as its text for text messages."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from messaging_tools import Messaging

from isobot.channels.messaging.keywords import Keyword, keyword_of
from isobot.channels.messaging.segments import plain_text
from isobot.content.reference import ROOT

pytestmark = pytest.mark.synapse  # the assistant of these tests has every channel

FILES = sorted((ROOT / "tests" / "conversations").glob("*/user_*.yml"))
# A number of the country, of those that are kept for stories where there are such; Brazil has no rules of its own here.
PREFIXES = {"US": "+14155550", "UK": "+4477009000", "IE": "+3538501200", "EU": "+49151000000", "CA": "+14165550",
            "AU": "+614915700", "IN": "+91999900000", None: "+5511990000"}  # fmt: skip
_REST = "Reply MORE for the rest."


@lru_cache(maxsize=1)
def pieces() -> dict[str, list[str]]:
    """For each response the longest pieces of its variants that stand in them word for word, as a phone shows them."""
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "data").rglob("*.yml")):
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        for name, variants in ((data.get("responses") or {}) if isinstance(data, dict) else {}).items():
            short = [v for v in variants if v.get("channel") == "sms"] or variants
            found[name] = [max(re.split(r"\{\w+\}", v["text"]), key=len) for v in short]
    return {name: [plain_text(text) for text in texts] for name, texts in found.items()}


def same(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.stem}")
def test_conversation(file: Path, messaging: Messaging) -> None:
    steps: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    country = next((step["country"] for step in steps if "country" in step), None)
    number = f"{PREFIXES[country]}{FILES.index(file):03d}"
    for step in steps:
        if keyword_of(step["user"]) is Keyword.STOP:
            return  # it ends a conversation on a phone; what it does in it is tested in test_twilio.py
        replies = "\n".join(messaging.text(number, step["user"]))
        said, without_choices = same(replies), same(re.sub(r"^\d .*", "", replies, flags=re.MULTILINE))
        while _REST in said:
            said = same(said.replace(_REST, "") + "\n".join(messaging.text(number, "MORE")))
        for response in step.get("response", ()):
            if response in pieces():
                assert any(same(piece) in said for piece in pieces()[response]), (response, said)
        for piece in step.get("never", ()) if file.parent.name != "countries" else ():  # short texts name all countries
            assert piece.lower() not in without_choices.lower(), (piece, said)
        if "choices" in step:
            assert ("Reply 1" in said) == step["choices"], said
