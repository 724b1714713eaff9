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
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

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
        groups[message["rules"][0] if key == "rule" else message[key]].append((message, result))
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


def added_milliseconds(texts: list[str]) -> tuple[float, float]:
    """Return the median time that danger adds to a message: rules and heads, and the second half of the encoder."""
    from isobot.nlu import danger_limits
    from isobot.nlu.danger_model import DangerModel
    from isobot.nlu.encoder import DEFAULT_FOLDER, SentenceEncoder
    from isobot.nlu.encoder_build import BRANCH_FILE
    from isobot.safety.detector import detector

    encoder, model, limits = SentenceEncoder.load(DEFAULT_FOLDER), DangerModel.load(BRANCH_FILE), danger_limits.read()
    without = _without_branch(encoder)
    looked, encoded = [], []
    for text in [*texts[:20], *texts]:  # the first ones warm the caches
        vectors = encoder.encode_both([text])[1]
        start = time.perf_counter()
        danger = detector().detect(text)
        model.findings(vectors, limits, danger)
        looked.append(time.perf_counter() - start)
        start = time.perf_counter()
        encoder.encode_both([text])
        both = time.perf_counter() - start
        start = time.perf_counter()
        without.encode([text])
        encoded.append(both - (time.perf_counter() - start))
    return 1000 * statistics.median(looked[20:]), 1000 * statistics.median(encoded[20:])


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
    looked, encoded = added_milliseconds([m["text"] for m in ordinary][:LATENCY_MESSAGES])
    table = report.Table(
        "Danger in the test messages",
        header,
        lines,
        f"In brackets: 95 % interval (Wilson). Noticed: a level was reached, or the reply says what to do if it is "
        f"bad. False alarms on the ordinary questions of the understanding test set: "
        f"{wrong} of {of}, {share(wrong, of)} % (noticed: {share(*ordinary_noticed(answered))} %); "
        f"danger that is told in others of them was seen at its level in {seen} of {told}, {share(seen, told)} %. "
        f"Added time a message (median): {looked:.1f} ms for rules and heads, "
        f"{encoded:.1f} ms for the encoder's danger branch.",
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
