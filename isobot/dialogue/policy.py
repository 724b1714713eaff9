"""Rasa policy: carries out `isobot.dialogue.turn.plan`, action by action. Deterministic, nothing to train.

A rule for each of two hundred questions would say the same thing two hundred times: intent X is answered by
utter_X. This policy says it once, and knows about several questions in a message, choices and the country.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from isobot.content.clinic import clinic
from isobot.content.guides import guides
from isobot.content.reference import countries
from isobot.dialogue.danger_first import ACTION_ESCALATE, UTTER_UNSURE
from isobot.dialogue.dose_turn import Calculator
from isobot.dialogue.state import Choice, Memory, Progress, Raised, Turn
from isobot.dialogue.turn import Content, plan
from isobot.dose.wording import Mode

COUNTRY, OFFERED, ANSWERED, MISSES, PENDING, PROGRESS, RAISED, UNDER_18, DOSE = (
    "country",
    "offered",
    "answered",
    "misses",
    "pending",
    "progress",
    "raised",
    "under_18",
    "dose",
)
CALCULATOR = "dose_calculator"  # in a message's metadata: how much the calculator may do, whatever the clinic says
_DANGER_PRIORITY = 100  # above every policy of Rasa's: no form and no rule of a clinic's goes before danger


def _actions_since_user(tracker: DialogueStateTracker) -> list[str]:
    """Return the names of the actions that were run since the person's last message."""
    names: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name:
            names.append(event.action_name)
    return names[::-1]


def _memory(tracker: DialogueStateTracker) -> Memory:
    """Read the slots that hold what was said before."""
    progress, raised = tracker.get_slot(PROGRESS), tracker.get_slot(RAISED)
    return Memory(
        offered=tuple(Choice(**c) for c in tracker.get_slot(OFFERED) or ()),
        answered=tuple(tracker.get_slot(ANSWERED) or ()),
        misses=int(tracker.get_slot(MISSES) or 0),
        country=tracker.get_slot(COUNTRY) or _told_country(tracker),
        progress=Progress(**progress) if progress else None,
        raised=Raised(**{**raised, "rules": tuple(raised["rules"])}) if raised else None,
        dose=tracker.get_slot(DOSE) if _is_same_session(tracker) else None,
    )


def _is_same_session(tracker: DialogueStateTracker) -> bool:
    """Return whether the person has written in this session before: a sum ends with the conversation."""
    for event in reversed(list(tracker.events)[:-1]):
        if isinstance(event, SessionStarted):
            return False
        if isinstance(event, UserUttered) and event is not tracker.latest_message:
            return True
    return True


def _says_under_18(tracker: DialogueStateTracker) -> bool:
    """Return whether the message says that the person is under 18."""
    parsed = tracker.latest_message.parse_data if tracker.latest_message else None
    return bool(((parsed or {}).get("red_flags") or {}).get("under_18"))


def _told_country(tracker: DialogueStateTracker) -> str | None:
    """Return the country that the channel knows (the clinic's setting, a phone number's prefix), or None."""
    metadata = tracker.latest_message.metadata if tracker.latest_message else None
    return (metadata or {}).get(COUNTRY)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class TurnPolicy(Policy):
    """Predicts the next action of the turn's plan with certainty, then listens."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Below Rasa's RulePolicy (6), so that a clinic's own rule or form goes before."""
        return {"priority": 5}

    @staticmethod
    def supported_data() -> SupportedData:
        """No stories are needed: the plan is code, and its tests are conversations."""
        return SupportedData.RULE_DATA

    def train(self, training_trackers: list[Any], domain: Domain, **kwargs: Any) -> Resource:
        """Return the (empty) resource: there is nothing to train."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predict the turn's next action; the turn is kept in the slots when it begins (see the parent class)."""
        done = _actions_since_user(tracker)
        events: list[SlotSet] = []
        if done or tracker.latest_message is None or tracker.latest_action_name != ACTION_LISTEN_NAME:
            pending = list(tracker.get_slot(PENDING) or [])[len(done) :]
        else:
            turn = self._begin(tracker, domain)
            events = _slot_events(tracker, turn)
            pending = list(turn.actions)
        action = pending[0] if pending else ACTION_LISTEN_NAME
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        prediction = self._prediction(probabilities, events=list(events))
        if _answers_danger(tracker, events):
            prediction.policy_priority = _DANGER_PRIORITY
        return prediction

    @staticmethod
    def _begin(tracker: DialogueStateTracker, domain: Domain) -> Turn:
        message = tracker.latest_message
        names = {code: country.name for code, country in countries().items()}
        memory = _memory(tracker)
        content = Content(domain.responses, guides(), names, _calculator(message.metadata, memory.country))
        return plan(message.text or "", message.parse_data or {}, memory, content)


def _calculator(metadata: Mapping[str, Any] | None, country: str | None) -> Calculator:
    """Return how the dose calculator is set: by the channel's process, else by the clinic and the person's country."""
    mode = (metadata or {}).get(CALCULATOR) or clinic().calculator_in(country)
    return Calculator(Mode(mode), today(), month_first=country == "US")


def today() -> date:
    """Return what "since August" goes up to; tests put another day in its place."""
    return date.today()


def _answers_danger(tracker: DialogueStateTracker, events: list[SlotSet]) -> bool:
    """Return whether the turn that begins or goes on answers danger."""
    pending = next((e.value for e in events if e.key == PENDING), tracker.get_slot(PENDING)) or ()
    return ACTION_ESCALATE in pending or UTTER_UNSURE in pending


def _slot_events(tracker: DialogueStateTracker, turn: Turn) -> list[SlotSet]:
    """Return the slot changes with which a turn begins, only those that change something."""
    misses = 0 if turn.understood else int(tracker.get_slot(MISSES) or 0) + 1
    wanted: dict[str, Any] = {
        PENDING: list(turn.actions),
        OFFERED: [vars(c) for c in turn.choices],
        ANSWERED: list(turn.answered) or tracker.get_slot(ANSWERED),
        MISSES: misses,
        PROGRESS: vars(turn.progress) if turn.progress else None,
        DOSE: dict(turn.dose) if turn.dose else None,
        RAISED: {**vars(turn.raised), "rules": list(turn.raised.rules)} if turn.raised else None,
        UNDER_18: bool(tracker.get_slot(UNDER_18)) or _says_under_18(tracker),
    }
    told = turn.country or (None if tracker.get_slot(COUNTRY) else _told_country(tracker))
    if told:
        wanted[COUNTRY] = told
    return [SlotSet(name, value) for name, value in wanted.items() if tracker.get_slot(name) != value]
