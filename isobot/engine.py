"""The assistant inside this process: the trained model and its real policies, for evaluation and benchmarks."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.utils.endpoints import EndpointConfig

from isobot import logs
from isobot.channels.message import clean
from isobot.channels.reply import Reply, ReplyCollector
from isobot.content.reference import countries
from isobot.dialogue import quick_domain
from isobot.dialogue.answers import AnswerGenerator
from isobot.dialogue.calculation import calculated
from isobot.dialogue.danger_first import TOPIC
from isobot.dialogue.dose_turn import ACTION_CALCULATE_DOSE, PER_KG, PREFIX
from isobot.dialogue.policy import CALCULATOR

CHANNEL = "web"


@dataclass(frozen=True)
class Exchange:
    """One message, what was made of it, and what was said.

    Attributes:
        parse_data: what understanding made of it.
        actions: the Rasa actions that were run, in order.
        replies: what was sent.
        understood: False where the person was asked back or told that there is no reviewed answer.
        answered: the leaf questions that were answered, in order.
        dose: what came of a dose calculation (see docs/developers.md), or None where none was asked for.
    """

    parse_data: dict[str, Any]
    actions: tuple[str, ...]
    replies: tuple[Reply, ...]
    understood: bool
    answered: tuple[str, ...]
    dose: dict[str, Any] | None = None


def _question_of(action: str) -> str | None:
    """Return the leaf question, or the red flag ("red_flag.rf_05"), that an action answers, else None."""
    if action == ACTION_CALCULATE_DOSE or action.startswith((f"{PREFIX}ask.", f"{PREFIX}refused.")):
        return PER_KG
    name = action.removeprefix("utter_")
    if name == action or "." not in name or name.startswith("guide."):  # a step of a guided answer has a dot, too
        return None
    if not name.startswith(f"{TOPIC}."):
        return name
    flag = name.rpartition(".")[0]  # without the level
    return flag if flag.startswith((f"{TOPIC}.rf_", f"{TOPIC}.again")) else None


class _InProcess(EndpointConfig):
    """Stands in for the action server: calculations are done, what comes after the answer is not."""

    async def request(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return an action server's reply (see the parent class)."""
        return calculated(kwargs.get("json") or {})


class Engine:
    """Answers messages with a trained model; conversations are kept in memory only."""

    def __init__(self, agent: Agent) -> None:
        """Wrap a loaded agent; use `load`."""
        self._agent = agent

    @classmethod
    def load(cls, model: Path) -> Engine:
        """Load a model archive."""
        logs.configure()
        quick_domain.install()
        os.environ["RASA_TELEMETRY_ENABLED"] = "false"
        agent = Agent(
            tracker_store=InMemoryTrackerStore(None),
            generator=AnswerGenerator(),
            action_endpoint=_InProcess(),
        )
        agent.load_model(model)
        return cls(agent)

    async def ask(
        self, text: str, *, country: str | None = None, conversation: str | None = None, calculator: str | None = None
    ) -> Exchange:
        """Send a message and return what came of it.

        Args:
            text: as the person sent it.
            country: a country code that the channel knows; an unknown one counts as none.
            conversation: goes on with that conversation; a new one where None.
            calculator: how much the dose calculator may do; as the clinic says where None.
        """
        sender = conversation or uuid.uuid4().hex
        collector = ReplyCollector(CHANNEL)
        metadata: dict[str, Any] = {"country": country} if country in countries() else {}
        if calculator is not None:
            metadata[CALCULATOR] = calculator
        message = UserMessage(clean(text), collector, sender, input_channel=CHANNEL, metadata=metadata)
        await self._agent.handle_message(message)
        tracker = await self._agent.tracker_store.retrieve(sender)
        if tracker is None or tracker.latest_message is None:
            raise RuntimeError("The engine kept no record of a message.")
        pending = tuple(tracker.get_slot("pending") or ())
        understood = not tracker.get_slot("misses")
        answered = tuple(dict.fromkeys(name for name in map(_question_of, pending) if name))
        slot = tracker.get_slot("dose")
        summed = slot and PER_KG in answered
        return Exchange(
            tracker.latest_message.parse_data or {},
            pending,
            tuple(collector.replies),
            understood,
            answered,
            slot["result"] if summed else None,
        )
