"""Rasa input channel for a Matrix homeserver, as an Application Service over plain HTTP (Matrix specification 1.11).

The homeserver hands over what happens in the assistant's rooms; what came is kept before it is acknowledged, and
answered afterwards. Whatever is the same on every messaging network is in `isobot.channels.messaging`. How a clinic
sets it up: docs/clinic-messaging.md and deploy/matrix.
"""

from __future__ import annotations

import hmac
import logging
import os
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from isobot.accounts import Homeserver
from isobot.channels.engine import Handler, MessagingEngine
from isobot.channels.matrix_api import MatrixApi, MatrixError, MatrixTransport
from isobot.channels.matrix_events import readable_events
from isobot.channels.matrix_rooms import MATRIX, Rooms, RoomSettings
from isobot.channels.messaging.messenger import Limits, Messenger, Style
from isobot.channels.messaging.render import for_room
from isobot.channels.messaging.setup import Setup, serving
from isobot.channels.pages import NO_PAGE

logger = logging.getLogger(__name__)

_MAX_BODY_BYTES = 1_000_000  # the specification lets a homeserver send 100 events at once


class MatrixChannel(InputChannel):
    """The channel named "matrix"."""

    def __init__(self, settings: RoomSettings, homeserver: Homeserver | None, setup: Setup | None) -> None:
        """Serve a homeserver; without one, or without the secret of `setup`, the channel stays closed."""
        self._settings = settings
        self._homeserver = homeserver
        self._setup = setup

    @classmethod
    def name(cls) -> str:
        """Return the name that Rasa knows the channel by."""
        return MATRIX

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> MatrixChannel:
        """Create the channel; addresses and tokens come from the environment (see `Homeserver`).

        Args:
            credentials: the fields of `RoomSettings` and of `Limits`, by name.

        Raises:
            TypeError: when one of them is unknown.
        """
        told = dict(credentials or {})
        limits = Limits(**{name: told.pop(name) for name in vars(Limits()) if name in told})
        homeserver, setup = Homeserver.from_environment(os.environ), Setup.from_environment(os.environ)
        if homeserver is None or setup is None:
            names = "ISOBOT_SECRET and ISOBOT_MATRIX_HOMESERVER, _USER, _AS_TOKEN and _HS_TOKEN"
            logger.error("The Matrix channel is closed: set %s.", names)
        return cls(RoomSettings(**told, limits=limits), homeserver, setup)

    def url_prefix(self) -> str:
        """Serve from the root of the host, where homeservers look for it."""
        return "/"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes (see the parent class)."""
        routes = Blueprint("isobot_matrix")

        @routes.on_request
        async def only_the_homeserver(request: Request) -> HTTPResponse | None:
            if self._homeserver is None or self._setup is None:
                return _error(503, "ISOBOT_CLOSED", "This channel is not set up.")
            token = request.token or request.args.get("access_token") or ""
            if not token:
                return _error(401, "M_MISSING_TOKEN", "Give the homeserver's token.")
            if not hmac.compare_digest(token.encode(), self._homeserver.hs_token.encode()):
                return _error(403, "M_FORBIDDEN", "This is not the homeserver's token.")
            if len(request.body) > _MAX_BODY_BYTES:
                return _error(413, "M_TOO_LARGE", "Send fewer events at once.")
            return None

        @routes.on_response
        async def with_headers(request: Request, response: HTTPResponse) -> None:
            response.headers.update(NO_PAGE)

        visit = self._begin(routes, on_new_message)

        @routes.put("/_matrix/app/v1/transactions/<transaction>")
        async def receive(request: Request, transaction: str) -> HTTPResponse:
            events = readable_events(request.body)
            if events is None:
                return _error(400, "M_NOT_JSON", "Send a JSON object with a list of events.")
            try:
                await visit().take_in(transaction, events)
            except MatrixError as error:  # the homeserver sends it again; what is done is not done twice
                logger.error("A transaction could not be taken in: %s.", error)
                return _error(502, "ISOBOT_TRY_AGAIN", "Send this transaction again.")
            return json({})

        @routes.post("/_matrix/app/v1/ping")
        async def ping(request: Request) -> HTTPResponse:
            return json({})

        @routes.get("/_matrix/app/v1/users/<user>")
        @routes.get("/_matrix/app/v1/rooms/<user>", name="has_room")
        async def has(request: Request, user: str) -> HTTPResponse:
            if self._homeserver and user == self._homeserver.user:
                return json({})
            return _error(404, "M_NOT_FOUND", "There is no such user or room here.")

        return routes

    def _begin(self, routes: Blueprint, on_new_message: Handler) -> Any:
        """Begin to serve with the server; return how to get at the rooms."""
        homeserver, setup, settings = self._homeserver, self._setup, self._settings
        if homeserver is None or setup is None:
            return None

        def messenger(engine: MessagingEngine) -> Messenger:
            styles = {MATRIX: Style(MATRIX, for_room, is_room=True)}
            return Messenger(engine, styles, settings.limits, digest=setup.identity.digest_of)

        api = MatrixApi(homeserver)
        worker = serving(routes, setup, on_new_message, messenger, {MATRIX: MatrixTransport(api)})
        rooms = Rooms(settings, api, setup, wake=lambda: worker().wake())

        @routes.listener("after_server_start")
        async def introduce(app: Any, loop: Any) -> None:
            app.add_task(rooms.introduce())

        return lambda: rooms


def _error(status: int, code: str, message: str) -> HTTPResponse:
    return json({"errcode": code, "error": message}, status)
