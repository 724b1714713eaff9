"""Rasa input channel over plain HTTP, for the terminal and the web page.

    POST /api/sessions                                  -> 201 {"token", "expires_in"}
    POST /api/messages  {"text", "country"?}  + token   -> 200 {"replies": [...]}
    GET  /healthz   the process answers                 GET /readyz   the model answers a canary question

The server makes the conversation's id and signs it into the token: a client can neither choose a conversation nor read
another's. Text is only ever text; there are no payloads that skip understanding.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from isobot.channels.last_resort import without_engine
from isobot.channels.message import MAX_CHARACTERS, clean
from isobot.channels.reply import Reply, ReplyCollector
from isobot.content.clinic import clinic
from isobot.content.reference import countries

logger = logging.getLogger(__name__)

SESSION_SECONDS = 24 * 60 * 60
_ALGORITHM = "HS256"
_MAX_BODY_BYTES = 4 * MAX_CHARACTERS + 1024  # UTF-8 takes up to four bytes a character
CANARY = "Can I drink alcohol on isotretinoin?"
CANARY_TOPIC = "alcohol"


class WebChannel(InputChannel):
    """The channel named "web"."""

    def __init__(self, secret: str) -> None:
        """Sign tokens with `secret`."""
        self._secret = secret

    @classmethod
    def name(cls) -> str:
        """Return the name that Rasa knows the channel by."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebChannel:
        """Create the channel; ISOBOT_SECRET lets tokens outlive a restart, without it a new secret is made.

        Raises:
            TableError: when clinic.yml has a mistake; the server does not start with it.
        """
        clinic()
        return cls(os.environ.get("ISOBOT_SECRET") or secrets.token_urlsafe(32))

    def url_prefix(self) -> str:
        """Serve from the root of the host, not below /webhooks."""
        return "/"

    def new_token(self) -> str:
        """Return a signed token for a new conversation."""
        claims = {"sub": uuid.uuid4().hex, "exp": int(time.time()) + SESSION_SECONDS}
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def conversation_of(self, authorization: str | None) -> str | None:
        """Return the conversation id that a genuine, unexpired token names, else None."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            claims = jwt.decode(token, self._secret, algorithms=[_ALGORITHM], options={"require": ["sub", "exp"]})
        except jwt.InvalidTokenError:
            return None
        return str(claims["sub"])

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes (see the parent class)."""
        routes = Blueprint("isobot_web")

        @routes.post("/api/sessions")
        async def open_session(request: Request) -> HTTPResponse:
            return json({"token": self.new_token(), "expires_in": SESSION_SECONDS}, 201)

        @routes.post("/api/messages")
        async def receive(request: Request) -> HTTPResponse:
            conversation = self.conversation_of(request.headers.get("authorization"))
            if conversation is None:
                return _error(401, "Open a session first: POST /api/sessions, then send its token as a bearer token.")
            if len(request.body) > _MAX_BODY_BYTES:
                return _error(413, f"Send at most {MAX_CHARACTERS} characters.")
            body = _body(request)
            if body is None:
                return _error(400, 'Send JSON like {"text": "Can I drink alcohol?"}.')
            return json({"replies": [r.as_dict() for r in await self._answer(on_new_message, conversation, body)]})

        @routes.get("/healthz")
        async def healthy(request: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @routes.get("/readyz")
        async def ready(request: Request) -> HTTPResponse:
            intent = await _canary_intent(request)
            is_ready = intent is not None and intent.startswith(f"{CANARY_TOPIC}.")
            return json({"status": "ready" if is_ready else "not ready"}, 200 if is_ready else 503)

        return routes

    async def _answer(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]], conversation: str, body: dict[str, Any]
    ) -> list[Reply]:
        told = str(body.get("country") or "").upper()
        country = told if told in countries() else clinic().country
        collector = ReplyCollector(self.name())
        message = UserMessage(
            clean(body["text"]),
            collector,
            conversation,
            input_channel=self.name(),
            metadata={"country": country} if country else {},
        )
        try:
            await on_new_message(message)
        except Exception:  # whatever it is, the person gets a sentence; the log never holds their words
            logger.exception("A message could not be handled.")
        return collector.replies or [without_engine(message.text or "", country)]


def _body(request: Request) -> dict[str, Any] | None:
    """Return the request's JSON object if it holds a text, else None."""
    try:
        body = request.json
    except Exception:  # Sanic raises its own InvalidUsage, or a decoding error
        return None
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        return None
    return body


def _error(status: int, message: str) -> HTTPResponse:
    return json({"error": message}, status)


async def _canary_intent(request: Request) -> str | None:
    """Return what the loaded model makes of a question whose answer is known, or None where it makes nothing."""
    agent = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        return None
    parsed = await agent.parse_message(CANARY)
    name = parsed.get("intent", {}).get("name")
    return str(name) if name else None
