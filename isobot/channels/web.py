"""Rasa input channel over plain HTTP, for the chat widget and the terminal. What it speaks: docs/web-api.md.

The server makes the conversation's id and signs it into the token: a client can neither choose a conversation nor read
another's. Text is only ever text; there are no payloads that skip understanding.
"""

from __future__ import annotations

import logging
import os
import secrets
from dataclasses import asdict
from typing import Any

from rasa.core.channels.channel import InputChannel
from rasa.shared.core.events import BotUttered
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json

from isobot import feedback
from isobot.channels.deletion import delete_conversation
from isobot.channels.engine import EngineFailed, Handler, answer, stored_events
from isobot.channels.incoming import Incoming, country_of
from isobot.channels.json_requests import json_object, refusal
from isobot.channels.markup import html_of
from isobot.channels.message import MAX_CHARACTERS
from isobot.channels.once import Once, answered_before
from isobot.channels.origins import cors_headers, is_allowed
from isobot.channels.pages import NO_PAGE, pages_blueprint
from isobot.channels.phones import dialled, phones_in
from isobot.channels.rate_limits import Allowed, RateLimits
from isobot.channels.reply import Reply
from isobot.channels.session import SESSION_SECONDS, Sessions
from isobot.content.clinic import clinic
from isobot.content.emergency import help_in

logger = logging.getLogger(__name__)

_MAX_BODY_BYTES = 4 * MAX_CHARACTERS + 1024  # UTF-8 takes up to four bytes a character
CANARY = "Can I drink alcohol on isotretinoin?"
CANARY_TOPIC = "alcohol"
_ASK_FOR_MESSAGE = 'Send JSON like {"id": "5f0c2a1e", "text": "Can I drink alcohol?"}.'


class WebChannel(InputChannel):
    """The channel named "web"."""

    def __init__(self, secret: str, allowed: Allowed | None = None) -> None:
        """Sign tokens with `secret` and answer as many requests as are allowed."""
        self._sessions = Sessions(secret)
        self._once = Once()
        self._limits = RateLimits()
        self._allowed = allowed or Allowed()

    @classmethod
    def name(cls) -> str:
        """Return the name that Rasa knows the channel by."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebChannel:
        """Create the channel; ISOBOT_SECRET lets tokens outlive a restart, without it a new secret is made.

        Args:
            credentials: the limits of `Allowed` that differ, by name.

        Raises:
            TableError: when clinic.yml has a mistake; the server does not start with it.
            TypeError: when a limit is not one of `Allowed`.
        """
        clinic()
        return cls(os.environ.get("ISOBOT_SECRET") or secrets.token_urlsafe(32), Allowed(**(credentials or {})))

    def url_prefix(self) -> str:
        """Serve from the root of the host, not below /webhooks."""
        return "/"

    def blueprint(self, on_new_message: Handler) -> Any:
        """Return the routes: this API, and the page with the widget (see the parent class)."""
        return Blueprint.group(self._api(on_new_message), pages_blueprint())

    def _api(self, on_new_message: Handler) -> Blueprint:
        routes = Blueprint("isobot_web")

        @routes.on_request
        async def only_from_allowed_pages(request: Request) -> HTTPResponse | None:
            if not is_allowed(request.headers.get("origin"), request.host, clinic().websites):
                return refusal(403, "This page may not use the assistant. The clinic lists its pages in clinic.yml.")
            if request.method == "POST" and request.body and not _is_json(request):
                return refusal(415, "Send application/json.")
            return None

        @routes.on_response
        async def with_headers(request: Request, response: HTTPResponse) -> None:
            response.headers.update(NO_PAGE)
            response.headers.update(cors_headers(request.headers.get("origin"), request.host, clinic().websites))

        async def preflight(request: Request) -> HTTPResponse:
            return empty()

        for name in ("sessions", "messages", "feedback", "conversation", "clinic"):
            routes.add_route(preflight, f"/api/{name}", methods=["OPTIONS"], name=f"preflight_{name}")

        @routes.post("/api/sessions")
        async def open_session(request: Request) -> HTTPResponse:
            if wait := self._limits.wait_for(self._allowed.sessions_of_an_address, "sessions", _address(request)):
                return _too_many(wait)
            return json({"token": self._sessions.new_token(), "expires_in": SESSION_SECONDS}, 201)

        @routes.post("/api/messages")
        async def receive(request: Request) -> HTTPResponse:
            conversation = self._conversation(request)
            if conversation is None:
                return _no_session()
            if len(request.body) > _MAX_BODY_BYTES:
                return refusal(413, f"Send at most {MAX_CHARACTERS} characters.")
            incoming = Incoming.of(json_object(request))
            if incoming is None:
                return refusal(400, _ASK_FOR_MESSAGE)
            if wait := self._wait_for(conversation, request):
                return _too_many(wait)
            return await self._receive(_agent(request), on_new_message, conversation, incoming)

        @routes.post("/api/feedback")
        async def receive_feedback(request: Request) -> HTTPResponse:
            conversation = self._conversation(request)
            if conversation is None:
                return _no_session()
            body = json_object(request)
            record = feedback.Feedback.of_today(body.get("response"), body.get("helpful")) if body else None
            if record is None:
                return refusal(400, 'Send JSON like {"response": "utter_alcohol.can_i_drink", "helpful": true}.')
            if wait := self._wait_for(conversation, request):
                return _too_many(wait)
            feedback.append(record)
            return empty()

        @routes.delete("/api/conversation")
        async def delete(request: Request) -> HTTPResponse:
            conversation = self._conversation(request)
            if conversation is None:
                return _no_session()
            agent = _agent(request)
            if agent is None:
                return refusal(503, "The assistant is starting. Try again in a moment.")
            async with agent.lock_store.lock(conversation):  # nothing that is under way is written afterwards
                deleted = await delete_conversation(agent.tracker_store, conversation)
            self._once.forget(conversation)
            return empty() if deleted else refusal(501, "This store of conversations can't delete one.")

        @routes.get("/api/clinic")
        async def who_runs_it(request: Request) -> HTTPResponse:
            return json(about_clinic(country_of(request.args.get("country"))))

        @routes.get("/healthz")
        async def healthy(request: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @routes.get("/readyz")
        async def ready(request: Request) -> HTTPResponse:
            intent = await _canary_intent(request)
            is_ready = intent is not None and intent.startswith(f"{CANARY_TOPIC}.")
            return json({"status": "ready" if is_ready else "not ready"}, 200 if is_ready else 503)

        return routes

    def _conversation(self, request: Request) -> str | None:
        return self._sessions.conversation_of(request.headers.get("authorization"))

    def _wait_for(self, conversation: str, request: Request) -> int:
        """Count a request; return after how many seconds it may come again: 0 where it may come now."""
        return max(
            self._limits.wait_for(self._allowed.messages_of_a_conversation, "messages", conversation),
            self._limits.wait_for(self._allowed.messages_of_an_address, "address", _address(request)),
        )

    async def _receive(
        self, agent: Any, on_new_message: Handler, conversation: str, incoming: Incoming
    ) -> HTTPResponse:
        """Answer a message, once where it has an id."""
        if agent is None:
            return refusal(503, "The assistant is starting. Try again in a moment.")
        events = await stored_events(agent, conversation) if incoming.message_id or incoming.choice else []
        text = incoming.text
        if incoming.choice is not None:
            titles = [b["title"] for e in events if isinstance(e, BotUttered) for b in e.data.get("buttons") or ()]
            offered = [t for t in titles if self._sessions.choice_id(conversation, t) == incoming.choice]
            if not offered:
                return refusal(409, "This choice is not offered. Send the words instead.")
            text = offered[-1]

        async def work() -> list[Reply]:
            country, message_id = incoming.country or clinic().country or None, incoming.message_id
            return await answer(on_new_message, self.name(), conversation, text, country=country, message_id=message_id)

        try:
            if incoming.message_id is None:
                replies = await work()
            else:
                replies = answered_before(events, incoming.message_id) or await self._once.answer(
                    conversation, incoming.message_id, work
                )
        except EngineFailed as failed:
            replies = [failed.reply]
        return json({"id": incoming.message_id, "replies": [self._as_json(r, conversation) for r in replies]})

    def _as_json(self, reply: Reply, conversation: str) -> dict[str, Any]:
        choices = [{"id": self._sessions.choice_id(conversation, title), "title": title} for title in reply.choices]
        extra = {"html": html_of(reply.text), "choices": choices, "phones": phones_in(reply.text)}
        return {**asdict(reply), **extra}


def about_clinic(country: str | None) -> dict[str, Any]:
    """Return who runs the assistant and whom to call in an emergency, in `country` or where the clinic is."""
    about = clinic()
    country = country or about.country or None
    emergency = help_in(country).emergency
    return {
        "name": about.name,
        "phone": about.phone,
        "tel": dialled(about.phone),
        "hours": about.hours,
        "website": about.website,
        "country": about.country,
        "emergency": emergency,
        "phones": phones_in(emergency),
    }


def _is_json(request: Request) -> bool:
    content_type: str = request.content_type
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _address(request: Request) -> str:
    """Return the client's address; behind proxies, the one they tell (SANIC_PROXIES_COUNT)."""
    return request.remote_addr or request.ip or "unknown"


def _no_session() -> HTTPResponse:
    return refusal(401, "Open a session first: POST /api/sessions, then send its token as a bearer token.")


def _too_many(seconds: int) -> HTTPResponse:
    return json({"error": f"Too many messages. Try again in {seconds} seconds."}, 429, {"Retry-After": str(seconds)})


def _agent(request: Request) -> Any:
    """Return Rasa's agent, or None as long as there is none."""
    return getattr(request.app.ctx, "agent", None)


async def _canary_intent(request: Request) -> str | None:
    """Return what the loaded model makes of a question whose answer is known, or None where it makes nothing."""
    agent = _agent(request)
    if agent is None or not agent.is_ready():
        return None
    parsed = await agent.parse_message(CANARY)
    name = parsed.get("intent", {}).get("name")
    return str(name) if name else None
