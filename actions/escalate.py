"""Action: hands a red flag over to the clinic, without the words; see `isobot.escalation`."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from isobot.escalation.courier import courier
from isobot.escalation.outbox import Outbox
from isobot.escalation.record import new_escalation


class ActionEscalate(Action):
    """Sees to it that the record is in the outbox, and wakes the courier."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_escalate"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Begin the delivery; nothing is said to the patient."""
        # The Rasa server has stored the record already (isobot/dialogue/afterwards.py), unless it could not.
        if not tracker.latest_message.get("escalation_id"):
            call = {"sender_id": tracker.sender_id, "tracker": tracker.current_state()}
            Outbox.default().put(new_escalation(call))
        courier().wake()
        return []
