"""The limits that `make calibrate-danger` writes: from when on the learned danger detector raises a level."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml

from isobot.content.reference import ROOT, read_checked
from isobot.nlu.danger_model import LEVELS, ByLevel, DangerLimits

LIMITS_FILE = Path(__file__).with_name("danger_limits.yml")
CALIBRATION_FILE = ROOT / "tests" / "safety" / "calibration.jsonl"
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_NAMES = [level.label for level in LEVELS]
_KINDS = ("whole", "part", "beside_a_sign", "beside_a_denial")
_BY_LEVEL = {
    "type": "object",
    "required": _NAMES,
    "additionalProperties": False,
    "properties": dict.fromkeys(_NAMES, _SHARE),
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["calibration_sha256", *_KINDS, "possible"],
    "additionalProperties": False,
    "properties": {
        "calibration_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        **dict.fromkeys(_KINDS, _BY_LEVEL),
        "possible": _SHARE,
    },
}


def calibration_digest() -> str:
    """Return the SHA-256 of the calibration messages."""
    return hashlib.sha256(CALIBRATION_FILE.read_bytes()).hexdigest()


def read() -> DangerLimits:
    """Return the limits of danger_limits.yml.

    Raises:
        TableError: when the file is not as it must be.
    """
    data = read_checked(LIMITS_FILE, _SCHEMA)
    return DangerLimits(**{kind: _by_level(data[kind]) for kind in _KINDS}, possible=float(data["possible"]))


def _by_level(row: dict[str, float]) -> ByLevel:
    soon, urgent, emergency = (float(row[name]) for name in _NAMES)
    return soon, urgent, emergency


def write(limits: DangerLimits) -> None:
    """Write danger_limits.yml with the digest of the messages that they were set on."""
    data = {
        "calibration_sha256": calibration_digest(),
        **{kind: dict(zip(_NAMES, getattr(limits, kind), strict=True)) for kind in _KINDS},
        "possible": limits.possible,
    }
    note = "# Written by `make calibrate-danger` from tests/safety/calibration.jsonl; not to be edited by hand.\n"
    LIMITS_FILE.write_text(note + yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
