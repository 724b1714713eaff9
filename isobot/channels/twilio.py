"""Rasa input channel for SMS and WhatsApp through Twilio: checks the signature, keeps the message, answers afterwards.

The webhook only keeps what came and says so, within milliseconds; the reply goes out through Twilio's API. Whatever
is the same on every messaging network is in `isobot.channels.messaging`. How a clinic sets it up:
docs/clinic-messaging.md.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import text as plain
from twilio.request_validator import RequestValidator

from isobot.accounts import TwilioAccount
from isobot.channels.engine import Handler, MessagingEngine
from isobot.channels.messaging.hand_over import passed_on
from isobot.channels.messaging.messenger import TEXT, Limits, Messenger, Style
from isobot.channels.messaging.phone import WHATSAPP, is_number
from isobot.channels.messaging.records import Contact, Inbound, Outbound
from isobot.channels.messaging.render import for_phone
from isobot.channels.messaging.setup import Setup, serving
from isobot.channels.pages import NO_PAGE
from isobot.channels.twilio_api import TwilioTransport
from isobot.content.clinic import clinic

logger = logging.getLogger(__name__)

SMS, WHATSAPP_CHANNEL = "sms", "whatsapp"
_MAX_BODY_BYTES = 64 * 1024  # Twilio's own parameters around 1600 characters, each up to twelve bytes in a form
_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_KINDS = {"image/webp": "sticker", "text/vcard": "place", "text/x-vcard": "place"}
_KINDS_BY_FAMILY = {"image": "picture", "video": "picture", "audio": "voice"}


@dataclass(frozen=True)
class Settings:
    """What a clinic sets for this channel in credentials.yml.

    Attributes:
        public_url: the address under which Twilio reaches this server, without a path: "https://bot.example.org".
        sms: the number that text messages come to and go out from, or the sid of a messaging service; empty for none.
        whatsapp: the same for WhatsApp, without "whatsapp:"; empty for none.
        limits: the limits of `Limits` that differ.
    """

    public_url: str
    sms: str = ""
    whatsapp: str = ""
    limits: Limits = field(default_factory=Limits)


class TwilioChannel(InputChannel):
    """The channel named "twilio"."""

    def __init__(self, settings: Settings, account: TwilioAccount | None, setup: Setup | None) -> None:
        """Serve an account; without one, or without the secrets of `setup`, the channel stays closed."""
        self._settings = settings
        self._account = account
        self._setup = setup

    @classmethod
    def name(cls) -> str:
        """Return the name that Rasa knows the channel by."""
        return "twilio"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TwilioChannel:
        """Create the channel; the account's sid and token come from ISOBOT_TWILIO_SID and ISOBOT_TWILIO_TOKEN.

        Args:
            credentials: the fields of `Settings` and of `Limits`, by name.

        Raises:
            TypeError: when one of them is unknown or `public_url` is missing.
        """
        told = dict(credentials or {})
        limits = Limits(**{name: told.pop(name) for name in vars(Limits()) if name in told})
        settings = Settings(**told, limits=limits)
        account = TwilioAccount.from_environment(os.environ)
        setup = Setup.from_environment(os.environ)
        if account is None or setup is None:
            logger.error(
                "The messaging number is closed: set ISOBOT_SECRET, ISOBOT_TWILIO_SID and ISOBOT_TWILIO_TOKEN."
            )
        return cls(settings, account, setup)

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes, below /webhooks/twilio (see the parent class)."""
        routes = Blueprint("isobot_twilio")
        account, setup = self._account, self._setup

        @routes.on_response
        async def with_headers(request: Request, response: HTTPResponse) -> None:
            response.headers.update(NO_PAGE)

        if account is None or setup is None:

            @routes.route("/", methods=["POST"], name="closed")
            @routes.route("/status", methods=["POST"], name="closed_status")
            async def closed(request: Request) -> HTTPResponse:
                return plain("This channel is not set up.", 503)

            return routes

        validator = RequestValidator(account.token)
        senders = {SMS: self._settings.sms, WHATSAPP_CHANNEL: self._settings.whatsapp}
        transport = TwilioTransport(
            account,
            senders,
            is_known=setup.store.is_known,
            callback=f"{self._settings.public_url.rstrip('/')}/webhooks/twilio/status",
        )
        style = Style(SMS, for_phone)

        def messenger(engine: MessagingEngine) -> Messenger:
            styles = {SMS: style, WHATSAPP_CHANNEL: style}
            return Messenger(engine, styles, self._settings.limits, digest=setup.identity.digest_of)

        def to_staff(contact: Contact, message: Inbound) -> Outbound | None:
            return passed_on(setup.store, clinic().staff_room, contact, message)

        transports = {SMS: transport, WHATSAPP_CHANNEL: transport}
        worker = serving(routes, setup, on_new_message, messenger, transports, to_staff=to_staff)

        @routes.post("/")
        async def receive(request: Request) -> HTTPResponse:
            form = self._genuine(request, validator)
            if form is None:
                return plain("The signature does not fit.", 403)
            address = form.get("From", "")
            message_id = form.get("MessageSid", "")
            if not message_id or not is_number(address) or form.get("AccountSid") != account.sid:
                return _taken()  # a short code or a name can't be answered
            contact = setup.store.meet(WHATSAPP_CHANNEL if address.startswith(WHATSAPP) else SMS, address)
            kind, text = _kind_of(form), form.get("Body", "")
            identity = setup.identity
            setup.store.receive(
                Inbound(identity.message_id("twilio", message_id), contact.conversation, kind, text, time.time())
            )
            worker().wake()
            return _taken()

        @routes.post("/status")
        async def status(request: Request) -> HTTPResponse:
            form = self._genuine(request, validator)
            if form is None:
                return plain("The signature does not fit.", 403)
            if form.get("MessageStatus") in ("undelivered", "failed"):
                reason = f"Twilio: {form.get('MessageStatus')}, code {form.get('ErrorCode') or 'none'}"
                if setup.store.failed_later(form.get("MessageSid", ""), reason):
                    logger.error("A message that Twilio had taken was not delivered (%s).", reason)
            return plain("", 204)

        return routes

    def _genuine(self, request: Request, validator: RequestValidator) -> Mapping[str, str] | None:
        """Return the form that Twilio signed, or None for a request that it did not sign.

        Sanic's `request.form` drops blank fields, which Twilio signs, too.
        """
        if len(request.body) > _MAX_BODY_BYTES:
            return None
        try:
            form = dict(parse_qsl(request.body.decode("utf-8"), keep_blank_values=True, max_num_fields=200))
        except ValueError:
            return None
        query = f"?{request.query_string}" if request.query_string else ""
        url = f"{self._settings.public_url.rstrip('/')}{request.path}{query}"
        signature = request.headers.get("x-twilio-signature", "")
        return form if signature and validator.validate(url, form, signature) else None


def _taken() -> HTTPResponse:
    return plain(_NOTHING_TO_SAY, content_type="text/xml")


def _kind_of(form: Mapping[str, str]) -> str:
    """Return what a message is in place of words: a key of texts.yml; "text" where it has words only."""
    if form.get("NumMedia", "0") not in ("", "0"):
        media = form.get("MediaContentType0", "").partition(";")[0].strip().lower()
        return _KINDS.get(media) or _KINDS_BY_FAMILY.get(media.partition("/")[0], "file")
    if form.get("Latitude") and form.get("Longitude"):
        return "place"
    return TEXT
