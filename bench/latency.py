"""Times the bots' answers in turns, so that noise hits all alike; run in a process of its own (see `bench.child`)."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench import bots, child
from bench.messages import short_texts
from isobot import logs

MARKS = (1, 50, 100, 200)  # messages of one conversation
_AROUND = 5  # messages from a mark on, of which the median is taken
_WARM_UP = 5  # messages


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Time the bots.

    Args:
        job: `bots` (name to `kind` and the path `model`) and `messages`, how many fresh conversations.

    Returns:
        For each bot `p50` and `p95` of fresh conversations and `long` (mark to median), all in milliseconds a message,
        and `replied`, the percentage of fresh conversations in which it said anything.
    """
    logs.configure()
    return asyncio.run(_measure(job["bots"], short_texts(job["messages"])))


async def _measure(models: Mapping[str, Mapping[str, str]], texts: Sequence[str]) -> dict[str, Any]:
    fresh = await _in_turns({n: _load(m, "memory") for n, m in models.items()}, texts, one_conversation=False)
    marks = [m for m in MARKS if m <= len(texts)]
    with tempfile.TemporaryDirectory() as folder:
        kept = {n: _load(m, "file", Path(folder) / f"{n}.db") for n, m in models.items()}
        # As many messages as the last mark needs; the texts come round again where they are fewer.
        repeated = [texts[i % len(texts)] for i in range(marks[-1] + _AROUND - 1)]
        long = await _in_turns(kept, repeated, one_conversation=True)
    return {
        name: {
            "p50": statistics.median(_milliseconds(fresh[name])),
            "p95": float(np.percentile(_milliseconds(fresh[name]), 95)),
            "long": {str(m): statistics.median(_milliseconds(long[name][m - 1 : m - 1 + _AROUND])) for m in marks},
            "replied": 100 * sum(a.replied for a in fresh[name]) / len(texts),
        }
        for name in models
    }


def _milliseconds(answers: Sequence[bots.Answer]) -> list[float]:
    return [a.milliseconds for a in answers]


def _load(model: Mapping[str, str], store: bots.Store, database: Path | None = None) -> bots.Bot:
    kind: bots.Kind = "ours" if model["kind"] == "ours" else "stock"
    return bots.load(kind, Path(model["model"]), store, database)


async def _in_turns(
    loaded: Mapping[str, bots.Bot], texts: Sequence[str], *, one_conversation: bool
) -> dict[str, list[bots.Answer]]:
    """Send each text to each bot; return the answers of each bot."""
    for bot in loaded.values():
        for i, text in enumerate(texts[:_WARM_UP]):
            await bot.answer(text, f"warm-{i}")
    answers: dict[str, list[bots.Answer]] = {name: [] for name in loaded}
    for i, text in enumerate(texts):
        for name, bot in loaded.items():
            answers[name].append(await bot.answer(text, "long" if one_conversation else f"fresh-{i}"))
    return answers


if __name__ == "__main__":
    child.serve(measure)
