"""The clinic's list of thumbs up and down: which answer helped, never who said so or what was written."""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from isobot.jsonl import append_line

DEFAULT_FILE = Path("var/feedback.jsonl")
_RESPONSE = re.compile(r"utter_[a-z0-9_.]{1,80}")


@dataclass(frozen=True)
class Feedback:
    """One thumb.

    Attributes:
        day: the date in UTC, YYYY-MM-DD; no time, so that it can't be matched with a person's visit.
        response: the answer's name, "utter_alcohol.can_i_drink".
        helpful: up, not down.
    """

    day: str
    response: str
    helpful: bool

    @classmethod
    def of_today(cls, response: object, helpful: object) -> Feedback | None:
        """Return the record of a thumb of today, or None where these are no name and no yes or no."""
        if not isinstance(response, str) or not _RESPONSE.fullmatch(response) or not isinstance(helpful, bool):
            return None
        return cls(datetime.now(UTC).date().isoformat(), response, helpful)


def append(record: Feedback, file: Path | None = None) -> None:
    """Add a line to `file`, by default the one that ISOBOT_FEEDBACK names."""
    append_line(file or Path(os.environ.get("ISOBOT_FEEDBACK") or DEFAULT_FILE), asdict(record))
