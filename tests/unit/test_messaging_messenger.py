"""What is said to a message: danger before everything, then keywords, staff, limits, machines, and the assistant."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_messaging_fakes import PLENTY, SECRET, UK_NUMBER, FakeEngine, Talk, messenger_of

from isobot.channels.messaging.identity import Identity
from isobot.channels.messaging.messenger import SAME_DANGER_ANSWERED, SAME_TEXT_ANSWERED, Limits, outbound_of
from isobot.channels.messaging.records import Inbound
from isobot.channels.messaging.wording import say
from isobot.channels.reply import Reply
from isobot.content.clinic import CLINIC_FILE, clinic
from isobot.escalation.outbox import Outbox

DIE = "I want to die tonight"
FEW = Limits(messages_of_a_conversation="3/hour", messages_of_everybody="100000/minute")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


@pytest.fixture
def talk(engine: FakeEngine, outbox: Outbox) -> Talk:
    """A conversation that has been greeted."""
    found = Talk(messenger_of(engine, outbox=outbox))
    found.say("hello")
    return found


def taken(talk: Talk) -> Talk:
    talk.contact = replace(talk.contact, taken_by="Nurse Ann")
    return talk


# --- the ordinary way ---


def test_the_first_answer_says_what_this_is_once(engine: FakeEngine) -> None:
    talk = Talk(messenger_of(engine))
    assert talk.say("can I drink?") == ["Answer: can I drink?", say("first", "UK")]
    assert talk.say("can I train?") == ["Answer: can I train?"]


def test_a_first_message_that_is_danger_is_answered_before_the_greeting(engine: FakeEngine) -> None:
    talk = Talk(messenger_of(engine))
    assert talk.say(DIE) == [f"Call now. {DIE}", say("first", "UK")]
    assert talk.last is not None
    assert talk.last.urgent


def test_a_room_is_not_greeted(engine: FakeEngine) -> None:
    assert Talk(messenger_of(engine), "!room:example.org", "matrix").say("hi") == ["Answer: hi"]


def test_ids_of_what_is_sent_are_the_same_each_time(talk: Talk) -> None:
    talk.say("again")
    assert talk.last is not None
    message = Inbound("a" * 32, talk.contact.conversation, "text", "again", 0)
    assert [o.id for o in outbound_of(message, talk.last)] == [o.id for o in outbound_of(message, talk.last)]
    assert all(len(o.id) <= 40 for o in outbound_of(message, talk.last))


# --- STOP and START ---


@pytest.mark.parametrize("word", ["STOP", "stop", "Unsubscribe.", "opt out"])
def test_stop_is_confirmed_once_and_then_nothing_is_said(talk: Talk, word: str) -> None:
    assert talk.say(word) == [say("stopped", "UK")]
    assert talk.say(word) == []
    assert talk.say("can I drink?") == []
    assert talk.say("", kind="picture") == []
    assert talk.contact.stopped


def test_start_begins_again(talk: Talk) -> None:
    talk.say("STOP")
    assert talk.say("START") == [say("started", "UK")]
    assert talk.say("can I drink?") == ["Answer: can I drink?"]


def test_yes_begins_again_after_stop_only(talk: Talk) -> None:
    assert talk.say("yes") == ["Answer: yes"]
    talk.say("STOP")
    assert talk.say("yes") == [say("started", "UK")]


def test_help_is_answered_after_stop(talk: Talk) -> None:
    talk.say("STOP")
    assert talk.say("HELP") == [say("help", "UK")]
    assert talk.contact.stopped


def test_stop_is_obeyed_above_the_limits(engine: FakeEngine) -> None:
    talk = Talk(messenger_of(engine, limits=FEW))
    for number in range(6):
        talk.say(f"question {number}")
    assert talk.say("STOP") == [say("stopped", "UK")]


def test_stop_is_obeyed_the_tenth_time_in_a_row(talk: Talk) -> None:
    for _ in range(10):
        talk.say("STOP")
    assert talk.contact.stopped


def test_stop_leaves_a_room_which_may_be_entered_again(engine: FakeEngine) -> None:
    talk = Talk(messenger_of(engine), "!room:example.org", "matrix")
    assert talk.say("STOP") == ["<leave>"]
    assert not talk.contact.stopped


def test_stop_as_the_caption_of_a_picture_is_obeyed(talk: Talk) -> None:
    """Some phones send a signature's picture with each message."""
    assert say("stopped", "UK") in talk.say("STOP", kind="picture")
    assert talk.contact.stopped


def test_stop_is_obeyed_although_the_engine_is_broken(talk: Talk, engine: FakeEngine) -> None:
    engine.broken = engine.blind = RuntimeError("broken")
    talk.say("STOP. I want to die")
    assert talk.contact.stopped


# --- danger ---


@pytest.mark.parametrize(
    "text",
    ["STOP. I want to die", "STOP i want to die", "STOP! suicidal", "STOP\nI took an overdose", "stop i want to die"],
)
def test_danger_beside_stop_is_answered_first(engine: FakeEngine, text: str) -> None:
    first = Talk(messenger_of(engine))
    said = first.say(text)
    assert said
    assert said[0].startswith("Call now.")
    assert first.last is not None
    assert first.last.urgent


def test_danger_is_answered_after_stop(talk: Talk) -> None:
    talk.say("STOP")
    assert talk.say(DIE) == [f"Call now. {DIE}"]
    assert talk.contact.stopped


def test_danger_beside_a_second_stop_is_answered(talk: Talk) -> None:
    talk.say("STOP")
    assert talk.say("STOP. I want to die") == ["Call now. I want to die"]


def test_danger_above_the_limits_is_answered_also_after_the_warning(engine: FakeEngine) -> None:
    talk = Talk(messenger_of(engine, limits=FEW))
    said = [talk.say(f"question {number}") for number in range(6)]
    assert said[3:] == [[say("too_many", "UK")], [], []]
    assert talk.say(DIE) == [f"Call now. {DIE}"]
    assert talk.say("question 7") == []


def test_danger_in_what_a_machine_seems_to_write_is_answered(talk: Talk) -> None:
    assert talk.say("This is an automated reply: I am busy.") == []
    assert talk.say(f"This is an automated reply: {DIE}") == [f"Call now. This is an automated reply: {DIE}"]


def test_danger_with_a_picture_is_answered_before_the_picture_is_spoken_of(talk: Talk) -> None:
    assert talk.say(DIE, kind="picture") == [f"Call now. {DIE}", say("picture", "UK")]


def test_danger_with_a_picture_is_answered_after_stop(talk: Talk) -> None:
    talk.say("STOP")
    assert talk.say(DIE, kind="picture")[0] == f"Call now. {DIE}"


@pytest.mark.parametrize("text", ["HELP I want to die", "MORE. I want to die", "help, I took an overdose", "START die"])
def test_danger_beside_another_keyword_is_answered(talk: Talk, text: str) -> None:
    assert talk.say(text)[0].startswith("Call now.")


def test_danger_that_is_said_again_is_answered_again(talk: Talk) -> None:
    for _ in range(SAME_DANGER_ANSWERED):
        assert talk.say(DIE) == [f"Call now. {DIE}"]
    assert talk.say(DIE) == []  # two machines that quote emergency numbers to each other


def test_machines_that_speak_of_danger_in_ever_new_words_are_not_answered_for_ever(talk: Talk) -> None:
    """ "Ticket 123: if you want to die call 988" answers each of our answers."""
    answered = [talk.say(f"Automatic reply, ticket {n}: if you want to die call 988") for n in range(300)]
    assert sum(bool(said) for said in answered) < 100


def test_what_cannot_be_read_counts_as_danger(talk: Talk, engine: FakeEngine) -> None:
    talk.say("STOP")
    engine.blind = RuntimeError("no model")
    assert talk.say("my lips hurt") == ["Answer: my lips hurt"]


@pytest.mark.parametrize(
    "found", [{"level": "none", "soft_check": True}, {"level": "none", "failed": True}, {"level": "soon"}]
)
def test_weak_signs_and_a_failed_look_count_as_danger(engine: FakeEngine, found: dict[str, Any]) -> None:
    async def red_flags(text: str) -> dict[str, Any]:
        return found

    engine.red_flags = red_flags  # type: ignore[method-assign]
    talk = Talk(messenger_of(engine))
    talk.say("STOP")
    assert talk.say("it is all too much")


# --- staff ---


def records(outbox: Outbox) -> list[dict[str, Any]]:
    return [record.as_dict() for record in outbox.pending()]


def test_staff_are_left_alone_and_get_the_words(talk: Talk, engine: FakeEngine, outbox: Outbox) -> None:
    asked = len(engine.asked)
    for text in ("can I drink?", "HELP", "MORE", "yes"):
        assert taken(talk).say(text) == []
        assert talk.last is not None
        assert talk.last.for_staff
    assert len(engine.asked) == asked
    assert records(outbox) == []


@pytest.mark.parametrize("kind", ["text", "picture"])
def test_staff_are_told_of_danger_without_the_words(talk: Talk, outbox: Outbox, tmp_path: Path, kind: str) -> None:
    assert taken(talk).say(DIE, kind=kind) == []
    (record,) = records(outbox)
    assert record["level"] == "emergency"
    assert record["red_flags"] == ["RF-05"]
    assert record["conversation"] == talk.contact.conversation
    assert record["country"] == "UK"
    assert record["channel"] == "sms"
    written = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "outbox").iterdir())
    assert "tonight" not in written
    assert UK_NUMBER[1:] not in written


def test_staff_are_told_each_time_however_often_it_is_said(talk: Talk, outbox: Outbox) -> None:
    for _ in range(SAME_DANGER_ANSWERED + 4):
        taken(talk).say(DIE)
    assert len(records(outbox)) >= SAME_TEXT_ANSWERED


def test_staff_are_told_where_danger_could_not_be_read(talk: Talk, engine: FakeEngine, outbox: Outbox) -> None:
    engine.blind = RuntimeError("no model")
    taken(talk).say("hm")
    assert [record["level"] for record in records(outbox)] == ["urgent"]


@pytest.mark.parametrize("found", [{"level": "none", "failed": True}, {"level": "none", "soft_check": True}])
def test_staff_are_told_of_weak_signs_and_of_what_could_not_be_checked(
    engine: FakeEngine, outbox: Outbox, found: dict[str, Any]
) -> None:
    async def red_flags(text: str) -> dict[str, Any]:
        return {**found, "findings": []}

    engine.red_flags = red_flags  # type: ignore[method-assign]
    taken(Talk(messenger_of(engine, outbox=outbox))).say("it is all too much")
    assert len(records(outbox)) == 1


@pytest.mark.parametrize("text", ["STOP. I want to die", "STOP\nI took an overdose"])
def test_danger_beside_stop_while_staff_have_the_conversation_is_not_lost(
    talk: Talk, outbox: Outbox, text: str
) -> None:
    said = taken(talk).say(text)
    assert talk.contact.stopped
    assert any(one.startswith("Call now.") for one in said) or records(outbox)


def test_a_message_that_is_looked_at_again_after_a_crash_is_one_record(talk: Talk, outbox: Outbox) -> None:
    taken(talk).say(DIE)
    talk._number -= 1  # the same message
    taken(talk).say(DIE)
    assert len(records(outbox)) == 1


def test_a_full_disk_does_not_take_the_words_from_staff(talk: Talk, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("not a folder", encoding="utf-8")
    assert taken(talk).say(DIE) == []
    assert talk.last is not None
    assert talk.last.for_staff


# --- machines and limits ---


def test_the_same_words_again_and_again_are_not_answered_for_ever(talk: Talk) -> None:
    said = [talk.say("Hello, you have reached Bob") for _ in range(10)]
    assert all(said[:SAME_TEXT_ANSWERED])
    assert not any(said[7:])


@pytest.mark.parametrize("word", ["no", "yes", "1", "not sure", "2", "ok"])
def test_short_replies_to_questions_are_answered_each_time(talk: Talk, word: str) -> None:
    """A guide asks up to six questions, and "no" may be the answer to each."""
    assert all(talk.say(word) for _ in range(6))


def test_more_is_given_as_often_as_there_is_more(engine: FakeEngine) -> None:
    engine.reply = lambda text: [Reply(" ".join(f"This is sentence number {n} of a long answer." for n in range(100)))]
    talk = Talk(messenger_of(engine))
    said = " ".join(talk.say("tell me all"))
    for _ in range(30):
        if not talk.contact.notes.rest:
            break
        more = talk.say("MORE")
        assert more
        said += " ".join(more)
    assert all(f"number {n} of" in said for n in range(100))


@pytest.mark.parametrize("text", ["HELP", "MORE"])
def test_machines_do_not_get_help_for_ever(talk: Talk, text: str) -> None:
    assert not any([talk.say(text) for _ in range(40)][30:])


def test_one_person_cannot_use_up_what_everybody_may_send(engine: FakeEngine) -> None:
    limits = Limits(messages_of_a_conversation="3/hour", messages_of_everybody="20/hour")
    messenger = messenger_of(engine, limits=limits)
    flood = Talk(messenger)
    for number in range(60):
        flood.say(f"question {number}")
    assert Talk(messenger, "+447700900999").say("can I drink?")[0] == "Answer: can I drink?"


def test_what_was_not_answered_does_not_use_up_the_day(engine: FakeEngine) -> None:
    """The message that is refused by one limit must not count against the others."""
    limits = Limits(messages_of_a_conversation="1/second;10/hour", messages_of_everybody="100000/minute")
    talk = Talk(messenger_of(engine, limits=limits))
    for number in range(30):
        talk.say(f"question {number}")
    time.sleep(1.1)
    assert talk.say("can I drink?")[0] == "Answer: can I drink?"


def test_the_warning_is_said_again_after_the_next_burst(engine: FakeEngine) -> None:
    limits = Limits(messages_of_a_conversation="2/second", messages_of_everybody="100000/minute")
    talk = Talk(messenger_of(engine, limits=limits))
    for _ in range(2):
        said = [talk.say(f"question {number}") for number in range(5)]
        assert [say("too_many", "UK")] in said
        time.sleep(1.1)
        talk.say("can I drink?")
        time.sleep(1.1)


def test_limits_that_cannot_be_counted_hold_nothing_up(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as while Redis is away; machines are still told from people."""

    def broken(*args: str) -> int:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(talk.messenger._counts, "wait_for", broken)
    assert talk.say("can I drink?") == ["Answer: can I drink?"]
    assert talk.say("This is an automated reply") == []


# --- HELP, MORE, media ---


def test_help_names_the_emergency_number_and_the_clinic(talk: Talk) -> None:
    assert talk.say("Help!") == [say("help", "UK")]
    assert "999" in say("help", "UK")


def test_more_without_anything_more_is_a_question(talk: Talk) -> None:
    assert talk.say("MORE") == ["Answer: MORE"]


def test_more_gives_the_whole_of_an_answer_that_had_a_short_text(engine: FakeEngine) -> None:
    engine.short = frozenset({"utter_alcohol.can_i_drink"})
    talk = Talk(messenger_of(engine))
    assert "MORE" in talk.say("can I drink?")[0]
    assert talk.say("more") == ["The whole of utter_alcohol.can_i_drink."]
    assert talk.contact.notes.longer == ()


def test_more_after_stop_says_nothing(engine: FakeEngine) -> None:
    engine.short = frozenset({"utter_alcohol.can_i_drink"})
    talk = Talk(messenger_of(engine))
    talk.say("can I drink?")
    talk.say("STOP")
    assert talk.say("MORE") == []
    assert talk.contact.notes.longer == ()


@pytest.mark.parametrize("kind", ["picture", "voice", "file", "place", "sticker"])
def test_what_cannot_be_read_is_said_with_and_without_words(talk: Talk, kind: str) -> None:
    assert talk.say("", kind=kind) == [say(kind, "UK")]
    assert talk.say("is this normal?", kind=kind) == ["Answer: is this normal?", say(kind, "UK")]


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_a_message_without_anything_gets_a_sentence(talk: Talk, text: str) -> None:
    assert talk.say(text) == [say("empty", "UK")]


# --- country ---


@pytest.fixture
def irish_clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    told = yaml.safe_load(CLINIC_FILE.read_text(encoding="utf-8"))
    file = tmp_path / "clinic.yml"
    file.write_text(yaml.safe_dump({**told, "country": "IE"}), encoding="utf-8")
    monkeypatch.setenv("ISOBOT_CLINIC", str(file))
    clinic.cache_clear()
    yield
    monkeypatch.undo()
    clinic.cache_clear()


@pytest.mark.usefixtures("irish_clinic")
@pytest.mark.parametrize(
    ("address", "channel", "country"),
    [("+61491570156", "sms", "AU"), ("whatsapp:+12125550123", "whatsapp", "US"), ("+5511912345678", "sms", "IE"),
     ("!room:example.org", "matrix", "IE")],
)  # fmt: skip
def test_the_country_is_the_numbers_else_the_clinics(address: str, channel: str, country: str) -> None:
    countries: list[str | None] = []

    class Engine(FakeEngine):
        async def answer(self, *args: Any, country: str | None, **named: Any) -> list[Reply]:
            countries.append(country)
            return [Reply("x")]

    talk = Talk(messenger_of(Engine()), address, channel)
    talk.say("can I drink?")
    assert countries == [country]


def test_nothing_of_a_message_is_in_the_notes_but_its_digest(talk: Talk) -> None:
    talk.say("Zwetschgenkuchen")
    assert "Zwetschgenkuchen" not in json.dumps(vars(talk.contact.notes))
    assert talk.contact.notes.last == Identity(SECRET).digest_of("text\nzwetschgenkuchen")


def test_limits_of_the_tests_are_out_of_the_way() -> None:
    assert Limits() != PLENTY


def test_a_flood_of_other_words_does_not_use_up_the_answers_to_danger(engine: FakeEngine) -> None:
    talk = Talk(messenger_of(engine, limits=Limits(messages_of_a_conversation="1/hour")))
    for number in range(100):
        talk.say(f"question {number}")
    assert talk.say(DIE)[0].startswith("Call now.")
