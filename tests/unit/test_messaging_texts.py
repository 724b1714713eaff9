"""What the messaging channels say themselves: each sentence as it is filled in for each country and clinic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from isobot.channels.messaging import messenger, wording
from isobot.channels.messaging.segments import segments
from isobot.channels.messaging.wording import say, texts
from isobot.content.clinic import CLINIC_FILE, clinic
from isobot.content.reference import countries
from isobot.content.texts import MAX_SMS_UNITS, gsm7_units, problems

COUNTRIES = [*countries(), None]
CLINICS = {
    "nothing set": {},
    "a name": {"name": "Elm Street Dermatology"},
    "everything": {
        "name": "Elm Street Dermatology",
        "phone": "+44 20 7946 0000",
        "hours": "Monday to Friday, 9 to 5",
        "website": "https://www.example.org",
        "country": "UK",
    },
    "a curly apostrophe": {"name": "St Mary\u2019s Hospital"},
    "a long name": {
        "name": "University Hospitals of the Northern and Eastern Counties NHS Foundation Trust Dermatology"
    },
    "braces": {"name": "The {Clinic}"},
}


@pytest.fixture(params=CLINICS)
def named(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A clinic."""
    told = yaml.safe_load(CLINIC_FILE.read_text(encoding="utf-8"))
    file = tmp_path / "clinic.yml"
    file.write_text(yaml.safe_dump({**told, **CLINICS[request.param]}), encoding="utf-8")
    monkeypatch.setenv("ISOBOT_CLINIC", str(file))
    clinic.cache_clear()
    yield request.param
    monkeypatch.undo()
    clinic.cache_clear()


@pytest.mark.parametrize("name", texts())
def test_a_sentence_may_be_sent_whatever_the_clinic_and_the_country(name: str, named: str) -> None:
    found = {}
    for country in COUNTRIES:
        text = say(name, country, **({"who": "Somebody"} if name == "taken" else {}))
        wrong = [p for p in problems(text, sms=True) if "grade" not in p or named in ("nothing set", "a name")]
        if wrong:
            found[country] = (wrong, text)
    assert found == {}


@pytest.mark.parametrize("name", texts())
def test_no_placeholder_is_left(name: str, named: str) -> None:
    text = say(name, "UK", **({"who": "Somebody"} if name == "taken" else {}))
    assert "{" not in text.replace("The {Clinic}", "")


def test_there_is_a_sentence_for_whatever_may_come() -> None:
    for kind in ("picture", "voice", "file", "place", "sticker", "empty"):
        assert say(kind, "UK")


def test_what_must_be_said_is_said() -> None:
    """Who it is, that it is a machine, how to end it and how to get help (CTIA Messaging Principles, 5.1)."""
    first = say("first", "UK")
    assert "utomated" in first
    assert "STOP" in first
    assert "HELP" in first
    assert "not for emergencies" in first.lower()
    assert "START" in say("stopped", "UK")
    assert "STOP" in say("help", "UK")


def test_an_unknown_country_gets_the_clinics_numbers_or_all() -> None:
    assert "999" in say("stopped", "UK")
    assert all(number in say("stopped", None) for number in ("911", "999", "112", "000"))


def test_sentences_are_cheap_where_the_country_is_known() -> None:
    dear = {n: segments(say(n, c)) for n in texts() for c in countries() if n != "taken" and segments(say(n, c)) > 2}
    assert dear == {}
    assert all((gsm7_units(say(n, c)) or 999) <= MAX_SMS_UNITS for n in texts() for c in countries() if n != "taken")


def test_texts_and_table_are_read_once() -> None:
    assert wording.texts() is wording.texts()
    assert messenger.say is say
