"""What a patient is told when the engine behind the channel could not answer: danger is still recognised by the rules.

No model, no database and no dialogue are needed here, only the rule table and the emergency numbers.
"""

from __future__ import annotations

import logging

from isobot.channels.reply import Reply
from isobot.content.clinic import clinic
from isobot.content.emergency import help_in
from isobot.safety.danger import CRISIS
from isobot.safety.detector import detector
from isobot.safety.urgency import Urgency

logger = logging.getLogger(__name__)
APOLOGY = "I'm sorry, something went wrong on my side and I could not answer. Please try again in a moment."


def without_engine(text: str, country: str | None) -> Reply:
    """Return the reply to a message that could not be handled; it names the emergency number in any case.

    Args:
        text: what the person wrote.
        country: whose numbers to give; all known ones where it is None.
    """
    whom = help_in(country)
    contact = f"For anything about your health, contact your doctor, or {clinic().contact}."
    try:
        danger = detector().detect(text).with_learned(None)
    except Exception as error:  # never the words of the message in a log
        logger.error("The red-flag rules failed on a message (%s).", type(error).__name__)
        return Reply(f"{_may_be_danger(country)} {contact}\n\n{APOLOGY}", urgency="urgent")
    if danger.level is Urgency.EMERGENCY:
        second = f"To talk to someone now, {whom.crisis}." if CRISIS in danger.rules else "These signs can't wait."
        told = f"Call {whom.emergency} now. {second}\n\nThe leaflet says to stop the capsules and contact your doctor."
        return Reply(told, urgency="emergency")
    if danger.level is not Urgency.NONE:
        told = f"Contact your doctor or prescriber today. {whom.out_of_hours} Call {whom.emergency} if it gets worse."
        return Reply(f"{told}\n\n{APOLOGY}", urgency="urgent")
    return Reply(f"{APOLOGY} {_may_be_danger(country)}")


def _may_be_danger(country: str | None) -> str:
    whom = help_in(country)
    return f"If you may be in danger, call {whom.emergency} now. If you think about hurting yourself, {whom.crisis}."
