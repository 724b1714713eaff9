"""The clinic's list holds what was missing, and nothing about the person."""

import json
from pathlib import Path

from isobot.unanswered import Unanswered, append


def test_a_line_holds_the_nearest_questions_and_no_text(tmp_path: Path) -> None:
    file = tmp_path / "new" / "unanswered.jsonl"
    append(Unanswered.now([("alcohol.can_i_drink", 0.2345)], country="UK", channel="web"), file)
    append(Unanswered.now([], country=None, channel=None), file)
    first, second = map(json.loads, file.read_text().splitlines())
    assert first["nearest"] == [["alcohol.can_i_drink", 0.23]]
    assert set(first) == {"day", "nearest", "country", "channel"}
    assert second["nearest"] == []
