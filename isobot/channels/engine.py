"""Asks Rasa for the answer to a message, for every channel; where it fails, a sentence that still knows danger."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import Event

from isobot.channels.last_resort import without_engine
from isobot.channels.message import clean
from isobot.channels.once import MESSAGE_ID, answered_before
from isobot.channels.reply import Reply, ReplyCollector, reply_from

logger = logging.getLogger(__name__)
Handler = Callable[[UserMessage], Awaitable[Any]]


class EngineFailed(Exception):
    """The engine could not answer; the reply is the last resort's, and the message may be sent again."""

    def __init__(self, reply: Reply) -> None:
        """Keep the reply."""
        super().__init__("The engine could not answer.")
        self.reply = reply


async def answer(
    on_new_message: Handler,
    channel: str,
    conversation: str,
    text: str,
    *,
    country: str | None = None,
    message_id: str | None = None,
) -> list[Reply]:
    """Return the replies to a message, at least one.

    Args:
        on_new_message: Rasa's handler.
        channel: the channel's name, by which response variants are picked.
        conversation: the conversation's id.
        text: the message as it came; it is cleaned here.
        country: whose rules, where the channel knows it.
        message_id: kept with the message, so that it can be answered once.

    Raises:
        EngineFailed: when there is none.
    """
    collector = ReplyCollector(channel)
    metadata = {"country": country, MESSAGE_ID: message_id}
    message = UserMessage(
        clean(text),
        collector,
        conversation,
        input_channel=channel,
        metadata={key: value for key, value in metadata.items() if value},
    )
    try:
        await on_new_message(message)
    except Exception as error:  # whatever it is, the person gets a sentence
        # Where it happened, and never what it says: an error of a database holds the person's words.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("A message could not be handled (%s).\n%s", type(error).__name__, where)
    if not collector.replies:
        raise EngineFailed(without_engine(message.text or "", country))
    return collector.replies


async def stored_events(agent: Any, conversation: str) -> list[Event]:
    """Return what was said so far; nothing where the store is broken: danger is answered all the same."""
    try:
        tracker = await agent.tracker_store.retrieve(conversation)
    except Exception as error:
        logger.error("A conversation could not be read (%s).", type(error).__name__)
        return []
    return list(tracker.events) if tracker else []


class MessagingEngine:
    """Rasa as the messaging channels use it."""

    def __init__(self, on_new_message: Handler, agent: Callable[[], Any]) -> None:
        """Use Rasa's handler, and its agent once there is one."""
        self._on_new_message = on_new_message
        self._agent = agent

    @property
    def is_ready(self) -> bool:
        """Whether messages can be handled by now."""
        agent = self._agent()
        return agent is not None and bool(agent.is_ready())

    async def answer(
        self, channel: str, conversation: str, text: str, *, country: str | None, message_id: str
    ) -> list[Reply]:
        """Return the replies to a message, at least one; those from before where it has been answered before."""
        events = await stored_events(self._agent(), conversation)
        if before := answered_before(events, message_id):
            return before
        try:
            return await answer(
                self._on_new_message, channel, conversation, text, country=country, message_id=message_id
            )
        except EngineFailed as failed:
            return [failed.reply]

    async def red_flags(self, text: str) -> Mapping[str, Any]:
        """Return the danger in a text as the NLU attaches it to a message; nothing is said and nothing is stored."""
        parsed = await self._agent().parse_message(clean(text))
        return parsed.get("red_flags") or {}

    def has_short(self, response: str) -> bool:
        """Return whether a response has a text of its own for text messages."""
        responses = self._agent().domain.responses
        return any(variant.get("channel") == "sms" for variant in responses.get(response, ()))

    async def longer(self, conversation: str, responses: Sequence[str]) -> list[Reply]:
        """Return the whole texts of responses whose short ones a conversation got."""
        agent = self._agent()
        tracker = await agent.tracker_store.retrieve(conversation)
        if tracker is None:
            return []
        found = [(name, await agent.processor.nlg.generate(name, tracker, "web")) for name in responses]
        return [reply_from({**message, "utter_action": name, "buttons": []}) for name, message in found if message]
