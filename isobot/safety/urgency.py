"""The four levels of urgency, and what a message's danger comes to."""

from __future__ import annotations

from enum import IntEnum


class Urgency(IntEnum):
    """How soon a clinician must know; a higher one always wins."""

    NONE = 0
    SOON = 1  # tell the prescriber in the next days
    URGENT = 2  # contact the prescriber or the out-of-hours line today
    EMERGENCY = 3  # the emergency number or a crisis line, now

    @property
    def label(self) -> str:
        """The level's name in data and in results: "none", "soon", "urgent", "emergency"."""
        return self.name.lower()

    @classmethod
    def of(cls, label: str) -> Urgency:
        """Return the level of this name.

        Raises:
            KeyError: when there is none.
        """
        return cls[label.upper()]
