"""The figures of the dose calculator: `python -m bench.dose` sends the test messages to the engine and counts them.

The table is kept in docs/dose-calculator.md. Expected values were worked out before the calculator existed, from inputs
taken by hand (tests/dose). With --development, the messages that the calculator was made with; with --show, texts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

from bench import report
from bench.danger import share
from isobot.cli.calibrate import read_messages
from isobot.cli.evaluate import evaluate
from isobot.cli.train import MODEL
from isobot.content.reference import ROOT
from isobot.engine import Engine

TEST_FILE = ROOT / "tests" / "dose" / "test.jsonl"
DEVELOPMENT_FILE = ROOT / "tests" / "dose" / "development.jsonl"
DOCUMENT = ROOT / "docs" / "dose-calculator.md"
WRITTEN_ON = date(2026, 11, 24)  # "three months" in the messages go back from this day
_EITHER = ("ask", "reason", "status")


def is_right(message: dict[str, Any], result: dict[str, Any]) -> bool:
    """Return whether a result has all that is expected of a message; more may stand in it."""
    expected, dose = message["expect"], result.get("dose")
    if expected is None or dose is None:
        return expected is None and dose is None
    return all(_agrees(key, value, message, dose) for key, value in expected.items())


def _agrees(key: str, value: Any, message: dict[str, Any], dose: dict[str, Any]) -> bool:
    if key in ("ask", "reason") and isinstance(message["expect"]["status"], list) and key not in dose:
        return True  # asked back or refused: either will do
    if key in _EITHER and isinstance(value, list):
        return dose.get(key) in value
    return dose.get(key) == value or dose.get(key) in message.get("accept", {}).get(key, ())


def is_wrong_number(message: dict[str, Any], result: dict[str, Any]) -> bool:
    """Return whether figures were given that are not the expected ones."""
    return not is_right(message, result) and (result.get("dose") or {}).get("status") == "calculated"


def results_of(messages: list[dict[str, Any]], engine: Engine) -> list[dict[str, Any]]:
    """Return what the engine makes of messages, on the day that they were written."""
    with mock.patch("isobot.dialogue.policy.today", return_value=WRITTEN_ON):
        return asyncio.run(evaluate((json.dumps(m) for m in messages), engine))


def row(name: str, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    """Return a line of the table: messages, those answered as expected, wrong numbers, those asked back needlessly."""
    right = sum(is_right(m, r) for m, r in pairs)
    asked = sum(
        (m["expect"] or {}).get("status") == "calculated" and (r.get("dose") or {}).get("status") == "ask"
        for m, r in pairs
    )
    wrong = sum(is_wrong_number(m, r) for m, r in pairs)
    return [name, str(len(pairs)), share(right, len(pairs)), str(wrong), str(asked)]


def main(arguments: list[str] | None = None) -> int:
    """Evaluate, show and keep the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="make dose")
    parser.add_argument("--development", action="store_true", help="the messages that the calculator was made with")
    parser.add_argument("--show", action="store_true", help="print what differs (of the development messages only)")
    options = parser.parse_args(arguments)
    file: Path = DEVELOPMENT_FILE if options.development else TEST_FILE
    messages = read_messages(file)
    report.say(f"Evaluating {len(messages)} messages ...")
    pairs = list(zip(messages, results_of(messages, Engine.load(MODEL)), strict=True))
    kinds = defaultdict(list)
    for message, result in pairs:
        kinds[message["kind"]].append((message, result))
    table = report.Table(
        "Sums in the development messages" if options.development else "Sums in the test messages",
        ["", "messages", "as expected %", "wrong numbers", "asked back though complete"],
        [row("all", pairs), *(row(kind, kinds[kind]) for kind in sorted(kinds))],
        "In brackets: 95 % interval (Wilson).",
    )
    report.show(table)
    if options.show and options.development:
        for message, result in pairs:
            if not is_right(message, result):
                print(f"{message['id']} {message['kind']}: {message['text']}")
                print(f"  expected {message['expect']}\n  got {result.get('dose')} {result.get('urgency')}")
    if not options.development:
        report.keep(table, "dose", "python -m bench.dose", DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
