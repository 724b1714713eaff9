"""How many requests one conversation and one address may make (library `limits`, in memory or shared through Redis)."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter


@dataclass(frozen=True)
class Allowed:
    """How many requests are answered, in the words of the library `limits`; a clinic sets its own in credentials.yml.

    A patient who types fast stays far below these; a clinic's waiting room may share one address.
    """

    messages_of_a_conversation: str = "20/minute;300/hour"
    messages_of_an_address: str = "120/minute;3000/hour"
    sessions_of_an_address: str = "30/minute;600/hour"


class RateLimits:
    """Counts requests, in this process or where ISOBOT_LIMITS says ("redis://..."), which several replicas share."""

    def __init__(self, storage: str | None = None) -> None:
        """Count in `storage`."""
        self._limiter = MovingWindowRateLimiter(
            storage_from_string(storage or os.environ.get("ISOBOT_LIMITS") or "memory://")
        )

    def wait_for(self, limit: str, *names: str) -> int:
        """Count one request of `names` and return after how many seconds it may come again: 0 where it may come now.

        One that may not come now is not counted, so that it does not use up what may come later.

        Args:
            limit: as in "20/minute;300/hour".
            names: who asks, and for what.
        """
        items = parse_many(limit)
        full: list[RateLimitItem] = [i for i in items if not self._limiter.test(i, *names)]
        if not full:
            full = [i for i in items if not self._limiter.hit(i, *names)]
        waits = (self._limiter.get_window_stats(item, *names).reset_time - time.time() for item in full)
        return max((max(1, round(wait + 0.5)) for wait in waits), default=0)
