"""Conversations by behaviour, held with the running server and its action server; the sent text is what counts.

Each file tells in its name what the user does. A step is what the user says and what must come back:
`response` (the names of the responses, in order), `says` and `never` (pieces of the text), `choices` (true or false).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from isobot.cli.stack import Stack

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/user_*.yml"))
_TEXTS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
SCHEMA = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["user"],
        "minProperties": 2,
        "additionalProperties": False,
        "properties": {
            "user": {"type": "string"},
            "country": {"type": "string"},
            "response": _TEXTS,
            "says": _TEXTS,
            "never": _TEXTS,
            "choices": {"type": "boolean"},
        },
    },
}


def check(step: dict[str, Any], replies: list[dict[str, Any]]) -> None:
    text = "\n".join(r["text"] for r in replies)
    choices = [c for r in replies for c in r["choices"]]
    if "response" in step:
        assert [r["response"] for r in replies] == step["response"], text
    for piece in step.get("says", ()):
        assert piece.lower() in text.lower(), (piece, text)
    for piece in step.get("never", ()):
        assert piece.lower() not in text.lower(), (piece, text)
    if "choices" in step:
        assert bool(choices) == step["choices"], (choices, text)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.stem}")
def test_conversation(file: Path, stack: Stack) -> None:
    steps = yaml.safe_load(file.read_text(encoding="utf-8"))
    jsonschema.validate(steps, SCHEMA)
    with httpx.Client(base_url=stack.url, timeout=60) as http:
        http.headers["authorization"] = f"Bearer {http.post('/api/sessions').json()['token']}"
        for step in steps:
            body = {"text": step["user"], **({"country": step["country"]} if "country" in step else {})}
            check(step, http.post("/api/messages", json=body).raise_for_status().json()["replies"])


def test_a_message_without_an_answer_reaches_the_clinics_list(stack: Stack, unanswered_file: Path) -> None:
    """The action server does its work after the reply, without the person's words."""
    file = unanswered_file
    words = "purple monkey dishwasher frobnicate the quux"
    before = len(file.read_text().splitlines()) if file.exists() else 0
    with httpx.Client(base_url=stack.url, timeout=60) as http:
        http.headers["authorization"] = f"Bearer {http.post('/api/sessions').json()['token']}"
        for _ in range(2):
            reply = http.post("/api/messages", json={"text": "hmm so what about the thing with the other one"})
            said = {r["response"] for r in reply.json()["replies"]}
            assert said & {"utter_clarify", "utter_no_answer"}
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (not file.exists() or len(file.read_text().splitlines()) < before + 2):
        time.sleep(0.1)
    lines = file.read_text().splitlines()
    assert len(lines) >= before + 2
    assert not any(word in line for line in lines for word in ("thing", words))
