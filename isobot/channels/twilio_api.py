"""Sends through Twilio's API (the library `twilio`), and says what an error means for a message."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import aiohttp
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from isobot.accounts import TwilioAccount
from isobot.channels.messaging.phone import WHATSAPP
from isobot.channels.messaging.records import Contact, Outbound
from isobot.channels.messaging.transport import NotSent

logging.getLogger("twilio").setLevel(logging.WARNING)  # what it tells below that holds numbers and words

TIMEOUT_SECONDS = 15
WINDOW_SECONDS = 24 * 60 * 60  # WhatsApp takes free text only so long after the person's last message
_OPTED_OUT = 21610
_UNAUTHORIZED, _TOO_MANY, _SERVER_ERROR = 401, 429, 500
_LISTED = 50


class TwilioTransport:
    """Twilio's Messages API as a `Transport`."""

    def __init__(
        self,
        account: TwilioAccount,
        senders: Mapping[str, str],
        *,
        is_known: Callable[[str], bool],
        callback: str = "",
    ) -> None:
        """Send for an account.

        Args:
            account: the account.
            senders: for each channel, the number or messaging service that messages go out from.
            is_known: whether a message that was sent already has this id of Twilio's.
            callback: where Twilio tells what became of a message; empty for nowhere.
        """
        self._account = account
        self._senders = senders
        self._is_known = is_known
        self._callback = callback
        self._client: Client | None = None

    async def send(self, contact: Contact, message: Outbound) -> str:
        """Send a message (see `Transport`)."""
        if contact.channel == "whatsapp" and time.time() - contact.last_inbound > WINDOW_SECONDS:
            raise NotSent("WhatsApp's 24 hours after the person's last message are over")
        values = {"to": contact.address, "body": message.payload.text, **self._sender(contact)}
        if self._callback.startswith("https://"):
            values["status_callback"] = self._callback
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):  # the library's own is not heeded by its async client
                sent = await self._api().messages.create_async(**values)
        except Exception as error:
            raise _not_sent(error) from error
        return str(sent.sid)

    async def sent_before(self, contact: Contact, message: Outbound) -> str | None:
        """Look for a message with these words since it was queued (see `Transport`)."""
        since = datetime.fromtimestamp(message.at, UTC) - timedelta(seconds=2)  # Twilio's clock is not ours
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                # Without a date: what Twilio has not sent yet has none.
                found = await self._api().messages.list_async(to=contact.address, limit=_LISTED)
        except Exception as error:
            raise _not_sent(error) from error
        for candidate in found:
            made, sid = candidate.date_created, str(candidate.sid)
            if candidate.body != message.payload.text or (made and made < since.replace(microsecond=0)):
                continue
            # The same words may be due twice: what we know already is the other message, not this one.
            if not await asyncio.to_thread(self._is_known, sid):
                return sid
        return None

    def _sender(self, contact: Contact) -> dict[str, str]:
        sender = self._senders.get(contact.channel, "")
        if not sender:
            raise NotSent(f"no number is set for {contact.channel} in credentials.yml")
        if sender.startswith("MG"):
            return {"messaging_service_sid": sender}
        return {"from_": f"{WHATSAPP if contact.channel == 'whatsapp' else ''}{sender}"}

    def _api(self) -> Client:
        if self._client is None:  # not before there is an event loop
            http = AsyncTwilioHttpClient()
            self._client = Client(self._account.sid, self._account.token, http_client=http)
            if self._account.api:
                self._client.api.base_url = self._account.api
        return self._client


def _not_sent(error: Exception) -> NotSent:
    """Return what an error of the API means for a message; never its text, which may hold a number."""
    if isinstance(error, NotSent):
        return error
    if not isinstance(error, TwilioRestException):
        return NotSent(
            f"no answer from Twilio ({type(error).__name__})", again=True, unsure=_may_have_been_taken(error)
        )
    reason = f"Twilio answered {error.status}, code {error.code}"
    if error.code == _OPTED_OUT:
        return NotSent(reason, opted_out=True)
    # Wrong credentials too: whoever changes the token has some minutes before what waits is given up.
    again = error.status in (_UNAUTHORIZED, _TOO_MANY) or error.status >= _SERVER_ERROR
    return NotSent(reason, again=again, unsure=error.status >= _SERVER_ERROR)


def _may_have_been_taken(error: Exception) -> bool:
    """Return whether a request may have reached Twilio although its answer did not come."""
    return not isinstance(error, aiohttp.ClientConnectorError)
