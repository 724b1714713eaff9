"""One assistant with every messaging channel, for the whole session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from homeserver import Homeserver, registration
from messaging_tools import BOT, Messaging, environment_of, write_settings

from bench.twilio_stand_in import TwilioApi
from isobot.cli.stack import LOOPBACK, Stack, free_port


@pytest.fixture(scope="session")
def messaging(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Messaging]:
    folder = tmp_path_factory.mktemp("messaging")
    port = free_port()
    appservice = registration(f"http://{LOOPBACK}:{port}")
    with TwilioApi() as twilio, Homeserver(folder / "homeserver", appservice) as homeserver:
        nurse = homeserver.register("nurse")
        staff_room = nurse.create_room([BOT], direct=False)
        write_settings(folder, nurse, staff_room)
        environment = environment_of(folder, twilio, homeserver, appservice)
        stack = Stack(model=model, port=port, database=folder / "conversations.db", environment=environment)
        with stack:
            stack.wait_until_ready()
            nurse.wait_for_membership(staff_room, BOT, "join")
            yield Messaging(stack, twilio, homeserver, nurse, staff_room, folder, environment, port)
