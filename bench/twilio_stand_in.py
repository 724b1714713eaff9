"""A stand-in for Twilio on this machine: its Messages API with faults on demand, and the webhooks that it would send.

What it answers is held against Twilio's own description of the API in test_twilio_contract.py.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import phonenumbers
from twilio.request_validator import RequestValidator

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "auth-token-of-the-stand-in"
VERSION = "2010-04-01"
WHATSAPP = "whatsapp:"
LONGEST_BODY = 1600
PAGE_SIZE, LARGEST_PAGE = 50, 1000
# (characters of a message in one segment, of each segment in a longer one)
GSM_SEGMENT, UCS2_SEGMENT = (160, 153), (70, 67)
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_ESCAPED = set("\f^{}\\[~]|€")
E164 = re.compile(r"\+[1-9]\d{6,14}")
SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")  # number, short code or name
MESSAGES = re.compile(rf"/{VERSION}/Accounts/([^/]+)/Messages(?:/([^/]+))?\.json")

# Twilio's words for its error codes, https://www.twilio.com/docs/api/errors
WORDS = {
    20001: "Unknown parameters",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    20503: "Service unavailable. Please try again.",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid 'From' Number",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21610: "Attempt to send to unsubscribed recipient",
    21617: f"The concatenated message body exceeds the {LONGEST_BODY} character limit",
    21910: "Invalid From and To pair. From and To should be of the same channel",
    63016: "Failed to send freeform message because you are outside the allowed window. Please use a Template.",
}
# A status for the next POST; ("drop",): sent, but the answer is lost; ("hang", seconds): sent at once, answered late;
# ("refuse", code, status); ("undelivered", code): accepted, and fails on its way, as 63016 does.
Fault = int | tuple[str] | tuple[str, float] | tuple[str, int, int]
Form = dict[str, list[str]]


class Refused(Exception):
    """An answer in the shape of Twilio's errors."""

    def __init__(self, code: int, status: int = 400) -> None:
        super().__init__(code)
        self.status = status
        self.body = {
            "code": code,
            "message": WORDS.get(code, f"Error {code}"),
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }


class TwilioApi:
    """The account and its messages; `with TwilioApi() as api:` serves them at `api.url`."""

    def __init__(self, account_sid: str = ACCOUNT_SID, auth_token: str = AUTH_TOKEN) -> None:
        self.account_sid, self.auth_token = account_sid, auth_token
        self.faults: deque[Fault] = deque()
        self.retry_after = 1  # seconds, said with 429
        self.attempts = 0  # POSTs, whatever became of them
        self.sent: list[dict[str, Any]] = []  # what was accepted, oldest first: the request's fields, sid and at
        self._resources: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """The messages sent, once there are so many of them."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.sent) >= count, seconds):
                raise AssertionError(f"{len(self.sent)} of {count} messages after {seconds} s: {self.sent}")
            return list(self.sent)

    def bodies(self, to: str) -> list[str]:
        """The texts sent to this number, in order."""
        with self._changed:
            return [message["Body"] for message in self.sent if message["To"] == to]

    def create(self, form: Form) -> tuple[dict[str, Any], Fault | None]:
        """The new message, and what is to happen to the answer."""
        with self._changed:
            self.attempts += 1
            fault = self.faults.popleft() if self.faults else None
            if isinstance(fault, int):
                raise Refused(20000 + fault, fault)
            if fault and fault[0] == "refuse":
                raise Refused(*fault[1:])
            _check(form)
            resource = self._resource(form)
            self._resources.append(resource)
            fields = {name: values[0] for name, values in form.items()}
            at = time.time()
            self.sent.append({"From": "", "Body": "", **fields, "sid": resource["sid"], "at": at})
            answer = dict(resource)
            # From the next look on it has left, or has failed.
            resource["status"], resource["date_sent"] = "sent", resource["date_created"]
            if fault and fault[0] == "undelivered":
                resource.update(status="undelivered", error_code=fault[1], error_message=WORDS.get(fault[1]))
            self._changed.notify_all()
        return answer, fault

    def _resource(self, form: Form) -> dict[str, Any]:
        first = {name: values[0] for name, values in form.items()}
        media = len(form.get("MediaUrl", []))
        sid = ("MM" if media else "SM") + secrets.token_hex(16)
        uri = f"/{VERSION}/Accounts/{self.account_sid}/Messages/{sid}"
        now = format_datetime(datetime.now(UTC))
        service = first.get("MessagingServiceSid")
        return {
            "account_sid": self.account_sid,
            "api_version": VERSION,
            "body": first.get("Body", ""),
            "date_created": now,
            "date_sent": None,
            "date_updated": now,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": first.get("From"),
            "messaging_service_sid": service,
            "num_media": str(media),
            "num_segments": str(segments(first.get("Body", ""), first["To"])),
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "accepted" if service else "queued",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": first["To"],
            "uri": f"{uri}.json",
        }

    def fetch(self, sid: str) -> dict[str, Any]:
        """One message as it stands now."""
        with self._changed:
            for resource in self._resources:
                if resource["sid"] == sid:
                    return dict(resource)
        raise Refused(20404, 404)

    def page(self, query: Form) -> dict[str, Any]:
        """One page of the messages that the filters leave, newest first."""
        first = {name: values[0] for name, values in query.items()}
        try:
            size = min(LARGEST_PAGE, max(1, int(first.pop("PageSize", PAGE_SIZE))))
            number = max(0, int(first.pop("Page", 0)))
        except ValueError:
            raise Refused(20001) from None
        first.pop("PageToken", None)
        with self._changed:
            found = [dict(resource) for resource in reversed(self._resources) if _matches(resource, first)]
        start = number * size
        shown = found[start : start + size]

        def uri(page: int) -> str:
            token = {"PageToken": "PA" + found[page * size - 1]["sid"]} if page else {}
            return f"/{VERSION}/Accounts/{self.account_sid}/Messages.json?" + urlencode(
                {**first, "PageSize": size, "Page": page, **token}, quote_via=quote
            )

        return {
            "end": start + max(0, len(shown) - 1),
            "first_page_uri": uri(0),
            "messages": shown,
            "next_page_uri": uri(number + 1) if start + size < len(found) else None,
            "page": number,
            "page_size": size,
            "previous_page_uri": uri(number - 1) if number else None,
            "start": start,
            "uri": uri(number) if shown else uri(0),
        }

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the stand-in is open."""
        self._closing.wait(seconds)


def _check(form: Form) -> None:
    first = {name: values[0] for name, values in form.items()}
    if not first.get("To"):
        raise Refused(21604)
    if not (first.get("From") or first.get("MessagingServiceSid")):
        raise Refused(21603)
    if not any(first.get(name) for name in ("Body", "MediaUrl", "ContentSid")):
        raise Refused(21602)
    if len(first.get("Body", "")) > LONGEST_BODY:
        raise Refused(21617)
    to, sender = first["To"], first.get("From", "")
    if not E164.fullmatch(to.removeprefix(WHATSAPP)):
        raise Refused(21211)
    if sender:
        if not SENDER.fullmatch(sender.removeprefix(WHATSAPP)):
            raise Refused(21212)
        if to.startswith(WHATSAPP) != sender.startswith(WHATSAPP):
            raise Refused(21910)


def _matches(resource: dict[str, Any], filters: dict[str, str]) -> bool:
    compare: dict[str, Callable[[Any, Any], bool]] = {
        "DateSent": lambda sent, given: sent == given,
        "DateSent>": lambda sent, given: sent >= given,  # "DateSent>=2026-01-31": the sign before "=" is in the name
        "DateSent<": lambda sent, given: sent <= given,
    }
    for name, value in filters.items():
        if name in ("To", "From") and value and resource[name.lower()] != value:
            return False
        if name in compare and value:
            sent = datetime.strptime(resource["date_sent"], "%a, %d %b %Y %H:%M:%S %z")
            if len(value) == len("2026-01-31"):
                if not compare[name](sent.date(), date.fromisoformat(value)):
                    return False
            elif not compare[name](sent, datetime.fromisoformat(value).astimezone(UTC)):
                return False
    return True


class _Handler(BaseHTTPRequestHandler):
    api: TwilioApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._answer(lambda sid: self._post(sid, text))

    def do_GET(self) -> None:
        self._answer(self._get)

    def _post(self, sid: str | None, text: str) -> tuple[int, dict[str, Any]] | None:
        if sid:
            raise Refused(20404, 404)
        message, fault = self.api.create(parse_qs(text))
        if isinstance(fault, tuple):
            if fault[0] == "drop":
                return None
            if fault[0] == "hang":
                self.api.pause(float(fault[1]))
        return 201, message

    def _get(self, sid: str | None) -> tuple[int, dict[str, Any]]:
        return 200, self.api.fetch(sid) if sid else self.api.page(parse_qs(urlsplit(self.path).query))

    def _answer(self, act: Callable[[str | None], tuple[int, dict[str, Any]] | None]) -> None:
        path = MESSAGES.fullmatch(urlsplit(self.path).path)
        try:
            if not path:
                raise Refused(20404, 404)
            if not self._authenticated() or path[1] != self.api.account_sid:
                raise Refused(20003, 401)
            answer = act(path[2])
        except Refused as error:
            answer = error.status, error.body
        if not answer:
            self.close_connection = True
            return
        status, body = answer
        encoded = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="Twilio API"')
            if status == 429:
                self.send_header("Retry-After", str(self.api.retry_after))
            self.end_headers()
            self.wfile.write(encoded)
        except (BrokenPipeError, ConnectionResetError):  # who asked has given up waiting
            self.close_connection = True

    def _authenticated(self) -> bool:
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return scheme.lower() == "basic" and (user, password) == (self.api.account_sid, self.api.auth_token)

    def log_message(self, *_: object) -> None:
        pass


def segments(body: str, to: str = "") -> int:
    """How many parts the text has on its way (a WhatsApp message has one)."""
    if to.startswith(WHATSAPP):
        return 1
    if all(character in GSM or character in GSM_ESCAPED for character in body):
        lengths, (one, each) = [2 if character in GSM_ESCAPED else 1 for character in body], GSM_SEGMENT
    else:
        lengths, (one, each) = [2 if ord(character) > 0xFFFF else 1 for character in body], UCS2_SEGMENT
    if sum(lengths) <= one:
        return 1
    parts, room = 1, each
    for length in lengths:  # nothing that takes two places is cut in two
        if length > room:
            parts, room = parts + 1, each
        room -= length
    return parts


def signed(url: str, params: dict[str, str], token: str) -> str:
    """The X-Twilio-Signature that Twilio sends with these parameters to this address."""
    return str(RequestValidator(token).compute_signature(url, params))


def inbound(
    to: str,
    from_: str,
    body: str,
    sid: str | None = None,
    media: Sequence[tuple[str, str]] = (),
    **more: str,
) -> dict[str, str]:
    """The form that Twilio posts for a message from a person; `media` holds (address, type), `more` replaces or adds.

    Further fields that Twilio sends at times: Latitude, Longitude, Address and Label (a place on WhatsApp), ButtonText
    and ButtonPayload (a template's button), OriginalRepliedMessageSid (an answer to one message), OptOutType (STOP,
    START and HELP, where Twilio deals with them), MessagingServiceSid.
    """
    whatsapp = from_.startswith(WHATSAPP)
    sid = sid or ("MM" if media else "SM") + secrets.token_hex(16)
    form = {
        "ApiVersion": VERSION,
        "AccountSid": ACCOUNT_SID,
        "MessageSid": sid,
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "From": from_,
        "To": to,
        "Body": body,
        "NumMedia": str(len(media)),
        "NumSegments": str(segments(body, to)),
    }
    for number, (address, kind) in enumerate(media):
        form[f"MediaUrl{number}"] = address
        form[f"MediaContentType{number}"] = kind
    if whatsapp:
        form |= _of_whatsapp(from_, media)
    else:
        for name, number_ in (("From", from_), ("To", to)):
            form |= {f"{name}Country": _country(number_), f"{name}State": "", f"{name}City": "", f"{name}Zip": ""}
    return form | more


def _of_whatsapp(from_: str, media: Sequence[tuple[str, str]]) -> dict[str, str]:
    name, number = "Robin Example", from_.removeprefix(WHATSAPP + "+")
    kinds = {"image": "image", "audio": "audio", "video": "video"}
    return {
        "ProfileName": name,
        "WaId": number,
        "ReferralNumMedia": "0",
        "MessageType": kinds.get(media[0][1].partition("/")[0], "document") if media else "text",
        "ChannelMetadata": json.dumps(
            {"type": "whatsapp", "data": {"context": {"ProfileName": name, "WaId": number}}}, separators=(",", ":")
        ),
    }


def _country(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:  # a short code
        return ""
