"""The worked examples of the clinical reference (3.7) come out as printed there; no reply says what 3.8 forbids."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from isobot.cli.evaluate import evaluate
from isobot.engine import Engine
from isobot.safety.urgency import Urgency

EXAMPLES = yaml.safe_load(Path(__file__).with_name("worked_examples.yml").read_text(encoding="utf-8"))
_TEXTS = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
_SINGLE = (
    "weight_kg",
    "cumulative_low_mg",
    "cumulative_high_mg",
    "taken_mg",
    "taken_mg_per_kg",
    "remaining_low_mg",
    "remaining_high_mg",
    "days_to_low",
    "days_to_high",
    "cumulative_target_mg",
)
_FIGURES = {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}]}


def _any_of(*names: str) -> dict[str, Any]:
    """Return the schema of one of these names, or a list of them."""
    name = {"enum": list(names)}
    return {"anyOf": [name, {"type": "array", "items": name, "minItems": 2, "uniqueItems": True}]}


SCHEMA = {
    "type": "array",
    "minItems": 58,
    "items": {
        "type": "object",
        "required": ["id", "text"],
        "minProperties": 3,
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "pattern": r"^[EP]\d{1,2}[a-d]?$"},
            "text": {"type": "string", "minLength": 1},
            "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
            "dose": {
                "type": "object",
                "required": ["status"],
                "additionalProperties": False,
                "properties": {
                    "status": _any_of("calculated", "ask", "refused"),
                    "ask": _any_of(
                        "weight", "unit", "which_weight", "mg_per_kg_day", "confirm_weight", "prescriber_target", "age"
                    ),
                    "reason": _any_of(
                        "implausible_weight",
                        "implausible_dose",
                        "under_12",
                        "pregnancy",
                        "breastfeeding",
                        "no_prescriber",
                        "other_drug",
                        "not_human",
                    ),
                    "mg_per_kg_day": _FIGURES,
                    "total_mg_day": _FIGURES,
                    **{name: {"type": "number"} for name in _SINGLE},
                },
            },
            "urgency": {"enum": ["soon", "urgent", "emergency"]},
            "says": _TEXTS,
            "never": _TEXTS,
        },
    },
}
_NAMED = ("status", "ask", "reason")
# Clinical reference, 3.8.
FORBIDDEN = re.compile(
    r"\byour dose is\b|\byou can stop on\b|\bsafe for you\b|\bincrease\b|\breduce\b"
    r"|(?<!don't )(?<!not )(?<!never )\btake (?:\d+|one|two|three|four|half)(?: \w+){0,3} (?:capsule|tablet)s?\b",
    re.IGNORECASE,
)
NUMBERS = {"E": range(1, 41), "P": range(1, 19)}


def contains(text: str, piece: str) -> bool:
    """Return whether `text` holds `piece`, whatever its case; "5.0" is not in "35.0", "70" is in "70.0"."""
    before = r"(?<!\d)(?<!\d\.)" if piece[0].isdigit() else ""
    after = r"(?:\.0)?(?!\.?\d)" if piece[-1].isdigit() else ""
    return re.search(before + re.escape(piece) + after, text.replace("**", ""), re.IGNORECASE) is not None


@pytest.fixture(scope="module")
def results(model: Path) -> dict[str, dict[str, Any]]:
    """What the bot makes of every example, by id; the model is loaded once."""
    keys = ("id", "text", "country")
    lines = [json.dumps({k: e[k] for k in keys if k in e}) for e in EXAMPLES]
    return {r["id"]: r for r in asyncio.run(evaluate(lines, Engine.load(model)))}


def test_the_file_holds_every_example() -> None:
    jsonschema.validate(EXAMPLES, SCHEMA)
    ids = [e["id"] for e in EXAMPLES]
    assert len(ids) == len(set(ids))
    assert {i.rstrip("abcd") for i in ids} == {f"{part}{n}" for part, numbers in NUMBERS.items() for n in numbers}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["id"])
def test_worked_example(example: dict[str, Any], results: dict[str, dict[str, Any]]) -> None:
    result = results[example["id"]]
    assert "error" not in result, result
    text = "\n".join(result["reply"])
    wrong = []
    found = result["dose"] or {}
    for key, wanted in example.get("dose", {}).items():
        if key in _NAMED:
            fits = found.get(key) in (wanted if isinstance(wanted, list) else [wanted])
            fits = fits or (key != "status" and key not in found and isinstance(example["dose"]["status"], list))
        else:
            fits = found.get(key) == wanted
        if not fits:
            wrong.append(f"{key} is {found.get(key)}, not {wanted}")
    if Urgency.of(result["urgency"]) < Urgency.of(example.get("urgency", "none")):
        wrong.append(f"urgency is {result['urgency']}, not {example['urgency']}")
    wrong += [f"does not say {p!r}" for p in example.get("says", ()) if not contains(text, p)]
    wrong += [f"says {p!r}" for p in example.get("never", ()) if contains(text, p)]
    assert not wrong, "\n".join([*wrong, f"dose: {result['dose']}", f"urgency: {result['urgency']}", text])


def test_no_reply_says_what_the_calculator_must_never_print(results: dict[str, dict[str, Any]]) -> None:
    found = {i: [m.group() for m in FORBIDDEN.finditer("\n".join(r["reply"]))] for i, r in results.items()}
    assert not {i: phrases for i, phrases in found.items() if phrases}
