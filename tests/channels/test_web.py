"""The HTTP channel: conversations are private, text is only text, and bad input gets a sensible reply."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import jwt
import pytest

from isobot.channels.message import MAX_CHARACTERS
from isobot.channels.session import Sessions
from isobot.cli.stack import Stack


@pytest.fixture(scope="module")
def http(stack: Stack) -> httpx.Client:
    return httpx.Client(base_url=stack.url, timeout=60)


def token(http: httpx.Client) -> str:
    answer = http.post("/api/sessions")
    assert answer.status_code == 201
    return str(answer.json()["token"])


def ask(http: httpx.Client, text: str, *, bearer: str | None = None, **body: Any) -> list[dict[str, Any]]:
    headers = {"authorization": f"Bearer {bearer or token(http)}"}
    answer = http.post("/api/messages", json={"text": text, **body}, headers=headers)
    assert answer.status_code == 200
    replies: list[dict[str, Any]] = answer.json()["replies"]
    return replies


def test_an_answer_carries_its_sources_and_date(http: httpx.Client) -> None:
    (reply,) = ask(http, "Can I drink alcohol?")
    assert reply["response"] == "utter_alcohol.can_i_drink"
    assert reply["sources"]
    assert all(s["title"] for s in reply["sources"])
    assert reply["checked"].startswith("20")
    assert reply["signed_off"] == ""


def test_a_country_given_by_the_client_is_used(http: httpx.Client) -> None:
    (reply,) = ask(http, "I missed a dose", country="UK")
    assert "UK" in reply["text"]
    assert "In the US" not in reply["text"]


@pytest.mark.parametrize("country", ["Atlantis", ["UK"], 5, None, ""])
def test_an_unknown_country_counts_as_none(http: httpx.Client, country: Any) -> None:
    (reply,) = ask(http, "I missed a dose", country=country)
    assert "US" in reply["text"]
    assert "UK" in reply["text"]


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer nonsense", "Basic dXNlcg==", "Bearer a.b.c", "bearer " + "x" * 5000]
)
def test_without_a_genuine_token_nothing_is_answered(http: httpx.Client, authorization: str | None) -> None:
    headers = {"authorization": authorization} if authorization is not None else {}
    assert http.post("/api/messages", json={"text": "hi"}, headers=headers).status_code == 401


def test_a_token_of_another_secret_or_an_expired_one_is_refused(http: httpx.Client) -> None:
    forged = Sessions("another secret of sufficient length").new_token()
    unsigned = jwt.encode({"sub": "x", "exp": time.time() + 60}, "", algorithm="none")
    for bearer in (forged, unsigned):
        headers = {"authorization": f"Bearer {bearer}"}
        assert http.post("/api/messages", json={"text": "hi"}, headers=headers).status_code == 401


def test_an_expired_token_names_no_conversation() -> None:
    sessions = Sessions("a secret of sufficient length here")
    expired = jwt.encode({"sub": "x", "exp": 1}, "a secret of sufficient length here", algorithm="HS256")
    assert sessions.conversation_of(f"Bearer {expired}") is None
    assert sessions.conversation_of(f"Bearer {sessions.new_token()}")


def test_two_sessions_do_not_share_a_conversation(http: httpx.Client) -> None:
    one, two = token(http), token(http)
    ask(http, "I'm in the UK", bearer=one)
    (reply,) = ask(http, "I missed a dose", bearer=two)
    assert "US" in reply["text"]


@pytest.mark.parametrize("path", ["/webhooks/rest/webhook", "/socket.io/", "/conversations/default/tracker", "/model"])
def test_rasas_own_doors_are_closed(http: httpx.Client, path: str) -> None:
    assert http.post(path, json={"sender": "x", "message": "hi"}).status_code == 404


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '"hi"', "{}", '{"text": 5}', '{"text": null}', '{"text": ["hi"]}', "\x00\xff"]
)
def test_a_body_that_is_no_message_is_a_400_that_says_how(http: httpx.Client, body: str) -> None:
    headers = {"authorization": f"Bearer {token(http)}", "content-type": "application/json"}
    answer = http.post("/api/messages", content=body.encode("latin-1"), headers=headers)
    assert answer.status_code == 400
    assert "text" in answer.json()["error"]


def test_a_flood_is_refused(http: httpx.Client) -> None:
    headers = {"authorization": f"Bearer {token(http)}", "content-type": "application/json"}
    body = json.dumps({"text": "x" * (5 * MAX_CHARACTERS)})
    assert http.post("/api/messages", content=body, headers=headers).status_code == 413


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "😀😀😀",
        "?!?!",
        "\x00\x01\x02",
        "<script>alert('x')</script>",
        "<b></b>",
        "/restart",
        "/session_start",
        '/alcohol.can_i_drink{"country": "US"}',
        "{country_name} {0[x]} %s",
        "'; DROP TABLE events; --",
        "\u202e\u200b\ufeff",
        "a" * 10_000,
        "can I drink? " * 800,
        "word " * 2_000,
        '[alcohol](intent) {"entity": 1}',
    ],
)
def test_odd_messages_get_a_short_reply_and_nothing_breaks(http: httpx.Client, text: str) -> None:
    bearer = token(http)
    replies = ask(http, text, bearer=bearer)
    assert 1 <= len(replies) <= 3
    for reply in replies:
        assert reply["text"]
        assert "went wrong" not in reply["text"]
        assert "Traceback" not in reply["text"]
    after = ask(http, "Can I drink alcohol?", bearer=bearer)
    assert after[0]["response"] == "utter_alcohol.can_i_drink"


def test_a_command_does_not_skip_understanding(http: httpx.Client) -> None:
    bearer = token(http)
    ask(http, '/chitchat.country{"country": "UK"}', bearer=bearer)
    (reply,) = ask(http, "I missed a dose", bearer=bearer)
    assert "In the US" in reply["text"]


def test_health_and_readiness(http: httpx.Client) -> None:
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.get("/readyz").json() == {"status": "ready"}


def test_a_choice_by_its_id_is_answered_as_its_words(http: httpx.Client) -> None:
    bearer = token(http)
    asked = ask(http, "hmm so what about the thing with the other one", bearer=bearer)
    choice = asked[-1]["choices"][0]
    answer = http.post("/api/messages", json={"choice": choice["id"]}, headers={"authorization": f"Bearer {bearer}"})
    picked = answer.json()["replies"]
    assert picked[0]["response"] not in ("utter_clarify", "utter_no_answer"), choice
    assert picked[0]["sources"]


def test_the_same_message_sent_twice_is_answered_once(http: httpx.Client) -> None:
    bearer = token(http)
    first = ask(http, "Can I drink alcohol?", bearer=bearer, id="message-1")
    assert ask(http, "Can I drink alcohol?", bearer=bearer, id="message-1") == first
    assert ask(http, "and tell me more", bearer=bearer, id="message-2") != first


def test_a_deleted_conversation_is_gone(http: httpx.Client) -> None:
    bearer = token(http)
    headers = {"authorization": f"Bearer {bearer}"}
    ask(http, "I'm in the UK", bearer=bearer)
    (reply,) = ask(http, "I missed a dose", bearer=bearer)
    assert "In the US" not in reply["text"]
    assert http.delete("/api/conversation", headers=headers).status_code == 204
    (reply,) = ask(http, "I missed a dose", bearer=bearer)
    assert "In the US" in reply["text"]
    assert http.delete("/api/conversation").status_code == 401


def test_an_emergency_names_the_numbers_to_dial(http: httpx.Client) -> None:
    replies = ask(http, "i want to kill myself", country="UK")
    assert replies[0]["urgency"] == "emergency"
    assert {"text": "999", "tel": "999"} in replies[0]["phones"]
    assert {"text": "116 123", "tel": "116123"} in replies[0]["phones"]
    assert all(phone["text"] != "85258" for phone in replies[0]["phones"]), "a number for texts is not dialled"


def test_rasa_says_nothing_of_itself(http: httpx.Client) -> None:
    assert "Rasa" not in http.get("/").text
    assert "Rasa" not in str(http.get("/").headers)
