"""Does `action_calculate_dose` in the Rasa process, where no action server does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isobot.dialogue.dose_turn import ACTION_CALCULATE_DOSE
from isobot.dose.reply import responses_for


def calculated(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action server's reply to a call: the result where a calculation is asked for, else nothing.

    Args:
        call: what Rasa sends to the action server.
    """
    if call.get("next_action") != ACTION_CALCULATE_DOSE:
        return {"events": [], "responses": []}
    slots = (call.get("tracker") or {}).get("slots") or {}
    return {"events": [], "responses": responses_for(slots.get("dose"), slots.get("country"))}
