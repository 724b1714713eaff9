"""Where an escalation is handed over: a file, a webhook, an e-mail, a queue, a room, a phone number."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import httpx

from isobot.accounts import TwilioAccount
from isobot.escalation.record import SHORT_ID_CHARACTERS, Escalation

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10
SIGNATURE_HEADER = "X-Isobot-Signature"
ID_HEADER = "Idempotency-Key"


class DeliveryError(Exception):
    """A record could not be handed over; the message says what to check, and holds no address with a secret."""


class Destination(Protocol):
    """Somewhere that takes records."""

    @property
    def name(self) -> str:
        """Its name in the settings and in the outbox, unique."""

    def deliver(self, record: Escalation) -> None:
        """Hand the record over. It may come a second time after a crash.

        Raises:
            DeliveryError: when it was not taken.
        """


@dataclass(frozen=True)
class FileDestination:
    """Adds each record as a line of JSON to a file."""

    name: str
    path: Path

    def deliver(self, record: Escalation) -> None:
        """Append the line and flush it to the disk (see the protocol)."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "a+b") as file:
                # A line that a crash cut off must not swallow this one.
                torn = file.seek(0, os.SEEK_END) > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n"
                file.write((b"\n" if torn else b"") + _json(record) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DeliveryError(
                f"{self.path} could not be written ({error.strerror}). Check rights and space."
            ) from error


@dataclass(frozen=True)
class WebhookDestination:
    """Sends each record as JSON in an HTTP POST; any answer from 200 to 299 means that it was taken.

    Attributes:
        name: see the protocol.
        url: where to. It is not logged, as the address of a webhook is often its password.
        secret: signs the body, where given.
        timeout_seconds: for connecting, and again for each wait on the answer.
    """

    name: str
    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    timeout_seconds: float = TIMEOUT_SECONDS

    def deliver(self, record: Escalation) -> None:
        """Send the request (see the protocol)."""
        body = _json(record)
        headers = {"Content-Type": "application/json", ID_HEADER: record.id}
        if self.secret:
            headers[SIGNATURE_HEADER] = f"sha256={signature(body, self.secret)}"
        try:
            # A stream, so that the size of the answer doesn't matter: only its status is read.
            with httpx.stream("POST", self.url, content=body, headers=headers, timeout=self.timeout_seconds) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryError(f"no answer ({type(error).__name__}). Check the address and the receiver.") from error
        if not httpx.codes.is_success(status):
            raise DeliveryError(f"the receiver answered {status}. Look into its log.")


def signature(body: bytes, secret: str) -> str:
    """Return the HMAC-SHA256 of a webhook's body in hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class EmailDestination:
    """Sends each record as an e-mail.

    Attributes:
        name: see the protocol.
        host: the mail server.
        port: its port.
        sender: the address in From.
        recipients: the addresses in To.
        security: "starttls" (refuses a server without it), "tls" from the first byte, or "none".
        username: for the mail server; no login where empty.
        password: for the mail server.
    """

    name: str
    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    security: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)

    def deliver(self, record: Escalation) -> None:
        """Send the e-mail (see the protocol)."""
        refused = None
        try:
            with self._connection() as server:
                if self.username:
                    server.login(self.username, self.password)
                refused = server.send_message(self._message(record))
        except (smtplib.SMTPException, OSError) as error:
            # With the e-mail accepted, trouble in saying goodbye must not send it again.
            if refused is None:
                raise DeliveryError(_what_to_check(error)) from error
        if refused:
            logger.error("E-mail %s: %d of %d recipients were refused.", self.name, len(refused), len(self.recipients))

    def _connection(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        if self.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _message(self, record: Escalation) -> EmailMessage:
        message = EmailMessage()
        # Subjects show on locked screens and in logs: kind and urgency only.
        message["Subject"] = f"Red flag: {', '.join((record.level, *record.red_flags))}"
        message["From"] = self.sender
        message["To"] = ", ".join(self.recipients)
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{record.id}@isobot>"  # a second copy of the same record shows as one
        message.set_content(_letter(record))
        return message


def _letter(record: Escalation) -> str:
    """Return the text of the e-mail."""
    yes_no = {True: "yes", False: "no"}
    return "\n".join(
        (
            "The assistant found a sign of danger in a patient's message and told the patient what to do.",
            "What the patient wrote is not in this e-mail. The id of the conversation leads to it.",
            "",
            f"Urgency: {record.level}",
            f"Red flags: {', '.join(record.red_flags) or 'not named'}",
            f"Found: {record.at}",
            f"Conversation: {record.conversation}",
            f"About somebody else: {yes_no[record.about_another]}",
            f"Under 18: {yes_no[record.under_18]}",
            f"Country: {record.country or 'not known'}",
            f"Channel: {record.channel or 'not known'}",
            f"Id of this record: {record.id}",
            "",
        )
    )


def _what_to_check(error: Exception) -> str:
    """Return what to do about a failed e-mail, without what the server said: that may hold addresses."""
    kind = type(error).__name__
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "the mail server refused the user name or the password. Correct them and start again."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the mail server does not offer what clinic.yml asks for. Check `security` and `port`."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code}. Look into its log."
    return f"the mail server did not take it ({kind}). Check `host`, `port` and the addresses."


@dataclass(frozen=True)
class QueueDestination:
    """Appends each record as JSON to a list in Redis (RPUSH)."""

    name: str
    url: str = field(repr=False)
    key: str

    def deliver(self, record: Escalation) -> None:
        """Push the record (see the protocol)."""
        import redis

        try:
            client = redis.Redis.from_url(
                self.url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
            )
            try:
                client.rpush(self.key, _json(record))
            finally:
                client.connection_pool.disconnect()  # close() leaves the pool's connections open
        except (redis.RedisError, OSError, ValueError) as error:
            raise DeliveryError(f"Redis did not take it ({type(error).__name__}). Check its address.") from error


@dataclass(frozen=True)
class RoomDestination:
    """Tells the people in a Matrix room; the homeserver takes the same record once.

    Attributes:
        name: see the protocol.
        room: the room's id.
        url: the homeserver's address.
        as_token: the assistant's token there.
    """

    name: str
    room: str
    url: str
    as_token: str = field(repr=False)

    def deliver(self, record: Escalation) -> None:
        """Send the message (see the protocol)."""
        path = f"/_matrix/client/v3/rooms/{quote(self.room, safe='')}/send/m.room.message/{record.id}"
        try:
            answer = httpx.put(
                f"{self.url}{path}",
                json={"msgtype": "m.text", "body": short_notice(record)},
                headers={"Authorization": f"Bearer {self.as_token}"},
                timeout=TIMEOUT_SECONDS,
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryError(f"no answer ({type(error).__name__}). Check the homeserver.") from error
        if not answer.is_success:
            raise DeliveryError(f"the homeserver answered {answer.status_code}. Is the assistant in the staff room?")


@dataclass(frozen=True)
class PhoneDestination:
    """Sends a text message to a number of the clinic's staff, through Twilio.

    Attributes:
        name: see the protocol.
        to: the number of the staff.
        sender: the number that it comes from.
        account: the clinic's account with Twilio.
    """

    name: str
    to: str = field(repr=False)
    sender: str
    account: TwilioAccount

    def deliver(self, record: Escalation) -> None:
        """Send the text message (see the protocol)."""
        from twilio.base.exceptions import TwilioException
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        client = Client(self.account.sid, self.account.token, http_client=TwilioHttpClient(timeout=TIMEOUT_SECONDS))
        if self.account.api:
            client.api.base_url = self.account.api
        try:
            client.messages.create(to=self.to, from_=self.sender, body=short_notice(record))
        except (TwilioException, OSError) as error:  # requests' errors are OSErrors
            status = getattr(error, "status", type(error).__name__)
            raise DeliveryError(f"Twilio did not take it ({status}). Look into Twilio's log.") from error


def short_notice(record: Escalation) -> str:
    """Return what staff are told of a record where there is little room: no words of the patient's."""
    who = ", ".join(
        word for word, holds in (("under 18", record.under_18), ("about another", record.about_another)) if holds
    )
    conversation = record.conversation[:SHORT_ID_CHARACTERS]
    return (
        f"Red flag: {', '.join((record.level, *record.red_flags))}{f' ({who})' if who else ''}. "
        f"Conversation {conversation} on {record.channel or 'an unknown channel'}, {record.at}. "
        f"To take it over: !take {conversation}"
    )


def _json(record: Escalation) -> bytes:
    return json.dumps(record.as_dict()).encode()
