"""A reply as every channel sees it: text, the sources behind it, the date they were checked, and choices."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rasa.core.channels.channel import OutputChannel

from isobot.content.reference import Source, sources
from isobot.dose.picture import Chart, blocks, svg


@dataclass(frozen=True)
class Reply:
    """One thing that the bot says.

    Attributes:
        text: Markdown: paragraphs and lists.
        sources: what the text rests on; empty for small talk.
        checked: the date (YYYY-MM-DD) on which the text was checked against its sources, or None.
        signed_off: who signed the text off; empty until a clinician does.
        choices: what the person may pick, by number or by these words.
        response: the name of the Rasa response, "utter_alcohol.can_i_drink".
        urgency: "emergency", "urgent" or "soon" where this is an answer to danger, so that it may look like one.
        picture: a total so far, drawn: "svg" for a page and "blocks" for a terminal; None where there is none.
    """

    text: str
    sources: tuple[Source, ...] = ()
    checked: str | None = None
    signed_off: str = ""
    choices: tuple[str, ...] = ()
    response: str = ""
    urgency: str = "none"
    picture: dict[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return asdict(self)


_URGENT = {"crisis": "emergency", "emergency": "emergency", "urgent": "urgent", "soon": "soon", "unsure": "urgent",
           "soft_check": "urgent"}  # fmt: skip


def _urgency_of(response: str) -> str:
    """Return how urgent a response is, by the end of its name."""
    return _URGENT.get(response.rpartition(".")[2], "none") if response.startswith("utter_red_flag.") else "none"


def _drawn(data: dict[str, Any] | None) -> dict[str, str] | None:
    """Return the picture of a total that a bot message carries."""
    if not data:
        return None
    chart = Chart.from_dict(data)
    return {"svg": svg(chart), "blocks": blocks(chart)}


def reply_from(message: dict[str, Any]) -> Reply:
    """Return the reply that a Rasa bot message holds."""
    facts = message.get("metadata") or {}
    known = sources()
    return Reply(
        text=message.get("text") or "",
        sources=tuple(known[key] for key in facts.get("source", ()) if key in known),
        checked=facts.get("checked"),
        signed_off=facts.get("signed_off", ""),
        choices=tuple(b["title"] for b in message.get("buttons") or ()),
        response=message.get("utter_action", ""),
        urgency=_urgency_of(message.get("utter_action", "")),
        picture=_drawn(message.get("picture")),
    )


class ReplyCollector(OutputChannel):
    """Rasa output channel that keeps the replies to one message, for channels that answer in the same request."""

    def __init__(self, channel: str) -> None:
        """Collect for the channel of this name (Rasa picks response variants by it)."""
        self._channel = channel
        self.replies: list[Reply] = []

    def name(self) -> str:
        """Return the channel's name (see the parent class)."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one bot message (see the parent class)."""
        self.replies.append(reply_from(message))
