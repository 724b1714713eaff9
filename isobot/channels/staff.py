"""Rasa input channel through which a clinic's own software takes conversations over: signed requests below /staff.

    POST /staff/conversations/<id>/take       {"by": "Nurse Ito"}
    POST /staff/conversations/<id>/say        {"by": "Nurse Ito", "text": "Please call us on ..."}
    POST /staff/conversations/<id>/give-back  {"by": "Nurse Ito"}
    GET  /staff/conversations/<id>            what the person has written since it was taken
    GET  /staff/undelivered                   what could not be delivered

Each request carries its time (X-Isobot-Timestamp, seconds since 1970) and an HMAC-SHA256 with ISOBOT_STAFF_SECRET over
the time, the method, the path and the body (X-Isobot-Signature); it is taken within five minutes,
and a POST once.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import time
from collections.abc import Callable
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from isobot.channels.engine import Handler
from isobot.channels.json_requests import json_object, refusal
from isobot.channels.messaging.hand_over import Done, HandOver, HandOverError
from isobot.channels.messaging.identity import MIN_SECRET_CHARACTERS
from isobot.channels.messaging.records import Contact
from isobot.channels.messaging.setup import Setup
from isobot.channels.pages import NO_PAGE

logger = logging.getLogger(__name__)

TIMESTAMP_HEADER, SIGNATURE_HEADER = "X-Isobot-Timestamp", "X-Isobot-Signature"
SECONDS_VALID = 300
_MAX_BODY_BYTES = 16 * 1024
_MAX_NAME, _MAX_TEXT = 80, 1600
_ID_CHARACTERS = 32


def request_signature(secret: str, timestamp: str, method: str, path: str, body: bytes) -> str:
    """Return the signature of a request, in hexadecimal digits.

    Args:
        secret: ISOBOT_STAFF_SECRET.
        timestamp: seconds since 1970, as in the header.
        method: "POST" or "GET".
        path: without the host: "/staff/undelivered".
        body: as sent; empty for GET.
    """
    signed = f"{timestamp}\n{method}\n{path}\n".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class StaffChannel(InputChannel):
    """The channel named "staff"; patients never come here."""

    def __init__(self, secret: str, setup: Setup | None) -> None:
        """Take requests signed with `secret`; without one the channel stays closed."""
        self._secret = secret if len(secret) >= MIN_SECRET_CHARACTERS else ""
        self._setup = setup

    @classmethod
    def name(cls) -> str:
        """Return the name that Rasa knows the channel by."""
        return "staff"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> StaffChannel:
        """Create the channel; the secret is ISOBOT_STAFF_SECRET."""
        channel = cls(os.environ.get("ISOBOT_STAFF_SECRET", ""), Setup.from_environment(os.environ))
        if not channel._secret or channel._setup is None:
            logger.error(
                "The staff channel is closed: set ISOBOT_SECRET and ISOBOT_STAFF_SECRET (%d characters or more).",
                MIN_SECRET_CHARACTERS,
            )
        return channel

    def url_prefix(self) -> str:
        """Serve below /staff."""
        return "/staff"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes (see the parent class)."""
        routes = Blueprint("isobot_staff")

        @routes.on_request
        async def only_signed(request: Request) -> HTTPResponse | None:
            return self._refusal(request)

        @routes.on_response
        async def with_headers(request: Request, response: HTTPResponse) -> None:
            response.headers.update(NO_PAGE)

        setup = self._setup
        if not self._secret or setup is None:

            @routes.route("/<path:path>", methods=["GET", "POST"])
            async def closed(request: Request, path: str) -> HTTPResponse:
                return refusal(503, "This channel is not set up.")

            return routes

        desk = HandOver(setup.store)
        actions: dict[str, Callable[..., Done]] = {"take": desk.take, "give-back": desk.give_back, "say": desk.say}

        @routes.post("/conversations/<conversation>/<action>")
        async def act(request: Request, conversation: str, action: str) -> HTTPResponse:
            contact, body = self._contact(conversation), (json_object(request) or {})
            if contact is None or action not in actions:
                return refusal(404, "There is no such conversation; it may have been deleted, as it had ended.")
            by, text = str(body.get("by", ""))[:_MAX_NAME], body.get("text", "")
            if not by or not isinstance(text, str) or len(text) > _MAX_TEXT:
                return refusal(
                    400, f'Send JSON like {{"by": "Nurse Ito", "text": "..."}}, at most {_MAX_TEXT} characters.'
                )
            words = {"text": text} if action == "say" else {}
            try:
                done = actions[action](contact, by=by, request=request.headers[SIGNATURE_HEADER], **words)
            except HandOverError as error:
                return refusal(409, str(error))
            return json({"done": done.text})

        @routes.get("/conversations/<conversation>")
        async def show(request: Request, conversation: str) -> HTTPResponse:
            contact = self._contact(conversation)
            if contact is None:
                return refusal(404, "There is no such conversation; it may have been deleted, as it had ended.")
            held = [{"at": m.at, "kind": m.kind, "text": m.text} for m in setup.store.held(contact.conversation)]
            facts = {"channel": contact.channel, "taken_by": contact.taken_by, "stopped": contact.stopped}
            return json({**facts, "messages": held})

        @routes.get("/undelivered")
        async def undelivered(request: Request) -> HTTPResponse:
            found = [
                {"conversation": o.conversation, "at": o.at, "reason": o.reason} for o in setup.store.undelivered()
            ]
            return json({"undelivered": found})

        return routes

    def _refusal(self, request: Request) -> HTTPResponse | None:
        """Return why a request is not taken, or None for a genuine one that comes for the first time."""
        if not self._secret or self._setup is None:
            return refusal(503, "This channel is not set up.")
        if len(request.body) > _MAX_BODY_BYTES:
            return refusal(413, f"Send at most {_MAX_BODY_BYTES} bytes.")
        timestamp = request.headers.get(TIMESTAMP_HEADER, "")
        told = request.headers.get(SIGNATURE_HEADER, "")
        expected = request_signature(self._secret, timestamp, request.method, request.path, request.body)
        if not hmac.compare_digest(told.encode(), expected.encode()):
            return refusal(403, "The signature does not fit.")
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > SECONDS_VALID:
            return refusal(403, "The request is too old, or the clocks differ.")
        if request.method == "POST" and not self._setup.store.see(
            self._setup.identity.message_id("staff request", told)
        ):
            return refusal(409, "This request has come before.")
        return None

    def _contact(self, conversation: str) -> Contact | None:
        if self._setup is None or len(conversation) > _ID_CHARACTERS:
            return None
        found = [contact for contact in self._setup.store.find(conversation.lower()) if contact.address]
        return found[0] if len(found) == 1 else None
