"""A reply tells how urgent it is, so that a channel can make it look so."""

from __future__ import annotations

import pytest
from rich.console import Console

from isobot.channels.reply import reply_from
from isobot.cli.chat import rich_reply


@pytest.mark.parametrize(
    ("response", "urgency"),
    [
        ("utter_red_flag.rf_05.emergency", "emergency"),
        ("utter_red_flag.rf_13.urgent", "urgent"),
        ("utter_red_flag.rf_30.soon", "soon"),
        ("utter_red_flag.again.crisis", "emergency"),
        ("utter_red_flag.unsure", "urgent"),
        ("utter_red_flag.soft_check", "urgent"),
        ("utter_red_flag.support", "none"),
        ("utter_alcohol.can_i_drink", "none"),
        ("", "none"),
    ],
)
def test_the_urgency_of_a_reply_follows_from_its_name(response: str, urgency: str) -> None:
    assert reply_from({"text": "x", "utter_action": response}).urgency == urgency


def test_danger_looks_like_danger_in_the_terminal() -> None:
    console = Console(width=60, record=True, force_terminal=True, color_system="standard", file=None, quiet=False)
    with console.capture() as shown:
        console.print(rich_reply({"text": "Call 999 now.", "urgency": "emergency", "sources": [], "choices": []}))
    assert "\x1b[1;31m" in shown.get()
    with console.capture() as shown:
        console.print(rich_reply({"text": "Dry lips are common.", "urgency": "none", "sources": [], "choices": []}))
    assert "\x1b[1;31m" not in shown.get()
