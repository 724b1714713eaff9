"""Loads the bots that are compared, each behind Rasa's own Agent."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from rasa.core.agent import Agent

Kind = Literal["ours", "stock"]
Store = Literal["memory", "file"]


@dataclass(frozen=True)
class Answer:
    """What came of a message.

    Attributes:
        milliseconds: until all of the answer was there.
        replied: whether anything was said at all; stock Rasa says nothing to what it does not understand.
    """

    milliseconds: float
    replied: bool


def load(kind: Kind, model: Path, store: Store, database: Path | None = None) -> Bot:
    """Return a bot that is ready to answer.

    Args:
        kind: "ours" has this project's answer generator and tracker store, "stock" has Rasa's.
        model: the model archive.
        store: where conversations are kept: in memory, or in an SQLite file as a server does.
        database: that file, for the store "file".
    """
    from rasa.core.agent import Agent

    agent = Agent(tracker_store=_store(kind, store, database), **(_our_parts() if kind == "ours" else {}))
    agent.load_model(model)
    return Bot(kind, agent)


def _our_parts() -> dict[str, Any]:
    from rasa.utils.endpoints import EndpointConfig

    from isobot.dialogue import quick_domain
    from isobot.dialogue.answers import AnswerGenerator

    class NoActions(EndpointConfig):
        """Stands in for the action server: what it does after an answer is no part of the answer's time."""

        async def request(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
            """Return an action server's empty reply (see the parent class)."""
            return {"events": [], "responses": []}

    quick_domain.install()
    return {"generator": AnswerGenerator(), "action_endpoint": NoActions()}


def _store(kind: Kind, store: Store, database: Path | None) -> Any:
    from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore

    from isobot.dialogue.tracker_store import BoundedSQLTrackerStore

    if store == "memory":
        return InMemoryTrackerStore(None)
    sql = BoundedSQLTrackerStore if kind == "ours" else SQLTrackerStore
    return sql(domain=None, dialect="sqlite", db=str(database))


class Bot:
    """A loaded bot."""

    def __init__(self, kind: Kind, agent: Agent) -> None:
        """Wrap a loaded agent; use `load`."""
        self._kind = kind
        self._agent = agent

    async def answer(self, text: str, conversation: str) -> Answer:
        """Send a message and return what came of it."""
        from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

        from isobot.channels.reply import ReplyCollector

        ours, stock = ReplyCollector("web"), CollectingOutputChannel()
        channel = ours if self._kind == "ours" else stock
        message = UserMessage(text, channel, conversation, input_channel=channel.name())
        start = time.perf_counter()
        await self._agent.handle_message(message)
        milliseconds = 1000 * (time.perf_counter() - start)
        return Answer(milliseconds, bool(ours.replies or stock.messages))
