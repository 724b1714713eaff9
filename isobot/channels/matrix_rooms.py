"""What the assistant does about what happens in its Matrix rooms: invitations, messages, people who come, commands."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from isobot.channels.matrix_api import LEAVE, MatrixApi, MatrixError
from isobot.channels.matrix_events import is_arrival, message_of, readable_events
from isobot.channels.messaging.hand_over import HandOver, HandOverError, command_of
from isobot.channels.messaging.messenger import Limits
from isobot.channels.messaging.records import Inbound, Outbound, Payload
from isobot.channels.messaging.setup import Setup
from isobot.channels.messaging.wording import say
from isobot.content.clinic import clinic

logger = logging.getLogger(__name__)

MATRIX = "matrix"
_BEFORE_JOINING = 20  # events before the assistant joined: the first question is often among them


@dataclass(frozen=True)
class RoomSettings:
    """What a clinic sets for this channel in credentials.yml.

    Attributes:
        allowed_servers: people of these homeservers may invite the assistant; empty for its own homeserver alone.
        staff: the user ids of the clinic's staff, who may take a conversation over.
        display_name: how the assistant is called.
        appservice_id: the `id` in the registration file.
        limits: the limits of `Limits` that differ.
    """

    allowed_servers: Sequence[str] = ()
    staff: Sequence[str] = ()
    display_name: str = "Isotretinoin questions (a program)"
    appservice_id: str = "isobot"
    limits: Limits = field(default_factory=Limits)


class Rooms:
    """What the assistant does about what happens in its rooms."""

    def __init__(self, settings: RoomSettings, api: MatrixApi, setup: Setup, wake: Callable[[], None]) -> None:
        """Act through `api`; `wake` has the worker look for what waits."""
        self._settings = settings
        self._api = api
        self._setup = setup
        self._wake = wake
        self._staff_room = clinic().staff_room
        self._hand_over = HandOver(setup.store)

    async def introduce(self) -> None:
        """Make the assistant known to the homeserver, which then sends what it could not send before."""
        try:
            await self._api.introduce(self._settings.display_name, self._settings.appservice_id)
        except MatrixError as error:
            logger.error(
                "The homeserver could not be told that the assistant is there: %s. It will come by itself.", error
            )

    async def take_in(self, transaction: str, events: Sequence[dict[str, Any]]) -> None:
        """Keep what happened, once for each event.

        Raises:
            MatrixError: when the homeserver must send it again.
        """
        store, identity = self._setup.store, self._setup.identity
        transaction_id = identity.message_id("matrix transaction", transaction)
        if store.has_seen(transaction_id):
            return
        for event in events:
            if event["sender"] != self._api.user:
                await self._event(event)
            elif is_arrival(event):
                await self._joined(event["room_id"])
        store.see(transaction_id)
        self._wake()

    async def _event(self, event: dict[str, Any]) -> None:
        if event["type"] == "m.room.member":
            await self._member(event)
            return
        message = message_of(event)
        if message is None:
            return
        kind, text = message
        if event["sender"] in self._settings.staff:
            await self._staff(event, text)
        elif event["room_id"] != self._staff_room:  # only staff have a say there
            self._receive(event, kind, text)

    def _receive(self, event: dict[str, Any], kind: str, text: str) -> None:
        contact = self._setup.store.meet(MATRIX, event["room_id"])
        message_id = self._setup.identity.message_id(MATRIX, event["event_id"])
        self._setup.store.receive(Inbound(message_id, contact.conversation, kind, text, time.time()))

    async def _member(self, event: dict[str, Any]) -> None:
        """Accept an invitation from an allowed server; keep to rooms of one person."""
        room, membership = event["room_id"], event["content"].get("membership")
        if event.get("state_key") == self._api.user:
            if membership == "invite":
                await (self._api.join(room) if self._may_invite(event["sender"]) else self._api.leave(room))
        elif membership == "join":
            await self._keep_to_one(room)
        elif room != self._staff_room and not self._people(await self._members(room)):
            await self._api.leave(room)

    def _may_invite(self, user: str) -> bool:
        server = user.partition(":")[2]
        own = self._api.user.partition(":")[2]
        return user in self._settings.staff or server in (self._settings.allowed_servers or (own,))

    async def _joined(self, room: str) -> None:
        """Say what this is, then answer what was written before we came."""
        if room == self._staff_room or not await self._keep_to_one(room):
            return
        greeting = say("first_room", clinic().country or None)
        contact = self._setup.store.meet(MATRIX, room)
        self._setup.store.hand_over(contact.conversation, "")  # whoever had it when we were here before
        events = await self._api.latest(room, _BEFORE_JOINING)
        mine = [e["event_id"] for e in events if e["sender"] == self._api.user and e["type"] == "m.room.member"]
        self._setup.store.queue([self._outbound(f"first-{mine[-1] if mine else room}", contact.conversation, greeting)])
        for event in readable_events({"events": [{**e, "room_id": room} for e in events]}) or ():
            if event["sender"] != self._api.user and event["type"] != "m.room.member":
                await self._event(event)

    async def _keep_to_one(self, room: str) -> bool:
        """Leave a room of several people, whose words would mix; return whether we stay."""
        if room == self._staff_room:
            return True
        members = await self._members(room)
        if self._api.user not in members or len(self._people(members)) <= 1:
            return self._api.user in members
        contact = self._setup.store.meet(MATRIX, room)
        bye = self._outbound(f"several-{room}-{len(members)}", contact.conversation, say("several_people", None))
        leave = Outbound(f"{bye.id[:36]}-l", contact.conversation, Payload("", action=LEAVE))
        self._setup.store.queue([bye, leave])
        return False

    async def _members(self, room: str) -> set[str]:
        """Return who is in a room; nobody where we are not in it any more."""
        try:
            return await self._api.members(room)
        except MatrixError as error:
            if error.code == "M_FORBIDDEN":
                return set()
            raise

    def _people(self, members: set[str]) -> set[str]:
        return members - {self._api.user, *self._settings.staff}

    def _outbound(self, name: str, conversation: str, text: str) -> Outbound:
        return Outbound(self._setup.identity.message_id("matrix says", name), conversation, Payload(text))

    async def _staff(self, event: dict[str, Any], text: str) -> None:
        """Obey a member of the clinic's staff; what else they write in a person's room is for that person."""
        room, user = event["room_id"], event["sender"]
        in_staff_room = room == self._staff_room
        command = command_of(text)
        if command is None or not self._setup.store.see(self._setup.identity.message_id(MATRIX, event["event_id"])):
            return
        here = self._setup.store.meet(MATRIX, room).conversation
        try:
            told = self._hand_over.obey(
                command, by=user, here=None if in_staff_room else here, request=event["event_id"]
            )
            if command.takes and told.contact.channel == MATRIX and in_staff_room:
                await self._api.invite(told.contact.address, user)
        except HandOverError as error:
            if self._staff_room:  # never before the eyes of the person that it is about
                desk = self._setup.store.meet(MATRIX, self._staff_room).conversation
                self._setup.store.queue([self._outbound(f"staff-{event['event_id']}", desk, str(error))])
            return
        if in_staff_room:
            self._setup.store.queue([self._outbound(f"staff-{event['event_id']}", here, told.text)])
