"""Measures this bot beside stock Rasa on the same data, in one run, and prints one table.

Run as `python -m bench.engine [--messages N] [--epochs N]`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench import child, report
from bench.pipelines import shipped_config, stock_bot, stock_light_bot
from bench.workspace import Workspace, prepare

_MESSAGES, _EPOCHS, _QUICK_PHRASINGS = 300, 20, 3
_OURS = "ours"
_LABELS = {_OURS: "this bot", "stock": "stock `rasa init`", "stock-light": "stock: count vectors, linear, rules"}
Figures = dict[str, dict[str, Any]]


def run(messages: int, epochs: int, max_phrasings: int | None) -> Figures:
    """Train all bots, measure them, and return for each what `bench.training`, `.loading` and `.latency` give."""
    configs = {_OURS: shipped_config(), "stock": stock_bot(epochs), "stock-light": stock_light_bot()}
    with tempfile.TemporaryDirectory() as temporary:
        work = prepare(Path(temporary), max_phrasings)
        trained = {name: _train(name, config, work) for name, config in configs.items()}
        models = {n: {"kind": _OURS if n == _OURS else "stock", "model": t["model"]} for n, t in trained.items()}
        loaded = {name: _load(name, model, work) for name, model in models.items()}
        report.say(f"Answering {messages} messages with each ...")
        answered = child.run("bench.latency", "latency", {"bots": models, "messages": messages}, work.project)
    return {n: {"training": trained[n], "loading": loaded[n], "latency": answered[n]} for n in configs}


def _train(name: str, config: dict[str, Any], work: Workspace) -> dict[str, Any]:
    slow = "" if name != "stock" else " (DIET: this may take many minutes)"
    report.say(f"Training {_LABELS[name]}{slow} ...")
    rules = work.rules if name == _OURS else work.stock_rules
    job = {
        "config": str(work.write_config(name, config)),
        "domain": str(work.domain),
        "data": [str(work.topics), str(rules)],
        "output": str(work.folder / "models"),
    }
    return child.run("bench.training", f"train-{name}", job, work.project)


def _load(name: str, model: Mapping[str, str], work: Workspace) -> dict[str, Any]:
    report.say(f"Loading {_LABELS[name]} ...")
    return child.run("bench.loading", f"load-{name}", dict(model), work.project)


def table(figures: Figures, messages: int, epochs: int) -> report.Table:
    """Return the table of `run`'s figures: a row each measure, a column each bot."""
    measures: dict[str, Callable[[dict[str, Any]], float]] = {
        "ms a message, fresh conversation, p50": lambda f: f["latency"]["p50"],
        "ms a message, fresh conversation, p95": lambda f: f["latency"]["p95"],
        **{f"ms at message {m} of one conversation": _at(m) for m in figures[_OURS]["latency"]["long"]},
        "load s": lambda f: f["loading"]["seconds"],
        "peak memory MB": lambda f: f["loading"]["megabytes"],
        "training s": lambda f: f["training"]["seconds"],
        "archive MB": lambda f: f["training"]["megabytes"],
    }
    rows = [("messages that got a reply %", *(f"{f['latency']['replied']:.0f}" for f in figures.values()))]
    rows += [(name, *(_cell(measure(f), measure(figures[_OURS])) for f in figures.values()))
            for name, measure in measures.items()]  # fmt: skip
    note = (
        f"{messages} messages of at most 25 words. Epochs of stock `rasa init`: {epochs} (100 as shipped); "
        "it says nothing to a message that it does not understand, which is quicker than an answer. "
        "A message of one conversation is the median of five from that one on, with the conversation in an SQLite file."
    )
    return report.Table("This bot beside stock Rasa", ("", *(_LABELS[n] for n in figures)), rows, note)


def _at(mark: str) -> Callable[[dict[str, Any]], float]:
    return lambda f: float(f["latency"]["long"][mark])


def _cell(value: float, ours: float) -> str:
    """Return a figure with its ratio to ours."""
    digits = 0 if value >= 100 else 1
    return f"{value:.{digits}f} ({value / ours:.1f}×)"


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure this bot beside stock Rasa.")
    parser.add_argument("--messages", type=int, default=_MESSAGES, help=f"fresh conversations (default {_MESSAGES})")
    parser.add_argument("--epochs", type=int, default=_EPOCHS, help=f"epochs of stock Rasa (default {_EPOCHS})")
    parser.add_argument("--quick", action="store_true", help="a smoke test: little data, nothing kept")
    parser.add_argument("--phrasings", type=int, help="the most phrasings of a question (default: all)")
    options = parser.parse_args(arguments)
    if min(options.messages, options.epochs) < 1:
        parser.error("give 1 or more messages and epochs")
    try:
        phrasings = options.phrasings or (_QUICK_PHRASINGS if options.quick else None)
        figures = run(options.messages, options.epochs, phrasings)
    except child.JobFailedError as error:
        report.say(f"error: {error}")
        return 1
    made = table(figures, options.messages, options.epochs)
    report.show(made)
    if not options.quick:  # the document holds complete tables only
        given = f"--messages {options.messages} --epochs {options.epochs}"
        given += f" --phrasings {phrasings}" if phrasings else ""
        report.keep(made, "engine", f"python -m bench.engine {given}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
