"""Answers what waits and sends what waits, until told to end: in order within a conversation, side by side otherwise.

How a message is answered exactly once: its id is kept when it comes in, with its words, before the network is told
that we have it. What is answered is queued and taken off the list in one transaction; a crash before that finds the
reply in the stored conversation (`answered_before`). A message that goes out is marked as under way first; after a
crash, or where the network's answer was lost, the network is asked whether it has it before it is sent again.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

from isobot.channels.last_resort import without_engine
from isobot.channels.messaging.identity import SecretChanged
from isobot.channels.messaging.messenger import Messenger, Outcome, outbound_of
from isobot.channels.messaging.phone import PHONES, country_of_number
from isobot.channels.messaging.records import QUEUED, SENDING, SENT, UNDELIVERED, Contact, Inbound, Outbound, Payload
from isobot.channels.messaging.store import KEEP_HOURS, LEASE_SECONDS, MessagingStore
from isobot.channels.messaging.transport import NotSent, Transport

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # how often the database is looked at without a wake-up: other processes write to it, too
MAX_ATTEMPTS = 10
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 120.0
_FORGET_EVERY_SECONDS = 600.0
_AT_A_TIME = 16
_FIRST_REST_SECONDS, _LONGEST_REST_SECONDS = 0.25, 60.0  # of a conversation that could not be served


def pause_seconds(attempts: int, asked: float, jitter: float) -> float:
    """Return how long to wait after so many attempts in vain.

    Args:
        attempts: 1 or more.
        asked: how long the network asks to wait, in seconds.
        jitter: a random number from 0 to 1.
    """
    doubled = min(FIRST_PAUSE_SECONDS * 2.0 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
    return max(doubled * (1 + 0.25 * jitter), asked)


def is_phone(contact: Contact) -> bool:
    """Return whether a conversation is on a phone number; in a room, staff read for themselves."""
    return contact.channel in PHONES


class Worker:
    """Serves the conversations of some channels."""

    def __init__(
        self,
        store: MessagingStore,
        messenger: Messenger,
        transports: Mapping[str, Transport],
        *,
        is_ready: Callable[[], bool] = lambda: True,
        to_staff: Callable[[Contact, Inbound], Outbound | None] = lambda contact, message: None,
        keep_hours: float = KEEP_HOURS,
        renew_seconds: float = LEASE_SECONDS / 4,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Serve the channels that `transports` names.

        Args:
            store: what waits.
            messenger: decides what is said.
            transports: the network of each channel.
            is_ready: whether the engine can answer by now; until then messages wait.
            to_staff: passes a message on to staff who have the conversation, where they are reached by a message.
            keep_hours: so long after the last message everything about a conversation is deleted.
            renew_seconds: how often the right to a conversation is renewed while its message is answered.
            clock: seconds since 1970.
        """
        self._store = store
        self._messenger = messenger
        self._transports = transports
        self._is_ready = is_ready
        self._to_staff = to_staff
        self._keep_hours = keep_hours
        self._clock = clock
        self._bell = asyncio.Event()
        self._busy: dict[str, asyncio.Task[bool]] = {}
        self._resting: dict[str, tuple[float, float]] = {}  # until when, and how long
        self._renew_seconds = renew_seconds
        self._forgot = 0.0

    def wake(self) -> None:
        """Look at once for what waits."""
        self._bell.set()

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            self._bell.clear()  # before the look: a ring during it counts for the next
            try:
                self._begin()
            except Exception as error:
                logger.error("The messaging database can't be used (%s). Check ISOBOT_MESSAGING.", type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):  # wait_for may swallow a cancellation
                    await self._bell.wait()

    async def end(self) -> None:
        """End what is under way; what was being sent is looked into at the next start."""
        for task in tuple(self._busy.values()):
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _begin(self) -> None:
        if self._clock() - self._forgot > _FORGET_EVERY_SECONDS:
            self._forgot = self._clock()
            self._resting.clear()
            self._store.forget(self._keep_hours)
        now = time.monotonic()
        for conversation in self._store.waiting(tuple(self._transports)):
            if self._resting.get(conversation, (0.0, 0.0))[0] > now or conversation in self._busy:
                continue
            if len(self._busy) < _AT_A_TIME and self._store.claim(conversation):
                task = asyncio.ensure_future(self._serve(conversation))
                self._busy[conversation] = task
                task.add_done_callback(partial(self._done, conversation))

    def _done(self, conversation: str, task: asyncio.Task[bool]) -> None:
        del self._busy[conversation]
        if not task.cancelled() and (error := task.exception()):
            _, before = self._resting.get(conversation, (0.0, _FIRST_REST_SECONDS / 2))
            rest = min(2 * before, _LONGEST_REST_SECONDS)
            self._resting[conversation] = time.monotonic() + rest, rest  # it must not hold up the others
            logger.error("A conversation could not be served (%s).", type(error).__name__)
        elif not task.cancelled() and task.result():
            self._resting.pop(conversation, None)
            self.wake()  # there may be more than was served at a time

    async def _serve(self, conversation: str) -> bool:
        """Send and answer until nothing is left to do now; return whether anything was done."""
        did = False
        renewing = asyncio.ensure_future(self._renew(conversation))
        try:
            if self._store.contact(conversation) is None:
                raise SecretChanged("A conversation can't be read: was ISOBOT_SECRET changed?")
            while (contact := self._store.contact(conversation)) and self._store.claim(conversation):
                out = self._store.next_outbound(conversation)
                if out is not None and out.not_before <= self._clock():
                    await self._send(contact, out)
                elif (message := self._store.next_inbound(conversation)) and self._is_ready():
                    await self._answer(contact, message)
                else:
                    break
                did = True
        finally:
            renewing.cancel()
            self._store.release(conversation)
        return did

    async def _renew(self, conversation: str) -> None:
        """Keep the right to a conversation for as long as it takes."""
        while True:
            await asyncio.sleep(self._renew_seconds)
            self._store.claim(conversation)

    async def _answer(self, contact: Contact, message: Inbound) -> None:
        try:
            outcome = await self._messenger.decide(contact, message)
        except Exception as error:  # whatever it is, the person gets a sentence; the log never holds their words
            logger.error("A message could not be answered (%s).", type(error).__name__)
            reply = without_engine(message.text, country_of_number(contact.address))
            outcome = Outcome(contact, (Payload(reply.text),), urgent=reply.urgency != "none")
        outbound = outbound_of(message, outcome)
        passed_on = self._to_staff(contact, message) if outcome.for_staff else None
        self._store.finish(
            message,
            outcome.contact,
            [*outbound, passed_on] if passed_on else outbound,
            hold=outcome.for_staff and passed_on is None and is_phone(contact),
        )

    async def _send(self, contact: Contact, out: Outbound) -> None:
        transport = self._transports[contact.channel]
        maybe_sent = out.state == SENDING
        try:
            known = await transport.sent_before(contact, out) if maybe_sent else None
            if known is None:
                maybe_sent = False
                self._store.mark(out, SENDING, attempts=out.attempts)
                known = await transport.send(contact, out)
        except Exception as error:
            if not isinstance(error, NotSent):
                logger.error("A message could not be sent (%s).", type(error).__name__)
                error = NotSent(type(error).__name__, unsure=True)  # whatever it is, it may have been taken
            self._not_sent(contact, out, error, maybe_sent=maybe_sent or error.unsure)
        else:
            self._store.mark(out, SENT, provider_id=known, attempts=out.attempts + 1)

    def _not_sent(self, contact: Contact, out: Outbound, error: NotSent, *, maybe_sent: bool) -> None:
        attempts = out.attempts + 1
        if error.again and attempts < MAX_ATTEMPTS:
            due = self._clock() + pause_seconds(attempts, error.after_seconds, random.random())
            state = SENDING if maybe_sent else QUEUED
            self._store.mark(out, state, attempts=attempts, not_before=due, reason=error.reason)
            return
        self._store.mark(out, UNDELIVERED, attempts=attempts, reason=error.reason)
        if error.opted_out:
            self._store.save(replace(contact, stopped=True))
            if not out.urgent:
                return
        logger.error(
            "Message %s was not delivered after %d attempts: %s.%s",
            out.id,
            attempts,
            error.reason,
            " It was about danger." if out.urgent else "",
        )
