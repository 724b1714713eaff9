"""Leads through a guided answer, one question at a time: pure functions over the guides of data/guides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from isobot.content.guides import Guide, Step
from isobot.dialogue.replies import picked, stops, yes_no
from isobot.dialogue.state import Choice, Memory, Progress, Turn

UTTER_COUNTRY = "utter_guide.country"
UTTER_AGAIN = "utter_guide.again"
UTTER_STOPPED = "utter_guide.stopped"
COUNTRY_STEP = "country"
_PREFIX = "guide."
_COUNTRY_PREFIX = "country."
_ELSEWHERE = f"{_COUNTRY_PREFIX}other"
_REPLIES = (Choice("yes", "Yes"), Choice("no", "No"), Choice("unsure", "Not sure"))
_MAX_MISSES = 2  # then the guide lets go, and the message is treated like any other


def offers(answered: tuple[str, ...], guides: Mapping[str, Guide]) -> tuple[Choice, ...]:
    """Return the guides that may follow the answers just given, as choices."""
    return tuple(
        Choice(_PREFIX + g.name, g.title) for g in guides.values() if any(i in g.offered_after for i in answered)
    )


def guide_of(intent: str, guides: Mapping[str, Guide]) -> Guide | None:
    """Return the guide that a picked choice begins, or None where it is something else."""
    return guides.get(intent.removeprefix(_PREFIX)) if intent.startswith(_PREFIX) else None


def begin(guide: Guide, memory: Memory, names: Mapping[str, str]) -> Turn:
    """Return the first question of a guide.

    Args:
        guide: the guide.
        memory: what the conversation remembers.
        names: country code to its name, for the question after the country.
    """
    if memory.country is None:
        return ask(guide, Progress(guide.name, COUNTRY_STEP), names)
    return _next(guide, Progress(guide.name, COUNTRY_STEP), memory.country)


def ask(guide: Guide, progress: Progress, names: Mapping[str, str]) -> Turn:
    """Return the turn that asks (again) what `progress` stands at."""
    if progress.step == COUNTRY_STEP:
        choices = [Choice(_COUNTRY_PREFIX + code, name) for code, name in names.items()]
        return Turn((UTTER_COUNTRY,), choices=(*choices, Choice(_ELSEWHERE, "Somewhere else")), progress=progress)
    return Turn((f"utter_guide.{guide.name}.{progress.step}",), choices=_REPLIES, progress=progress)


def go_on(text: str, memory: Memory, guide: Guide, said_country: bool) -> Turn | None:
    """Return what follows a reply to the guide's last question, or None where `text` is no reply to it.

    Args:
        text: the message.
        memory: what the conversation remembers; its progress is this guide's.
        guide: the guide that is going on.
        said_country: the message names the writer's country, which memory.country then holds.
    """
    progress = memory.progress
    if progress is None:
        return None
    if stops(text):
        return Turn((UTTER_STOPPED,))
    choice = picked(text, memory.offered)
    if progress.step == COUNTRY_STEP:
        return _after_country(guide, progress, memory, choice, said_country)
    reply = choice or yes_no(text)
    if said_country and not reply:  # other countries ask other things
        return _next(guide, Progress(guide.name, COUNTRY_STEP), memory.country)
    return _next(guide, progress, memory.country, reply) if reply else None


def _after_country(
    guide: Guide, progress: Progress, memory: Memory, choice: str | None, said_country: bool
) -> Turn | None:
    """Return what follows the reply to "which country are you in?", or None where it was no reply."""
    if said_country:
        return _next(guide, progress, memory.country)
    if choice is None:
        return None
    code = None if choice == _ELSEWHERE else choice.removeprefix(_COUNTRY_PREFIX)
    return replace(_next(guide, progress, code), country=code)


def not_understood(guide: Guide, progress: Progress, names: Mapping[str, str]) -> Turn | None:
    """Return the same question with a hint, or None when it was not understood too often."""
    if progress.misses + 1 >= _MAX_MISSES:
        return None
    again = ask(guide, replace(progress, misses=progress.misses + 1), names)
    return replace(again, actions=(UTTER_AGAIN, *again.actions))


def _next(guide: Guide, progress: Progress, country: str | None, reply: str | None = None) -> Turn:
    """Return the next question, or the verdict when there is none or the worst is already clear."""
    if country is not None and country in guide.decided:
        return _end(guide, guide.decided[country])
    steps = guide.steps_in(country)
    verdict = progress.verdict
    if reply is not None:
        current = next(s for s in steps if s.name == progress.step)
        verdict = _worse(guide, verdict, current.verdicts.get(reply))
    following = _after(steps, progress.step)
    if following is None or verdict == guide.verdicts[0]:
        return _end(guide, verdict or guide.verdicts[-1])
    return ask(guide, Progress(guide.name, following.name, verdict), {})


def _after(steps: tuple[Step, ...], name: str) -> Step | None:
    """Return the step after the one called `name`; the first one after the country."""
    names = [COUNTRY_STEP, *(s.name for s in steps)]
    position = names.index(name)
    return steps[position] if position < len(steps) else None


def _worse(guide: Guide, one: str | None, other: str | None) -> str | None:
    """Return the worse of two verdicts, either of which may be missing."""
    return min((v for v in (one, other) if v), key=guide.verdicts.index, default=None)


def _end(guide: Guide, verdict: str) -> Turn:
    return Turn((f"utter_guide.{guide.name}.{verdict}",))
