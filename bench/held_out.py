"""The final figure of understanding: `python -m bench.held_out` evaluates the test messages and counts by kind.

The table is kept in docs/understanding.md. Pairs of topics that were mistaken for each other are printed below it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import report
from bench.ablations import DOCUMENT
from isobot.cli.calibrate import read_messages
from isobot.cli.evaluate import evaluate
from isobot.content.reference import ROOT

TEST_FILE = ROOT / "tests" / "understanding" / "test.jsonl"
ALL = "all about isotretinoin"
_OUT = ("out_of_scope", "chitchat")
_MOST_PAIRS = 15


@dataclass
class Count:
    """What became of the messages of one kind."""

    messages: int = 0
    right: int = 0
    wrong: int = 0

    def add(self, *, right: bool, wrong: bool) -> None:
        """Count one message."""
        self.messages += 1
        self.right += right
        self.wrong += wrong

    def row(self, name: str) -> list[str]:
        """Return the row of the table."""
        asked = self.messages - self.right - self.wrong
        return [name, str(self.messages), *(f"{100 * n / self.messages:.1f}" for n in (self.right, self.wrong, asked))]


@dataclass
class Score:
    """The counts by kind, the topics of messages with several questions, and what was mistaken for what."""

    kinds: defaultdict[str, Count]
    mistaken: Counter[tuple[str, str]]
    several: int = 0
    found: int = 0


def score(messages: list[dict[str, Any]], results: list[dict[str, Any]]) -> Score:
    """Return what the bot made of labelled messages.

    A message about isotretinoin is right when a right topic is among the answers, and wrong when there are only others.
    One that is out of scope is right when the bot said so, and wrong when it was answered as if about isotretinoin.
    """
    made = Score(defaultdict(Count), Counter())
    for message, result in zip(messages, results, strict=True):
        topics, answered, kind = message["topics"], result["topics"], message["kind"]
        if topics[0] in _OUT:
            wrong = any(t not in (*_OUT, *topics) for t in answered)
            made.kinds[kind].add(right=bool(answered) and not wrong, wrong=wrong)
            continue
        right = bool(set(topics) & set(answered))
        for name in (kind, ALL):
            made.kinds[name].add(right=right, wrong=bool(answered) and not right)
        if answered and not right:
            made.mistaken[topics[0], answered[0]] += 1
        if kind == "multi":
            made.several += len(topics)
            made.found += len(set(topics) & set(answered))
    return made


def main(arguments: list[str] | None = None) -> int:
    """Evaluate, show and keep the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="make held-out")
    parser.add_argument(
        "--messages", type=Path, default=TEST_FILE, help="labelled messages; the table is kept for the test set only"
    )
    options = parser.parse_args(arguments)
    messages = read_messages(options.messages)
    report.say(f"Evaluating {len(messages)} messages ...")
    results = asyncio.run(evaluate(json.dumps(m) for m in messages))
    made = score(messages, results)
    order = sorted(made.kinds, key=lambda kind: (kind != ALL, -made.kinds[kind].messages))
    share = f"{made.found} of {made.several}" if made.several else "none"
    table = report.Table(
        "Understanding of the test messages",
        ["", "messages", "right %", "wrong %", "asked back %"],
        [made.kinds[kind].row(kind) for kind in order],
        f"Topics found in messages with several questions: {share}. A message out of scope is right when the bot "
        "says so, and wrong when it is answered as if about isotretinoin.",
    )
    report.show(table)
    for (topic, instead), count in made.mistaken.most_common(_MOST_PAIRS):
        print(f"{count} x {topic} answered as {instead}")
    if options.messages == TEST_FILE:
        report.keep(table, "test-set", "python -m bench.held_out", DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
