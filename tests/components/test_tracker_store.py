"""The bounded tracker store reads the end of a conversation, keeps all of it while it lasts, and then nothing."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from isobot.dialogue.tracker_store import WINDOW_EVENTS, BoundedSQLTrackerStore

DOMAIN = Domain.from_dict(
    {
        "intents": ["ask"],
        "slots": {"country": {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}},
    }
)


@pytest.fixture
def store(tmp_path: Path) -> BoundedSQLTrackerStore:
    return BoundedSQLTrackerStore(domain=DOMAIN, dialect="sqlite", db=str(tmp_path / "conversations.db"))


async def talk(store: BoundedSQLTrackerStore, turns: int, sender: str = "someone") -> None:
    for number in range(turns):
        tracker = await store.get_or_create_tracker(sender)
        tracker.update(UserUttered(f"message {number}", {"name": "ask"}), DOMAIN)
        if number == 0:
            tracker.update(SlotSet("country", "UK"), DOMAIN)
        tracker.update(ActionExecuted("utter_answer"), DOMAIN)
        tracker.update(BotUttered(f"answer {number}"), DOMAIN)
        tracker.update(ActionExecuted("action_listen"), DOMAIN)
        await store.save(tracker)


def test_every_event_is_kept_once(store: BoundedSQLTrackerStore) -> None:
    asyncio.run(talk(store, 60))
    full = asyncio.run(store.retrieve_full_tracker("someone"))
    assert full is not None
    texts = [e.text for e in full.events if isinstance(e, UserUttered)]
    assert texts == [f"message {n}" for n in range(60)]
    assert len(full.events) == 1 + 60 * 4 + 1


def test_what_is_read_back_does_not_grow(store: BoundedSQLTrackerStore) -> None:
    asyncio.run(talk(store, 100))
    tracker = asyncio.run(store.retrieve("someone"))
    assert tracker is not None
    assert len(tracker.events) <= WINDOW_EVENTS + len(DOMAIN.slots)
    assert tracker.latest_message is not None
    assert tracker.latest_message.text == "message 99"


def test_a_slot_set_long_ago_is_remembered(store: BoundedSQLTrackerStore) -> None:
    asyncio.run(talk(store, 100))
    tracker = asyncio.run(store.retrieve("someone"))
    assert tracker is not None
    assert tracker.get_slot("country") == "UK"


def test_nobody_is_there_before_the_first_message(store: BoundedSQLTrackerStore) -> None:
    assert asyncio.run(store.retrieve("nobody")) is None


def test_a_conversation_that_has_ended_is_deleted(store: BoundedSQLTrackerStore, tmp_path: Path) -> None:
    asyncio.run(talk(store, 3))
    store.delete_ended(time.time() + 11 * 3600)
    assert asyncio.run(store.retrieve("someone")) is not None
    store.delete_ended(time.time() + 13 * 3600)
    assert asyncio.run(store.retrieve("someone")) is None
    assert b"message 2" not in (tmp_path / "conversations.db").read_bytes()


def test_how_long_a_conversation_is_kept_can_be_set(tmp_path: Path) -> None:
    store = BoundedSQLTrackerStore(1, domain=DOMAIN, dialect="sqlite", db=str(tmp_path / "short.db"))
    asyncio.run(talk(store, 1))
    store.delete_ended(time.time() + 2 * 3600)
    assert asyncio.run(store.retrieve("someone")) is None


def test_ended_conversations_are_looked_for_when_somebody_writes(tmp_path: Path) -> None:
    file = str(tmp_path / "conversations.db")
    asyncio.run(talk(BoundedSQLTrackerStore(domain=DOMAIN, dialect="sqlite", db=file), 1, "somebody before"))
    store = BoundedSQLTrackerStore(0, domain=DOMAIN, dialect="sqlite", db=file)
    asyncio.run(talk(store, 1))
    assert asyncio.run(store.retrieve("somebody before")) is None
