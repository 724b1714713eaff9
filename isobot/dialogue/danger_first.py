"""Puts danger before everything else: pure functions around the turn that a message would get without it.

Urgency texts are plain responses. What follows them: at an emergency nothing, else the answers to the questions beside
it. The hand-over to the clinic is the last action of the turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from isobot.dialogue.dose_turn import put_aside
from isobot.dialogue.replies import fold
from isobot.dialogue.state import Memory, Raised, Turn
from isobot.safety.danger import CRISIS, Danger, Finding
from isobot.safety.urgency import Urgency

ACTION_ESCALATE = "action_escalate"
UTTER_UNSURE = "utter_red_flag.unsure"
UTTER_SOFT_CHECK = "utter_red_flag.soft_check"
UTTER_SUPPORT = "utter_red_flag.support"
UTTER_POSSIBLE = "utter_red_flag.possible"
TOPIC = "red_flag"
_PREFIX = "utter_red_flag."
REMINDER = f"{_PREFIX}reminder."
IF_NOW = f"{_PREFIX}if_now."
FOLLOW_UP = "utter_same_for_"  # "and my husband?": asked about the last answer
_REMEMBERED_TURNS = 3  # so many messages after an emergency, an ordinary answer is preceded by a reminder
_MAX_SETTLING_WORDS = 12
_SETTLES = re.compile(
    r"\b(?:thanks?|thank you|thx|ty|cheers|ok|okay|k|fine|will do|got it|alright|all right|understood|noted"
    r"|(?:just |only |was |im |i am |i was )*(?:kidding|joking|messing|jk)|jk|lol|haha|false alarm|never ?mind"
    r"|(?:its|it is|im|i am|hes|shes|feeling|feel|is|much|bit|lot|already) (?:\w+ )?(?:better|fine|ok|gone|over|good)"
    r"|forget it"
    r"|better now|gone now|fine now|passed|went away|didnt mean (?:it|that)|dont worry|not serious|calmed down"
    r"|no need|i wont|already (?:called|rang|phoned|did)|calling (?:now|them)|on (?:my|our) way)\b"
)
_ASKS = re.compile(r"\?|^(?:can|could|should|what|when|how|why|is|are|do|does|will|where|which|who)\b", re.IGNORECASE)


def response_of(rule: str, level: Urgency) -> str:
    """Return the name of the text for a red flag at a level."""
    return f"{_PREFIX}{rule.lower().replace('-', '_')}.{level.label}"


def _kind(level: str, rules: Collection[str]) -> str:
    """Return the suffix of the general texts: a crisis has words of its own."""
    return "crisis" if level == Urgency.EMERGENCY.label and CRISIS in rules else level


def text_for(danger: Danger, responses: Collection[str]) -> str:
    """Return the text for the most urgent finding that has one at its level, else the next higher one of its rule."""
    for finding in danger.findings:
        for level in (finding.level, *(u for u in Urgency if u > finding.level)):
            if not responses or response_of(finding.rule, level) in responses:
                return response_of(finding.rule, level)
    return UTTER_UNSURE


def settles(text: str) -> bool:
    """Return whether a short message only thanks, takes it back, or says that it is better."""
    said = fold(text.replace("\u2019", "'").replace("'", ""))
    return len(said.split()) <= _MAX_SETTLING_WORDS and not _ASKS.search(text.strip()) and bool(_SETTLES.search(said))


def danger_first(
    text: str, danger: Danger, memory: Memory, responses: Collection[str], ordinary: Callable[[], Turn]
) -> Turn:
    """Return what to say to a message.

    Args:
        text: the message.
        danger: what the detectors made of it.
        memory: what the conversation remembers.
        responses: the names of all responses; empty where they are not known.
        ordinary: gives the turn that the message would get if nothing was dangerous.
    """
    if danger.failed:
        return put_aside(Turn((UTTER_UNSURE,), raised=_older(memory.raised), danger=True), memory)
    if danger.level is not Urgency.NONE:
        return _escalated(danger, memory, responses, ordinary)
    raised = _older(memory.raised)
    taken_back_again = raised and raised.settled and CRISIS not in raised.rules  # "just kidding" is never the last word
    if raised and not taken_back_again and raised.level != Urgency.SOON.label and settles(text):
        settling = f"{_PREFIX}after.{_kind(raised.level, raised.rules)}"
        return put_aside(Turn((settling,), raised=replace(raised, settled=True)), memory)
    turn = ordinary()
    before = (UTTER_SOFT_CHECK,) if danger.soft_check else _reminder(raised)
    after = _if_now(danger, responses)
    follows_up = any(action.startswith(FOLLOW_UP) for action in turn.actions)
    if danger.possible and not before and not after and not follows_up:
        before, after = _if_bad(danger.possible)
    if turn.choices:  # they stand under the last reply
        before, after = (*before, *after), ()
    return replace(turn, actions=(*before, *turn.actions, *after), raised=raised)


def _escalated(danger: Danger, memory: Memory, responses: Collection[str], ordinary: Callable[[], Turn]) -> Turn:
    """Return the turn that answers danger, and what else may be said in it."""
    known = memory.raised
    level = danger.level.label
    told_before = known is not None and known.level == level and danger.rules[0] in known.rules
    first = f"{_PREFIX}again.{_kind(level, danger.rules[:1])}" if told_before else text_for(danger, responses)
    rules = (
        (*danger.rules, *(r for r in known.rules if r not in danger.rules)) if told_before and known else danger.rules
    )
    raised = Raised(level, rules)
    if danger.level is Urgency.EMERGENCY:
        return put_aside(Turn((first, ACTION_ESCALATE), _answered(danger), raised=raised, danger=True), memory)
    turn = ordinary()
    # Asking back or small talk has no place beside it.
    if not turn.answered or not turn.understood or asks_back(turn):
        return Turn((first, ACTION_ESCALATE), _answered(danger), progress=turn.progress, raised=raised, danger=True)
    return replace(
        turn,
        actions=(first, *(a for a in turn.actions if a != first), ACTION_ESCALATE),
        answered=(*_answered(danger), *turn.answered),
        raised=raised,
        danger=True,
    )


def asks_back(turn: Turn) -> bool:
    """Return whether a turn goes on with a sum by a question."""
    return turn.dose is not None and turn.dose["result"]["status"] == "ask"


def _answered(danger: Danger) -> tuple[str, ...]:
    """Return the name under which the answer to danger is remembered."""
    finding = danger.findings[0]
    return (response_of(finding.rule, finding.level).removeprefix("utter_"),)


def _if_now(danger: Danger, responses: Collection[str]) -> tuple[str, ...]:
    """Return the line for somebody who asks about a danger: what to do if it is happening to them."""
    if not danger.asked_about:
        return ()
    if danger.asked_about == (CRISIS,):
        return (UTTER_SUPPORT,)
    levels = [u for u in Urgency for r in danger.asked_about if response_of(r, u) in responses]
    return (f"{IF_NOW}{max(levels, default=Urgency.URGENT).label}",)


def _if_bad(possible: Finding) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what to say before and after the answer to a message that may tell of danger."""
    line = UTTER_SUPPORT if possible.rule == CRISIS else UTTER_POSSIBLE
    return ((line,), ()) if possible.level is Urgency.EMERGENCY else ((), (line,))


def _older(raised: Raised | None) -> Raised | None:
    return replace(raised, turns=raised.turns + 1) if raised else None


def is_recent_emergency(raised: Raised | None) -> bool:
    """Return whether an emergency was answered a few messages ago, and nobody has said since that it is over."""
    if raised is None or raised.settled or raised.level != Urgency.EMERGENCY.label:
        return False
    return raised.turns <= _REMEMBERED_TURNS


def _reminder(raised: Raised | None) -> tuple[str, ...]:
    """Return the reminder before an ordinary answer that comes soon after an emergency."""
    if raised is None or not is_recent_emergency(raised):
        return ()
    return (f"{REMINDER}{_kind(raised.level, raised.rules)}",)
