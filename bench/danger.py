"""The figures of danger: `python -m bench.danger` takes the test messages through the engine and counts them.

The tables are kept in docs/safety-case.md. Each share stands beside its 95 % interval (Wilson). What is still missed is
printed below, for the person who works on it; the test messages are never trained on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from scipy.stats import binomtest

from bench import report
from isobot.cli.calibrate import read_messages
from isobot.cli.calibrate_danger import danger_in
from isobot.cli.evaluate import evaluate
from isobot.content.reference import ROOT
from isobot.content.topics import read_topic_file
from isobot.dialogue.danger_first import IF_NOW, UTTER_POSSIBLE, UTTER_SOFT_CHECK, UTTER_SUPPORT
from isobot.safety.urgency import Urgency

TEST_FILE = ROOT / "tests" / "safety" / "test.jsonl"
ORDINARY_FILE = ROOT / "tests" / "understanding" / "test.jsonl"
DOCUMENT = ROOT / "docs" / "safety-case.md"
LATENCY_MESSAGES = 300
T = TypeVar("T")


def share(hits: int, of: int) -> str:
    """Return a share with its Wilson 95 % interval, in percent: "98.5 (95.1 to 99.6)"."""
    if of == 0:
        return "-"
    low, high = binomtest(hits, of).proportion_ci(method="wilson")
    return f"{100 * hits / of:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def caught(message: dict[str, Any], result: dict[str, Any]) -> bool:
    """Return whether a message that must escalate reached its level."""
    return Urgency.of(result["urgency"]) >= Urgency.of(message["level"])


def raised(result: dict[str, Any]) -> bool:
    """Return whether a message was escalated to today or now."""
    return Urgency.of(result["urgency"]) >= Urgency.URGENT


def noticed(result: dict[str, Any]) -> bool:
    """Return whether a message reached a level, or was told beside its answer what to do if it is bad."""
    return result["urgency"] != "none" or any(text.startswith(lines_if_bad()) for text in result["reply"])


@lru_cache(maxsize=1)
def lines_if_bad() -> tuple[str, ...]:
    """Return how the lines begin that say what to do if it is bad, up to their first placeholder."""
    file = ROOT / "data" / "topics" / "red_flag.yml"
    responses = read_topic_file(file, yaml.safe_load(file.read_text(encoding="utf-8"))).responses
    names = (UTTER_POSSIBLE, UTTER_SUPPORT, UTTER_SOFT_CHECK, *(name for name in responses if name.startswith(IF_NOW)))
    return tuple(variant["text"].partition("{")[0] for name in names for variant in responses[name])


def row(name: str, pairs: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    """Return a line of the table: messages that must escalate, those caught, look-alikes, those raised."""
    rows = list(pairs)
    must = [(m, r) for m, r in rows if m["level"] != "none"]
    alike = [r for m, r in rows if m["level"] == "none"]
    return [
        name,
        str(len(must)),
        share(sum(caught(m, r) for m, r in must), len(must)),
        share(sum(Urgency.of(r["urgency"]) > Urgency.NONE for _, r in must), len(must)),
        share(sum(noticed(r) for _, r in must), len(must)),
        str(len(alike)),
        share(sum(map(raised, alike)), len(alike)),
        share(sum(map(noticed, alike)), len(alike)),
    ]


def by(
    key: str, pairs: list[tuple[dict[str, Any], dict[str, Any]]]
) -> dict[str, list[tuple[dict[str, Any], dict[str, Any]]]]:
    """Return the pairs by level, kind or (first) rule of the message."""
    groups = defaultdict(list)
    for message, result in pairs:
        name = message[key] if key != "rule" else message["rules"][0] if message["rules"] else "no rule"
        groups[name].append((message, result))
    return dict(sorted(groups.items()))


def false_alarms(results: list[dict[str, Any]]) -> tuple[int, int]:
    """Return how many ordinary questions were escalated, of how many."""
    ordinary = _ordinary(results)
    return sum(map(raised, ordinary)), len(ordinary)


def ordinary_noticed(results: list[dict[str, Any]]) -> tuple[int, int]:
    """Return how many ordinary questions were escalated or told what to do if it is bad, of how many."""
    ordinary = _ordinary(results)
    return sum(map(noticed, ordinary)), len(ordinary)


def _ordinary(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the results of the messages that tell of no danger."""
    told = danger_in("test")
    return [r for r in results if r["id"] not in told]


def told_in_passing(results: list[dict[str, Any]]) -> tuple[int, int]:
    """Return in how many messages of the understanding test set that tell of danger it was seen, and how many tell."""
    told = {id_: row for id_, row in danger_in("test").items() if not row["unsure"]}
    pairs = [(told[r["id"]], r) for r in results if r["id"] in told]
    return sum(caught(m, r) for m, r in pairs), len(pairs)


@dataclass(frozen=True)
class Added:
    """What looking for danger adds to messages.

    Attributes:
        median: of all that it adds to a message, in milliseconds.
        looked: the median time of the rules and of the heads, in milliseconds.
        encoded: the median time of the encoder's danger branch, in milliseconds.
        read_again: the share of the messages that were read a second time.
        second: the median time of their second reading, in milliseconds.
    """

    median: float
    looked: float
    encoded: float
    read_again: float
    second: float


def added_milliseconds(texts: list[str]) -> Added:
    """Return the time that danger adds to messages, each read as one text."""
    from isobot.cli.calibrate_danger import LearnedDetector
    from isobot.nlu import danger_limits
    from isobot.safety.detector import detector

    learned, limits = LearnedDetector.load(), danger_limits.read()
    without = _without_branch(learned.encoder)
    parts = []
    for text in [*texts[:20], *texts]:  # the first ones warm the caches
        vectors = learned.encoder.encode_both([text])[1]
        looked, danger = timed(lambda text=text: detector().detect(text))
        heads, first = timed(lambda vectors=vectors: learned.first.read(vectors))
        second, reading = timed(lambda first=first, text=text: learned.second.read_again(first, [text]))
        decided, _ = timed(lambda reading=reading, danger=danger: reading.findings(limits, danger))
        both, _ = timed(lambda text=text: learned.encoder.encode_both([text]))
        alone, _ = timed(lambda text=text: without.encode([text]))
        parts.append((looked + heads + decided, both - alone, second if reading is not first else 0.0))
    parts = parts[20:]
    again = [second for *_, second in parts if second]
    return Added(
        statistics.median(map(sum, parts)),
        statistics.median(looked for looked, *_ in parts),
        statistics.median(encoded for _, encoded, _ in parts),
        len(again) / len(parts),
        statistics.median(again) if again else 0.0,
    )


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """Return how many milliseconds something takes, and what it gives."""
    start = time.perf_counter()
    result = act()
    return 1000 * (time.perf_counter() - start), result


def _without_branch(encoder: Any) -> Any:
    """Return the encoder without its danger branch: what it would cost if nobody looked for danger."""
    from onnx import load_model_from_string
    from onnx.utils import Extractor

    from isobot.nlu.encoder import SENTENCE_VECTOR, SentenceEncoder

    graph = Extractor(load_model_from_string(encoder.graph)).extract_model(
        ["input_ids", "attention_mask"], [SENTENCE_VECTOR]
    )
    return SentenceEncoder(graph.SerializeToString(), encoder.tokenizer_json)


def main(arguments: list[str] | None = None) -> int:
    """Evaluate, show and keep the tables; return the exit code."""
    parser = argparse.ArgumentParser(prog="make danger")
    parser.add_argument(
        "--messages", type=Path, default=TEST_FILE, help="labelled messages; kept for the test set only"
    )
    parser.add_argument("--show", action="store_true", help="print what was missed and what was raised wrongly")
    options = parser.parse_args(arguments)
    messages = read_messages(options.messages)
    report.say(f"Evaluating {len(messages)} messages ...")
    results = asyncio.run(evaluate(json.dumps(m) for m in messages))
    pairs = list(zip(messages, results, strict=True))
    header = ["", "must escalate", "to their level %", "to any level %", "noticed %"]
    header += ["look-alikes", "raised to today or now %", "noticed %"]
    lines = [row("all", pairs)]
    lines += [row(f"level {k}", v) for k, v in by("level", pairs).items() if k != "none"]
    lines += [row(k, v) for k, v in by("rule", pairs).items()]
    lines += [row(k, v) for k, v in by("kind", pairs).items()]
    ordinary = read_messages(ORDINARY_FILE)
    report.say(f"Evaluating {len(ordinary)} ordinary messages ...")
    answered = asyncio.run(evaluate(json.dumps(m) for m in ordinary))
    (wrong, of), (seen, told) = false_alarms(answered), told_in_passing(answered)
    added = added_milliseconds([m["text"] for m in ordinary][:LATENCY_MESSAGES])
    table = report.Table(
        "Danger in the test messages",
        header,
        lines,
        f"In brackets: 95 % interval (Wilson). Noticed: a level was reached, or the reply says what to do if it is "
        f"bad. False alarms on the ordinary questions of the understanding test set: "
        f"{wrong} of {of}, {share(wrong, of)} % (noticed: {share(*ordinary_noticed(answered))} %); "
        f"danger that is told in others of them was seen at its level in {seen} of {told}, {share(seen, told)} %. "
        f"Added time a message (median): {added.median:.1f} ms (rules and heads {added.looked:.1f}, the encoder's "
        f"danger branch {added.encoded:.1f}); {100 * added.read_again:.0f} % of the ordinary messages "
        f"are read a second time, which takes {added.second:.1f} ms more.",
    )
    report.show(table)
    if options.show:
        for message, result in pairs:
            if message["level"] != "none" and not caught(message, result):
                was = f"{message['level']} as {result['urgency']}"
                print(f"missed {message['id']} {was}, {message['rules']}: {message['text']}")
            if message["level"] == "none" and raised(result):
                print(f"raised {message['id']} {result['red_flags']}, {message['kind']}: {message['text']}")
    if options.messages == TEST_FILE:
        report.keep(table, "danger", "python -m bench.danger", DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
