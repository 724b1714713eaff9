"""The messaging number against a stand-in for Twilio: conversations, attacks, faults, hand-over; nothing is mocked."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import smsutil
from messaging_tools import NUMBER, STAFF_NUMBER, WEBHOOK, Messaging, soon

from bench.twilio_stand_in import AUTH_TOKEN, inbound, signed
from isobot.channels.messaging.identity import Identity

pytestmark = pytest.mark.synapse  # the assistant of these tests has every channel


def conversation_of(messaging: Messaging, address: str) -> str:
    return Identity(messaging.environment["ISOBOT_SECRET"]).conversation_of(address)


def test_a_question_gets_a_short_answer_and_more_on_demand(messaging: Messaging) -> None:
    number = messaging.number()
    answer, first = messaging.text(number, "Can I drink alcohol?")
    assert "avoid alcohol" in answer
    assert len(smsutil.split(answer).parts) <= 2
    assert "STOP" in first
    assert "Elm Street Dermatology" in first
    assert len(smsutil.split(first).parts) == 1
    (whole,) = messaging.text(number, "MORE")
    assert "Sources:" in whole
    assert "https://" in whole
    assert "Not yet signed off by a clinician" in whole
    assert len(messaging.text(number, "what helps against dry lips?")) == 1, "what this is has been said"


def test_choices_have_numbers(messaging: Messaging) -> None:
    number = messaging.number()
    offered = messaging.text(number, "hmm so what about the thing with the other one")[0]
    titles = [line.partition(" ")[2] for line in offered.splitlines() if line[:2] in ("1 ", "2 ", "3 ")]
    assert "Reply 1" in offered
    assert len(titles) >= 2
    by_number = messaging.text(number, "2")
    messaging.text(number, "hmm so what about the thing with the other one")
    assert messaging.text(number, titles[1]) == by_number


def test_the_number_tells_the_country_until_the_person_does(messaging: Messaging) -> None:
    number = "+353 20 910 0001".replace(" ", "")
    assert "999 or 112" in messaging.text(number, "my eyes have turned yellow")[0]
    number = messaging.number()
    assert messaging.text(number, "i want to kill myself")[0].startswith("Call 999")
    messaging.text(number, "I'm in the US")
    assert "988" in "".join(messaging.text(number, "i want to end my life tonight"))


def test_danger_goes_first_and_is_never_cut(messaging: Messaging) -> None:
    number = messaging.number()
    reply = messaging.text(number, "how much does it cost? also my chest hurts so bad and i cant breathe")[0]
    assert reply.startswith("Call 999 or 112 now.")
    assert "MORE" not in reply
    conversation = conversation_of(messaging, number)
    soon(lambda: messaging.escalations(conversation))
    soon(lambda: any(conversation[:8] in body for body in messaging.twilio.bodies(STAFF_NUMBER)))
    assert not any("chest" in body for body in messaging.twilio.bodies(STAFF_NUMBER))


@pytest.mark.parametrize(
    ("body", "media", "piece"),
    [
        ("", [("https://api.twilio.com/m", "image/jpeg")], "not pictures"),
        ("", [("https://api.twilio.com/m", "audio/ogg")], "voice messages"),
        ("", [("https://api.twilio.com/m", "image/webp")], "words"),
        ("", [("https://api.twilio.com/m", "application/pdf")], "files"),
        ("", [("https://api.twilio.com/m", "text/vcard")], "contact card"),
        ("", [], "without words"),
        ("   ", [], "without words"),
    ],
)
def test_what_is_no_words_gets_a_sensible_reply(
    messaging: Messaging, body: str, media: list[tuple[str, str]], piece: str
) -> None:
    assert piece in messaging.text(messaging.number(), body, media=media)[0]


def test_words_beside_a_picture_are_answered(messaging: Messaging) -> None:
    number = messaging.number()
    replies = messaging.text(
        number, "my lips and tongue are swelling up", media=[("https://api.twilio.com/m", "image/jpeg")]
    )
    assert replies[0].startswith("Call 999")
    assert "not pictures" in replies[1]


def test_stop_start_help(messaging: Messaging) -> None:
    number = messaging.number()
    messaging.text(number, "Can I drink alcohol?")
    assert "STOP" in messaging.text(number, "Help")[0]
    assert "no more messages" in messaging.text(number, " stop. ")[0]
    assert messaging.silence(number, "what helps against dry lips?")
    assert messaging.text(number, "i took all my pills at once")[0].startswith("Call 999"), "danger is answered"
    assert "You're back" in messaging.text(number, "START")[0]
    assert "lip" in messaging.text(number, "what helps against dry lips?")[-1]


def test_stop_with_danger_in_the_same_message(messaging: Messaging) -> None:
    number = messaging.number()
    replies = messaging.text(number, "STOP. my chest hurts so bad and i cant breathe")
    assert replies[0].startswith("Call 999")
    assert "no more messages" in replies[1]
    assert messaging.silence(number, "Can I drink alcohol?")


def test_whatsapp(messaging: Messaging) -> None:
    number = f"whatsapp:{messaging.number()}"
    assert "avoid alcohol" in messaging.text(number, "Can I drink alcohol?")[0]
    sent = [m for m in messaging.twilio.sent if m["To"] == number]
    assert all(m["From"] == f"whatsapp:{NUMBER}" for m in sent)


def test_two_machines_do_not_talk_for_ever(messaging: Messaging) -> None:
    number = messaging.number()
    assert messaging.silence(number, "This is an automated reply: our office is closed.")
    count = 0
    for _ in range(8):
        before = len(messaging.twilio.bodies(number))
        messaging.webhook(inbound(NUMBER, number, "Thanks for your message"))
        time.sleep(0.7)
        count += len(messaging.twilio.bodies(number)) > before
    assert count == 3


def test_forged_requests_are_refused(messaging: Messaging) -> None:
    number = messaging.number()
    form = inbound(NUMBER, number, "Can I drink alcohol?")
    genuine = signed(WEBHOOK, form, AUTH_TOKEN)
    attempts = {
        "no signature": (form, ""),
        "another token": (form, signed(WEBHOOK, form, "another-token")),
        "another address": (form, signed("https://evil.example/webhooks/twilio/", form, AUTH_TOKEN)),
        "another text": ({**form, "Body": "STOP"}, genuine),
        "another sender": ({**form, "From": "+447700900777"}, genuine),
        "one field more": ({**form, "Extra": "1"}, genuine),
        "one field less": ({k: v for k, v in form.items() if k != "FromCity"}, genuine),
    }
    for name, (sent, signature) in attempts.items():
        assert messaging.webhook(sent, signature).status_code == 403, name
    url = f"{messaging.stack.url}/webhooks/twilio/"
    headers = {"X-Twilio-Signature": genuine, "Content-Type": "application/x-www-form-urlencoded"}
    assert httpx.post(url, content=b"\xff\xfe" * 50, headers=headers).status_code == 403
    assert httpx.post(url, content=b"a=1&" * 40_000, headers=headers).status_code in (403, 413)
    assert httpx.post(url, json=form, headers={"X-Twilio-Signature": genuine}).status_code == 403
    time.sleep(1)
    assert messaging.twilio.bodies(number) == []
    assert messaging.webhook(form, genuine).status_code == 200, "and the genuine one is taken, blank fields and all"
    assert messaging.answers(number, 0)


def test_a_replayed_request_is_answered_once(messaging: Messaging) -> None:
    number = messaging.number()
    form = inbound(NUMBER, number, "Can I drink alcohol?")
    threads = [threading.Thread(target=messaging.webhook, args=(form,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messaging.webhook(form)
    time.sleep(2)
    assert len(messaging.twilio.bodies(number)) == 2, "the answer, and what this is"


def test_another_account_and_senders_that_are_no_numbers(messaging: Messaging) -> None:
    before = len(messaging.twilio.sent)
    other = inbound(NUMBER, messaging.number(), "Can I drink alcohol?", AccountSid="AC" + "f" * 32)
    for form in (other, inbound(NUMBER, "12345", "Your code is 1234"), inbound(NUMBER, "PARCELS", "Your parcel")):
        assert messaging.webhook(form).status_code == 200
    time.sleep(1)
    assert len(messaging.twilio.sent) == before


@pytest.mark.parametrize(
    "text", ["Кан ай дринк алкоголь? 🍷", "can i drink 🍺🍺 on accutane???", "a" * 1600, "\u202ecan I drink?"]
)
def test_any_characters_and_any_length(messaging: Messaging, text: str) -> None:
    replies = messaging.text(messaging.number(), text)
    assert replies
    in_english = "Кан" not in text  # else a sentence of the reply is in the person's own language
    assert all(smsutil.is_valid_gsm(reply) for reply in replies) == in_english


@pytest.mark.parametrize(
    "faults", [[429], [500], [503, 503], [("drop",)], [500, ("drop",)]], ids=["429", "500", "503 twice", "lost", "both"]
)
def test_sending_is_retried_and_nothing_comes_twice(messaging: Messaging, faults: list[Any]) -> None:
    number = messaging.number()
    messaging.text(number, "hello")
    messaging.twilio.faults.extend(faults)
    try:
        replies = messaging.text(number, "Can I drink alcohol?")
        time.sleep(3)
        assert len(messaging.twilio.bodies(number)) == 3, replies
    finally:
        messaging.twilio.faults.clear()


def test_what_can_not_be_delivered_is_kept_and_shown(messaging: Messaging) -> None:
    number = messaging.number()
    messaging.text(number, "hello")
    messaging.twilio.faults.append(("refuse", 21610, 400))
    assert messaging.silence(number, "Can I drink alcohol?")
    conversation = conversation_of(messaging, number)
    shown = messaging.staff("GET", "/staff/undelivered").json()["undelivered"]
    assert any(entry["conversation"] == conversation and "21610" in entry["reason"] for entry in shown)
    assert messaging.silence(number, "what helps against dry lips?"), "Twilio knows of a STOP that we did not see"
    status = {"MessageSid": messaging.twilio.sent[-1]["sid"], "MessageStatus": "undelivered", "ErrorCode": "30003"}
    url = f"{WEBHOOK}status"
    headers = {"X-Twilio-Signature": signed(url, status, AUTH_TOKEN)}
    assert httpx.post(f"{messaging.stack.url}/webhooks/twilio/status", data=status, headers=headers).status_code == 204
    forged = httpx.post(f"{messaging.stack.url}/webhooks/twilio/status", data=status)
    assert forged.status_code == 403
    reasons = [e["reason"] for e in messaging.staff("GET", "/staff/undelivered").json()["undelivered"]]
    assert any("30003" in reason for reason in reasons)


def test_staff_take_a_phone_conversation_over_in_their_room(messaging: Messaging) -> None:
    number, nurse, room = messaging.number(), messaging.nurse, messaging.staff_room
    messaging.text(number, "Can I drink alcohol?")
    name = conversation_of(messaging, number)[:8]
    nurse.send(room, f"!say {name} hello")
    nurse.wait_for(room, lambda e: f"First take the conversation over: !take {name}" in e["content"]["body"])
    nurse.send(room, f"!take {name}")
    soon(lambda: "talking with a person" in messaging.twilio.bodies(number)[-1])
    assert messaging.silence(number, "when can you see me?")
    nurse.wait_for(room, lambda e: f"{name} writes: when can you see me?" in e["content"]["body"])
    messaging.webhook(inbound(NUMBER, number, "i want to kill myself"))
    soon(lambda: messaging.escalations(conversation_of(messaging, number)))
    nurse.send(room, f"!say {name} Please come at 3 pm.")
    soon(lambda: messaging.twilio.bodies(number)[-1] == "Please come at 3 pm.")
    nurse.send(room, f"!give {name}")
    soon(lambda: "computer program again" in messaging.twilio.bodies(number)[-1])
    assert "lip" in messaging.text(number, "what helps against dry lips?")[-1].lower()


def test_staff_take_a_phone_conversation_over_with_signed_requests(messaging: Messaging) -> None:
    number = messaging.number()
    messaging.text(number, "Can I drink alcohol?")
    path = f"/staff/conversations/{conversation_of(messaging, number)}"
    by = json.dumps({"by": "Nurse Ito"}).encode()
    assert messaging.staff("POST", f"{path}/take", by).status_code == 200
    soon(lambda: "talking with a person" in messaging.twilio.bodies(number)[-1])
    assert messaging.staff("POST", f"{path}/take", b'{"by": "Dr Who"}').status_code == 409
    words = json.dumps({"by": "Nurse Ito", "text": "Please call us."}).encode()
    assert messaging.staff("POST", f"{path}/say", words).status_code == 200
    soon(lambda: messaging.twilio.bodies(number)[-1] == "Please call us.")
    assert messaging.staff("GET", path).json()["taken_by"] == "Nurse Ito"
    assert messaging.staff("POST", f"{path}/give-back", by).status_code == 200
    assert messaging.staff("POST", f"{path}/give-back", b'{"by": "x"}').status_code == 409
    assert messaging.staff("POST", f"{path}/take", b"{}").status_code == 400
    assert messaging.staff("POST", "/staff/conversations/ffffffff/take", by).status_code == 404


def test_the_staff_channel_takes_signed_requests_only(messaging: Messaging) -> None:
    path = "/staff/undelivered"
    assert httpx.get(f"{messaging.stack.url}{path}").status_code == 403
    assert messaging.staff("GET", path, secret="a guess of sixteen or more").status_code == 403
    assert messaging.staff("GET", path, at=time.time() - 400).status_code == 403
    assert messaging.staff("GET", path).status_code == 200
    number = messaging.number()
    messaging.text(number, "Can I drink alcohol?")
    take = f"/staff/conversations/{conversation_of(messaging, number)}/take"
    at, by = time.time() - 7, b'{"by": "Nurse Ito"}'
    assert messaging.staff("POST", take, by, at=at).status_code == 200
    assert messaging.staff("POST", take, by, at=at).status_code == 409, "a replay"


def test_nothing_that_was_written_and_no_number_stands_in_logs_or_files(messaging: Messaging) -> None:
    number = messaging.number()
    messaging.text(number, "can I take zanzibarine with it?")
    for file in messaging.folder.glob("messaging.db*"):
        assert b"zanzibarine" not in file.read_bytes()
        assert number[3:].encode() not in file.read_bytes()
    for log in Path("var/log").glob("*.log"):
        assert "zanzibarine" not in log.read_text(errors="replace")
        assert number[3:] not in log.read_text(errors="replace")
