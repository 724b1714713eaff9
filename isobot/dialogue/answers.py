"""Rasa NLG: picks the variant of an answer for the person's country and channel, and attaches choices.

Stock Rasa picks at random among the variants whose conditions hold and knows no fallback from one country to
another (Ireland reads the EU variant); a clinical text must be the same each time.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.interpolator import interpolate_text
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from isobot.content.clinic import clinic
from isobot.content.emergency import placeholders
from isobot.content.languages import in_their_language
from isobot.content.reference import countries, sources
from isobot.dialogue.danger_first import REMINDER
from isobot.dialogue.policy import ANSWERED, COUNTRY, DOSE, OFFERED, PENDING, UNDER_18
from isobot.dialogue.turn import UTTER_SOURCES, utter
from isobot.dose.wording import understood

UTTER_LANGUAGE = "utter_out_of_scope.language"
Variant = Mapping[str, Any]


def variant_country(variant: Variant) -> str | None:
    """Return the country that a variant is for, or None for everybody."""
    return next((c["value"] for c in variant.get("condition") or () if c["name"] == COUNTRY), None)


def pick(variants: Sequence[Variant], country: str | None, channel: str | None) -> Variant | None:
    """Return the variant for a country and a channel; the channel's own come first, then the country's.

    Args:
        variants: the response's variants as the domain holds them.
        country: a code of data/countries.yml, or None when unknown.
        channel: the output channel's name.
    """
    wanted: list[str | None] = [*(countries()[country].variants if country in countries() else ()), None]
    for channel_name in dict.fromkeys([channel, None]):
        for code in wanted:
            for variant in variants:
                if variant.get("channel") == channel_name and variant_country(variant) == code:
                    return variant
    return None


def own_first(keys: Sequence[str], country: str | None) -> list[str]:
    """Return keys of data/sources.yml, the sources of a country and of those it shares variants with first."""
    own = tuple(f"{code}-" for code in (country, *countries()[country].variants)) if country in countries() else ()
    return sorted(keys, key=lambda key: not key.startswith(own)) if own else list(keys)


def _whom(tracker: DialogueStateTracker, utter_action: str) -> dict[str, bool]:
    """Return what a danger answer must know of the person: see `isobot.content.emergency.placeholders`."""
    parsed = tracker.latest_message.parse_data if tracker.latest_message else None
    flags = (parsed or {}).get("red_flags") or {}
    return {
        "emergency": utter_action.endswith((".emergency", ".crisis")),
        "under_18": bool(tracker.get_slot(UNDER_18)) or bool(flags.get("under_18")),
        "about_another": bool(flags.get("about_another")),
    }


def _last_message(tracker: DialogueStateTracker) -> str:
    return (tracker.latest_message.text if tracker.latest_message else None) or ""


def _last_text(tracker: DialogueStateTracker) -> str | None:
    """Return the last response of the turn that is going on: the one that carries the choices."""
    return next((a for a in reversed(tracker.get_slot(PENDING) or ()) if a.startswith("utter_")), None)


class AnswerGenerator(TemplatedNaturalLanguageGenerator):
    """Generates the reviewed answers; nothing is made up."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        """Create the generator over the domain's responses."""
        super().__init__(domain.responses if domain else {})  # Rasa sets `responses` again when a model is loaded

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Return the response as Rasa wants it, with `buttons` where choices are offered (see the parent class)."""
        country = tracker.get_slot(COUNTRY)
        variant = pick(self.responses.get(utter_action, ()), country, output_channel)
        if variant is None:
            return None
        response = {k: copy.deepcopy(v) for k, v in variant.items() if k not in ("condition", "channel", "id")}
        name = countries()[country].name if country in countries() else "your country"
        response["text"] = interpolate_text(
            response["text"],
            {
                "country_name": name,
                "clinic_contact": clinic().contact,
                **placeholders(country, **_whom(tracker, utter_action)),
                "dose_result": str(kwargs.get("dose_result", "")),
                "dose_understood": understood(tracker.get_slot(DOSE)),
                "in_their_language": (
                    in_their_language(_last_message(tracker), country) if utter_action == UTTER_LANGUAGE else ""
                ),
                **self._last_facts(tracker, country),
            },
        )
        response["text"] = response["text"].rstrip()  # a placeholder at its end may have been empty
        if facts := response.get("metadata"):
            if utter_action.startswith(REMINDER):  # its sources stood under the answer that it reminds of
                del response["metadata"]
            elif "source" in facts:
                facts["source"] = own_first(facts["source"], country)
        if utter_action == UTTER_SOURCES:
            response["metadata"] = self._last_variant(tracker, country).get("metadata")
        if utter_action == _last_text(tracker):
            # A choice is sent back in its own words: no payload that skips understanding is ever accepted.
            offered = tracker.get_slot(OFFERED) or ()
            response["buttons"] = [{"title": c["title"], "payload": c["title"]} for c in offered]
        return response

    def _last_variant(self, tracker: DialogueStateTracker, country: str | None) -> Variant:
        """Return the variant of the last question that was answered, or an empty one."""
        answered = tracker.get_slot(ANSWERED) or ()
        return (pick(self.responses.get(utter(answered[-1]), ()), country, None) if answered else None) or {}

    def _last_facts(self, tracker: DialogueStateTracker, country: str | None) -> dict[str, str]:
        """Return the sources and the date of the last answer, for the responses that name them."""
        facts = self._last_variant(tracker, country).get("metadata") or {}
        titles = [sources()[key].title for key in facts.get("source", ()) if key in sources()]
        return {"last_sources": "; ".join(titles) or "no source", "last_checked": facts.get("checked", "no date")}
