"""The thresholds that `make calibrate` writes: from when on a question is answered, not asked back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from isobot.content.reference import ROOT, read_checked

THRESHOLDS_FILE = Path(__file__).with_name("thresholds.yml")
CALIBRATION_FILE = ROOT / "tests" / "understanding" / "calibration.jsonl"
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["calibration_sha256", "temperature", "confidence", "part", "alone", "pair"],
    "additionalProperties": False,
    "properties": {
        "calibration_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "temperature": {"type": "number", "exclusiveMinimum": 0},
        "confidence": _SHARE,
        "part": _SHARE,
        "alone": _SHARE,
        "pair": _SHARE,
    },
}


@dataclass(frozen=True)
class Thresholds:
    """From when on a question is answered.

    Attributes:
        confidence: of the topic, for a message as a whole.
        part: of the topic, for one of several questions in a message.
        alone: of the topic, from which it is answered alone; below, a likely second topic is answered beside it.
        pair: of two topics together, from which both are answered.
        temperature: what the classifier's scores are divided by, so that its confidence is its accuracy.
    """

    confidence: float
    part: float
    alone: float
    pair: float
    temperature: float = 1.0


def calibration_digest() -> str:
    """Return the SHA-256 of the calibration messages."""
    return hashlib.sha256(CALIBRATION_FILE.read_bytes()).hexdigest()


def read() -> Thresholds:
    """Return the thresholds of thresholds.yml.

    Raises:
        TableError: when the file is not as it must be.
    """
    data = read_checked(THRESHOLDS_FILE, _SCHEMA)
    return Thresholds(data["confidence"], data["part"], data["alone"], data["pair"], data["temperature"])


def write(thresholds: Thresholds) -> None:
    """Write thresholds.yml with the digest of the messages that they were set on."""
    data = {"calibration_sha256": calibration_digest(), **vars(thresholds)}
    note = "# Written by `make calibrate` from tests/understanding/calibration.jsonl; not to be edited by hand.\n"
    THRESHOLDS_FILE.write_text(note + yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
