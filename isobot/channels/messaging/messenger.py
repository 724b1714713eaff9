"""Decides what is said to a message of a messaging channel; sends nothing itself.

Danger goes before everything: also after STOP, above the limits, to what seems a machine, while staff have the
conversation (then staff are told). Beyond that a keyword is obeyed, staff are left alone, and machines get no answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from isobot.channels.last_resort import without_engine
from isobot.channels.messaging.keywords import Keyword, is_auto_reply, keyword_of, without_stop
from isobot.channels.messaging.phone import country_of
from isobot.channels.messaging.records import Contact, Inbound, Outbound, Payload, with_notes
from isobot.channels.messaging.render import Rendered, whole
from isobot.channels.messaging.wording import say
from isobot.channels.rate_limits import RateLimits
from isobot.channels.reply import Reply
from isobot.escalation.outbox import Outbox
from isobot.escalation.record import LEVELS, escalation_of

logger = logging.getLogger(__name__)

SAME_TEXT_ANSWERED = 3  # the same words this often in a row are a machine's, or need no fourth answer
SAME_SHORT_TEXT_ANSWERED, SHORT_CHARACTERS = 12, 12
SAME_DANGER_ANSWERED = 6  # even danger: two machines that quote emergency numbers would go on for ever
TEXT = "text"


class Engine(Protocol):
    """What answers: `isobot.channels.engine.MessagingEngine`, or a stand-in in tests."""

    async def answer(
        self, channel: str, conversation: str, text: str, *, country: str | None, message_id: str
    ) -> list[Reply]:
        """Return the replies to a message."""

    async def red_flags(self, text: str) -> Mapping[str, Any]:
        """Return the danger in a text."""

    def has_short(self, response: str) -> bool:
        """Return whether a response has a text of its own for text messages."""

    async def longer(self, conversation: str, responses: Sequence[str]) -> list[Reply]:
        """Return the whole texts of responses."""


@dataclass(frozen=True)
class Style:
    """How a network talks.

    Attributes:
        responses: the name by which Rasa picks the variants of a response.
        render: turns replies into messages.
        is_room: a room of several people, which is left on STOP.
    """

    responses: str
    render: Callable[[Sequence[Reply], Callable[[str], bool]], Rendered]
    is_room: bool = False


@dataclass(frozen=True)
class Limits:
    """How much is answered, in the words of the library `limits`."""

    messages_of_a_conversation: str = "15/minute;120/hour;400/day"
    messages_of_everybody: str = "600/minute;10000/day"
    dangers_of_a_conversation: str = "60/hour"  # answered beyond the others; no person writes that many


@dataclass(frozen=True)
class Outcome:
    """What is to be done about a message.

    Attributes:
        contact: the conversation with what has changed.
        payloads: what its person is sent.
        urgent: whether that is about danger, so that it goes before all else.
        for_staff: the words are for the clinic's staff, who have the conversation.
    """

    contact: Contact
    payloads: tuple[Payload, ...] = ()
    urgent: bool = False
    for_staff: bool = False


class Messenger:
    """Decides what is said."""

    def __init__(
        self,
        engine: Engine,
        styles: Mapping[str, Style],
        limits: Limits | None = None,
        *,
        outbox: Outbox | None = None,
        digest: Callable[[str], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Answer through `engine`.

        Args:
            engine: what answers.
            styles: how each channel's network talks.
            limits: how much is answered.
            outbox: where danger goes while staff have the conversation.
            digest: tells whether two texts are the same (`Identity.digest_of`).
            clock: seconds since 1970.
        """
        self._engine = engine
        self._styles = styles
        self._limits = limits or Limits()
        self._counts = RateLimits()
        self._outbox = outbox or Outbox.default()
        self._digest = digest
        self._clock = clock

    async def decide(self, contact: Contact, message: Inbound) -> Outcome:
        """Return what is to be done about a message of a conversation: the first of these that has a say."""
        contact = self._with_repeats(contact, message)
        keyword = keyword_of(message.text, stopped=contact.stopped)
        for rule in (self._stop, self._left_to_staff, self._stopped, self._above_limits, self._machine, self._steered):
            if (outcome := await rule(contact, message, keyword)) is not None:
                return outcome
        return await self._answer(with_notes(contact, warned=False), message)

    def _with_repeats(self, contact: Contact, message: Inbound) -> Contact:
        digest = self._digest(f"{message.kind}\n{message.text.strip().casefold()}")
        repeats = contact.notes.repeats + 1 if digest == contact.notes.last else 1
        machine = contact.notes.machine + 1 if is_auto_reply(message.text) else 0
        return with_notes(contact, last=digest, repeats=repeats, machine=machine)

    async def _left_to_staff(self, contact: Contact, message: Inbound, keyword: Keyword | None) -> Outcome | None:
        """Leave the answer to staff who have the conversation, but tell them of danger."""
        return await self._while_taken(contact, message) if contact.taken_by else None

    async def _stopped(self, contact: Contact, message: Inbound, keyword: Keyword | None) -> Outcome | None:
        """Say nothing to a person who said STOP, until START; HELP and danger are answered."""
        if not contact.stopped:
            return None
        if keyword is Keyword.START:
            return _said(replace(contact, stopped=False), say("started", country_of(contact.address)))
        if keyword is Keyword.HELP and contact.notes.repeats <= SAME_TEXT_ANSWERED:
            return _said(contact, say("help", country_of(contact.address)))
        return await self._danger_only(contact, message)

    async def _above_limits(self, contact: Contact, message: Inbound, keyword: Keyword | None) -> Outcome | None:
        """Say once that it is too many; after that, danger alone is answered."""
        limits, name = self._limits, contact.conversation
        # What is too many of one person does not count among everybody's.
        too_many = self._exceeds(limits.messages_of_a_conversation, name)
        if not too_many and not self._exceeds(limits.messages_of_everybody, "everybody"):
            return None
        outcome = await self._danger_only(contact, message, most=limits.dangers_of_a_conversation)
        if outcome.payloads or contact.notes.warned:
            return outcome
        return _said(with_notes(contact, warned=True), say("too_many", country_of(contact.address)))

    def _exceeds(self, limit: str, name: str) -> bool:
        """Count a message; where nobody can count, say while Redis is away, it is not too many."""
        try:
            return bool(self._counts.wait_for(limit, "messaging", name))
        except Exception as error:
            logger.error("Messages can't be counted (%s). Check ISOBOT_LIMITS.", type(error).__name__)
            return False

    async def _machine(self, contact: Contact, message: Inbound, keyword: Keyword | None) -> Outcome | None:
        """Don't answer what a machine seems to write, so that two don't talk for ever; danger is answered."""
        notes = contact.notes
        is_short = len(message.text) <= SHORT_CHARACTERS  # "no" may answer one question after the other
        answered = SAME_SHORT_TEXT_ANSWERED if is_short else SAME_TEXT_ANSWERED
        asks_for_more = keyword is Keyword.MORE and bool(notes.rest or notes.longer)
        if not notes.machine and (notes.repeats <= answered or asks_for_more):
            return None
        if notes.machine > SAME_DANGER_ANSWERED:
            return Outcome(contact)
        return await self._danger_only(contact, message)

    async def _steered(self, contact: Contact, message: Inbound, keyword: Keyword | None) -> Outcome | None:
        """Obey HELP and MORE."""
        if keyword is Keyword.HELP:
            return _said(contact, say("help", country_of(contact.address)))
        if keyword is Keyword.MORE and (contact.notes.rest or contact.notes.longer):
            return await self._more(contact)
        return None

    async def _answer(self, contact: Contact, message: Inbound) -> Outcome:
        """Answer as the assistant does; say beside it what it could not read."""
        country, style = country_of(contact.address), self._styles[contact.channel]
        unread = () if message.kind == TEXT else (Payload(say(message.kind, country)),)
        if not message.text.strip():
            payloads = unread or (Payload(say("empty", country)),)
            return self._greeted(Outcome(contact, payloads))
        try:
            replies = await self._engine.answer(
                style.responses, contact.conversation, message.text, country=country, message_id=message.id
            )
        except Exception as error:  # whatever it is, the person gets a sentence that still knows danger
            logger.error("A message could not be answered (%s).", type(error).__name__)
            replies = [without_engine(message.text, country)]
        rendered = style.render(replies, self._engine.has_short)
        contact = with_notes(contact, rest=rendered.rest, longer=rendered.longer)
        return self._greeted(Outcome(contact, (*rendered.payloads, *unread), urgent=rendered.urgent))

    def _greeted(self, outcome: Outcome) -> Outcome:
        """Say once, after the first answer, what this is and how to end it; a room is told when it is joined."""
        contact = outcome.contact
        if contact.notes.greeted or self._styles[contact.channel].is_room:
            return outcome
        first = Payload(say("first", country_of(contact.address)))
        return replace(outcome, contact=with_notes(contact, greeted=True), payloads=(*outcome.payloads, first))

    async def _danger_only(self, contact: Contact, message: Inbound, most: str = "") -> Outcome:
        """Answer danger and nothing else; up to `most` times, where that is given."""
        if contact.notes.repeats > SAME_DANGER_ANSWERED or not await self._is_dangerous(message.text):
            return Outcome(contact)
        if most and self._exceeds(most, f"danger {contact.conversation}"):
            return Outcome(contact)
        return await self._answer(with_notes(contact, greeted=True), message)

    async def _is_dangerous(self, text: str) -> bool:
        if not text.strip():
            return False
        try:
            found = await self._engine.red_flags(text)
        except Exception as error:  # what can't be read may be danger
            logger.error("The danger of a message could not be read (%s).", type(error).__name__)
            return True
        return found.get("level") in LEVELS or bool(found.get("soft_check") or found.get("failed"))

    async def _stop(self, contact: Contact, message: Inbound, keyword: Keyword | None) -> Outcome | None:
        """Obey STOP; a red flag in the same message still gets its answer, first."""
        if keyword is not Keyword.STOP:
            return None
        answered = Outcome(contact)
        beside = replace(message, text=without_stop(message.text))
        if keyword_of(beside.text) is not Keyword.STOP:
            answered = await self._danger_only(contact, beside)
        is_room = self._styles[contact.channel].is_room
        told = () if contact.stopped else (Payload(say("stopped", country_of(contact.address))),)
        end = (Payload("", action="leave"),) if is_room else told
        stopped = replace(
            answered.contact,
            stopped=not is_room,
            notes=replace(answered.contact.notes, rest="", longer=()),
        )
        return replace(answered, contact=stopped, payloads=(*answered.payloads, *end))

    async def _more(self, contact: Contact) -> Outcome:
        """Give what was cut off, or the whole of an answer that had a short text."""
        notes, country = contact.notes, country_of(contact.address)
        contact = with_notes(contact, rest="", longer=())
        if notes.rest:
            rendered = self._styles[contact.channel].render([Reply(notes.rest)], lambda _: False)
            return Outcome(with_notes(contact, rest=rendered.rest, longer=notes.longer), rendered.payloads)
        replies = await self._engine.longer(contact.conversation, notes.longer)
        return Outcome(contact, whole(replies).payloads) if replies else _said(contact, say("whole", country))

    async def _while_taken(self, contact: Contact, message: Inbound) -> Outcome:
        """Leave the answer to staff, but tell them of danger."""
        try:
            found = await self._engine.red_flags(message.text)
        except Exception as error:
            logger.error("The danger of a message to staff could not be read (%s).", type(error).__name__)
            found = {"failed": True}
        if found.get("level") not in LEVELS and (found.get("soft_check") or found.get("failed")):
            found = {**found, "level": "urgent", "findings": []}  # they are told rather once too often
        if found.get("level") in LEVELS:
            latest = {"red_flags": dict(found)}
            tracker = {"latest_message": latest, "slots": {"country": country_of(contact.address)}}
            call = {"sender_id": contact.conversation, "tracker": {**tracker, "latest_input_channel": contact.channel}}
            try:
                # The message's id is the record's: a message that is looked at again after a crash is one record.
                record = escalation_of(call, record_id=message.id, at=datetime.fromtimestamp(self._clock(), UTC))
                self._outbox.put(record)
            except OSError as error:
                logger.error("An escalation could not be stored (%s). Check its folder.", error)
        return Outcome(contact, for_staff=True)


def outbound_of(message: Inbound, outcome: Outcome) -> list[Outbound]:
    """Return what is to be sent for a message; the ids are the same each time, so that nothing is queued twice."""
    return [
        Outbound(f"{message.id}-{number}", message.conversation, payload, urgent=outcome.urgent)
        for number, payload in enumerate(outcome.payloads)
    ]


def _said(contact: Contact, text: str) -> Outcome:
    return Outcome(contact, (Payload(text),))
