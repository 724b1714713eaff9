"""Turns replies into what a phone or a room shows: short enough to pay for, choices by number, danger never cut."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from isobot.channels.markup import html_of
from isobot.channels.messaging.records import Payload
from isobot.channels.messaging.segments import cut, fits, parts, plain_text, segments
from isobot.channels.reply import Reply
from isobot.content.reference import Source

WANTED_SEGMENTS = 2
MOST_SEGMENTS = 4  # of an answer that is no danger; the rest comes on MORE
_DANGER = "utter_red_flag."
_REST = "\n\nReply MORE for the rest."


@dataclass(frozen=True)
class Rendered:
    """What is sent for the replies to one message.

    Attributes:
        payloads: the messages, in order.
        rest: what was cut off, for MORE.
        longer: responses of which only the short text was given, for MORE.
        urgent: whether they answer danger.
    """

    payloads: tuple[Payload, ...]
    rest: str = ""
    longer: tuple[str, ...] = ()
    urgent: bool = False


def _is_danger(reply: Reply) -> bool:
    return reply.urgency != "none" or reply.response.startswith(_DANGER)


def _numbered(choices: Sequence[str]) -> str:
    """Return the choices as lines with a number each, and how to pick one."""
    lines = [f"{number} {plain_text(title)}" for number, title in enumerate(choices, 1)]
    how = (
        "Reply 1"
        if len(choices) == 1
        else f"Reply {', '.join(str(n) for n in range(1, len(choices)))} or {len(choices)}"
    )
    return "\n".join([*lines, f"{how}, or ask in your own words."])


def for_phone(replies: Sequence[Reply], has_short: Callable[[str], bool]) -> Rendered:
    """Return the replies as text messages.

    Args:
        replies: what the assistant says, in order.
        has_short: whether a response has a text of its own for text messages.
    """
    danger = any(_is_danger(reply) for reply in replies)
    body = "\n\n".join(plain_text(reply.text) for reply in replies)
    choices = next((reply.choices for reply in reversed(replies) if reply.choices), ())
    longer = tuple(reply.response for reply in replies if has_short(reply.response))
    if danger:
        body = "\n\n".join([body, _numbered(choices)] if choices else [body])
        return Rendered(tuple(Payload(part) for part in parts(body)), longer=longer, urgent=True)
    head, rest = f"{body}\n\n{_numbered(choices)}" if choices else body, ""
    if not fits(head, MOST_SEGMENTS):
        head, rest = cut(head, MOST_SEGMENTS - 1)
        head += _REST
    elif longer and not choices:
        head = _with_source(head, next((reply.sources for reply in replies if reply.sources), ()))
    return Rendered(tuple(Payload(part) for part in parts(head)), rest, longer)


def _with_source(text: str, sources: Sequence[Source]) -> str:
    """Return a short text with its source and the way to the whole answer, as far as no more segments are paid for."""
    endings = [f"\nSource: {plain_text(sources[0].title)}. Reply MORE for all of it."] if sources else []
    endings += ["\nReply MORE for the whole answer and its sources.", "\nReply MORE for sources.", "\nReply MORE."]
    most = max(WANTED_SEGMENTS, segments(text))
    return next((text + ending for ending in endings if fits(text + ending, most)), text)


def whole(replies: Sequence[Reply]) -> Rendered:
    """Return whole answers with their sources as text messages, as MORE asks for them."""
    listed = {source.title: source for reply in replies for source in reply.sources}
    lines = [plain_text(f"{s.title}: {s.url}" if s.url else s.title) for s in listed.values()]
    body = "\n\n".join(plain_text(reply.text) for reply in replies)
    if lines:
        body = "\n\n".join([body, "\n".join(["Sources:", *lines])])
    if any(reply.checked and not reply.signed_off for reply in replies):
        body += "\n\nNot yet signed off by a clinician."
    return Rendered(tuple(Payload(part) for part in parts(body)))


def for_room(replies: Sequence[Reply], has_short: Callable[[str], bool]) -> Rendered:
    """Return the replies as messages of a Matrix room: a message each, with sources as links (see `for_phone`)."""
    return Rendered(
        tuple(_room_message(reply) for reply in replies), urgent=any(_is_danger(reply) for reply in replies)
    )


def _room_message(reply: Reply) -> Payload:
    text, markup = [reply.text], [html_of(reply.text)]
    if reply.picture:
        text.append(reply.picture["blocks"])
        markup.append(f"<pre>{html.escape(reply.picture['blocks'])}</pre>")
    if reply.sources:
        text.append("\n".join(f"- {s.title}" + (f": {s.url}" if s.url else "") for s in reply.sources))
        markup.append(f"<p>Sources:</p><ul>{''.join(f'<li>{_linked(s)}</li>' for s in reply.sources)}</ul>")
    if reply.checked:
        checked = f"Checked on {reply.checked}." + ("" if reply.signed_off else " Not yet signed off by a clinician.")
        text.append(checked)
        markup.append(f"<p><em>{html.escape(checked)}</em></p>")
    if reply.choices:
        text.append(_numbered(reply.choices))
        items = "".join(f"<li>{html.escape(title)}</li>" for title in reply.choices)
        markup.append(f"<ol>{items}</ol><p>Reply with a number, or ask in your own words.</p>")
    return Payload("\n\n".join(text), "".join(markup))


def _linked(source: Source) -> str:
    title = html.escape(source.title)
    return f'<a href="{html.escape(source.url)}">{title}</a>' if source.url else title
