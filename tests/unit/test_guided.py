"""Guided answers: every way through the two guides, and what people say in between."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from isobot.content.guides import GUIDES_FOLDER, Guide, guides, read_guide
from isobot.content.reference import TableError, countries
from isobot.dialogue.state import Choice, Memory, Turn
from isobot.dialogue.turn import Content, plan
from isobot.safety.danger import Danger, Finding
from isobot.safety.urgency import Urgency

NAMES = {code: c.name for code, c in countries().items()}
PHARMACY = guides()["online_pharmacy"]
TIMETABLE = guides()["timetable"]


def say(text: str, turn: Turn, country: str | None, intent: str = "", said: str | None = None) -> Turn:
    """Return the turn after `turn`, as the policy would plan it."""
    question = {"intent": intent, "understood": bool(intent), "candidates": [], "confidence": 0.9}
    entities = [{"entity": "country", "value": said, "start": 0, "end": len(text)}] if said else []
    data: dict[str, Any] = {"questions": [question], "entities": entities}
    memory = Memory(turn.choices, turn.answered, country=country, progress=turn.progress)
    return plan(text, data, memory, Content(guides=guides(), country_names=NAMES))


def begun(guide: Guide, country: str | None) -> Turn:
    offer = Turn((), (guide.offered_after[0],), (Choice(f"guide.{guide.name}", guide.title),))
    return say("1", offer, country)


def verdict(guide: Guide, country: str, replies: list[str]) -> str:
    turn = begun(guide, country)
    for reply in replies:
        if turn.progress is None:
            break
        turn = say(reply, turn, country)
    assert turn.progress is None
    return turn.actions[-1].rsplit(".", 1)[-1]


@pytest.mark.parametrize("guide", guides().values(), ids=lambda g: g.name)
@pytest.mark.parametrize("country", countries())
def test_every_way_through_a_guide_ends_in_a_verdict_after_at_most_five_questions(guide: Guide, country: str) -> None:
    steps = guide.steps_in(country)
    assert len(steps) <= 5
    for replies in itertools.product(("yes", "no", "not sure"), repeat=len(steps)):
        assert verdict(guide, country, list(replies)) in guide.verdicts


@pytest.mark.parametrize(
    ("country", "replies", "outcome"),
    [
        ("US", ["no"], "do_not_use"),
        ("US", ["yes", "nope"], "do_not_use"),
        ("US", ["yes", "yes", "yes", "yes", "no"], "no_warning_sign"),
        ("US", ["yes", "yes", "yes", "yes", "yes it is"], "check_first"),
        ("UK", ["yes", "no, just a form"], "do_not_use"),
        ("UK", ["yes", "yes", "i don't know", "yes", "no"], "check_first"),
        ("IN", ["it does", "yes", "yes", "no"], "no_warning_sign"),
        ("IE", [], "do_not_use"),
    ],
)
def test_the_pharmacys_verdict(country: str, replies: list[str], outcome: str) -> None:
    assert verdict(PHARMACY, country, replies) == outcome


@pytest.mark.parametrize(("reply", "outcome"), [("y", "can"), ("No.", "cannot"), ("not sure", "can"), ("2", "cannot")])
def test_the_timetables_two_lists(reply: str, outcome: str) -> None:
    assert verdict(TIMETABLE, "UK", [reply]) == f"{outcome}_get_pregnant"


def test_an_unknown_country_is_asked_first_and_kept() -> None:
    turn = begun(PHARMACY, None)
    assert turn.actions == ("utter_guide.country",)
    picked = say("United Kingdom" if "United Kingdom" in [c.title for c in turn.choices] else "2", turn, None)
    assert picked.country == "UK"
    assert picked.actions == ("utter_guide.online_pharmacy.prescription",)
    assert say("I'm in Canada", turn, "CA", said="CA").actions == ("utter_guide.online_pharmacy.prescription",)
    assert say("somewhere else", turn, None).country is None


def test_a_side_question_is_answered_and_the_step_asked_again() -> None:
    turn = say("can I drink?", begun(PHARMACY, "US"), "US", "alcohol.can_i_drink")
    assert turn.actions == ("utter_alcohol.can_i_drink", "utter_guide.online_pharmacy.prescription")
    assert turn.progress == begun(PHARMACY, "US").progress


def test_another_country_begins_the_guide_anew() -> None:
    second = say("yes", begun(PHARMACY, "US"), "US")
    assert second.actions == ("utter_guide.online_pharmacy.ipledge",)
    assert say("wait, I'm in the UK", second, "UK", said="UK").actions == ("utter_guide.online_pharmacy.prescription",)


def test_danger_ends_the_guide() -> None:
    turn = begun(PHARMACY, "US")
    memory = Memory(turn.choices, turn.answered, country="US", progress=turn.progress)
    danger = Danger((Finding("RF-01", Urgency.EMERGENCY),)).as_dict()
    after = plan("no, i want to die", {"red_flags": danger}, memory, Content(guides=guides(), country_names=NAMES))
    assert after.actions[0] == "utter_red_flag.rf_01.emergency"
    assert after.progress is None


def test_stop_leaves_the_guide() -> None:
    turn = say("stop it please", begun(PHARMACY, "US"), "US")
    assert turn.actions == ("utter_guide.stopped",)
    assert turn.progress is None


def test_a_reply_that_is_not_understood_is_asked_again_once() -> None:
    first = begun(PHARMACY, "US")
    again = say("purple", first, "US")
    assert again.actions == ("utter_guide.again", "utter_guide.online_pharmacy.prescription")
    assert say("purple", again, "US").progress is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{if_no: do_not_use", "{if_no: burn_it", "must stand under 'verdicts'"),
        ("decided: {IE:", "decided: {XX:", "countries.yml"),
        ("utter_guide.online_pharmacy.price:", "utter_guide.online_pharmacy.prise:", "write the responses"),
        ("{if_yes:", "{yes:", "guide.steps"),
    ],
)
def test_a_guide_with_a_mistake_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    broken = tmp_path / "g.yml"
    broken.write_text((GUIDES_FOLDER / "online_pharmacy.yml").read_text().replace(old, new))
    with pytest.raises(TableError, match=says):
        read_guide(broken)
