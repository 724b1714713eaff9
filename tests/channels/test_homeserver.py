"""The homeserver that the Matrix tests run against, without the assistant; and the recipe for clinics."""

from __future__ import annotations

import json
import queue
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from homeserver import RECIPE, Event, Homeserver, HomeserverError, Person, registration

from isobot.cli.stack import LOOPBACK

pytestmark = pytest.mark.synapse


class Listener:
    """An application service that only writes down what it is told."""

    def __init__(self) -> None:
        self.transactions: queue.Queue[tuple[str, str, list[Event]]] = queue.Queue()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # Synapse keeps its connections open

            def do_PUT(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                listener.transactions.put((self.path, self.headers["authorization"], body["events"]))
                self._answer(200)

            def do_POST(self) -> None:  # the ping
                self.rfile.read(int(self.headers["content-length"]))
                self._answer(200)

            def do_GET(self) -> None:  # is there such a user?
                self._answer(404)

            def _answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, kind: str, room: str, seconds: float = 20) -> tuple[str, str, Event]:
        """Return path, Authorization header and event of the first event of this kind in the room."""
        deadline = time.monotonic() + seconds
        while True:
            path, authorization, events = self.transactions.get(timeout=max(0.01, deadline - time.monotonic()))
            for event in events:
                if event["type"] == kind and event["room_id"] == room:
                    return path, authorization, event

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture(scope="module")
def appservice(listener: Listener) -> dict[str, Any]:
    return registration(listener.url)


@pytest.fixture(scope="module")
def homeserver(appservice: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    with Homeserver(tmp_path_factory.mktemp("synapse"), appservice) as homeserver:
        yield homeserver


@pytest.fixture(scope="module")
def bot(homeserver: Homeserver, appservice: dict[str, Any]) -> Iterator[Person]:
    bot = Person(homeserver.url, f"@isobot:{homeserver.server_name}", appservice["as_token"])
    yield bot
    bot.http.close()


def test_the_application_service_is_told_of_invitations_and_messages(
    homeserver: Homeserver, listener: Listener, appservice: dict[str, Any], bot: Person
) -> None:
    patient = homeserver.register("patient")
    room = patient.create_room([bot.user_id])
    path, authorization, invitation = listener.wait_for("m.room.member", room)
    while invitation["state_key"] != bot.user_id:
        path, authorization, invitation = listener.wait_for("m.room.member", room)
    assert path.startswith("/_matrix/app/v1/transactions/")
    assert authorization == f"Bearer {appservice['hs_token']}"
    assert invitation["content"]["membership"] == "invite"
    assert invitation["sender"] == patient.user_id

    bot.join(room)
    patient.wait_for_membership(room, bot.user_id, "join")
    sent = patient.send(room, "Can I drink alcohol?")
    path, authorization, message = listener.wait_for("m.room.message", room)
    assert authorization == f"Bearer {appservice['hs_token']}"
    assert message["event_id"] == sent
    assert message["content"] == {"msgtype": "m.text", "body": "Can I drink alcohol?"}

    bot.send(room, "Better not.", msgtype="m.notice")
    answer = patient.wait_for(room, lambda event: event["sender"] == bot.user_id)
    assert answer["content"] == {"msgtype": "m.notice", "body": "Better not."}
    assert [event["content"]["body"] for event in patient.messages(room)] == ["Can I drink alcohol?", "Better not."]


def test_people_invite_join_and_leave(homeserver: Homeserver) -> None:
    nurse, doctor = homeserver.register("nurse"), homeserver.register("doctor", admin=True)
    room = nurse.create_room([], direct=False, name="Team")
    nurse.invite(room, doctor.user_id)
    assert doctor.invited_rooms() == [room]
    doctor.join(room)
    assert doctor.invited_rooms() == []
    assert nurse.members(room) == {nurse.user_id: "join", doctor.user_id: "join"}
    doctor.leave(room)
    nurse.wait_for_membership(room, doctor.user_id, "leave")
    with pytest.raises(AssertionError, match=r"\(no messages\)"):
        nurse.wait_for(room, lambda event: True, seconds=0)


def test_all_messages_come_oldest_first(homeserver: Homeserver) -> None:
    person = homeserver.register("talkative")
    room = person.create_room([])
    texts = [str(number) for number in range(120)]  # more than one page
    for text in texts:
        person.send(room, text)
    assert [event["content"]["body"] for event in person.messages(room)] == texts


def test_a_homeserver_that_cannot_start_says_why(tmp_path: Path) -> None:
    broken = {"id": "isobot"}
    with pytest.raises(HomeserverError, match="as_token"):
        Homeserver(tmp_path, broken).start()


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """The recipe as a clinic has it after its first step."""
    folder = tmp_path / "matrix"
    folder.mkdir()
    for name in ("prepare", "homeserver.yaml", "registration.yaml"):
        shutil.copy(RECIPE / name, folder / name)
    subprocess.run(["./prepare", "my.clinic.example"], cwd=folder, check=True, capture_output=True)
    return folder


def test_synapse_starts_with_the_recipes_configuration(listener: Listener, prepared: Path) -> None:
    told = (prepared / "config" / "homeserver.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(told.replace("/secrets/", f"{prepared}/secrets/"))
    appservice = yaml.safe_load((prepared / "config" / "registration.yaml").read_text(encoding="utf-8"))
    with Homeserver(prepared / "data", {**appservice, "url": listener.url}, settings) as homeserver:
        assert homeserver.server_name == "my.clinic.example"
        known = httpx.get(f"{homeserver.url}/.well-known/matrix/client").json()
        assert known["m.homeserver"]["base_url"] == "https://matrix.my.clinic.example/"
        assert known["io.element.e2ee"] == {"default": False, "force_disable": True}
        sign_up = httpx.post(f"{homeserver.url}/_matrix/client/v3/register", json={"auth": {"type": "m.login.dummy"}})
        assert sign_up.status_code == 403

        patient = homeserver.register("patient")
        bot = Person(homeserver.url, "@isobot:my.clinic.example", appservice["as_token"])
        room = patient.create_room([bot.user_id])
        assert "m.room.encryption" not in {event["type"] for event in patient.state(room)}
        with bot.http:
            bot.join(room)
        patient.send(room, "hello")
        _, authorization, message = listener.wait_for("m.room.message", room)
        assert authorization == f"Bearer {appservice['hs_token']}"
        assert message["content"]["body"] == "hello"


def test_the_recipe_is_prepared_once(prepared: Path) -> None:
    environment = dict(line.split("=", 1) for line in (prepared / ".env").read_text(encoding="utf-8").splitlines())
    appservice = yaml.safe_load((prepared / "config" / "registration.yaml").read_text(encoding="utf-8"))
    assert environment["MATRIX_DOMAIN"] == "my.clinic.example"
    assert environment["ISOBOT_MATRIX_AS_TOKEN"] == appservice["as_token"]
    assert environment["ISOBOT_MATRIX_HS_TOKEN"] == appservice["hs_token"]
    assert appservice["namespaces"]["users"] == [{"exclusive": True, "regex": r"@isobot:my\.clinic\.example"}]
    made = [*(prepared / "secrets").iterdir(), prepared / ".env", prepared / "config" / "registration.yaml"]
    assert {file.stat().st_mode & 0o777 for file in made} == {0o600}
    values = [environment[name] for name in environment if name not in ("MATRIX_DOMAIN", "HOST_UID", "HOST_GID")]
    values += [file.read_text(encoding="utf-8") for file in (prepared / "secrets").iterdir()]
    assert len(set(values)) == len(values) == 8
    assert min(len(value) for value in values) >= 50

    again = subprocess.run(["./prepare", "other.example"], cwd=prepared, check=False, capture_output=True, text=True)
    assert again.returncode == 1
    assert "is there already" in again.stderr


@pytest.mark.parametrize("domain", ["", "two words", "https://clinic.example", "a/b", "Clinic.Example"])
def test_the_recipe_refuses_what_is_no_domain(domain: str, tmp_path: Path) -> None:
    shutil.copy(RECIPE / "prepare", tmp_path)
    refused = subprocess.run(["./prepare", domain], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert refused.returncode == 1
    assert [file.name for file in tmp_path.iterdir()] == ["prepare"]


def test_compose_gives_the_assistant_what_prepare_writes(prepared: Path) -> None:
    compose = (RECIPE / "compose.yml").read_text(encoding="utf-8")
    written = {line.split("=")[0] for line in (prepared / ".env").read_text(encoding="utf-8").splitlines()}
    assert set(re.findall(r"\$\{(\w+)", compose)) == written
    services = yaml.safe_load(compose)["services"]
    assert services["isobot"]["environment"]["ISOBOT_MATRIX_HOMESERVER"] == "http://synapse:8008"
    assert yaml.safe_load((RECIPE / "registration.yaml").read_text(encoding="utf-8"))["url"] == "http://isobot:5005"
