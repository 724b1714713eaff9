"""What the messaging channels take from the settings."""

from __future__ import annotations

from pathlib import Path

from isobot.channels.messaging.setup import Setup, keep_hours


def test_a_conversation_is_kept_as_long_as_the_tracker_store_keeps_it(tmp_path: Path) -> None:
    assert keep_hours({}) == 12
    file = tmp_path / "endpoints.yml"
    file.write_text("tracker_store: {type: x, keep_hours: 3}", encoding="utf-8")
    assert keep_hours({"ISOBOT_ENDPOINTS": str(file)}) == 3
    file.write_text("", encoding="utf-8")
    assert keep_hours({"ISOBOT_ENDPOINTS": str(file)}) == 12


def test_without_a_secret_nothing_is_set_up() -> None:
    assert Setup.from_environment({}) is None
