"""What the tests share: one trained model and one running assistant for the whole session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from isobot.cli.stack import Stack
from isobot.cli.train import MODEL, is_current, main


@pytest.fixture(scope="session")
def model() -> Path:
    """The model trained from the files as they are."""
    if not is_current():
        assert main([]) == 0
    return MODEL


@pytest.fixture(scope="session")
def unanswered_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the running assistant notes messages without an answer."""
    return tmp_path_factory.mktemp("notes") / "unanswered.jsonl"


@pytest.fixture(scope="session")
def escalations_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the running assistant hands over red flags."""
    return tmp_path_factory.mktemp("escalations") / "escalations.jsonl"


@pytest.fixture(scope="session")
def stack(
    model: Path, unanswered_file: Path, escalations_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The running server with its action server; its data goes to a temporary folder."""
    folder = tmp_path_factory.mktemp("stack")
    environment = {
        "ISOBOT_UNANSWERED": str(unanswered_file),
        "ISOBOT_ESCALATIONS": str(escalations_file),
        "ISOBOT_OUTBOX": str(folder / "outbox"),
    }
    with Stack(model=model, database=folder / "conversations.db", environment=environment) as running:
        running.wait_until_ready()
        yield running
