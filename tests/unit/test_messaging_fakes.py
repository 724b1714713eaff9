"""Stand-ins for the tests of the messaging channels: a clock, an engine, a network, a process that can be killed."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isobot.channels.messaging.identity import Identity
from isobot.channels.messaging.messenger import Limits, Messenger, Outcome, Style
from isobot.channels.messaging.records import Contact, Inbound, Outbound
from isobot.channels.messaging.render import for_phone, for_room
from isobot.channels.messaging.store import MessagingStore
from isobot.channels.messaging.transport import NotSent
from isobot.channels.messaging.worker import Worker
from isobot.channels.reply import Reply
from isobot.escalation.outbox import Outbox

SECRET = "a secret of the tests, long enough"
NOW = 1_800_000_000.0
UK_NUMBER = "+447700900123"
PLENTY = Limits(messages_of_a_conversation="100000/minute", messages_of_everybody="100000/minute")
STYLES = {
    "sms": Style("sms", for_phone),
    "whatsapp": Style("sms", for_phone),
    "matrix": Style("matrix", for_room, True),
}
DANGER = ("die", "kill", "suicid", "overdose", "chest pain")


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


def is_danger(text: str) -> bool:
    return any(word in text.casefold() for word in DANGER)


@dataclass
class FakeEngine:
    """Answers "Answer: <text>", danger with a danger answer; like Rasa's, it gives a message one answer, ever."""

    answers: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    short: frozenset[str] = frozenset()
    reply: Callable[[str], Sequence[Reply]] | None = None
    broken: Exception | None = None
    blind: Exception | None = None
    pause: Callable[[], Awaitable[Any]] | None = None

    async def answer(
        self, channel: str, conversation: str, text: str, *, country: str | None, message_id: str
    ) -> list[Reply]:
        if self.pause is not None:
            await self.pause()
        if self.broken is not None:
            raise self.broken
        if message_id not in self.answers:
            self.asked.append(text)
            self.answers[message_id] = list(self.reply(text)) if self.reply else [self._reply(text)]
        return self.answers[message_id]

    @staticmethod
    def _reply(text: str) -> Reply:
        if is_danger(text):
            return Reply(f"Call now. {text}", response="utter_red_flag.crisis", urgency="emergency")
        return Reply(f"Answer: {text}", response="utter_alcohol.can_i_drink")

    async def red_flags(self, text: str) -> Mapping[str, Any]:
        self.looked.append(text)
        if self.blind is not None:
            raise self.blind
        if is_danger(text):
            return {"level": "emergency", "findings": [{"rule": "RF-05", "level": "emergency", "by": "rule"}]}
        return {"level": "none", "findings": []}

    def has_short(self, response: str) -> bool:
        return response in self.short

    async def longer(self, conversation: str, responses: Sequence[str]) -> list[Reply]:
        return [Reply(f"The whole of {name}.", response=name) for name in responses]


@dataclass
class FakeNetwork:
    """Takes messages; `script` says what becomes of the next ones: None takes one, an error is raised.

    With `takes` in an error's arguments the message is taken and the answer is lost.
    """

    taken: list[tuple[str, str, str]] = field(default_factory=list)  # address, id, text
    script: list[Exception | None] = field(default_factory=list)
    refuses: Callable[[Contact, Outbound], Exception | None] | None = None
    asked: int = 0
    sends: int = 0
    pause: Callable[[], Awaitable[Any]] | None = None

    async def send(self, contact: Contact, message: Outbound) -> str:
        self.sends += 1
        if self.pause is not None:
            await self.pause()
        error = self.refuses(contact, message) if self.refuses else self.script.pop(0) if self.script else None
        if error is None or "taken" in str(error):
            self.taken.append((contact.address, message.id, message.payload.text))
        if error is not None:
            raise error
        return f"SM-{message.id}"

    async def sent_before(self, contact: Contact, message: Outbound) -> str | None:
        self.asked += 1
        return next((f"SM-{i}" for _, i, _ in self.taken if i == message.id), None)

    def texts(self, address: str = UK_NUMBER) -> list[str]:
        return [text for to, _, text in self.taken if to == address]


def lost_but_taken() -> NotSent:
    return NotSent("taken, but the answer was lost", unsure=True)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Killer:
    """Ends a process before or after its n-th step; from then on it does nothing any more."""

    at: int
    steps: int = 0

    @property
    def dead(self) -> bool:
        return self.steps > self.at

    def __call__(self) -> None:
        self.steps += 1
        if self.dead:
            raise Killed


class Mortal:
    """Something whose every call is two steps: what happens before it, and after it."""

    def __init__(self, inner: Any, killer: Killer) -> None:
        self._inner, self._killer = inner, killer

    def __getattr__(self, name: str) -> Any:
        found, killer = getattr(self._inner, name), self._killer
        if inspect.iscoroutinefunction(found):

            async def later(*args: Any, **named: Any) -> Any:
                killer()
                result = await found(*args, **named)
                killer()
                return result

            return later
        if not inspect.ismethod(found):
            return found

        def now(*args: Any, **named: Any) -> Any:
            killer()
            result = found(*args, **named)
            killer()
            return result

        return now


def store_in(folder: Path, clock: Callable[[], float] | None = None, secret: str = SECRET) -> MessagingStore:
    return MessagingStore(f"sqlite:///{folder / 'messaging.db'}", Identity(secret), clock or Clock())


def messenger_of(
    engine: Any, *, limits: Limits = PLENTY, outbox: Outbox | None = None, clock: Callable[[], float] | None = None
) -> Messenger:
    digest = Identity(SECRET).digest_of
    return Messenger(engine, STYLES, limits, outbox=outbox, digest=digest, clock=clock or Clock())


def worker_of(
    store: Any,
    engine: Any,
    network: Any,
    *,
    clock: Callable[[], float] | None = None,
    limits: Limits = PLENTY,
    **more: Any,
) -> Worker:
    transports = {"sms": network, "whatsapp": network}
    return Worker(
        store, messenger_of(engine, limits=limits), transports, clock=clock or Clock(), renew_seconds=0.02, **more
    )


def write(store: MessagingStore, text: str, given: str, address: str = UK_NUMBER, *, kind: str = "text") -> str:
    """Let a message come in, as the webhook does; return the conversation's id."""
    contact = store.meet("sms", address)
    message_id = store.identity.message_id("twilio", given)
    store.receive(Inbound(message_id, contact.conversation, kind, text, store._clock()))
    return contact.conversation


async def serve(worker: Worker, until: Callable[[], bool], seconds: float = 5.0) -> None:
    """Let a worker run until something holds, or so many seconds; then end it."""
    task = asyncio.ensure_future(worker.run())
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not until() and not task.done() and loop.time() < end:
        await asyncio.sleep(0.002)
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
    if not task.cancelled() and not isinstance(task.exception(), Killed):
        raise AssertionError("The worker ended by itself.") from task.exception()
    left = list(worker._busy.values())
    for one in left:
        one.cancel()
    await asyncio.gather(*left, return_exceptions=True)


class Talk:
    """A conversation with a messenger: keeps the contact between messages, as the store does."""

    def __init__(self, messenger: Messenger, address: str = UK_NUMBER, channel: str = "sms") -> None:
        self.messenger = messenger
        self.contact = Contact(Identity(SECRET).conversation_of(address), channel, address, last_inbound=NOW)
        self.last: Outcome | None = None
        self._number = 0

    def say(self, text: str, kind: str = "text") -> list[str]:
        """Return the texts that are sent for a message."""
        self._number += 1
        message_id = Identity(SECRET).message_id("test", f"{self.contact.conversation} {self._number}")
        message = Inbound(message_id, self.contact.conversation, kind, text, NOW)
        self.last = asyncio.run(self.messenger.decide(self.contact, message))
        self.contact = self.last.contact
        return [payload.text or f"<{payload.action}>" for payload in self.last.payloads]
