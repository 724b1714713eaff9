"""Action: says the result of a dose calculation; see `isobot.dose.reply`."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from isobot.dose.reply import responses_for


class ActionCalculateDose(Action):
    """Puts the figures of the slot `dose` into words; nothing is kept."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_calculate_dose"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the result (see the parent class)."""
        for response in responses_for(tracker.get_slot("dose"), tracker.get_slot("country")):
            dispatcher.utter_message(**response)
        return []
