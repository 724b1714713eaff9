"""What is read out of Matrix events."""

from __future__ import annotations

from typing import Any

import pytest

from isobot.channels.matrix_events import is_arrival, message_of, readable_events, without_quotation

EVENT = {"type": "m.room.message", "sender": "@a:b", "room_id": "!r", "event_id": "$e", "content": {}}


def message(**content: Any) -> dict[str, Any]:
    return {**EVENT, "content": content}


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (message(msgtype="m.text", body="hello"), ("text", "hello")),
        (message(msgtype="m.emote", body="waves"), ("text", "waves")),
        (message(msgtype="m.notice", body="I am a program"), None),
        (message(msgtype="m.text"), ("text", "")),
        (message(msgtype="m.text", body=["no", "text"]), ("text", "")),
        (message(msgtype="m.image", body="a.jpg"), ("picture", "")),
        (message(msgtype="m.image", body="is this bad?", filename="a.jpg"), ("picture", "is this bad?")),
        (message(msgtype="m.image", body="a.jpg", filename="a.jpg"), ("picture", "")),
        (message(msgtype="m.location", body="here"), ("place", "")),
        (message(msgtype="m.unknown", body="x"), None),
        (message(), None),
        (message(msgtype="m.text", body="* b", **{"m.new_content": {"msgtype": "m.text", "body": "b"}}), ("text", "b")),
        ({**EVENT, "type": "m.room.encrypted"}, ("encrypted", "")),
        ({**EVENT, "type": "m.sticker"}, ("sticker", "")),
        ({**EVENT, "type": "m.reaction"}, None),
    ],
)
def test_what_a_message_says(event: dict[str, Any], found: tuple[str, str] | None) -> None:
    assert message_of(event) == found


def test_quoted_lines_are_not_the_persons() -> None:
    assert without_quotation("> <@x:y> i want to die\n> really\n\nCan I drink?") == "Can I drink?"
    assert without_quotation("Can I drink?\n> quoted below") == "Can I drink?\n> quoted below"


def test_a_profile_change_is_no_arrival() -> None:
    join = {**EVENT, "type": "m.room.member", "content": {"membership": "join"}}
    assert is_arrival(join)
    assert is_arrival({**join, "unsigned": {"prev_content": {"membership": "invite"}}})
    assert not is_arrival({**join, "unsigned": {"prev_content": {"membership": "join"}}})
    assert not is_arrival({**join, "content": {"membership": "leave"}})
    assert not is_arrival(EVENT)


def test_only_whole_events_are_read() -> None:
    assert readable_events(b"no json") is None
    assert readable_events(b'{"events": {}}') is None
    assert readable_events({"events": [EVENT, 1, {**EVENT, "sender": 7}, {**EVENT, "content": None}]}) == [EVENT]
