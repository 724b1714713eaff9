"""Lets the clinic's staff take a conversation over from the assistant, write in it, and give it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from isobot.channels.messaging.phone import PHONES, country_of
from isobot.channels.messaging.records import Contact, Inbound, Outbound, Payload
from isobot.channels.messaging.segments import in_gsm7, parts
from isobot.channels.messaging.store import MessagingStore
from isobot.channels.messaging.wording import say
from isobot.escalation.record import SHORT_ID_CHARACTERS

_COMMAND = re.compile(r"!(?P<verb>[a-z]+)(?:\s+(?P<id>[0-9a-f]{4,32})\b)?\s*(?P<text>.*)", re.DOTALL | re.IGNORECASE)
HELP = """Commands:
!take ID – talk with this person yourself; the assistant is silent, and tells you of danger
!say ID words – send words to this person (after !take)
!give ID – give the conversation back to the assistant
!taken – the conversations that staff have
!undelivered – what could not be delivered
In a person's own room, !take and !give need no ID."""


class Verb(StrEnum):
    """What staff can ask for."""

    TAKE = "take"
    GIVE = "give"
    SAY = "say"
    TAKEN = "taken"
    UNDELIVERED = "undelivered"
    HELP = "help"


class HandOverError(Exception):
    """It could not be done; the message says what to do next."""


@dataclass(frozen=True)
class Command:
    """What a member of staff asks for.

    Attributes:
        verb: what.
        conversation: the beginning of a conversation's id; empty for the one of the room that it is said in.
        text: the words to send.
    """

    verb: Verb
    conversation: str = ""
    text: str = ""

    @property
    def takes(self) -> bool:
        """Whether a conversation is taken over."""
        return self.verb is Verb.TAKE


@dataclass(frozen=True)
class Done:
    """What was done, in words for staff, and with which conversation."""

    text: str
    contact: Contact


def command_of(text: str) -> Command | None:
    """Return the command in a message, or None where there is none; an unknown one asks for help."""
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return None
    try:
        verb = Verb(match["verb"].lower())
    except ValueError:
        return Command(Verb.HELP)
    name, words = match["id"] or "", match["text"].strip()
    if verb is Verb.SAY and len(name) < SHORT_ID_CHARACTERS:  # "!say dead skin is usual" in a person's own room
        name, words = "", f"{name} {words}".strip()
    return Command(verb, name.lower(), words)


class HandOver:
    """Does what staff ask for."""

    def __init__(self, store: MessagingStore) -> None:
        """Work on the conversations of `store`, whatever their channel."""
        self._store = store

    def obey(self, command: Command, *, by: str, here: str | None, request: str) -> Done:
        """Do what a command says; the same request is done once.

        Args:
            command: what is asked for.
            by: who asks.
            here: the conversation of the room that it was said in, or None.
            request: names the request.

        Raises:
            HandOverError: when it can't be done.
        """
        if command.verb is Verb.HELP:
            return Done(HELP, _nobody())
        if command.verb is Verb.TAKEN:
            return Done(self._taken(), _nobody())
        if command.verb is Verb.UNDELIVERED:
            return Done(self._undelivered(), _nobody())
        contact = self._found(command.conversation, here)
        act = {Verb.TAKE: self.take, Verb.GIVE: self.give_back}.get(command.verb)
        if act is not None:
            return act(contact, by=by, request=request)
        return self.say(contact, command.text, by=by, request=request)

    def take(self, contact: Contact, *, by: str, request: str) -> Done:
        """Make the assistant silent in a conversation.

        Raises:
            HandOverError: when somebody else has it.
        """
        name = short_id(contact)
        if contact.stopped:
            raise HandOverError(f"The person of {name} said STOP; they may not be written to. Call them.")
        if contact.taken_by != by:
            if not self._store.hand_over(contact.conversation, by):
                other = self._store.contact(contact.conversation)
                has = (other.taken_by if other else "") or "Somebody else"
                raise HandOverError(f"{has} has {name}. Ask them to give it back with !give {name}.")
            self._tell(contact, say("taken", country_of(contact.address), who="Somebody"), request)
        return Done(f"You have {name} now. The assistant is silent there until !give {name}.", contact)

    def give_back(self, contact: Contact, *, by: str, request: str) -> Done:
        """Let the assistant answer again.

        Raises:
            HandOverError: when nobody has the conversation.
        """
        name = short_id(contact)
        if not contact.taken_by:
            raise HandOverError(f"The assistant has {name} already.")
        self._store.hand_over(contact.conversation, "")
        self._store.drop_held(contact.conversation)
        if not contact.stopped:
            self._tell(contact, say("given_back", country_of(contact.address)), request)
        return Done(f"The assistant answers in {name} again.", contact)

    def say(self, contact: Contact, text: str, *, by: str, request: str) -> Done:
        """Send a person what staff write.

        Raises:
            HandOverError: when there are no words, or nobody of the staff has the conversation.
        """
        name = short_id(contact)
        if not text:
            raise HandOverError(f"Write what to send: !say {name} Please call us on ...")
        if not contact.taken_by:
            raise HandOverError(f"First take the conversation over: !take {name}.")
        if contact.stopped:
            raise HandOverError(f"The person of {name} said STOP; they may not be written to. Call them.")
        self._tell(contact, text, request)
        return Done(f"On its way to {name}.", contact)

    def _found(self, beginning: str, here: str | None) -> Contact:
        if not beginning and here is None:
            raise HandOverError("Say which conversation: !take ID, with the ID that a report names.")
        found = self._store.find(beginning or here or "")
        found = [contact for contact in found if contact.address]
        if not found:
            raise HandOverError(f"There is no conversation {beginning}. It may have been deleted, as it had ended.")
        if len(found) > 1:
            raise HandOverError(f"{beginning} is the beginning of several conversations. Give more of its ID.")
        return found[0]

    def _tell(self, contact: Contact, text: str, request: str) -> None:
        message_id = self._store.identity.message_id("hand-over", request)
        texts = parts(in_gsm7(text)) if contact.channel in PHONES else [text]
        self._store.queue(
            [Outbound(f"{message_id}-{n}", contact.conversation, Payload(t), urgent=True) for n, t in enumerate(texts)]
        )

    def _taken(self) -> str:
        taken = [f"{short_id(c)} on {c.channel}: {c.taken_by}" for c in self._store.find("") if c.taken_by]
        return "\n".join(taken) or "Staff have no conversation; the assistant answers in all of them."

    def _undelivered(self) -> str:
        lines = [f"{out.conversation[:SHORT_ID_CHARACTERS]}: {out.reason}" for out in self._store.undelivered()]
        return "\n".join(lines) or "Everything was delivered."


def passed_on(store: MessagingStore, staff_room: str, contact: Contact, message: Inbound) -> Outbound | None:
    """Return a person's message as staff get it in their room, or None where they have none and must ask for it."""
    if not staff_room:
        return None
    what = message.text if message.kind == "text" else f"({message.kind}) {message.text}".strip()
    room = store.meet("matrix", staff_room).conversation
    message_id = store.identity.message_id("to staff", message.id)
    return Outbound(message_id, room, Payload(f"{short_id(contact)} writes: {what}"), urgent=True)


def short_id(contact: Contact) -> str:
    """Return a conversation's id as staff see it."""
    return contact.conversation[:SHORT_ID_CHARACTERS]


def _nobody() -> Contact:
    return Contact("", "", "")
