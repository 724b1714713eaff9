"""Speaks to a Matrix homeserver as an application service (Client-Server API over plain HTTP, no client library)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from isobot.accounts import Homeserver
from isobot.channels.messaging.records import Contact, Outbound
from isobot.channels.messaging.transport import NotSent

TIMEOUT_SECONDS = 15
LEAVE = "leave"
_TOO_MANY, _SERVER_ERROR = 429, 500


class MatrixError(Exception):
    """The homeserver refused something, or did not answer.

    Attributes:
        status: the HTTP status, or 0 where there was no answer.
        code: Matrix's error code, "M_FORBIDDEN".
        after_seconds: how long it asks to wait.
    """

    def __init__(self, status: int, code: str = "", after_seconds: float = 0.0) -> None:
        """Keep what is known."""
        super().__init__(f"the homeserver answered {status or 'nothing'} {code}".strip())
        self.status = status
        self.code = code
        self.after_seconds = after_seconds


class MatrixApi:
    """The calls that the assistant needs."""

    def __init__(self, homeserver: Homeserver) -> None:
        """Speak to `homeserver`; nothing is sent yet."""
        self.user = homeserver.user
        headers = {"Authorization": f"Bearer {homeserver.as_token}"}
        self._http = httpx.AsyncClient(base_url=homeserver.url, headers=headers, timeout=TIMEOUT_SECONDS)

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, **query: Any) -> Any:
        """Return the JSON that the homeserver answers.

        Raises:
            MatrixError: when it answers anything but success, or nothing.
        """
        try:
            answer = await self._http.request(method, f"/_matrix/client/{path}", json=body, params=query or None)
            data = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise MatrixError(0, type(error).__name__) from error
        if not answer.is_success:
            wait = float(data.get("retry_after_ms", 0)) / 1000
            raise MatrixError(answer.status_code, str(data.get("errcode", "")), wait)
        return data

    async def introduce(self, display_name: str, appservice_id: str) -> None:
        """Make the assistant's user known, name it, and have the homeserver send what waited for us.

        Raises:
            MatrixError: see `call`.
        """
        name = self.user[1:].partition(":")[0]
        try:
            body = {"type": "m.login.application_service", "username": name, "inhibit_login": True}
            await self.call("POST", "v3/register", body)
        except MatrixError as error:
            if error.code != "M_USER_IN_USE":
                raise
        await self.call("PUT", f"v3/profile/{_quoted(self.user)}/displayname", {"displayname": display_name})
        await self.call("POST", f"v1/appservice/{_quoted(appservice_id)}/ping", {})

    async def join(self, room: str) -> None:
        """Join a room; fine where we are in it."""
        await self.call("POST", f"v3/rooms/{_quoted(room)}/join", {})

    async def leave(self, room: str) -> None:
        """Leave a room, or refuse its invitation; fine where we are not in it."""
        try:
            await self.call("POST", f"v3/rooms/{_quoted(room)}/leave", {})
        except MatrixError as error:
            if error.code not in ("M_FORBIDDEN", "M_NOT_FOUND", "M_UNKNOWN"):
                raise

    async def invite(self, room: str, user: str) -> None:
        """Invite somebody; fine where they are in the room."""
        try:
            await self.call("POST", f"v3/rooms/{_quoted(room)}/invite", {"user_id": user})
        except MatrixError as error:
            if error.code != "M_FORBIDDEN":
                raise

    async def members(self, room: str) -> set[str]:
        """Return who is in a room."""
        return set((await self.call("GET", f"v3/rooms/{_quoted(room)}/joined_members"))["joined"])

    async def latest(self, room: str, most: int) -> list[dict[str, Any]]:
        """Return the latest events of a room, the oldest first."""
        found = await self.call("GET", f"v3/rooms/{_quoted(room)}/messages", dir="b", limit=most)
        return list(reversed(found["chunk"]))


class MatrixTransport:
    """Rooms as a `Transport`."""

    def __init__(self, api: MatrixApi) -> None:
        """Send through `api`."""
        self._api = api

    async def send(self, contact: Contact, message: Outbound) -> str:
        """Send a message (see `Transport`); the homeserver takes the same id once."""
        try:
            if message.payload.action == LEAVE:
                await self._api.leave(contact.address)
                return ""
            path = f"v3/rooms/{_quoted(contact.address)}/send/m.room.message/{_quoted(message.id)}"
            return str((await self._api.call("PUT", path, content_of(message)))["event_id"])
        except MatrixError as error:
            again = error.status in (0, _TOO_MANY) or error.status >= _SERVER_ERROR
            raise NotSent(str(error), again=again, after_seconds=error.after_seconds) from error

    async def sent_before(self, contact: Contact, message: Outbound) -> str | None:
        """Return None (see `Transport`): it is safe to send again with the same id."""
        return None


def content_of(message: Outbound) -> dict[str, Any]:
    """Return a message's content; "m.text", as phones are silent about notices, and danger must be heard of."""
    payload = message.payload
    content = {"msgtype": "m.text", "body": payload.text}
    if payload.html:
        content |= {"format": "org.matrix.custom.html", "formatted_body": payload.html}
    return content


def _quoted(text: str) -> str:
    return quote(text, safe="")
