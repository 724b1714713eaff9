"""The HTTP channel's guards, on its own routes with a stand-in for the engine: origins, limits, types, ids, headers."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, Event, UserUttered
from sanic import Sanic

from isobot.channels import pages, web
from isobot.channels.once import Once
from isobot.channels.rate_limits import Allowed
from isobot.channels.web import WebChannel
from isobot.cli.stack import LOOPBACK, free_port
from isobot.content.clinic import Clinic

SITE = "https://www.example.org"
PORT = free_port()
HOST = f"http://{LOOPBACK}:{PORT}"
Run = Callable[[Any], Any]


class StandIn:
    """Answers each message with its number; keeps what it said, as a tracker store does."""

    def __init__(self) -> None:
        self.tracker_store = self.lock_store = self
        self.forget()

    def forget(self) -> None:
        self.events: dict[str, list[Event]] = {}
        self.handled: list[UserMessage] = []
        self.fails = self.store_fails = False

    async def handle(self, message: UserMessage) -> None:
        await asyncio.sleep(0.01)
        if self.fails:
            raise RuntimeError("out of order")
        self.handled.append(message)
        said = {"buttons": [{"title": "Can I drink alcohol?"}]}
        told = BotUttered(f"answer {len(self.handled)}", data=said, metadata={"utter_action": "utter_a.b"})
        await message.output_channel.send_response(message.sender_id, told.message())
        user = UserUttered(message.text, metadata=message.metadata)
        self.events.setdefault(message.sender_id, []).extend([user, told])

    async def retrieve(self, sender_id: str) -> Any:
        if self.store_fails:
            raise RuntimeError("out of order")
        return SimpleNamespace(events=self.events.get(sender_id, []))

    @contextlib.asynccontextmanager
    async def lock(self, sender_id: str) -> Any:
        yield


ABOUT = Clinic(name="Elm <Clinic>", phone="+44 20 7946 0000", hours="", website="", country="UK", websites=(SITE,))
ALLOWED = Allowed("3/minute", "1000/minute", "1000/minute")
CHANNEL = WebChannel("a secret of sufficient length", ALLOWED)
ENGINE = StandIn()


@pytest.fixture
def stand_in() -> StandIn:
    ENGINE.forget()
    return ENGINE


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run something in the event loop of the server, which is one for all tests: Sanic starts once in a process."""
    app = Sanic("test_web_guards")
    app.ctx.agent = ENGINE
    app.blueprint(CHANNEL.blueprint(ENGINE.handle))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "clinic", lambda: ABOUT)
        patch.setattr(pages, "clinic", lambda: ABOUT)
        made = app.create_server(LOOPBACK, PORT, return_asyncio_server=True, access_log=False)
        server = loop.run_until_complete(made)
        loop.run_until_complete(server.startup())
        loop.run_until_complete(server.start_serving())
        yield loop.run_until_complete
        loop.run_until_complete(server.close())  # the loop itself stays open: the server's timers still end in it


@pytest.fixture(scope="module")
def http(run: Run) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=HOST, timeout=10)


@pytest.fixture
def feedback_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "feedback.jsonl"
    monkeypatch.setenv("ISOBOT_FEEDBACK", str(file))
    return file


async def opened(http: httpx.AsyncClient) -> dict[str, str]:
    answer = await http.post("/api/sessions")
    return {"authorization": f"Bearer {answer.json()['token']}"}


def test_the_same_id_is_answered_once(run: Run, http: httpx.AsyncClient, stand_in: StandIn) -> None:
    async def talk() -> list[httpx.Response]:
        headers = await opened(http)
        body = {"id": "message-1", "text": "hello"}
        send = [http.post("/api/messages", json=body, headers=headers) for _ in range(2)]
        together = await asyncio.gather(*send)
        return [*together, await http.post("/api/messages", json=body, headers=headers)]

    answers = run(talk())
    assert [a.status_code for a in answers] == [200, 200, 200]
    assert len({a.text for a in answers}) == 1
    assert len(stand_in.handled) == 1


def test_the_same_id_is_answered_once_also_after_a_restart(
    run: Run, http: httpx.AsyncClient, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk() -> list[dict[str, Any]]:
        headers = await opened(http)
        body = {"id": "message-1", "text": "hello"}
        first = (await http.post("/api/messages", json=body, headers=headers)).json()
        monkeypatch.setattr(CHANNEL, "_once", Once())
        return [first, (await http.post("/api/messages", json=body, headers=headers)).json()]

    first, second = run(talk())
    assert first == second
    assert len(stand_in.handled) == 1


def test_the_same_id_in_another_conversation_is_another_message(
    run: Run, http: httpx.AsyncClient, stand_in: StandIn
) -> None:
    async def talk() -> None:
        for _ in range(2):
            headers = await opened(http)
            await http.post("/api/messages", json={"id": "message-1", "text": "hello"}, headers=headers)

    run(talk())
    assert len(stand_in.handled) == 2


def test_a_message_that_failed_may_be_sent_again(run: Run, http: httpx.AsyncClient, stand_in: StandIn) -> None:
    async def talk() -> list[Any]:
        headers = await opened(http)
        body = {"id": "message-1", "text": "can I drink"}
        stand_in.fails = True
        failed = await http.post("/api/messages", json=body, headers=headers)
        stand_in.fails = False
        return [
            a.json()["replies"][0]["text"]
            for a in (failed, await http.post("/api/messages", json=body, headers=headers))
        ]

    failed, answered = run(talk())
    assert "something went wrong" in failed
    assert answered == "answer 1"


def test_a_broken_store_keeps_nobody_from_an_answer(run: Run, http: httpx.AsyncClient, stand_in: StandIn) -> None:
    async def talk() -> httpx.Response:
        stand_in.store_fails = True
        return await http.post("/api/messages", json={"id": "message-1", "text": "hi"}, headers=await opened(http))

    assert run(talk()).json()["replies"][0]["text"] == "answer 1"


def test_before_the_engine_is_there_the_client_is_told_to_come_again(
    run: Run, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk() -> list[int]:
        headers = await opened(http)
        answers = [
            await http.post("/api/messages", json={"id": "message-1", "text": "hi"}, headers=headers),
            await http.delete("/api/conversation", headers=headers),
            await http.get("/readyz"),
        ]
        return [a.status_code for a in answers]

    monkeypatch.setattr(web, "_agent", lambda request: None)
    assert run(talk()) == [503, 503, 503]


def test_a_choice_is_picked_by_its_id_and_by_no_other(run: Run, http: httpx.AsyncClient, stand_in: StandIn) -> None:
    async def talk() -> list[httpx.Response]:
        headers, others = await opened(http), await opened(http)
        first = await http.post("/api/messages", json={"id": "message-1", "text": "hm"}, headers=headers)
        choice = first.json()["replies"][0]["choices"][0]
        assert choice["title"] == "Can I drink alcohol?"
        picked = {"id": "message-2", "choice": choice["id"]}
        return [
            await http.post("/api/messages", json=picked, headers=headers),
            await http.post("/api/messages", json=picked, headers=others),
            await http.post("/api/messages", json={"choice": "/restart"}, headers=headers),
        ]

    picked, by_another, unknown = run(talk())
    assert (picked.status_code, by_another.status_code, unknown.status_code) == (200, 409, 409)
    assert stand_in.handled[-1].text == "Can I drink alcohol?"


def test_too_many_messages_are_told_when_to_come_again(run: Run, http: httpx.AsyncClient, stand_in: StandIn) -> None:
    async def talk() -> list[httpx.Response]:
        headers = await opened(http)
        return [await http.post("/api/messages", json={"text": "hello"}, headers=headers) for _ in range(5)]

    answers = run(talk())
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
    assert len(stand_in.handled) == 3


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 201), (HOST, 201), (SITE, 201), ("https://evil.example", 403), ("null", 403), (f"{SITE}.evil.com", 403)],
)
def test_only_listed_pages_may_use_it(run: Run, http: httpx.AsyncClient, origin: str | None, status: int) -> None:
    answer = run(http.post("/api/sessions", headers={"origin": origin} if origin else {}))
    assert answer.status_code == status
    allowed = answer.headers.get("access-control-allow-origin")
    assert allowed == (origin if status == 201 else None)
    assert "access-control-allow-credentials" not in answer.headers


def test_a_listed_page_may_ask_first(run: Run, http: httpx.AsyncClient) -> None:
    asked = {"origin": SITE, "access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    answer = run(http.options("/api/messages", headers=asked))
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == SITE
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert run(http.options("/api/messages", headers={**asked, "origin": "https://evil.example"})).status_code == 403


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_read(run: Run, http: httpx.AsyncClient, stand_in: StandIn, content_type: str) -> None:
    async def talk() -> httpx.Response:
        headers = {**await opened(http), "content-type": content_type}
        return await http.post("/api/messages", content=json.dumps({"text": "hi"}), headers=headers)

    assert run(talk()).status_code == 415
    assert not stand_in.handled


@pytest.mark.parametrize("message_id", ["", "short", "x" * 65, "with space", "a/../../b/c", 12345678, ["message-1"]])
def test_an_id_is_short_and_plain(run: Run, http: httpx.AsyncClient, message_id: Any) -> None:
    async def talk() -> httpx.Response:
        return await http.post("/api/messages", json={"id": message_id, "text": "hi"}, headers=await opened(http))

    assert run(talk()).status_code == 400


@pytest.mark.parametrize("path", ["/api/clinic", "/healthz", "/api/messages"])
def test_answers_carry_the_headers_that_keep_them_safe(run: Run, http: httpx.AsyncClient, path: str) -> None:
    headers = run(http.post(path, json={}) if path == "/api/messages" else http.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "set-cookie" not in headers


def test_the_page_has_a_strict_policy_and_escapes_what_the_clinic_wrote(run: Run, http: httpx.AsyncClient) -> None:
    answer = run(http.get("/"))
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert f"frame-ancestors 'self' {SITE}" in policy
    assert "Elm &lt;Clinic&gt;" in answer.text
    assert '<a href="tel:+442079460000">+44 20 7946 0000</a>' in answer.text
    assert "999 or 112" in answer.text


def test_the_widget_is_found_through_its_loader_and_kept_for_a_year(run: Run, http: httpx.AsyncClient) -> None:
    async def load() -> tuple[httpx.Response, httpx.Response]:
        loader = await http.get("/chat.js")
        return loader, await http.get(loader.text.split('"')[1].removeprefix("."))

    loader, bundle = run(load())
    for answer in (loader, bundle):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["access-control-allow-origin"] == "*"
    assert bundle.headers["content-encoding"] == "gzip"
    assert "immutable" in bundle.headers["cache-control"]
    assert "immutable" not in loader.headers["cache-control"]


@pytest.mark.parametrize("name", ["nothing.js", "..%2fmanifest.json", "%2e%2e/manifest.json", "LICENSES.txt"])
def test_no_other_file_is_served(run: Run, http: httpx.AsyncClient, name: str) -> None:
    assert run(http.get(f"/assets/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"response": "utter_alcohol.can_i_drink", "helpful": True}, 204),
        ({"response": "utter_alcohol.can_i_drink", "helpful": "yes"}, 400),
        ({"response": "my name is Ann", "helpful": True}, 400),
        ([], 400),
    ],
)
def test_a_thumb_is_noted_without_words(
    run: Run, http: httpx.AsyncClient, body: Any, status: int, feedback_file: Path
) -> None:
    async def talk() -> httpx.Response:
        return await http.post("/api/feedback", json=body, headers=await opened(http))

    assert run(talk()).status_code == status
    lines = feedback_file.read_text().splitlines() if feedback_file.exists() else []
    assert [set(json.loads(line)) for line in lines] == ([{"day", "response", "helpful"}] if status == 204 else [])


def test_whom_to_call_is_told_by_country(run: Run, http: httpx.AsyncClient) -> None:
    here = run(http.get("/api/clinic")).json()
    assert here["emergency"] == "999 or 112"
    assert here["phones"] == [{"text": "112", "tel": "112"}, {"text": "999", "tel": "999"}]
    assert here["tel"] == "+442079460000"
    assert run(http.get("/api/clinic?country=us")).json()["emergency"] == "911"
