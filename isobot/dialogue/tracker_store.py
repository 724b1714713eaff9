"""SQL tracker store that reads back only the end of a conversation, so that message 1,000 costs what message 1 costs.

Rasa replays a conversation's whole history several times for each message. Here a tracker begins with the last
value of each slot and the last events; everything new is still written, so the full record stays in the database.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

WINDOW_EVENTS = 60  # some eight turns: enough for follow-ups, small enough to replay in a millisecond
_STORED = "_isobot_stored_events"  # how many of the tracker's events the database already has


class BoundedSQLTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store with a window on reading."""

    def __init__(self, **kwargs: Any) -> None:
        """Open the database (see the parent class)."""
        super().__init__(**kwargs)
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                # One writer, many small commits: the write-ahead log saves a disk flush for each message.
                connection.execute(sa.text("PRAGMA journal_mode=WAL"))
                connection.execute(sa.text("PRAGMA synchronous=NORMAL"))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the end of the latest session of a conversation, or None when there is none."""
        event = self.SQLEvent
        with self.session_scope() as session:
            query = self._event_query(session, sender_id, fetch_events_from_all_sessions=False)
            window = query.order_by(None).order_by(event.id.desc()).limit(WINDOW_EVENTS).all()[::-1]
            slots: list[Any] = []
            if len(window) == WINDOW_EVENTS:
                # The last SlotSet of each slot before the window (Rasa stores a slot's name as the action's).
                last = (
                    session.query(sa.func.max(event.id))
                    .filter(event.sender_id == sender_id, event.type_name == SlotSet.type_name)
                    .filter(event.id < window[0].id)
                    .group_by(event.action_name)
                )
                slots = session.query(event).filter(event.id.in_(last)).order_by(event.id).all()
            events = [json.loads(row.data) for row in [*slots, *window]]
        if not events:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        setattr(tracker, _STORED, len(tracker.events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the events that the database does not have yet (see the parent class)."""
        await super().save(tracker)
        setattr(tracker, _STORED, len(tracker.events))

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Any]:
        return itertools.islice(tracker.events, getattr(tracker, _STORED, 0), None)
