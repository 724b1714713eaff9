"""Answers a message once, however often it is sent: by what is under way here, else by the stored conversation."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from rasa.shared.core.events import BotUttered, Event, UserUttered

from isobot.channels.reply import Reply, reply_from

MESSAGE_ID = "message_id"  # in the metadata of a user's message
_KEPT_SECONDS, _MOST_KEPT = 600, 2_000


def answered_before(events: Iterable[Event], message_id: str) -> list[Reply] | None:
    """Return the replies that a stored conversation gave to the message of this id, or None where it never came."""
    replies: list[Reply] | None = None
    for event in events:
        if isinstance(event, UserUttered):
            if replies:
                return replies
            replies = [] if (event.metadata or {}).get(MESSAGE_ID) == message_id else None
        elif isinstance(event, BotUttered) and replies is not None:
            replies.append(reply_from(event.message()))
    return replies or None


class Once:
    """Remembers for some minutes what each message was answered; the same message waits for the same answer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing; `clock` gives seconds."""
        self._clock = clock
        self._answers: OrderedDict[tuple[str, str], tuple[float, asyncio.Future[Any]]] = OrderedDict()

    async def answer(self, conversation: str, message_id: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Return what `work` gives for this message; it is called once for as long as the answer is remembered.

        Raises:
            Exception: what `work` raises; then the message may be sent again.
        """
        key = conversation, message_id
        self._forget_old()
        if key not in self._answers:
            self._answers[key] = self._clock(), asyncio.ensure_future(work())
        task = self._answers[key][1]
        try:
            return await asyncio.shield(
                task
            )  # a client that hangs up does not end the work for the one that asks again
        except Exception:
            self._answers.pop(key, None)
            raise

    def forget(self, conversation: str) -> None:
        """Forget the answers of a conversation."""
        for key in [key for key in self._answers if key[0] == conversation]:
            del self._answers[key]

    def _forget_old(self) -> None:
        now = self._clock()
        while self._answers:
            key, (since, task) = next(iter(self._answers.items()))
            if len(self._answers) < _MOST_KEPT and (now - since < _KEPT_SECONDS or not task.done()):
                return
            del self._answers[key]
