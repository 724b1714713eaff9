"""Measures what it takes to load a bot; run in a process of its own (see `bench.child`)."""

from __future__ import annotations

import time

_START = time.perf_counter()  # before Rasa is imported: a server that starts waits for that, too

import asyncio  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from bench import bots, child  # noqa: E402
from bench.messages import short_texts  # noqa: E402
from isobot import logs  # noqa: E402

_MESSAGES = 20  # answered before memory is read: some of it is only used then


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Load a bot and answer a few messages.

    Args:
        job: `kind` (see `bench.bots.load`) and the path `model`.

    Returns:
        `seconds` to a loaded model, and `megabytes`: the peak memory of the process.
    """
    logs.configure()
    bot = bots.load(job["kind"], Path(job["model"]), "memory")
    seconds = time.perf_counter() - _START
    asyncio.run(_answer(bot))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, kilobytes elsewhere
    return {"seconds": seconds, "megabytes": peak / (1e6 if sys.platform == "darwin" else 1e3)}


async def _answer(bot: bots.Bot) -> None:
    for i, text in enumerate(short_texts(_MESSAGES)):
        await bot.answer(text, f"load-{i}")


if __name__ == "__main__":
    child.serve(measure)
