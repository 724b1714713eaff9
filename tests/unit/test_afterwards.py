"""What comes after the answers: the patient never waits for it, and a red flag is stored whatever happens."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from isobot.dialogue import afterwards
from isobot.dialogue.afterwards import AfterwardsEndpoint, without_words
from isobot.dose.conversation import Talk
from isobot.dose.reader import read
from isobot.escalation.outbox import Outbox
from isobot.escalation.record import Escalation

WORDS = "I want to end it all tonight"
EMPTY = {"events": [], "responses": []}
PATIENCE_SECONDS = 10  # the longest that a test waits for anything


def call(action: str = "action_escalate") -> dict[str, Any]:
    """Return what Rasa sends to an action server."""
    return {
        "next_action": action,
        "sender_id": "c0ffee",
        "version": "3.6.21",
        "domain": {"responses": {"utter_x": [{"text": "long"}]}},
        "tracker": {
            "sender_id": "c0ffee",
            "slots": {"country": "UK", "offered": [WORDS]},
            "latest_message": {
                "text": WORDS,
                "intent_ranking": [{"name": "mood.worse", "confidence": 0.4}],
                "red_flags": {
                    "level": "emergency",
                    "findings": [{"rule": "RF-05", "level": "emergency", "by": "rule"}],
                },
            },
            "latest_input_channel": "web",
            "events": [{"event": "user", "text": WORDS, "input_channel": "web"}],
        },
    }


class ActionServer(ThreadingHTTPServer):
    """Answers with one event, once it may."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ActionRequest)
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.status = 200
        self.calls: list[dict[str, Any]] = []

    @property
    def endpoint(self) -> EndpointConfig:
        return EndpointConfig(f"http://127.0.0.1:{self.server_port}/webhook")


class _ActionRequest(BaseHTTPRequestHandler):
    server: ActionServer

    def do_POST(self) -> None:
        self.server.calls.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.may_answer.wait(PATIENCE_SECONDS)
        body = json.dumps({"events": [{"event": "slot", "name": "a", "value": WORDS}], "responses": []}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ActionServer]:
    with ActionServer() as running:
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield running
        running.may_answer.set()
        running.shutdown()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in the background."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        await asyncio.sleep(0.01)


def test_the_reply_comes_at_once_although_the_action_server_hangs(server: ActionServer, tmp_path: Path) -> None:
    server.may_answer.clear()
    outbox = Outbox(tmp_path)

    async def converse() -> None:
        endpoint = AfterwardsEndpoint(server.endpoint, outbox)
        for action in ("action_escalate", "action_note_unanswered"):
            reply = await asyncio.wait_for(endpoint.request(json=call(action), method="post", timeout=300), 3)
            assert reply == EMPTY
        assert [r.red_flags for r in outbox.pending()] == [("RF-05",)]
        await until(lambda: len(server.calls) == 2)

    asyncio.run(converse())


def test_the_action_server_learns_the_id_and_no_words(server: ActionServer, tmp_path: Path) -> None:
    async def converse() -> None:
        await AfterwardsEndpoint(server.endpoint, Outbox(tmp_path)).request(json=call(), method="post")
        await until(lambda: len(server.calls) == 1)

    asyncio.run(converse())
    (got,) = server.calls
    (stored,) = Outbox(tmp_path).pending()
    assert got["tracker"]["latest_message"]["escalation_id"] == stored.id
    assert got["next_action"] == "action_escalate"
    assert WORDS not in json.dumps(got)
    assert "domain" not in got


def test_the_record_is_stored_although_the_action_server_refuses(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def converse() -> None:
        endpoint = AfterwardsEndpoint(EndpointConfig("http://127.0.0.1:1/webhook"), Outbox(tmp_path))
        assert await endpoint.request(json=call(), method="post") == EMPTY
        assert [r.conversation for r in Outbox(tmp_path).pending()] == ["c0ffee"]
        await until(lambda: "did not take action_escalate" in caplog.text)

    asyncio.run(converse())
    assert WORDS not in caplog.text


def test_an_error_of_the_action_server_is_logged_without_its_text(
    server: ActionServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.status = 500

    async def converse() -> None:
        endpoint = AfterwardsEndpoint(server.endpoint, Outbox(tmp_path))
        assert await endpoint.request(json=call("action_note_unanswered"), method="post") == EMPTY
        await until(lambda: "ClientResponseError" in caplog.text)

    asyncio.run(converse())
    assert WORDS not in caplog.text


class BrokenOutbox(Outbox):
    """Fails, or waits, when something is put."""

    def __init__(self, put: Callable[[], None]) -> None:
        super().__init__(Path("/does/not/exist"))
        self._do = put

    def put(self, record: Escalation) -> None:
        self._do()


def test_an_outbox_that_fails_leaves_the_record_to_the_action_server(
    server: ActionServer, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    async def converse() -> None:
        assert await AfterwardsEndpoint(server.endpoint, BrokenOutbox(full)).request(json=call()) == EMPTY
        await until(lambda: len(server.calls) == 1)

    asyncio.run(converse())
    message = server.calls[0]["tracker"]["latest_message"]
    assert message["escalation_id"] is None
    assert message["red_flags"]["level"] == "emergency"
    assert "could not be stored" in caplog.text


def test_a_slow_disk_does_not_hold_up_the_patient(
    server: ActionServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(afterwards, "STORE_SECONDS", 0.05)
    written = threading.Event()

    async def converse() -> None:
        outbox = BrokenOutbox(lambda: written.wait(PATIENCE_SECONDS) and None)
        try:
            assert await asyncio.wait_for(AfterwardsEndpoint(server.endpoint, outbox).request(json=call()), 3) == EMPTY
            assert server.calls == []
        finally:
            written.set()
        await until(lambda: len(server.calls) == 1)

    asyncio.run(converse())
    assert server.calls[0]["tracker"]["latest_message"]["escalation_id"]
    assert "outbox is slow" in caplog.text


@pytest.mark.parametrize("tracker", [None, {}, {"latest_message": {"text": WORDS, "red_flags": None}}])
def test_a_call_that_can_not_be_understood_changes_nothing_for_the_patient(
    tracker: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def converse() -> Any:
        endpoint = AfterwardsEndpoint(None, Outbox(tmp_path))
        return await endpoint.request(json={"next_action": "action_escalate", "tracker": tracker})

    assert asyncio.run(converse()) == EMPTY
    assert "could not be begun" in caplog.text
    assert WORDS not in caplog.text


def test_the_record_is_stored_although_the_rest_of_the_call_can_not_be_sent(tmp_path: Path) -> None:
    odd = call()
    odd["tracker"]["latest_message"]["intent_ranking"] = object()

    async def converse() -> None:
        assert await AfterwardsEndpoint(None, Outbox(tmp_path)).request(json=odd) == EMPTY
        await until(lambda: bool(Outbox(tmp_path).pending()))

    asyncio.run(converse())


def test_calls_to_a_hanging_action_server_do_not_pile_up_and_records_are_stored_all_the_same(
    server: ActionServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(afterwards, "MAX_CALLS", 2)
    server.may_answer.clear()

    async def converse() -> None:
        endpoint = AfterwardsEndpoint(server.endpoint, Outbox(tmp_path))
        for _ in range(5):
            assert await endpoint.request(json=call()) == EMPTY
        await until(lambda: caplog.text.count("was not called") == 3)
        assert len(Outbox(tmp_path).pending()) == 5

    asyncio.run(converse())
    assert len(server.calls) <= 2


def test_an_action_of_the_clinics_own_is_passed_on_whole_and_waited_for(server: ActionServer, tmp_path: Path) -> None:
    own = call("action_of_the_clinic")
    endpoint = AfterwardsEndpoint(server.endpoint, Outbox(tmp_path))
    reply = asyncio.run(endpoint.request(json=own, method="post"))
    assert reply["events"][0]["name"] == "a"
    assert server.calls == [own]
    server.status = 400
    with pytest.raises(ClientResponseError):
        asyncio.run(endpoint.request(json=own, method="post"))


def test_an_action_of_the_clinics_own_needs_an_action_server(tmp_path: Path) -> None:
    endpoint = AfterwardsEndpoint(None, Outbox(tmp_path))
    with pytest.raises(RasaException, match=r"endpoints\.yml"):
        asyncio.run(endpoint.request(json=call("action_of_the_clinic")))


def test_the_settings_of_the_action_server_stay() -> None:
    endpoint = AfterwardsEndpoint(EndpointConfig("http://127.0.0.1:1/", selective_domain=True), Outbox(Path("x")))
    assert endpoint.kwargs == {"selective_domain": True}
    assert endpoint.url == "http://127.0.0.1:1/"


def test_what_is_passed_on_is_a_copy() -> None:
    given = call()
    reduced = without_words(given)
    given["tracker"]["latest_message"]["red_flags"]["level"] = "soon"
    assert reduced["tracker"]["latest_message"]["red_flags"]["level"] == "emergency"
    assert reduced["tracker"]["slots"] == {"country": "UK"}


def calculation() -> dict[str, Any]:
    """Return a call of action_calculate_dose: 40 mg a day at 72 kg."""
    slot = {"talk": Talk(read("72 kg, 40 mg a day", date(2026, 11, 24))).as_dict(), "mode": "full"}
    made = call("action_calculate_dose")
    made["tracker"]["slots"] = {**made["tracker"].get("slots", {}), "dose": slot, "country": "US"}
    return made


def test_a_sum_is_done_without_an_action_server(tmp_path: Path) -> None:
    reply = asyncio.run(AfterwardsEndpoint(None, Outbox(tmp_path)).request(json=calculation()))
    assert "0.56 mg/kg" in reply["responses"][0]["dose_result"]


def test_a_sum_is_done_although_the_action_server_fails(server: ActionServer, tmp_path: Path) -> None:
    server.status = 500
    reply = asyncio.run(AfterwardsEndpoint(server.endpoint, Outbox(tmp_path)).request(json=calculation()))
    assert "0.56 mg/kg" in reply["responses"][0]["dose_result"]
    assert "text" not in server.calls[0]["tracker"]["latest_message"]


def test_a_sum_is_done_although_the_action_server_hangs(
    server: ActionServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(afterwards, "CALCULATION_SECONDS", 0.2)
    server.may_answer.clear()
    reply = asyncio.run(AfterwardsEndpoint(server.endpoint, Outbox(tmp_path)).request(json=calculation()))
    assert "0.56 mg/kg" in reply["responses"][0]["dose_result"]
