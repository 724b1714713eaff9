"""What the bot makes of a file of messages: `python -m isobot.cli.evaluate IN.jsonl OUT.jsonl`.

Each line of IN is {"id", "text", "country": optional} and a conversation of its own, answered by the real model and
policies. OUT has a line for each, in order; docs/developers.md describes it. A clinic uses it to try its own
patients' questions before going live.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from isobot.cli.train import MODEL
from isobot.content.clinic import clinic
from isobot.nlu.questions import topic_of
from isobot.safety.danger import Danger

USAGE = "usage: make evaluate IN=messages.jsonl OUT=results.jsonl"


def checked(line: str) -> dict[str, Any]:
    """Return the message of a line.

    Raises:
        ValueError: when it is not an object with an id and a text; the message says what is wrong.
    """
    try:
        message = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos}") from error
    if not isinstance(message, dict):
        raise ValueError('not an object like {"id": "1", "text": "Can I drink?"}')
    if "id" not in message or not isinstance(message.get("text"), str):
        raise ValueError('needs "id", and "text" as a string')
    if not isinstance(message.get("country", ""), str | None):
        raise ValueError('"country" must be a string such as "UK"')
    return message


def result(message: dict[str, Any], exchange: Any) -> dict[str, Any]:
    """Return the output line for one message and its `isobot.engine.Exchange`."""
    questions = exchange.parse_data.get("questions") or [{}]
    intents = [*exchange.answered] if exchange.understood else []
    danger = Danger.from_dict(exchange.parse_data.get("red_flags") or {})
    return {
        "id": message["id"],
        "topics": list(dict.fromkeys(topic_of(i) for i in intents)),
        "intents": intents,
        "confidence": round(float(questions[0].get("confidence", 0.0)), 4),
        "fallback": not exchange.understood,
        "urgency": danger.level.label,
        "red_flags": list(danger.rules),
        "dose": exchange.dose,
        "reply": [r.text for r in exchange.replies],
    }


async def evaluate(lines: Iterable[str], engine: Any = None) -> list[dict[str, Any]]:
    """Return a result for each line, in order; an invalid line gives {"id", "error"} and the rest goes on.

    Args:
        lines: JSON, one message each.
        engine: an `isobot.engine.Engine`; the trained model is loaded where None.
    """
    from isobot.engine import Engine

    engine = engine or Engine.load(MODEL)
    results = []
    for line in lines:
        try:
            message = checked(line)
        except ValueError as error:
            results.append({"id": _id_of(line), "error": str(error)})
            continue
        country = (message.get("country") or clinic().country).upper()
        try:
            results.append(result(message, await engine.ask(message["text"], country=country, calculator="full")))
        except Exception as error:  # one message must not cost the others their result
            results.append({"id": message["id"], "error": f"{type(error).__name__}: {error}"})
    return results


def _id_of(line: str) -> Any:
    try:
        return json.loads(line).get("id")
    except (ValueError, AttributeError):
        return None


def main(arguments: list[str]) -> int:
    """Evaluate a file; return the exit code: 0 done, 2 wrong arguments."""
    match arguments:
        case [str(given), str(wanted)] if given and wanted:
            source, target = Path(given), Path(wanted)
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    if not source.is_file():
        print(f"error: there is no file {source}.\n{USAGE}", file=sys.stderr)
        return 2
    # Only a line feed ends a line: a text may hold other separators.
    lines = [line for line in source.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    results = asyncio.run(evaluate(_with_progress(lines)))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in results), encoding="utf-8")
    failed = sum("error" in r for r in results)
    print(f"{len(results)} messages, {failed} not valid: {target}")
    return 0


def _with_progress(lines: list[str]) -> Iterator[str]:
    from rich.console import Console
    from rich.progress import track

    yield from track(lines, "Evaluating", console=Console(stderr=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
