"""SQL tracker store that reads back only the end of a conversation, and deletes conversations that have ended.

Rasa replays a conversation's whole history several times for each message. Here a tracker begins with the last
value of each slot and the last events, so that message 1,000 costs what message 1 costs; everything new is still
written. Nobody needs it after the conversation: it is deleted once nothing was said for some hours.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

WINDOW_EVENTS = 60  # some eight turns: enough for follow-ups, small enough to replay in a millisecond
KEEP_HOURS = 12.0  # as long as domain.yml lets a session go on without a message
_LOOK_EVERY_SECONDS = 600  # for conversations that have ended
_STORED = "_isobot_stored_events"  # how many of the tracker's events the database already has


class BoundedSQLTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store with a window on reading."""

    def __init__(self, keep_hours: float = KEEP_HOURS, **kwargs: Any) -> None:
        """Open the database (see the parent class).

        Args:
            keep_hours: so long after its last message a conversation is deleted (`tracker_store` in endpoints.yml).
            kwargs: for the parent class.
        """
        super().__init__(**kwargs)
        self._keep_seconds = 3600 * float(keep_hours)
        self._looked = -math.inf
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                # One writer, many small commits: the write-ahead log saves a disk flush for each message.
                connection.execute(sa.text("PRAGMA journal_mode=WAL"))
                connection.execute(sa.text("PRAGMA synchronous=NORMAL"))
        if self.engine.dialect.name == "sqlite":  # what is deleted is overwritten in the file
            sa.event.listen(self.engine, "connect", lambda raw, _: raw.execute("PRAGMA secure_delete=ON"))

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
        if time.monotonic() - self._looked > _LOOK_EVERY_SECONDS:
            self._looked = time.monotonic()
            self.delete_ended(time.time())

    def delete_ended(self, now: float) -> None:
        """Delete the conversations that have ended.

        Args:
            now: seconds since 1970.
        """
        event = self.SQLEvent
        with self.session_scope() as session:
            ended = (
                session.query(event.sender_id)
                .group_by(event.sender_id)
                .having(sa.func.max(event.timestamp) < now - self._keep_seconds)
            )
            session.query(event).filter(event.sender_id.in_(ended)).delete(synchronize_session=False)
            session.commit()

    async def delete(self, sender_id: str) -> None:
        """Delete a conversation, as its person asked for."""
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id).delete(synchronize_session=False)
            session.commit()
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:  # what was written stays in the log until it is emptied
                connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Any]:
        return itertools.islice(tracker.events, getattr(tracker, _STORED, 0), None)
