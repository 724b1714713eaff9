"""Action: notes that a message had no reviewed answer, without its text, so that a clinic sees what is missing."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from isobot.unanswered import Unanswered, append


class ActionNoteUnanswered(Action):
    """Appends one line to the clinic's list of unanswered messages."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_note_unanswered"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Write the line; nothing is said to the patient."""
        ranking = tracker.latest_message.get("intent_ranking") or []
        nearest = [(r["name"], r["confidence"]) for r in ranking[:3]]
        append(Unanswered.now(nearest, country=tracker.get_slot("country"), channel=tracker.get_latest_input_channel()))
        return []
