"""What a network must be able to do so that messages can be sent through it, and how it says that it could not."""

from __future__ import annotations

from typing import Protocol

from isobot.channels.messaging.records import Contact, Outbound


class NotSent(Exception):
    """The network did not take a message.

    Attributes:
        reason: why, without anybody's words or number.
        again: whether it may be tried again.
        after_seconds: how long the network asks to wait, or 0.
        unsure: whether the network may have taken it all the same: its answer did not come.
        opted_out: the person has told the network to take no messages from us.
    """

    def __init__(
        self,
        reason: str,
        *,
        again: bool = False,
        after_seconds: float = 0.0,
        unsure: bool = False,
        opted_out: bool = False,
    ) -> None:
        """Keep what is known."""
        super().__init__(reason)
        self.reason = reason
        self.again = again or unsure
        self.after_seconds = after_seconds
        self.unsure = unsure
        self.opted_out = opted_out


class Transport(Protocol):
    """One network."""

    async def send(self, contact: Contact, message: Outbound) -> str:
        """Send a message and return the network's id of it.

        Raises:
            NotSent: when the network did not take it.
        """

    async def sent_before(self, contact: Contact, message: Outbound) -> str | None:
        """Return the network's id of a message that it may have taken before a crash or a lost answer, or None."""
