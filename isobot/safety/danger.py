"""What a message's danger comes to: plain data, and how findings of the rules and of the learned detector add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from isobot.safety.urgency import Urgency

BY_RULE = "rule"
BY_LEARNED = "learned"
CRISIS = "RF-01"  # suicidal thoughts and self-harm


class Status(StrEnum):
    """How a symptom is meant."""

    PRESENT = "present"
    NEGATED = "negated"
    HYPOTHETICAL = "hypothetical"
    PAST = "past"
    OVER = "over"
    SOMEONE_ELSE = "someone_else"
    FIGURATIVE = "figurative"
    QUOTED = "quoted"


@dataclass(frozen=True)
class Finding:
    """A sign of danger in a message.

    Attributes:
        rule: the rule's id.
        level: what it comes to, as it is meant.
        by: what found it: a rule, or the learned detector.
    """

    rule: str
    level: Urgency
    by: str = BY_RULE


@dataclass(frozen=True)
class Danger:
    """What a message's danger comes to.

    Attributes:
        findings: the signs that count, the most urgent first; one for each rule.
        weak: signs that are often harmless; they count where the learned detector agrees, or can't be asked.
        asked_about: rules whose danger is only supposed, asked about or quoted.
        possible: what the learned detector holds possible, too unsurely to raise a level.
        denied: rules all of whose signs are denied, supposed, past or somebody else's.
        soft_check: the words may or may not mean that the writer wants to die.
        under_18: the person is said to be under 18.
        about_another: a helper writes.
        failed: the detector could not read the message; nothing is known.
    """

    findings: tuple[Finding, ...] = ()
    weak: tuple[Finding, ...] = ()
    asked_about: tuple[str, ...] = ()
    possible: Finding | None = None
    denied: tuple[str, ...] = ()
    soft_check: bool = False
    under_18: bool = False
    about_another: bool = False
    failed: bool = False

    @property
    def level(self) -> Urgency:
        """The highest level of all findings."""
        return max((f.level for f in self.findings), default=Urgency.NONE)

    @property
    def weak_level(self) -> Urgency:
        """The highest level of all weak signs."""
        return max((f.level for f in self.weak), default=Urgency.NONE)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that count, the most urgent first."""
        return tuple(f.rule for f in self.findings)

    def with_learned(self, learned: Sequence[Finding] | None) -> Danger:
        """Return the danger with what the learned detector found; it may raise and never lowers.

        Args:
            learned: its findings; None where it could not be asked, so that weak signs count by themselves.
        """
        if learned is None:
            return replace(self, findings=highest([*self.findings, *self.weak]))
        if self.soft_check:  # "this purge makes me want to die" is asked about, with the crisis line beside it
            learned = [f for f in learned if f.rule != CRISIS]
        agreed = {f.rule for f in learned}
        confirmed = [f for f in self.weak if f.rule in agreed]  # it may be worse than the learned detector knows
        return replace(self, findings=highest([*self.findings, *confirmed, *learned]))

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data; it holds none of the message's words."""
        return {
            "level": self.level.label,
            "findings": [_as_dict(f) for f in self.findings],
            "possible": _as_dict(self.possible) if self.possible else None,
            "asked_about": list(self.asked_about),
            "soft_check": self.soft_check,
            "under_18": self.under_18,
            "about_another": self.about_another,
            "failed": self.failed,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Danger:
        """Return what `as_dict` gave."""
        return cls(
            findings=tuple(_from_dict(f) for f in data.get("findings", ())),
            possible=_from_dict(data["possible"]) if data.get("possible") else None,
            asked_about=tuple(data.get("asked_about", ())),
            soft_check=bool(data.get("soft_check")),
            under_18=bool(data.get("under_18")),
            about_another=bool(data.get("about_another")),
            failed=bool(data.get("failed")),
        )


def _as_dict(finding: Finding) -> dict[str, str]:
    return {"rule": finding.rule, "level": finding.level.label, "by": finding.by}


def _from_dict(data: Mapping[str, str]) -> Finding:
    return Finding(data["rule"], Urgency.of(data["level"]), by=data["by"])


def highest(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the highest finding of each rule, the most urgent first; what a rule found before what was learned."""
    best: dict[str, Finding] = {}
    for finding in findings:
        if finding.level > Urgency.NONE and (finding.rule not in best or best[finding.rule].level < finding.level):
            best[finding.rule] = finding
    return tuple(sorted(best.values(), key=lambda f: (-f.level, f.by != BY_RULE, f.rule)))
