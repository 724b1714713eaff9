"""What the messaging channels keep: conversations, messages that come in, messages that go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

QUEUED, SENDING, SENT, UNDELIVERED = "queued", "sending", "sent", "undelivered"


@dataclass(frozen=True)
class Notes:
    """What is remembered of a conversation for the channel's own sake.

    Attributes:
        greeted: the first sentence about what this is has been said.
        warned: it was told that it sent too many messages, and has not been answered since.
        rest: what was cut off the last answer.
        longer: the responses whose short text was given last.
        last: a digest of the last message.
        repeats: how often that has come in a row.
        machine: how many messages in a row an answering machine seems to have written.
    """

    greeted: bool = False
    warned: bool = False
    rest: str = ""
    longer: tuple[str, ...] = ()
    last: str = ""
    repeats: int = 0
    machine: int = 0


@dataclass(frozen=True)
class Contact:
    """A conversation on a messaging channel."""

    conversation: str
    channel: str
    address: str
    stopped: bool = False
    taken_by: str = ""
    last_inbound: float = 0.0
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True)
class Inbound:
    """A message that has come in.

    Attributes:
        id: see `Identity.message_id`.
        conversation: see `Identity.conversation_of`.
        kind: "text", or what it is in place of words: a key of texts.yml.
        text: its words.
        at: when it came, in seconds since 1970.
    """

    id: str
    conversation: str
    kind: str
    text: str
    at: float


@dataclass(frozen=True)
class Payload:
    """What is sent: `text` everywhere, `html` where the network shows it; `action` asks for more than a text."""

    text: str
    html: str = ""
    action: str = ""


@dataclass(frozen=True)
class Outbound:
    """A message that waits to be sent."""

    id: str
    conversation: str
    payload: Payload
    urgent: bool = False
    state: str = QUEUED
    attempts: int = 0
    not_before: float = 0.0
    at: float = 0.0
    reason: str = ""


def notes_of(data: Mapping[str, Any]) -> Notes:
    """Return notes as they are stored; what a newer version keeps beside them is passed over."""
    known = {key: value for key, value in data.items() if key in Notes.__dataclass_fields__}
    return Notes(**{**known, "longer": tuple(known.get("longer", ()))})


def with_notes(contact: Contact, **changes: Any) -> Contact:
    """Return a contact whose notes differ in `changes`."""
    return replace(contact, notes=replace(contact.notes, **changes))
