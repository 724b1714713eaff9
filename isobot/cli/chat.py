"""Chat in the terminal: `python -m isobot.cli.chat`, or with --ask, --json and standard input for scripts.

Exit codes: 0 the conversation ended, 1 the assistant could not be started or has stopped, 2 wrong arguments,
130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import httpx
from rich.console import Console, Group
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from isobot.cli.stack import Stack, StackError
from isobot.content.reference import countries

INTRODUCTION = (
    "Ask about isotretinoin (Accutane, Roaccutane) in your own words. General information, not medical advice, "
    'not for emergencies. "quit" or Ctrl-D ends the chat.'
)
PROMPT = "You: "
LEAVES = ("quit", "exit", "bye", ":q")  # typed alone, they end the chat
OK, FAILED, INTERRUPTED = 0, 1, 130


class ChatError(Exception):
    """The conversation can't go on; the message is one line for the person."""


@dataclass(frozen=True)
class Client:
    """One conversation with a running server."""

    http: httpx.Client
    country: str | None

    @classmethod
    def connect(cls, url: str, country: str | None) -> Client:
        """Open a conversation at `url`.

        Raises:
            ChatError: when no assistant answers there.
        """
        http = httpx.Client(base_url=url, timeout=60)
        try:
            answer = http.post("/api/sessions").raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise ChatError(f"No assistant answers at {url}. Is the address right, and is it running?") from error
        http.headers["authorization"] = f"Bearer {answer['token']}"
        return cls(http, country)

    def ask(self, text: str) -> list[dict[str, Any]]:
        """Send a message and return the replies.

        Raises:
            ChatError: when the server is gone or refuses.
        """
        body = {"text": text, **({"country": self.country} if self.country else {})}
        try:
            answer = self.http.post("/api/messages", json=body)
        except httpx.HTTPError as error:
            raise ChatError("The assistant has stopped answering. Start it again to go on.") from error
        if answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            return [{"text": "That message is too long for me. Please send it in parts.", "sources": [], "choices": []}]
        if answer.is_error:
            raise ChatError(f"The assistant refused the message: {answer.json().get('error', answer.status_code)}")
        replies: list[dict[str, Any]] = answer.json()["replies"]
        return replies


def source_line(reply: dict[str, Any]) -> str:
    """Return where a reply comes from, as one line; empty for small talk."""
    if not reply.get("sources"):
        return ""
    titles = "; ".join(s["title"] for s in reply["sources"])
    signed = f"signed off by {reply['signed_off']}" if reply.get("signed_off") else "not yet signed off by a clinician"
    return f"Sources: {titles}. Checked {reply['checked']}, {signed}."


def plain_reply(reply: dict[str, Any]) -> str:
    """Return a reply as plain text: the words, the picture, numbered choices, the sources."""
    choices = [f"  {i}. {choice['title']}" for i, choice in enumerate(reply.get("choices", ()), 1)]
    picture = [reply["picture"]["blocks"]] if reply.get("picture") else []
    return "\n".join([reply["text"], *picture, *choices, *filter(None, [source_line(reply)])])


_BORDERS = {"emergency": "bold red", "urgent": "bold yellow", "soon": "yellow"}  # danger looks like danger


def rich_reply(reply: dict[str, Any]) -> Group:
    """Return a reply for a colour terminal: Markdown, choices, and sources that open their page."""
    border = _BORDERS.get(reply.get("urgency", "none"))
    words = Markdown(reply["text"])
    parts: list[Any] = [Panel(words, border_style=border) if border else Padding(words, (0, 2))]
    if reply.get("picture"):
        parts.append(Padding(Text(reply["picture"]["blocks"]), (0, 2)))
    for i, choice in enumerate(reply.get("choices", ()), 1):
        parts.append(Text(f"  {i}. {choice['title']}", style="cyan"))
    if line := source_line(reply):
        text = Text(f"  {line}", style="dim")
        for source in reply["sources"]:
            if source.get("url"):
                text.highlight_words([source["title"]], style=f"link {source['url']} underline")
        parts.append(text)
    return Group(*parts, Text())


class Screen:
    """Shows replies the way that was asked for, and keeps the transcript."""

    def __init__(self, console: Console, *, plain: bool, as_json: bool, transcript: TextIO | None) -> None:
        """Show on `console`; `transcript` gets a plain copy of everything."""
        self._console = console
        self._plain = plain
        self._as_json = as_json
        self._transcript = transcript

    def show(self, question: str, replies: list[dict[str, Any]]) -> None:
        """Show the replies to one message."""
        if self._transcript:
            self._transcript.write("\n".join([f"You: {question}", *map(plain_reply, replies), "\n"]))
            self._transcript.flush()
        if self._as_json:
            print(json.dumps({"text": question, "replies": replies}, ensure_ascii=False), flush=True)
            return
        for reply in replies:
            if self._plain:
                print(plain_reply(reply), flush=True)
            else:
                self._console.print(rich_reply(reply))
        if self._plain:
            print(flush=True)


def typed_lines(history: Path | None) -> Iterator[str]:
    """Yield what a person types, with editing and Ctrl-R; what was typed stays in memory unless `history` is given."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory, History, InMemoryHistory

    kept: History = FileHistory(str(history)) if history else InMemoryHistory()
    session: PromptSession[str] = PromptSession(PROMPT, history=kept, enable_history_search=False)
    while True:
        try:
            line = session.prompt()
        except EOFError:
            return
        yield line


def arguments(given: list[str] | None) -> argparse.Namespace:
    """Return the command line's options; argparse ends the program with code 2 where they are wrong."""
    parser = argparse.ArgumentParser(prog="make chat", description="Chat with the isotretinoin assistant.")
    parser.add_argument("--ask", metavar="TEXT", help="ask one question, print the answer and end")
    parser.add_argument("--json", action="store_true", help="print each message and its replies as a line of JSON")
    parser.add_argument("--country", type=str.upper, choices=list(countries()), help="whose rules to give")
    parser.add_argument("--url", help="talk to a running assistant instead of starting one")
    parser.add_argument("--transcript", type=Path, metavar="FILE", help="write the conversation to FILE as plain text")
    parser.add_argument("--history", type=Path, metavar="FILE", help="keep what you type in FILE (default: nowhere)")
    return parser.parse_args(given)


def connect(options: argparse.Namespace, console: Console, stack: ExitStack) -> Client:
    """Return a client of the running assistant at --url, or of one that is started now and ended with `stack`."""
    if options.url:
        return stack.enter_context(_closing(Client.connect(options.url.rstrip("/"), options.country)))
    # A throw-away record: what is typed in a terminal is kept nowhere unless asked for.
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="isobot-")))
    servers = stack.enter_context(Stack(database=folder / "conversations.db"))
    if console.is_terminal:
        with console.status("Loading the assistant ...", spinner="dots"):
            servers.wait_until_ready()
    else:
        print("Loading the assistant ...", file=sys.stderr, flush=True)
        servers.wait_until_ready()
    return stack.enter_context(_closing(Client.connect(servers.url, options.country)))


class _closing(ExitStack):
    """Closes a client's connection at the end of a `with`."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client
        self.callback(client.http.close)

    def __enter__(self) -> Client:  # type: ignore[override]
        return self._client


def converse(client: Client, options: argparse.Namespace, console: Console, screen: Screen) -> None:
    """Hold the conversation: one question, the lines of standard input, or what a person types."""
    if options.ask is not None:
        screen.show(options.ask, client.ask(options.ask))
        return
    if sys.stdin.isatty():
        Console(stderr=True).print(INTRODUCTION, style="dim")
        lines: Iterator[str] = typed_lines(options.history)
    else:
        lines = (line.rstrip("\n") for line in sys.stdin)
    for line in lines:
        if line.strip().lower() in LEAVES:
            return
        if line.strip():
            screen.show(line, client.ask(line))


def main(given: list[str] | None = None) -> int:
    """Chat; return the exit code."""
    options = arguments(given)
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")  # a pipe may bring anything
    console = Console()
    plain = not console.is_terminal or bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
    try:
        with ExitStack() as stack:
            transcript = (
                stack.enter_context(options.transcript.open("a", encoding="utf-8")) if options.transcript else None
            )
            screen = Screen(console, plain=plain, as_json=options.json, transcript=transcript)
            converse(connect(options, console, stack), options, console, screen)
    except (ChatError, StackError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED
    return OK


if __name__ == "__main__":
    sys.exit(main())
