"""Whatever breaks, danger is still answered: each part is broken in turn."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message

from isobot.channels.engine import EngineFailed, answer
from isobot.cli.stack import Stack
from isobot.nlu import red_flag_detector
from isobot.nlu.encoder_build import BRANCH_FILE
from isobot.nlu.red_flag_detector import RED_FLAGS, RedFlagDetector

CRISIS = "I want to kill myself"
WAIT_SECONDS = 20


def say(stack: Stack, *texts: str) -> list[dict[str, Any]]:
    """Return the replies to the last of several messages of one conversation."""
    with httpx.Client(base_url=stack.url, timeout=60) as http:
        http.headers["authorization"] = f"Bearer {http.post('/api/sessions').json()['token']}"
        replies: list[dict[str, Any]] = []
        for text in texts:
            answer = http.post("/api/messages", json={"text": text, "country": "UK"}).raise_for_status()
            replies = answer.json()["replies"]
        return replies


def wait_for(condition: Any) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return bool(condition())


@pytest.fixture(scope="module")
def lonely(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A running assistant without an action server, and the folder of its data."""
    folder = tmp_path_factory.mktemp("lonely")
    environment = {"ISOBOT_OUTBOX": str(folder / "outbox"), "ISOBOT_ESCALATIONS": str(folder / "escalations.jsonl")}
    database = folder / "conversations.db"
    with Stack(model=model, database=database, with_actions=False, environment=environment) as running:
        running.wait_until_ready()
        yield running, folder


def test_the_action_server_is_down(lonely: tuple[Stack, Path]) -> None:
    stack, folder = lonely
    (reply,) = say(stack, CRISIS)
    assert reply["text"].startswith("Call 999 or 112 now")
    records = [r for r in (folder / "outbox").rglob("*") if r.is_file() and '"RF-01"' in r.read_text(errors="ignore")]
    assert records, "the hand-over waits in the outbox until there is an action server again"
    assert not any("kill" in r.read_text() for r in records)


def test_the_database_is_broken(lonely: tuple[Stack, Path]) -> None:
    stack, folder = lonely
    for file in folder.glob("conversations.db*"):
        file.write_bytes(b"this is no database " * 400)
    (reply,) = say(stack, CRISIS)
    assert reply["text"].startswith("Call 999 or 112 now")


def test_the_hand_over_reaches_the_clinic_without_the_words(stack: Stack, escalations_file: Path) -> None:
    say(stack, "my secret pineapple. the worst headache of my life and i cannot see out of one eye")

    def handed_over() -> bool:
        lines = escalations_file.read_text().splitlines() if escalations_file.exists() else []
        records = [json.loads(line) for line in lines]  # those of other tests among them
        return any("RF-05" in str(r) and (r["level"], r["country"]) == ("emergency", "UK") for r in records)

    assert wait_for(handed_over)
    assert "pineapple" not in escalations_file.read_text()


def component(folder: Path, stored: bytes | None) -> Any:
    """Return the component as it is loaded from a model whose learned detector is `stored`, or missing."""
    storage = LocalModelStorage(folder)
    resource = Resource("RedFlagDetector")
    with storage.write_to(resource) as place:
        if stored is not None:
            (place / BRANCH_FILE.name).write_bytes(stored)
        else:
            (place / "nothing").write_text("")
    context = ExecutionContext(GraphSchema({}), node_name="RedFlagDetector")
    return RedFlagDetector.load({}, storage, resource, context)


def flags(loaded: Any, text: str) -> dict[str, Any]:
    found: dict[str, Any] = loaded.process([Message({"text": text})])[0].get(RED_FLAGS)
    return found


@pytest.mark.parametrize("stored", [None, b"", b"broken", BRANCH_FILE.read_bytes()[:5000]])
def test_the_learned_detector_is_missing_or_broken(
    stored: bytes | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        loaded = component(tmp_path, stored)
    assert "The rules go on alone" in caplog.text
    assert flags(loaded, CRISIS)["level"] == "emergency"
    assert flags(loaded, "i took my dose twice today, i think by accident")["level"] == "urgent", "weak signs count now"


def test_the_rules_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    loaded = component(tmp_path, BRANCH_FILE.read_bytes())

    def fail() -> None:
        raise RuntimeError("pineapple")

    monkeypatch.setattr(red_flag_detector, "detector", fail)
    with caplog.at_level(logging.ERROR):
        found = flags(loaded, "my secret pineapple")
    assert found["failed"], "the patient gets the safe reply (tests/unit/test_danger_first.py)"
    assert "pineapple" not in caplog.text
    assert caplog.records


@pytest.mark.parametrize("answers", ["error", "nothing"])
def test_the_whole_engine_fails(answers: str, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(message: Any) -> None:
        if answers == "error":
            raise RuntimeError(f"out of order: {message.text}")

    with pytest.raises(EngineFailed) as failed:
        asyncio.run(answer(broken, "web", "conversation", CRISIS, country="UK"))
    reply = failed.value.reply
    assert reply.text.startswith("Call 999 or 112 now.")
    assert reply.urgency == "emergency"
    assert "kill" not in caplog.text
