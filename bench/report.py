"""Shows a benchmark's table in the terminal and keeps it in docs/benchmarks.md."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.workspace import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"
_START = """# Benchmarks

Each table comes from one run on one otherwise quiet machine; compare the figures of a table with each other, not with
those of another machine. The numbers in brackets are ratios to this bot in the same run.

## Candidates for understanding

Each candidate is trained by Rasa on the same phrasings and judged on the calibration messages by its best guess,
whether or not it would be sure enough to answer. Leaf and topic count over messages with one question that the bot has
answers on. The rows with "our logistic regression" have the whole of our classifier, which also looks at each sentence
by itself and at the names of other medicines; the others see the message as one text.

<!-- compare-nlu -->
<!-- /compare-nlu -->

## This bot beside stock Rasa

The same answers and phrasings in this bot and in two bots of stock components, answering the same messages in turns
in one process. Loading is from starting Python to a loaded model; it and the peak memory are measured in a process of
their own. Stock Rasa gets one rule for each intent. TEDPolicy and UnexpecTEDIntentPolicy learn from stories only, so
they are loaded but add next to nothing here.

<!-- engine -->
<!-- /engine -->
"""


@dataclass(frozen=True)
class Table:
    """A table with its first column on the left and numbers on the right.

    Attributes:
        title: shown above it.
        header: one title a column.
        rows: one cell a column.
        note: shown below it; empty for none.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def markdown(self) -> str:
        """Return the table (without its title) and the note as Markdown."""
        rule = ["---", *("---:" for _ in self.header[1:])]
        lines = [f"| {' | '.join(row)} |" for row in (self.header, rule, *self.rows)]
        return "\n".join(lines) + (f"\n\n{self.note}" if self.note else "")


def show(table: Table) -> None:
    """Print the table to standard output: drawn in a terminal, Markdown elsewhere."""
    if not sys.stdout.isatty():
        print(f"{table.title}\n\n{table.markdown()}")
        return
    from rich.console import Console
    from rich.table import Table as RichTable

    drawn = RichTable(title=table.title, caption=table.note or None)
    for i, name in enumerate(table.header):
        drawn.add_column(name, justify="right" if i else "left")
    for row in table.rows:
        drawn.add_row(*row)
    Console().print(drawn)


def keep(table: Table, marker: str, command: str, document: Path = DOCUMENT) -> None:
    """Put the table and the command that made it between `<!-- marker -->` and `<!-- /marker -->` of a document.

    Raises:
        ValueError: when the document has lost the markers.
    """
    text = document.read_text(encoding="utf-8") if document.is_file() else _START
    between = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- /{marker} -->)", re.DOTALL)
    if not between.search(text):
        raise ValueError(f"Put the lines <!-- {marker} --> and <!-- /{marker} --> back into {document} and try again.")
    block = f"`{command}`\n\n{table.markdown()}\n"
    document.parent.mkdir(exist_ok=True)
    document.write_text(between.sub(lambda m: m[1] + block + m[2], text), encoding="utf-8")


def say(text: str) -> None:
    """Tell the person at the terminal what goes on (standard error)."""
    print(text, file=sys.stderr, flush=True)
