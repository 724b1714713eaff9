"""What the tests share: one trained model and one running assistant for the whole session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from isobot.channels.rate_limits import Allowed
from isobot.cli.stack import LOOPBACK, Stack, free_port
from isobot.cli.train import MODEL, is_current, main
from isobot.content.clinic import CLINIC_FILE


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
def other_site() -> str:
    """The origin of a clinic's own website, which may hold the chat; nobody listens there until a test does."""
    return f"http://{LOOPBACK}:{free_port()}"


@pytest.fixture(scope="session")
def stack(
    model: Path,
    unanswered_file: Path,
    escalations_file: Path,
    other_site: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """The running server with its action server; its data goes to a temporary folder."""
    folder = tmp_path_factory.mktemp("stack")
    credentials = folder / "credentials.yml"  # the tests ask more in a minute than a waiting room does
    plenty = dict.fromkeys(vars(Allowed()), "100000/minute")
    credentials.write_text(yaml.safe_dump({"isobot.channels.web.WebChannel": plenty}), encoding="utf-8")
    clinic = folder / "clinic.yml"
    clinic.write_text(CLINIC_FILE.read_text(encoding="utf-8") + f"\nwebsites: [{other_site!r}]\n", encoding="utf-8")
    environment = {
        "ISOBOT_CLINIC": str(clinic),
        "ISOBOT_CREDENTIALS": str(credentials),
        "ISOBOT_FEEDBACK": str(folder / "feedback.jsonl"),
        "ISOBOT_UNANSWERED": str(unanswered_file),
        "ISOBOT_ESCALATIONS": str(escalations_file),
        "ISOBOT_OUTBOX": str(folder / "outbox"),
    }
    with Stack(model=model, database=folder / "conversations.db", environment=environment) as running:
        running.wait_until_ready()
        yield running
