"""Whole conversations through a real Matrix homeserver: answers, danger, a dose, hand-over, a restart, attacks."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from homeserver import Person
from messaging_tools import BOT, Messaging, said, soon

pytestmark = pytest.mark.synapse


def mine(person: Person, room: str) -> list[str]:
    return [e["content"]["body"] for e in person.messages(room) if e["sender"] == BOT]


def transaction(messaging: Messaging, *events: dict[str, Any], token: str | None = None, name: str = "") -> int:
    """Hand a transaction to the assistant as the homeserver does."""
    token = messaging.environment["ISOBOT_MATRIX_HS_TOKEN"] if token is None else token
    path = f"/_matrix/app/v1/transactions/{name or uuid.uuid4().hex}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.put(f"{messaging.stack.url}{path}", json={"events": events}, headers=headers, timeout=30).status_code


def message(person: Person, room: str, text: str, **content: Any) -> dict[str, Any]:
    body = {"msgtype": "m.text", "body": text, **content}
    event = {"type": "m.room.message", "sender": person.user_id, "room_id": room, "content": body}
    return {**event, "event_id": f"${uuid.uuid4().hex}"}


def test_a_whole_conversation(messaging: Messaging) -> None:
    person, room = messaging.patient()
    first = person.wait_for(room, lambda e: e["sender"] == BOT)["content"]["body"]
    assert "computer program" in first
    assert "Elm Street Dermatology" in first
    assert "alcohol" in said(person, room, "Can I drink alcohol?")
    answer = [e for e in person.messages(room) if e["sender"] == BOT][-1]["content"]
    assert answer["msgtype"] == "m.text"
    assert "<p>" in answer["formatted_body"]
    assert '<a href="https://' in answer["formatted_body"]
    assert "Not yet signed off by a clinician" in answer["body"]
    total = said(person, room, "70 kg, 20 mg for 30 days, then 40 mg for 60 days. What is my total so far?")
    assert "3000 mg" in total
    assert "█" in total


def test_choices_have_numbers(messaging: Messaging) -> None:
    person, room = messaging.patient()
    person.send(room, "hmm so what about the thing with the other one")
    person.wait_for(room, lambda e: e["sender"] == BOT and "\n1 " in e["content"]["body"])
    assert "Checked on" in said(person, room, "1")


def test_danger_goes_first_and_reaches_the_staff(messaging: Messaging) -> None:
    person, room = messaging.patient()
    reply = said(person, room, "Can I take paracetamol? i want to kill myself")
    assert reply.startswith("Call ")
    soon(lambda: any(r["channel"] == "matrix" and "RF-01" in r["red_flags"] for r in messaging.escalations()))
    told = messaging.nurse.wait_for(messaging.staff_room, lambda e: "RF-01" in e["content"]["body"])
    assert "kill" not in told["content"]["body"]
    assert "!take " in told["content"]["body"]


def test_what_was_written_before_the_assistant_came_is_answered(messaging: Messaging) -> None:
    person = messaging.homeserver.register("eager")
    room = person.create_room([])
    person.send(room, "Can I drink alcohol?")
    person.invite(room, BOT)
    person.wait_for(room, lambda e: e["sender"] == BOT and "alcohol" in e["content"]["body"])


def test_what_is_no_words_gets_a_sensible_reply(messaging: Messaging) -> None:
    person, room = messaging.patient()
    assert "pictures" in said(person, room, "rash.jpg", msgtype="m.image", url="mxc://clinic.test/abc")
    assert "voice" in said(person, room, "voice.ogg", msgtype="m.audio", url="mxc://clinic.test/abc")
    assert "alcohol" in said(
        person, room, "can I drink alcohol?", msgtype="m.image", url="mxc://clinic.test/abc", filename="a.jpg"
    )
    before = len(mine(person, room))
    person.send_event(room, "m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgAE"})
    person.wait_for(room, lambda e: e["sender"] == BOT and "encrypted messages" in e["content"]["body"])
    person.send_event(room, "m.sticker", {"body": "smile", "url": "mxc://clinic.test/abc", "info": {}})
    soon(lambda: len(mine(person, room)) == before + 2)


def test_programs_and_edits(messaging: Messaging) -> None:
    person, room = messaging.patient()
    assert "alcohol" in said(person, room, "> <@x:y> i want to die\n\nCan I drink alcohol?").lower()
    time.sleep(1)
    before = len(mine(person, room))
    person.send(room, "Can I drink alcohol?", msgtype="m.notice")  # what programs write
    time.sleep(1)
    assert len(mine(person, room)) == before
    mistyped = person.send(room, "my ey", msgtype="m.notice")
    edit = {"m.new_content": {"msgtype": "m.text", "body": "my eyes have turned yellow"}}
    person.send(room, "* my eyes", **edit, **{"m.relates_to": {"rel_type": "m.replace", "event_id": mistyped}})
    person.wait_for(room, lambda e: e["sender"] == BOT and "doctor" in e["content"]["body"])


def test_stop_leaves_the_room_and_an_invitation_brings_it_back(messaging: Messaging) -> None:
    person, room = messaging.patient()
    said(person, room, "Can I drink alcohol?")
    person.send(room, "STOP")
    person.wait_for_membership(room, BOT, "leave")
    person.invite(room, BOT)
    soon(lambda: len([body for body in mine(person, room) if "computer program" in body]) == 2)
    assert "lips" in said(person, room, "my lips are dry").lower()


def test_only_rooms_of_one_person_from_an_allowed_server(messaging: Messaging) -> None:
    person, room = messaging.patient()
    said(person, room, "Can I drink alcohol?")
    friend = messaging.homeserver.register("friend")
    person.invite(room, friend.user_id)
    friend.join(room)
    person.wait_for_membership(room, BOT, "leave")
    assert "one person" in mine(person, room)[-1]
    stranger = {"type": "m.room.member", "sender": "@x:elsewhere.test", "room_id": room, "state_key": BOT,
                "event_id": f"${uuid.uuid4().hex}", "content": {"membership": "invite"}}  # fmt: skip
    assert transaction(messaging, stranger) == 200
    assert person.members(room)[BOT] == "leave"


def test_a_new_display_name_is_no_arrival(messaging: Messaging) -> None:
    """The assistant names itself at each start; nobody is greeted again for it, and staff keep what they have."""
    person, room = messaging.patient()
    bot = Person(messaging.homeserver.url, BOT, messaging.environment["ISOBOT_MATRIX_AS_TOKEN"])
    bot.http.put(f"/profile/{BOT}/displayname", json={"displayname": f"Another name {uuid.uuid4().hex}"})
    said(person, room, "Can I drink alcohol?")
    time.sleep(1)
    assert len([body for body in mine(person, room) if "computer program" in body]) == 1


def test_the_assistant_does_not_stay_alone(messaging: Messaging) -> None:
    person, room = messaging.patient()
    watcher = Person(messaging.homeserver.url, BOT, messaging.environment["ISOBOT_MATRIX_AS_TOKEN"])
    person.leave(room)
    soon(lambda: room not in watcher.http.get("/joined_rooms").json()["joined_rooms"])


def test_staff_take_a_conversation_over_and_give_it_back(messaging: Messaging) -> None:
    person, room = messaging.patient()
    nurse, staff_room = messaging.nurse, messaging.staff_room
    said(person, room, "my eyes have turned yellow")
    soon(lambda: [r for r in messaging.escalations() if r["channel"] == "matrix"])
    name = [r for r in messaging.escalations() if r["channel"] == "matrix"][-1]["conversation"][:8]
    nurse.wait_for(staff_room, lambda e: f"!take {name}" in e["content"]["body"])
    nurse.send(staff_room, f"!take {name}")
    nurse.wait_for(staff_room, lambda e: e["sender"] == BOT and f"You have {name}" in e["content"]["body"])
    person.wait_for(room, lambda e: "talking with a person" in e["content"]["body"])
    soon(lambda: room in nurse.invited_rooms())
    nurse.join(room)
    before, known = len(mine(person, room)), len(messaging.escalations())
    person.send(room, "Can I drink alcohol?")
    nurse.send(room, "Hello, this is Ana from the clinic.")
    time.sleep(1.5)
    assert len(mine(person, room)) == before, "silent while staff have it"
    person.send(room, "i want to kill myself")
    soon(lambda: len(messaging.escalations()) > known)
    assert messaging.escalations()[-1]["level"] == "emergency"
    assert len(mine(person, room)) == before, "and danger is told to staff, who are there"
    nurse.send(room, "!give")
    person.wait_for(room, lambda e: "computer program again" in e["content"]["body"])
    assert "lips" in said(person, room, "what helps against dry lips?").lower()


def test_patients_command_nobody(messaging: Messaging) -> None:
    person, room = messaging.patient()
    said(person, room, "Can I drink alcohol?")
    reply = said(person, room, "!take")
    assert "You have" not in reply
    assert "alcohol" in said(person, room, "Can I drink alcohol then?"), "the assistant still answers"


def test_the_homeserver_must_show_its_token(messaging: Messaging) -> None:
    person, room = messaging.patient()
    said(person, room, "Can I drink alcohol?")
    before = len(mine(person, room))
    forged = message(person, room, "my lips are dry")
    assert transaction(messaging, forged, token="") == 401
    assert transaction(messaging, forged, token="guessed") == 403
    assert transaction(messaging, forged, token=messaging.environment["ISOBOT_MATRIX_AS_TOKEN"]) == 403
    time.sleep(1)
    assert len(mine(person, room)) == before


def test_a_duplicated_transaction_is_answered_once(messaging: Messaging) -> None:
    person, room = messaging.patient()
    said(person, room, "Can I drink alcohol?")
    before = len(mine(person, room))
    event = message(person, room, "what helps against dry lips?")
    for name in ("one", "one", "another", "one"):
        assert transaction(messaging, event, name=f"{room}-{name}") == 200
    soon(lambda: len(mine(person, room)) == before + 1)
    time.sleep(1)
    assert len(mine(person, room)) == before + 1


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"events": 1}', b'{"events": [1, null, {"type": "m.room.message"}]}',
     b'{"events": [{"type": "m.room.message", "sender": "@a:b", "room_id": "!r", "event_id": "$e", "content": 7}]}'],
)  # fmt: skip
def test_rubbish_is_refused_or_passed_over(messaging: Messaging, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {messaging.environment['ISOBOT_MATRIX_HS_TOKEN']}"}
    path = f"/_matrix/app/v1/transactions/{uuid.uuid4().hex}"
    answer = httpx.put(f"{messaging.stack.url}{path}", content=body, headers=headers, timeout=30)
    assert answer.status_code in (200, 400)


def test_the_assistant_can_be_restarted_in_the_middle(messaging: Messaging) -> None:
    """What comes while it is away is answered afterwards, once, and the conversation goes on where it was."""
    person, room = messaging.patient()
    said(person, room, "work out my mg per kg, I take 40 mg a day")
    before = len(mine(person, room))
    messaging.stack.stop()
    person.send(room, "70 kg")
    messaging.stack.start()
    messaging.stack.wait_until_ready()
    person.wait_for(room, lambda e: e["sender"] == BOT and "0.57" in e["content"]["body"], seconds=40)
    assert len(mine(person, room)) == before + 1


def test_nothing_that_was_written_stands_in_logs_or_files(messaging: Messaging) -> None:
    person, room = messaging.patient()
    said(person, room, "can I take zanzibarine with it?")
    for file in messaging.folder.glob("messaging.db*"):
        assert b"zanzibarine" not in file.read_bytes()
        assert room.encode() not in file.read_bytes()
    for log in Path("var/log").glob("*.log"):
        assert "zanzibarine" not in log.read_text(errors="replace")
