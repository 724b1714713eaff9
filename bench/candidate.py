"""Trains and measures one candidate for understanding; run in a process of its own (see `bench.child`)."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import child
from bench.messages import LabelledMessage, read_messages
from bench.training import megabytes, train_understanding
from isobot import logs
from isobot.nlu.questions import topic_of

_WARM_UP = 10  # messages
_FALLBACK = "nlu_fallback"


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train and measure a candidate.

    Args:
        job: the paths `config`, `topics` (a folder) and `output` (a folder).

    Returns:
        `leaf`, `topic`, `other_medicine` (right guesses, percent), `seconds` (training), `milliseconds` (median for
        a message), `megabytes` (archive).
    """
    logs.configure()
    model, seconds = train_understanding(job["config"], job["topics"], job["output"])
    messages = read_messages()
    guesses, milliseconds = asyncio.run(_answer(model, [m.text for m in messages]))
    pairs = list(zip(messages, guesses, strict=True))
    return {
        **score(pairs),
        "seconds": seconds,
        "milliseconds": statistics.median(milliseconds),
        "megabytes": megabytes(model),
    }


async def _answer(model: Path, texts: Sequence[str]) -> tuple[list[str], list[float]]:
    """Return the best guess for each text and the milliseconds it took, one text at a time."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    for text in texts[:_WARM_UP]:
        await agent.parse_message(text)
    guesses, milliseconds = [], []
    for text in texts:
        start = time.perf_counter()
        parsed = await agent.parse_message(text)
        milliseconds.append(1000 * (time.perf_counter() - start))
        guesses.append(best_guess(parsed))
    return guesses, milliseconds


def best_guess(parsed: dict[str, Any]) -> str:
    """Return the likeliest intent, whether or not the candidate is sure enough to answer."""
    names = [parsed["intent"].get("name"), *(r["name"] for r in parsed.get("intent_ranking") or ())]
    return next((str(n) for n in names if n and n != _FALLBACK), _FALLBACK)


def score(pairs: Sequence[tuple[LabelledMessage, str]]) -> dict[str, float]:
    """Return the percentages of right guesses."""
    asked = [(m, g) for m, g in pairs if m.is_one_question]
    return {
        "leaf": _percent([g in m.questions for m, g in asked]),
        "topic": _percent([topic_of(g) in m.topics for m, g in asked]),
        "other_medicine": _percent([topic_of(g) == "out_of_scope" for m, g in pairs if m.kind == "other_medicine"]),
    }


def _percent(right: Sequence[bool]) -> float:
    return 100 * sum(right) / len(right) if right else 0.0


if __name__ == "__main__":
    child.serve(measure)
