"""The clinic's list of messages that had no reviewed answer: what they were nearest to, never what they said."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from isobot.jsonl import append_line

DEFAULT_FILE = Path("var/unanswered.jsonl")


@dataclass(frozen=True)
class Unanswered:
    """One message without a reviewed answer.

    Attributes:
        day: the date in UTC, YYYY-MM-DD; no time, so that it can't be matched with a person's visit.
        nearest: the likeliest questions with their confidence, best first.
        country: the person's country code, where known.
        channel: where it came in.
    """

    day: str
    nearest: tuple[tuple[str, float], ...]
    country: str | None
    channel: str | None

    @classmethod
    def now(cls, nearest: Sequence[tuple[str, float]], *, country: str | None, channel: str | None) -> Unanswered:
        """Return the record of a message of today."""
        rounded = tuple((name, round(confidence, 2)) for name, confidence in nearest)
        return cls(datetime.now(UTC).date().isoformat(), rounded, country, channel)


def append(record: Unanswered, file: Path | None = None) -> None:
    """Add a line to `file`, by default the one that ISOBOT_UNANSWERED names."""
    append_line(file or Path(os.environ.get("ISOBOT_UNANSWERED") or DEFAULT_FILE), asdict(record))
