"""From the slot `dose` to what is said: the result's text and its picture.

`action_calculate_dose` and its stand-in in the Rasa process both send this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from isobot.dose.conversation import Talk
from isobot.dose.outcome import Figures, judge
from isobot.dose.picture import chart
from isobot.dose.wording import Mode, result_text

RESULT = "utter_dose_calc.result"


def responses_for(slot: Mapping[str, Any] | None, country: str | None) -> list[dict[str, Any]]:
    """Return the responses to send, as Rasa's action protocol has them; none where nothing was calculated.

    Args:
        slot: the slot `dose` (see `isobot.dialogue.dose_turn`).
        country: whose label to compare with.
    """
    if not slot:
        return []
    talk, mode = Talk.from_dict(slot["talk"]), Mode(slot["mode"])
    outcome = judge(replace(talk.said, refusals=()), confirmed=True)
    if not isinstance(outcome, Figures):
        return []
    said: dict[str, Any] = {"response": RESULT, "dose_result": result_text(outcome, talk.said.periods, country, mode)}
    if mode is Mode.FULL and outcome.taken_mg is not None and talk.said.periods:
        target = None if outcome.target_mg_per_kg is None else talk.said.target_mg_per_kg
        said["picture"] = chart(talk.said.periods, outcome.weight.kg, target).as_dict()
    return [said]
