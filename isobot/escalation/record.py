"""The record of a red flag for the clinic: what kind of danger, how urgent, in which conversation; never the words."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

SHORT_ID_CHARACTERS = 8  # of a conversation's id, as staff see it and name it in commands
LEVELS = ("emergency", "urgent", "soon")  # most urgent first
# No sentence fits these patterns: whatever a slot or a finding holds, nothing that a person wrote gets into a record.
_ID = re.compile(r"[0-9a-f]{32}")
_RULE = re.compile(r"[A-Z]{2,6}-\d{1,4}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CHANNEL = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass(frozen=True)
class Escalation:
    """One message in which danger was found.

    Attributes:
        id: 32 hexadecimal digits; a destination that sees an id twice can drop the second.
        at: when it was found, ISO 8601 in UTC, to the second.
        conversation: the id of the conversation, as the channel made it.
        level: "emergency", "urgent" or "soon", the most urgent of what was found.
        red_flags: the ids of the rules that found it, most urgent first.
        about_another: the person wrote about somebody else.
        under_18: the person, or the one that they wrote about, is younger than 18.
        country: the country code, where known.
        channel: where it came in.

    Raises:
        ValueError: when the id or the level is not one of these.
    """

    id: str
    at: str
    conversation: str
    level: str
    red_flags: tuple[str, ...]
    about_another: bool
    under_18: bool
    country: str | None
    channel: str | None

    def __post_init__(self) -> None:
        if _matching(self.id, _ID) is None or self.level not in LEVELS:  # the id names files
            raise ValueError("This is not an escalation: its id or its level is not valid.")

    def as_dict(self) -> dict[str, Any]:
        """Return the record as it is sent and stored."""
        return {**asdict(self), "red_flags": list(self.red_flags)}

    @classmethod
    def from_dict(cls, data: Any) -> Escalation:
        """Read what `as_dict` returned.

        Raises:
            ValueError: when it is not such a record.
        """
        try:
            return cls(
                id=data["id"],
                at=data["at"],
                conversation=data["conversation"],
                level=data["level"],
                red_flags=tuple(data["red_flags"]),
                about_another=data["about_another"],
                under_18=data["under_18"],
                country=data["country"],
                channel=data["channel"],
            )
        except (KeyError, TypeError) as error:
            raise ValueError("This is not an escalation: a field is missing.") from error


def escalation_of(call: Mapping[str, Any], *, record_id: str, at: datetime) -> Escalation:
    """Return the record of the latest message of an action call.

    Args:
        call: the JSON that Rasa sends to an action server.
        record_id: see `Escalation.id`.
        at: now, with its time zone.

    Raises:
        ValueError: when no red flag is attached to the latest message.
    """
    tracker = call.get("tracker") or {}
    found = (tracker.get("latest_message") or {}).get("red_flags") or {}
    level, rules = _level_and_rules(found)
    return Escalation(
        id=record_id,
        at=at.astimezone(UTC).isoformat(timespec="seconds"),
        conversation=str(call.get("sender_id") or tracker.get("sender_id") or ""),
        level=level,
        red_flags=rules,
        about_another=bool(found.get("about_another")),
        under_18=bool(found.get("under_18")),
        country=_matching((tracker.get("slots") or {}).get("country"), _COUNTRY),
        channel=_matching(call.get("latest_input_channel") or tracker.get("latest_input_channel"), _CHANNEL),
    )


def new_escalation(call: Mapping[str, Any]) -> Escalation:
    """Return `escalation_of` with a new id and the present time."""
    return escalation_of(call, record_id=uuid.uuid4().hex, at=datetime.now(UTC))


def _level_and_rules(found: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the most urgent level, and the rules with the most urgent first, each once."""
    findings = [f for f in found.get("findings") or () if f.get("level") in LEVELS]
    findings.sort(key=lambda f: LEVELS.index(f["level"]))
    rules = dict.fromkeys(f["rule"] for f in findings if _matching(f.get("rule"), _RULE))
    levels = [level for level in (found.get("level"), *(f["level"] for f in findings)) if level in LEVELS]
    if not levels:
        raise ValueError("No red flag is attached to this message: run action_escalate only after one was found.")
    return min(levels, key=LEVELS.index), tuple(rules)


def _matching(value: object, pattern: re.Pattern[str]) -> str | None:
    """Return `value` if all of it fits the pattern, else None."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else None
