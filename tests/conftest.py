"""What the tests share: one trained model, one running assistant, one engine for the whole session."""

from __future__ import annotations

import asyncio
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
def stack(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running server with its action server; its data goes to a temporary folder."""
    folder = tmp_path_factory.mktemp("stack")
    environment = {"ISOBOT_UNANSWERED": str(folder / "unanswered.jsonl")}
    with Stack(model=model, database=folder / "conversations.db", environment=environment) as running:
        running.unanswered_file = folder / "unanswered.jsonl"  # type: ignore[attr-defined]
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="session")
def event_loop_for_engine() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()
