"""The documents tell the truth where a machine can see it: commands, options, links."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from isobot.content.reference import ROOT

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
_CODE = re.compile(r"^[ ]*```.*?^[ ]*```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^()\s]+)\)")


def output(*command: str, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120, env={**os.environ, **environment}
    )
    return done.stdout


def between(document: Path, marker: str) -> str:
    """Return what stands between <!-- marker --> and <!-- /marker -->."""
    text = document.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {re.escape(marker)} -->\n(.*?)<!-- /{re.escape(marker)} -->", text, re.DOTALL)
    assert found, f"{document.name} has lost its markers {marker!r}"
    return found[1]


def relative_links(document: Path) -> list[str]:
    text = _CODE.sub("", document.read_text(encoding="utf-8"))
    return [link for link in _LINK.findall(text) if not re.match(r"[a-z]+:", link)]


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, the way that GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _CODE.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def test_the_readme_lists_the_commands_of_make_help() -> None:
    lines = output("make", "--silent", "--no-print-directory", "help", MAKEFLAGS="").splitlines()
    commands = [line.split(maxsplit=2)[1:] for line in lines]
    assert commands
    table = "".join(f"| `make {name}` | {text} |\n" for name, text in commands)
    wanted = f"| Command | Does |\n|---|---|\n{table}"
    assert between(ROOT / "README.md", "make help") == wanted, f"Put this table into README.md:\n{wanted}"


def test_the_chats_options_are_shown_as_the_program_prints_them() -> None:
    printed = output(sys.executable, "-W", "ignore", "-m", "isobot.cli.chat", "--help", COLUMNS="100")
    wanted = f"```\n{printed}```\n"
    assert between(ROOT / "docs" / "terminal.md", "chat --help") == wanted, f"Put this into docs/terminal.md:\n{wanted}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    dead = []
    for link in relative_links(document):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []
