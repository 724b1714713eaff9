"""The clinic's accounts with messaging networks, as environment variables tell them: they are secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TwilioAccount:
    """The clinic's account with Twilio.

    Attributes:
        sid: the account's id.
        token: signs webhooks and requests.
        api: another address of the API, such as that of a test; empty for Twilio's own.
    """

    sid: str
    token: str = field(repr=False)
    api: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> TwilioAccount | None:
        """Return the account of ISOBOT_TWILIO_SID and ISOBOT_TWILIO_TOKEN, or None where one is missing."""
        sid, token = environment.get("ISOBOT_TWILIO_SID"), environment.get("ISOBOT_TWILIO_TOKEN")
        return cls(sid, token, environment.get("ISOBOT_TWILIO_API", "")) if sid and token else None


@dataclass(frozen=True)
class Homeserver:
    """The homeserver that the assistant is an application service of.

    Attributes:
        url: its address, "http://synapse:8008".
        user: the assistant's user id, "@isobot:clinic.example".
        as_token: lets us act on it; from the registration file.
        hs_token: shows that a request is the homeserver's; from the same file.
    """

    url: str
    user: str
    as_token: str = field(repr=False)
    hs_token: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Homeserver | None:
        """Return what ISOBOT_MATRIX_HOMESERVER, _USER, _AS_TOKEN and _HS_TOKEN say, or None where one is missing."""
        names = ("HOMESERVER", "USER", "AS_TOKEN", "HS_TOKEN")
        values = [environment.get(f"ISOBOT_MATRIX_{name}", "") for name in names]
        return cls(values[0].rstrip("/"), *values[1:]) if all(values) else None
