"""Rasa's action endpoint: what comes after the answers is begun and not waited for, so that no patient waits for it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import aiohttp
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from isobot.dialogue.calculation import calculated
from isobot.dialogue.dose_turn import ACTION_CALCULATE_DOSE
from isobot.escalation.outbox import Outbox
from isobot.escalation.record import Escalation, new_escalation

logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")

ESCALATE = "action_escalate"
AFTERWARDS = frozenset({"action_note_unanswered", ESCALATE})  # our actions: they come last and return no events
ESCALATION_ID = "escalation_id"  # tells the action server, in `latest_message`, that the record is in the outbox
CALL_SECONDS = 10
CALCULATION_SECONDS = 2  # a person waits for it; after that the sum is done in this process
MAX_CALLS = 32  # at a time; beyond them the action server hangs, and more calls would only pile up
STORE_SECONDS = 1.0  # the longest that a patient waits for a slow disk; the record is written after that all the same


class AfterwardsEndpoint(EndpointConfig):
    """Stands before the action server in the Rasa process.

    Our own actions get an empty reply at once and are called in the background. The record of a red flag is first
    stored in the outbox by this process, so it is not lost when the action server is down. Any other action, such as
    a clinic's own, is passed on and waited for as ever.
    """

    def __init__(self, action_server: EndpointConfig | None, outbox: Outbox) -> None:
        """Pass calls on to `action_server`, if there is one."""
        settings = action_server.kwargs if action_server else {}
        super().__init__(url=action_server.url if action_server else None, **settings)
        self._action_server = action_server
        self._outbox = outbox
        self._tasks: set[asyncio.Task[Any]] = set()
        self._calls = 0

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Return the reply to an action call (see the parent class): for our own actions at once, and empty."""
        call = kwargs.get("json")
        if isinstance(call, Mapping) and call.get("next_action") == ACTION_CALCULATE_DOSE:
            return await self._calculate(call)
        if not isinstance(call, Mapping) or call.get("next_action") not in AFTERWARDS:
            return await self._waited_for(*args, **kwargs)
        try:
            await self._begin(call)
        except Exception as error:  # the patient has been answered, and must not get an apology after it
            logger.error("%s could not be begun (%s).", call["next_action"], type(error).__name__)
        return {"events": [], "responses": []}

    async def _calculate(self, call: Mapping[str, Any]) -> Any:
        """Return the result of a calculation: from the action server, or from here where that is down or slow."""
        slots = (call.get("tracker") or {}).get("slots") or {}
        reduced = without_words(call)
        reduced["tracker"]["slots"]["dose"] = slots.get("dose")
        if self._action_server is not None:
            try:
                timeout = aiohttp.ClientTimeout(total=CALCULATION_SECONDS)
                reply = await self._action_server.request(method="post", json=reduced, timeout=timeout)
                if reply and reply.get("responses"):
                    return reply
            except Exception as error:
                logger.error("The action server did not take a calculation (%s).", type(error).__name__)
        return calculated(reduced)

    async def _waited_for(self, *args: Any, **kwargs: Any) -> Any:
        if self._action_server is None:
            raise RasaException("An action was called, but there is no action server: name it in endpoints.yml.")
        return await self._action_server.request(*args, **kwargs)

    async def _begin(self, call: Mapping[str, Any]) -> None:
        """Start the tasks; for an escalation, return when its record is stored or the disk is too slow."""
        storing = None
        if call["next_action"] == ESCALATE:
            # First of all: whatever fails after this, the record is on its way to the disk.
            storing = self._spawn(self._store(new_escalation(call)))
        self._spawn(self._work(without_words(call), storing))
        if storing is None:
            return
        done, _ = await asyncio.wait({storing}, timeout=STORE_SECONDS)
        if not done:
            logger.error("The outbox is slow: an escalation is still being written. Check the disk of its folder.")

    def _spawn(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        """Start a task and hold on to it: the event loop alone would let it be collected."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _store(self, record: Escalation) -> str | None:
        """Put the record into the outbox and return its id, or None where that failed.

        How many are stored at a time is not bounded: the alternative is to lose one.
        """
        try:
            await asyncio.to_thread(self._outbox.put, record)
        except Exception as error:
            reason = error if isinstance(error, OSError) else type(error).__name__
            logger.error("An escalation could not be stored (%s). Check rights and space of its folder.", reason)
            return None
        return record.id

    async def _work(self, call: dict[str, Any], storing: asyncio.Task[str | None] | None) -> None:
        """Call the action server, for an escalation after its record is stored."""
        if storing is not None:
            # Without the id, the action server tries to store a record itself.
            call["tracker"]["latest_message"][ESCALATION_ID] = await storing
        if self._calls >= MAX_CALLS:
            logger.error("%s was not called: the action server hangs. Start the assistant again.", call["next_action"])
            return
        self._calls += 1
        try:
            await self._call(call)
        finally:
            self._calls -= 1

    async def _call(self, call: dict[str, Any]) -> None:
        if self._action_server is None:
            return
        try:
            timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
            await self._action_server.request(method="post", json=call, timeout=timeout)
        except Exception as error:
            # The kind of error only: its text may hold what the action server sent back.
            logger.error("The action server did not take %s (%s).", call["next_action"], type(error).__name__)


def without_words(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of what our actions read, and nothing that a person wrote.

    A copy, as Rasa goes on changing the tracker. A small one, as the whole domain and conversation would take time to
    encode while the patient waits.
    """
    tracker = call.get("tracker") or {}
    message = tracker.get("latest_message") or {}
    channel = tracker.get("latest_input_channel")
    reduced = {
        "next_action": call["next_action"],
        "sender_id": call.get("sender_id"),
        "version": call.get("version"),
        "tracker": {
            "sender_id": call.get("sender_id"),
            "slots": {"country": (tracker.get("slots") or {}).get("country")},
            "latest_message": {key: message[key] for key in ("intent_ranking", "red_flags") if key in message},
            "latest_input_channel": channel,
            "events": [{"event": "user", "input_channel": channel}],  # where the SDK looks for the channel
        },
    }
    copy: dict[str, Any] = json.loads(json.dumps(reduced))
    return copy
