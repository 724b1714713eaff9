"""Reads the destinations of escalations from clinic.yml, and refuses what is not as it must be before anything runs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from isobot.accounts import Homeserver, TwilioAccount
from isobot.content.clinic import CLINIC_FILE, clinic
from isobot.content.reference import ROOT, TableError
from isobot.escalation.destinations import (
    TIMEOUT_SECONDS,
    Destination,
    EmailDestination,
    FileDestination,
    PhoneDestination,
    QueueDestination,
    RoomDestination,
    WebhookDestination,
)

DEFAULT_FILE = ROOT / "var" / "escalations.jsonl"
DEFAULT_QUEUE_KEY = "isobot:escalations"
_PORTS = {"starttls": 587, "tls": 465, "none": 25}

# "hints" holds, by JSON Schema keyword, what to say in place of the library's message: that would repeat the value,
# and somebody may have put a password there.
_NAME = {
    "type": "string",
    "pattern": "^[a-z0-9-]{1,40}$",
    "hints": {"pattern": "use lower-case letters, digits and hyphens only"},
}
_VARIABLE_HINT = (
    "give the NAME of an environment variable in capitals, such as ISOBOT_WEBHOOK_SECRET; the secret itself is set in "
    "that variable"
)
_VARIABLE = {
    "type": "string",
    "pattern": "^[A-Z][A-Z0-9_]*$",
    "hints": {"type": _VARIABLE_HINT, "pattern": _VARIABLE_HINT},
}
_ADDRESS = {
    "type": "string",
    "pattern": r"^[^@\s,<>]+@[^@\s,<>]+$",
    "hints": {"pattern": "give one e-mail address, such as nurse@example.org"},
}
_WEB = r"^(https://[A-Za-z0-9\[]|http://([A-Za-z0-9-]+|127\.0\.0\.1)(:\d+)?(/|$))[^\s@]*$"
_REDIS = r"^(rediss?|unix)://[^\s@]+$"
_WEB_HINT = (
    "give https://... (http:// only for a host of your own network without a dot in its name), without a password"
)
_REDIS_HINT = "give redis://host:port/number without a password; one with a password goes into `url_env`"
_ROOM_HINT = "give the id of a room, which begins with !; its settings show it"
_NUMBER = {
    "type": "string",
    "pattern": r"^\+[1-9]\d{6,14}$",
    "hints": {"pattern": "give a phone number in international form, such as +447700900001"},
}
_URL_OR_VARIABLE: dict[str, Any] = {
    "oneOf": [{"required": ["url"]}, {"required": ["url_env"]}],
    "hints": {"oneOf": "give either `url`, or `url_env` with the name of the environment variable that holds it"},
}


def _schema(required: Sequence[str], properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the schema of one type of destination."""
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": {"type": {}, "name": _NAME, **properties},
        **more,
    }


_SCHEMAS = {
    "file": _schema((), {"path": {"type": "string", "minLength": 1}}),
    "webhook": _schema(
        (),
        {
            "url": {"type": "string", "pattern": _WEB, "hints": {"pattern": _WEB_HINT}},
            "url_env": _VARIABLE,
            "secret_env": _VARIABLE,
            "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 60},
        },
        **_URL_OR_VARIABLE,
    ),
    "email": _schema(
        ("host", "sender", "recipients"),
        {
            "host": {"type": "string", "minLength": 1},
            "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "security": {"enum": list(_PORTS)},
            "sender": _ADDRESS,
            "recipients": {"type": "array", "minItems": 1, "items": _ADDRESS},
            "username": {"type": "string", "minLength": 1},
            "password_env": _VARIABLE,
        },
        dependentRequired={"username": ["password_env"], "password_env": ["username"]},
        hints={"dependentRequired": "give `username` and `password_env` together, or neither"},
    ),
    "queue": _schema(
        (),
        {
            "url": {"type": "string", "pattern": _REDIS, "hints": {"pattern": _REDIS_HINT}},
            "url_env": _VARIABLE,
            "key": {"type": "string", "minLength": 1},
        },
        **_URL_OR_VARIABLE,
    ),
    "matrix": _schema((), {"room": {"type": "string", "pattern": "^!", "hints": {"pattern": _ROOM_HINT}}}),
    "sms": _schema(("to", "from"), {"to": _NUMBER, "from": _NUMBER}),
}


def configured() -> tuple[Destination, ...]:
    """Return the destinations of clinic.yml.

    Raises:
        TableError: when clinic.yml has a mistake, or an environment variable that it names is not set.
    """
    return destinations(clinic().escalation, os.environ)


def destinations(
    entries: Sequence[Mapping[str, Any]] | None, environment: Mapping[str, str]
) -> tuple[Destination, ...]:
    """Return what the key `escalation` of clinic.yml describes.

    Args:
        entries: its value; None where there is none, which means the default file.
        environment: the environment variables.

    Raises:
        TableError: see `configured`.
    """
    if entries is None:
        return (FileDestination("file", _default_file(environment)),)
    if not entries:
        raise _mistake("escalation", "name at least one destination, or remove the key to have a file written")
    made = tuple(_destination(entry, f"escalation.{n}", environment) for n, entry in enumerate(entries))
    names = [d.name for d in made]
    for n, name in enumerate(names):
        if name in names[:n]:
            raise _mistake(f"escalation.{n}", f'there is another "{name}": give each a `name` of its own')
    return made


def _destination(entry: Any, place: str, environment: Mapping[str, str]) -> Destination:
    kind = entry.get("type") if isinstance(entry, Mapping) else None
    if kind not in _SCHEMAS:
        raise _mistake(place, f"begin with `type:` and one of {', '.join(_SCHEMAS)}")
    _check(entry, _SCHEMAS[kind], place)
    return _BUILDERS[kind](_Entry(entry, place, environment))


def _check(entry: Mapping[str, Any], schema: Mapping[str, Any], place: str) -> None:
    try:
        jsonschema.validate(entry, schema)
    except jsonschema.ValidationError as error:
        hints = error.schema.get("hints", {}) if isinstance(error.schema, Mapping) else {}
        where = ".".join((place, *(str(p) for p in error.absolute_path)))
        raise _mistake(where, hints.get(str(error.validator), error.message)) from None


def _mistake(place: str, message: str) -> TableError:
    return TableError(f"{CLINIC_FILE}, at {place}: {message}. Correct it and try again.")


def _default_file(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("ISOBOT_ESCALATIONS") or DEFAULT_FILE)


@dataclass(frozen=True)
class _Entry:
    """One entry of the list, checked against its schema, with its place in clinic.yml and the environment variables."""

    fields: Mapping[str, Any]
    place: str
    environment: Mapping[str, str]

    def get(self, key: str, default: Any = None) -> Any:
        """Return what stands under `key`."""
        return self.fields.get(key, default)

    def variable(self, key: str) -> str | None:
        """Return what the environment variable holds that is named under `key`, or None where none is named."""
        if key not in self.fields:
            return None
        value = self.environment.get(self.fields[key])
        if not value:
            raise self.mistake(key, f"the environment variable {self.fields[key]} is not set; set it")
        return value

    def url(self, pattern: str) -> str:
        """Return the address that stands under `url`, or in the variable of `url_env`."""
        value = self.variable("url_env")
        if value is None:
            return str(self.fields["url"])
        if not re.match(pattern, value.replace("@", "")):  # a password is welcome here
            raise self.mistake("url_env", f"{self.fields['url_env']} holds no address that can be used")
        return value

    def mistake(self, key: str, message: str) -> TableError:
        """Return the error that tells of a mistake under `key`."""
        return _mistake(f"{self.place}.{key}", message)


def _file(entry: _Entry) -> Destination:
    path = entry.get("path")
    return FileDestination(entry.get("name", "file"), ROOT / path if path else _default_file(entry.environment))


def _webhook(entry: _Entry) -> Destination:
    return WebhookDestination(
        name=entry.get("name", "webhook"),
        url=entry.url(_WEB),
        secret=entry.variable("secret_env"),
        timeout_seconds=entry.get("timeout_seconds", TIMEOUT_SECONDS),
    )


def _email(entry: _Entry) -> Destination:
    security = entry.get("security", "starttls")
    if security == "none" and entry.get("password_env"):
        raise entry.mistake("security", "a password is only sent with `starttls` or `tls`")
    return EmailDestination(
        name=entry.get("name", "email"),
        host=entry.get("host"),
        port=entry.get("port", _PORTS[security]),
        sender=entry.get("sender"),
        recipients=tuple(entry.get("recipients")),
        security=security,
        username=entry.get("username", ""),
        password=entry.variable("password_env") or "",
    )


def _queue(entry: _Entry) -> Destination:
    return QueueDestination(
        name=entry.get("name", "queue"), url=entry.url(_REDIS), key=entry.get("key", DEFAULT_QUEUE_KEY)
    )


def _matrix(entry: _Entry) -> Destination:
    room = entry.get("room") or clinic().staff_room
    if not room:
        raise entry.mistake("room", "name the room here, or once for all under `staff_room`")
    homeserver = Homeserver.from_environment(entry.environment)
    if homeserver is None:
        raise entry.mistake("type", "set the environment variables of the Matrix channel (docs/clinic-messaging.md)")
    return RoomDestination(entry.get("name", "matrix"), room, homeserver.url, homeserver.as_token)


def _sms(entry: _Entry) -> Destination:
    account = TwilioAccount.from_environment(entry.environment)
    if account is None:
        raise entry.mistake("type", "set ISOBOT_TWILIO_SID and ISOBOT_TWILIO_TOKEN (docs/clinic-messaging.md)")
    return PhoneDestination(entry.get("name", "sms"), entry.get("to"), entry.get("from"), account)


_BUILDERS: dict[str, Callable[[_Entry], Destination]] = {
    "file": _file,
    "webhook": _webhook,
    "email": _email,
    "matrix": _matrix,
    "sms": _sms,
    "queue": _queue,
}
