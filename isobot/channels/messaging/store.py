"""The messaging database: who writes, what waits to be answered, what waits to be sent (tables: tables.py).

Every change is one short transaction. What happens between two of them may happen again after a crash: see
`isobot.channels.messaging.worker` for how that comes to one answer all the same.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from isobot.channels.messaging.identity import Identity, SecretChanged
from isobot.channels.messaging.records import (
    QUEUED,
    SENDING,
    SENT,
    UNDELIVERED,
    Contact,
    Inbound,
    Outbound,
    Payload,
    notes_of,
)
from isobot.channels.messaging.tables import CONTACTS, FAILED, INBOUND, METADATA, OUTBOUND, REASON_CHARACTERS, SEEN

KEEP_HOURS = 12.0  # as long as the tracker store keeps a conversation
_SEEN_SECONDS = 30 * 24 * 60 * 60  # a copy of a message that comes later than this is answered again
LEASE_SECONDS = 60.0  # a replica that dies while it has a conversation holds it up for so long

_WAITING = (QUEUED, SENDING)


class MessagingStore:
    """The database of the messaging channels."""

    def __init__(self, url: str, identity: Identity, clock: Callable[[], float] = time.time) -> None:
        """Open the database and make its tables.

        Args:
            url: "sqlite:///var/messaging.db", "postgresql://..."; several replicas need the latter.
            identity: encrypts what is kept.
            clock: seconds since 1970.
        """
        self.identity = identity
        self._clock = clock
        self._me = uuid.uuid4().hex
        self._engine = sa.create_engine(url, future=True)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _as_we_want_sqlite)
        METADATA.create_all(self._engine)

    # --- contacts ---

    def contact(self, conversation: str) -> Contact | None:
        """Return a conversation that can still be written to, or None."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(CONTACTS).where(CONTACTS.c.conversation == conversation)).first()
        return self._contact(row) if row is not None else None

    def find(self, beginning: str) -> list[Contact]:
        """Return the conversations whose id begins with `beginning`."""
        query = sa.select(CONTACTS).where(CONTACTS.c.conversation.startswith(beginning, autoescape=True))
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [contact for row in rows if (contact := self._contact(row)) is not None]

    def meet(self, channel: str, address: str) -> Contact:
        """Return the conversation of an address; a new one where there is none yet."""
        conversation = self.identity.conversation_of(address)
        values = {"channel": channel, "address": self.identity.seal(address), "last_inbound": self._clock()}
        with self._engine.begin() as connection:
            known = connection.execute(
                sa.update(CONTACTS).where(CONTACTS.c.conversation == conversation).values(**values)
            ).rowcount
        if not known:
            try:
                with self._engine.begin() as connection:
                    connection.execute(
                        sa.insert(CONTACTS).values(conversation=conversation, stopped=False, lease_until=0.0, **values)
                    )
            except sa.exc.IntegrityError:
                pass  # another replica was quicker
        contact = self.contact(conversation)
        return contact or Contact(conversation, channel, address)

    def save(self, contact: Contact) -> None:
        """Keep what has changed of a conversation: STOP and notes."""
        with self._engine.begin() as connection:
            self._save(connection, contact)

    def _save(self, connection: Any, contact: Contact) -> None:
        values: dict[str, Any] = {
            "stopped": contact.stopped,
            "notes": self.identity.seal(json.dumps(asdict(contact.notes))),
        }
        if contact.stopped:
            values["taken_by"] = None
        mine = CONTACTS.c.conversation == contact.conversation
        connection.execute(sa.update(CONTACTS).where(mine).values(**values))

    def hand_over(self, conversation: str, to: str) -> bool:
        """Give a conversation to one of the staff, or back where `to` is empty; return False where another has it.

        Apart from `save`, so that an answer that is on its way does not take it back.
        """
        values = {"taken_by": self.identity.seal(to) if to else None}
        mine = CONTACTS.c.conversation == conversation
        free = sa.and_(mine, CONTACTS.c.taken_by.is_(None)) if to else mine
        with self._engine.begin() as connection:
            return bool(connection.execute(sa.update(CONTACTS).where(free).values(**values)).rowcount)

    def _contact(self, row: Any) -> Contact | None:
        try:
            notes = json.loads(self.identity.unseal(row.notes)) if row.notes else {}
            return Contact(
                conversation=row.conversation,
                channel=row.channel,
                address=self.identity.unseal(row.address) if row.address else "",
                stopped=row.stopped,
                taken_by=self.identity.unseal(row.taken_by) if row.taken_by else "",
                last_inbound=row.last_inbound,
                notes=notes_of(notes),
            )
        except SecretChanged:
            return None

    # --- one replica at a time has a conversation ---

    def claim(self, conversation: str) -> bool:
        """Return whether this process has the conversation to itself now, for LEASE_SECONDS or until `release`."""
        now = self._clock()
        free = sa.or_(CONTACTS.c.lease_until < now, CONTACTS.c.lease_by == self._me)
        with self._engine.begin() as connection:
            changed = connection.execute(
                sa.update(CONTACTS)
                .where(CONTACTS.c.conversation == conversation, free)
                .values(lease_by=self._me, lease_until=now + LEASE_SECONDS)
            )
        return bool(changed.rowcount)

    def release(self, conversation: str) -> None:
        """Give a conversation back."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(CONTACTS)
                .where(CONTACTS.c.conversation == conversation, CONTACTS.c.lease_by == self._me)
                .values(lease_by=None, lease_until=0.0)
            )

    # --- what comes in ---

    def receive(self, message: Inbound) -> bool:
        """Keep a message until it is answered; return False for one that has come before."""
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(SEEN).values(id=message.id, at=self._clock()))
                connection.execute(
                    sa.insert(INBOUND).values(
                        id=message.id,
                        conversation=message.conversation,
                        kind=message.kind,
                        text=self.identity.seal(message.text),
                        at=message.at,
                        held=False,
                    )
                )
        except sa.exc.IntegrityError:
            return False
        return True

    def has_seen(self, message_id: str) -> bool:
        """Return whether a message, or a delivery of several, has come before."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(SEEN.c.id).where(SEEN.c.id == message_id)).first() is not None

    def see(self, message_id: str) -> bool:
        """Remember that it has come; return False where it had come before."""
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(SEEN).values(id=message_id, at=self._clock()))
        except sa.exc.IntegrityError:
            return False
        return True

    def next_inbound(self, conversation: str) -> Inbound | None:
        """Return the message of a conversation that has waited longest, or None."""
        query = (
            sa.select(INBOUND)
            .where(INBOUND.c.conversation == conversation, INBOUND.c.held.is_(False))
            .order_by(INBOUND.c.number)
            .limit(1)
        )
        return next(iter(self._inbound(query)), None)

    def held(self, conversation: str) -> list[Inbound]:
        """Return the messages that came while staff had the conversation."""
        query = sa.select(INBOUND).where(INBOUND.c.conversation == conversation, INBOUND.c.held.is_(True))
        return self._inbound(query.order_by(INBOUND.c.number))

    def drop_held(self, conversation: str) -> None:
        """Forget the messages that staff had to read."""
        mine = sa.and_(INBOUND.c.conversation == conversation, INBOUND.c.held.is_(True))
        with self._engine.begin() as connection:
            connection.execute(sa.delete(INBOUND).where(mine))

    def _inbound(self, query: Any) -> list[Inbound]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [Inbound(r.id, r.conversation, r.kind, self._readable(r.text), r.at) for r in rows]

    def _readable(self, sealed: str) -> str:
        try:
            return self.identity.unseal(sealed)
        except SecretChanged:
            return ""

    def finish(self, message: Inbound, contact: Contact, outbound: Sequence[Outbound], *, hold: bool = False) -> None:
        """Put what is to be sent in the queue, keep the contact's notes and forget the message: all or nothing.

        Args:
            message: the one that has been answered.
            contact: its conversation, with what has changed.
            outbound: what is to be sent for it.
            hold: keep the words for staff.
        """
        mine = INBOUND.c.id == message.id
        with self._engine.begin() as connection:
            if hold:
                connection.execute(sa.update(INBOUND).where(mine).values(held=True))
            elif not connection.execute(sa.delete(INBOUND).where(mine)).rowcount:
                return  # another replica has answered it
            self._save(connection, contact)
            if contact.stopped:  # what waited to be sent must not come after "You will get no more messages"
                waits = sa.and_(OUTBOUND.c.conversation == contact.conversation, OUTBOUND.c.state.in_(_WAITING))
                connection.execute(sa.delete(OUTBOUND).where(waits, OUTBOUND.c.urgent.is_(False)))
            for out in outbound:
                self._insert(connection, out)

    # --- what goes out ---

    def queue(self, outbound: Sequence[Outbound]) -> None:
        """Put messages in the queue; one whose id is there already is left as it is."""
        for out in outbound:
            try:
                with self._engine.begin() as connection:
                    self._insert(connection, out)
            except sa.exc.IntegrityError:
                continue

    def _insert(self, connection: Any, out: Outbound) -> None:
        if connection.execute(sa.select(OUTBOUND.c.id).where(OUTBOUND.c.id == out.id)).first() is not None:
            return
        connection.execute(
            sa.insert(OUTBOUND).values(
                id=out.id,
                conversation=out.conversation,
                state=QUEUED,
                urgent=out.urgent,
                payload=self.identity.seal(json.dumps(asdict(out.payload))),
                attempts=0,
                not_before=0.0,
                at=self._clock(),
            )
        )

    def next_outbound(self, conversation: str) -> Outbound | None:
        """Return what a conversation is to be sent next, the urgent first, else in order; None for nothing."""
        query = (
            sa.select(OUTBOUND)
            .where(OUTBOUND.c.conversation == conversation, OUTBOUND.c.state.in_(_WAITING))
            .order_by(OUTBOUND.c.urgent.desc(), OUTBOUND.c.number)
            .limit(1)
        )
        return next(iter(self._outbound(query)), None)

    def undelivered(self) -> list[Outbound]:
        """Return what could not be delivered."""
        return self._outbound(sa.select(OUTBOUND).where(OUTBOUND.c.state == UNDELIVERED).order_by(OUTBOUND.c.number))

    def _outbound(self, query: Any) -> list[Outbound]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [
            Outbound(
                id=r.id,
                conversation=r.conversation,
                payload=self._payload(r.payload),
                urgent=r.urgent,
                state=r.state,
                attempts=r.attempts,
                not_before=r.not_before,
                at=r.at,
                reason=r.reason or "",
            )
            for r in rows
        ]

    def _payload(self, sealed: str | None) -> Payload:
        text = self._readable(sealed) if sealed else ""
        return Payload(**json.loads(text)) if text else Payload("")

    def mark(self, out: Outbound, state: str, *, provider_id: str | None = None, reason: str | None = None,
             attempts: int | None = None, not_before: float = 0.0) -> None:  # fmt: skip
        """Keep what became of a message that goes out; the text of one that is sent is forgotten.

        Args:
            out: the message.
            state: QUEUED, SENDING, SENT or UNDELIVERED.
            provider_id: the network's id of it, once it has one.
            reason: why it was not delivered, without anybody's words.
            attempts: how often it was tried.
            not_before: seconds since 1970 before which it is not tried again.
        """
        reason = reason[:REASON_CHARACTERS] if reason else None
        values: dict[str, Any] = {"state": state, "not_before": not_before, "reason": reason}
        if attempts is not None:
            values["attempts"] = attempts
        if provider_id is not None:
            values["provider_id"] = provider_id
        if state in (SENT, UNDELIVERED):
            values["payload"] = None
        with self._engine.begin() as connection:
            if provider_id and (told := self._told_to_have_failed(connection, provider_id)):
                values |= {"state": UNDELIVERED, "reason": told}
            connection.execute(sa.update(OUTBOUND).where(OUTBOUND.c.id == out.id).values(**values))

    @staticmethod
    def _told_to_have_failed(connection: Any, provider_id: str) -> str | None:
        """Return why a message failed, where the network said so before its answer to us was kept."""
        row = connection.execute(sa.select(FAILED.c.reason).where(FAILED.c.provider_id == provider_id)).first()
        return str(row.reason) if row else None

    def failed_later(self, provider_id: str, reason: str) -> bool:
        """Note that the network could not deliver what it had taken; return whether it was one of ours."""
        with self._engine.begin() as connection:
            changed = connection.execute(
                sa.update(OUTBOUND)
                .where(OUTBOUND.c.provider_id == provider_id, OUTBOUND.c.state == SENT)
                .values(state=UNDELIVERED, reason=reason)
            )
            if not changed.rowcount:
                connection.execute(sa.delete(FAILED).where(FAILED.c.provider_id == provider_id))
                connection.execute(sa.insert(FAILED).values(provider_id=provider_id, reason=reason, at=self._clock()))
        return bool(changed.rowcount)

    def is_known(self, provider_id: str) -> bool:
        """Return whether one of our messages has this id of the network."""
        query = sa.select(OUTBOUND.c.id).where(OUTBOUND.c.provider_id == provider_id)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    # --- the whole ---

    def waiting(self, channels: Sequence[str]) -> list[str]:
        """Return the conversations of `channels` with something to answer, or to send by now; the oldest first."""
        ours = CONTACTS.c.channel.in_(channels)
        inbound = (
            sa.select(INBOUND.c.conversation, INBOUND.c.at)
            .join(CONTACTS, CONTACTS.c.conversation == INBOUND.c.conversation)
            .where(ours, INBOUND.c.held.is_(False))
        )
        outbound = (
            sa.select(OUTBOUND.c.conversation, OUTBOUND.c.at, OUTBOUND.c.not_before)
            .join(CONTACTS, CONTACTS.c.conversation == OUTBOUND.c.conversation)
            .where(ours, OUTBOUND.c.state.in_(_WAITING))
            .order_by(OUTBOUND.c.urgent.desc(), OUTBOUND.c.number)
        )
        since: dict[str, float] = {}
        heads: dict[str, Any] = {}  # what each would be sent next: the others wait for it
        with self._engine.connect() as connection:
            for row in connection.execute(inbound.order_by(INBOUND.c.number)):
                since.setdefault(row.conversation, row.at)
            for row in connection.execute(outbound):
                heads.setdefault(row.conversation, row)
        for conversation, row in heads.items():
            if row.not_before <= self._clock():
                since[conversation] = min(row.at, since.get(conversation, row.at))
        return sorted(since, key=lambda conversation: since[conversation])

    def forget(self, keep_hours: float) -> None:
        """Delete what is not needed so long after the last message; of STOP only a conversation's id stays."""
        now = self._clock()
        before = now - 3600 * keep_hours
        old = sa.select(CONTACTS.c.conversation).where(CONTACTS.c.last_inbound < before)
        with self._engine.begin() as connection:
            for table in (INBOUND, OUTBOUND):
                connection.execute(sa.delete(table).where(table.c.conversation.in_(old)))
            past = CONTACTS.c.last_inbound < before
            connection.execute(sa.delete(CONTACTS).where(past, CONTACTS.c.stopped.is_(False)))
            connection.execute(sa.update(CONTACTS).where(past).values(address=None, notes=None, taken_by=None))
            for table in (SEEN, FAILED):
                connection.execute(sa.delete(table).where(table.c.at < now - _SEEN_SECONDS))
            done = sa.and_(OUTBOUND.c.state.in_((SENT, UNDELIVERED)), OUTBOUND.c.at < now - _SEEN_SECONDS)
            connection.execute(sa.delete(OUTBOUND).where(done))


def from_environment(environment: Mapping[str, str], default: str) -> str:
    """Return the database's address: what ISOBOT_MESSAGING names (an address, or a file), else `default`, a file."""
    told = environment.get("ISOBOT_MESSAGING") or default
    return told if "://" in told else f"sqlite:///{told}"


@contextmanager
def _cursor(raw: Any) -> Iterator[Any]:
    cursor = raw.cursor()
    try:
        yield cursor
    finally:
        cursor.close()


def _as_we_want_sqlite(raw: Any, _: Any) -> None:
    with _cursor(raw) as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten
        cursor.execute("PRAGMA busy_timeout=10000")
