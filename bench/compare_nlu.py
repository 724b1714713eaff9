"""Trains candidates for understanding on the same data and prints their table.

Run as `python -m bench.compare_nlu [--quick] [--epochs N] [--only NAME ...]`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import child, report
from bench.pipelines import LABELS, SHIPPED, USES_DIET, understanding
from bench.workspace import Workspace, prepare

_EPOCHS = 100  # as `rasa init` ships
_QUICK_EPOCHS, _QUICK_PHRASINGS = 5, 20
_HEADER = (
    "candidate",
    "right leaf %",
    "right topic %",
    "other medicine seen %",
    "training s",
    "ms a message (p50)",
    "archive MB",
)


def run(names: Sequence[str], epochs: int, max_phrasings: int | None) -> dict[str, dict[str, Any]]:
    """Train and measure the candidates, one after the other; return `bench.candidate.measure`'s figures by name.

    A candidate that fails is named on standard error and left out: the others may have taken hours.
    """
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        work = prepare(Path(temporary), max_phrasings)
        for name in names:
            try:
                results[name] = _measure(name, epochs, work)
            except child.JobFailedError as error:
                report.say(f"error: {error}")
    return results


def _measure(name: str, epochs: int, work: Workspace) -> dict[str, Any]:
    slow = f" (DIET, {epochs} epochs: this may take many minutes)" if name in USES_DIET else ""
    report.say(f"Training and measuring {name}{slow} ...")
    config = work.write_config(name, understanding(name, epochs))
    job = {"config": str(config), "topics": str(work.topics), "output": str(work.folder / "models")}
    return child.run("bench.candidate", name, job, work.project)


def table(results: dict[str, dict[str, Any]], epochs: int, phrasings: int | None) -> report.Table:
    """Return the table of `run`'s figures, with times and sizes as ratios to the shipped candidate, too."""
    rows = [
        (
            LABELS[name],
            *(f"{figures[key]:.1f}" for key in ("leaf", "topic", "other_medicine")),
            *(_with_ratio(key, figures, results.get(SHIPPED)) for key in ("seconds", "milliseconds", "megabytes")),
        )
        for name, figures in results.items()
    ]
    return report.Table(
        "Candidates for understanding",
        _HEADER,
        rows,
        f"Epochs of DIET: {epochs} ({_EPOCHS} as shipped). Phrasings of each question: "
        f"{f'the first {phrasings}' if phrasings else 'all'}.",
    )


def _with_ratio(key: str, figures: dict[str, Any], shipped: dict[str, Any] | None) -> str:
    value = f"{figures[key]:.1f}"
    return f"{value} ({figures[key] / shipped[key]:.1f}×)" if shipped else value


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="make compare-nlu", description="Compare candidates for understanding.")
    parser.add_argument("--quick", action="store_true", help="a smoke test: little data, few epochs, nothing kept")
    parser.add_argument("--epochs", type=int, help=f"epochs of DIET (default {_EPOCHS}; {_QUICK_EPOCHS} with --quick)")
    parser.add_argument("--phrasings", type=int, help="the most phrasings of a question (default: all)")
    parser.add_argument("--only", nargs="+", choices=list(LABELS), metavar="NAME",
                        help=f"some of: {', '.join(LABELS)}; nothing kept")  # fmt: skip
    options = parser.parse_args(arguments)
    epochs = options.epochs or (_QUICK_EPOCHS if options.quick else _EPOCHS)
    names = [n for n in LABELS if not options.only or n in options.only]
    phrasings = options.phrasings or (_QUICK_PHRASINGS if options.quick else None)
    results = run(names, epochs, phrasings)
    made = table(results, epochs, phrasings)
    report.show(made)
    if len(results) < len(names):
        return 1
    if not (options.quick or options.only):  # the document holds complete tables only
        given = f" --epochs {epochs}" if options.epochs else ""
        given += f" --phrasings {phrasings}" if phrasings else ""
        report.keep(made, "compare-nlu", f"python -m bench.compare_nlu{given}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
