"""Starts a real Matrix homeserver (Synapse) for tests, and speaks to it as the people who chat there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx
import yaml

from isobot.cli.stack import LOOPBACK, free_port
from isobot.cli.train import ROOT

SYNAPSE_PYTHON = ROOT / ".venv-synapse" / "bin" / "python"
RECIPE = ROOT / "deploy" / "matrix"
SERVER_NAME = "clinic.test"
START_SECONDS = 90
STOP_SECONDS = 10
LOG_TAIL = 30  # lines shown when the homeserver can't start

Event = dict[str, Any]


class HomeserverError(Exception):
    """The homeserver could not be started; the message holds the end of its log."""


def registration(url: str, server_name: str = SERVER_NAME) -> dict[str, Any]:
    """Return the registration that the recipe ships, with fresh tokens and for an assistant at `url`."""
    shipped: dict[str, Any] = yaml.safe_load((RECIPE / "registration.yaml").read_text(encoding="utf-8"))
    users = [{"exclusive": True, "regex": f"@isobot:{re.escape(server_name)}"}]
    return {
        **shipped,
        "url": url,
        "as_token": secrets.token_hex(32),
        "hs_token": secrets.token_hex(32),
        "namespaces": {**shipped["namespaces"], "users": users},
    }


def _signing_key() -> str:
    seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return f"ed25519 a_test {seed}"


def _minimal_settings() -> dict[str, Any]:
    return {
        "server_name": SERVER_NAME,
        "report_stats": False,
        "enable_registration": False,
        "federation_domain_whitelist": [],
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "url_preview_enabled": False,
        "presence": {"enabled": False},
        "signing_key": _signing_key(),
        "registration_shared_secret": secrets.token_hex(32),
        "macaroon_secret_key": secrets.token_hex(32),
        "form_secret": secrets.token_hex(32),
    }


def _fast_settings() -> dict[str, Any]:
    """Return what lifts every rate limit that a test could meet, and what else takes time."""
    plenty = {"per_second": 100_000, "burst_count": 100_000}
    single = [
        "message",
        "registration",
        "joins_per_room",
        "room_creation",
        "admin_redaction",
        "media_create",
        "profile",
    ]
    several = {
        "login": ["address", "account", "failed_attempts"],
        "joins": ["local", "remote"],
        "invites": ["per_room", "per_user", "per_issuer"],
    }
    return {
        "bcrypt_rounds": 4,
        "caches": {"sync_response_cache_duration": "0s"},  # else the same question gets the same answer for 2 minutes
        **{f"rc_{name}": plenty for name in single},
        **{f"rc_{name}": dict.fromkeys(parts, plenty) for name, parts in several.items()},
    }


def _registration_secret(settings: dict[str, Any]) -> str:
    if file := settings.get("registration_shared_secret_path"):
        return Path(file).read_text(encoding="utf-8").strip()
    return str(settings["registration_shared_secret"])


class Homeserver:
    """A running Synapse with SQLite, of nobody's but this test's; use it as a context manager."""

    def __init__(self, folder: Path, appservice: dict[str, Any], settings: dict[str, Any] | None = None) -> None:
        """Write the configuration; nothing runs before `start`.

        Args:
            folder: where database, media, keys and the log go.
            appservice: the registration of the application service.
            settings: a homeserver.yaml; what must be different here (port, database, files, limits) is replaced in it.
                None: a minimal one.
        """
        settings = settings or _minimal_settings()
        self.server_name = str(settings["server_name"])
        self.url = f"http://{LOOPBACK}:{free_port()}"
        self.log = folder / "homeserver.log"
        self._folder = folder
        self._secret = _registration_secret(settings)
        self._config = folder / "homeserver.yaml"
        self._process: subprocess.Popen[bytes] | None = None
        self._people: list[Person] = []
        folder.mkdir(parents=True, exist_ok=True)
        self._write_configuration(settings, appservice)

    def _write_configuration(self, settings: dict[str, Any], appservice: dict[str, Any]) -> None:
        appservice_file = self._folder / "registration.yaml"
        appservice_file.write_text(yaml.safe_dump(appservice), encoding="utf-8")
        local = {
            "listeners": [
                {
                    "port": httpx.URL(self.url).port,
                    "bind_addresses": [LOOPBACK],
                    "type": "http",
                    "tls": False,
                    "resources": [{"names": ["client"], "compress": False}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(self._folder / "homeserver.db")}},
            "media_store_path": str(self._folder / "media"),
            "pid_file": str(self._folder / "homeserver.pid"),
            "app_service_config_files": [str(appservice_file)],
        }
        self._config.write_text(yaml.safe_dump({**settings, **_fast_settings(), **local}), encoding="utf-8")

    def start(self) -> None:
        """Start Synapse and return when it answers.

        Raises:
            HomeserverError: when it has died or the time is up.
        """
        if not SYNAPSE_PYTHON.is_file():
            raise HomeserverError("Synapse is not installed. Run 'scripts/synapse'.")
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(SYNAPSE_PYTHON), "-m", "synapse.app.homeserver", "-c", str(self._config)],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise HomeserverError(f"Synapse ended with code {process.returncode}.\n{self.log_tail()}")
            try:
                if httpx.get(f"{self.url}/_matrix/client/versions", timeout=5).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise HomeserverError(f"Synapse did not answer within {START_SECONDS} seconds.\n{self.log_tail()}")

    def log_tail(self) -> str:
        """Return the last lines of the homeserver's log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL:])

    def stop(self) -> None:
        """End Synapse, politely first."""
        for person in self._people:
            person.http.close()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> Homeserver:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def register(self, user: str, admin: bool = False) -> Person:
        """Make an account for the local part `user` and return the person, logged in."""
        address = f"{self.url}/_synapse/admin/v1/register"
        nonce = httpx.get(address, timeout=20).raise_for_status().json()["nonce"]
        password = secrets.token_hex(8)
        signed = "\0".join([nonce, user, password, "admin" if admin else "notadmin"])
        account = {
            "nonce": nonce,
            "username": user,
            "password": password,
            "admin": admin,
            "mac": hmac.new(self._secret.encode(), signed.encode(), hashlib.sha1).hexdigest(),
        }
        made = httpx.post(address, json=account, timeout=20).raise_for_status().json()
        person = Person(self.url, made["user_id"], made["access_token"])
        self._people.append(person)
        return person


class Person:
    """Somebody with an account, as their Matrix client would act for them."""

    def __init__(self, url: str, user_id: str, token: str) -> None:
        self.user_id = user_id
        self.token = token
        self.http = httpx.Client(
            base_url=f"{url}/_matrix/client/v3", headers={"authorization": f"Bearer {token}"}, timeout=30
        )

    def _call(self, method: str, path: str, **options: Any) -> Any:
        answer = self.http.request(method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def create_room(self, invite: list[str], direct: bool = True, **extra: Any) -> str:
        """Create a private room with these people invited; `extra` goes into the request."""
        room = {"invite": invite, "is_direct": direct, "preset": "trusted_private_chat" if direct else "private_chat"}
        return str(self._call("POST", "/createRoom", json={**room, **extra})["room_id"])

    def invite(self, room: str, user: str) -> None:
        """Invite somebody."""
        self._call("POST", f"/rooms/{quote(room)}/invite", json={"user_id": user})

    def join(self, room: str) -> None:
        """Join a room that one is invited to."""
        self._call("POST", f"/rooms/{quote(room)}/join", json={})

    def leave(self, room: str) -> None:
        """Leave a room, or refuse its invitation."""
        self._call("POST", f"/rooms/{quote(room)}/leave", json={})

    def send(self, room: str, text: str, **content: Any) -> str:
        """Send a text message; `content` is laid over it, for other kinds of messages. Return the event's id."""
        return self.send_event(room, "m.room.message", {"msgtype": "m.text", "body": text, **content})

    def send_event(self, room: str, kind: str, content: dict[str, Any]) -> str:
        """Send an event of any kind that is not state; return its id."""
        path = f"/rooms/{quote(room)}/send/{kind}/{secrets.token_hex(8)}"
        return str(self._call("PUT", path, json=content)["event_id"])

    def set_state(self, room: str, kind: str, content: dict[str, Any]) -> None:
        """Change the room, e.g. `m.room.encryption`."""
        self._call("PUT", f"/rooms/{quote(room)}/state/{kind}", json=content)

    def state(self, room: str) -> list[Event]:
        """Return the room's state: who is in it, its name, whether it is encrypted."""
        events: list[Event] = self._call("GET", f"/rooms/{quote(room)}/state")
        return events

    def messages(self, room: str) -> list[Event]:
        """Return all messages of the room that this person may see, oldest first."""
        options = {"dir": "b", "limit": "100", "filter": '{"types": ["m.room.message"]}'}
        newest_first: list[Event] = []
        while True:
            page = self._call("GET", f"/rooms/{quote(room)}/messages", params=options)
            newest_first += page["chunk"]
            if "end" not in page:
                return newest_first[::-1]
            options["from"] = page["end"]

    def wait_for(self, room: str, predicate: Callable[[Event], bool], seconds: float = 20) -> Event:
        """Return the first message that fulfils `predicate`, as soon as there is one.

        Raises:
            AssertionError: when the time is up; it lists the messages that there are.
        """
        deadline = time.monotonic() + seconds
        while True:
            seen = self.messages(room)
            if found := next(filter(predicate, seen), None):
                return found
            if time.monotonic() > deadline:
                listed = "\n".join(f"{event['sender']}: {event['content']}" for event in seen) or "(no messages)"
                raise AssertionError(f"nothing like it within {seconds} s; seen in {room}:\n{listed}")
            time.sleep(0.1)

    def members(self, room: str) -> dict[str, str]:
        """Return each user with their membership: invite, join, leave, ban."""
        events = self._call("GET", f"/rooms/{quote(room)}/members")["chunk"]
        return {event["state_key"]: event["content"]["membership"] for event in events}

    def wait_for_membership(self, room: str, user: str, membership: str, seconds: float = 20) -> None:
        """Return as soon as `user` has this membership in the room.

        Raises:
            AssertionError: when the time is up; it says who is there.
        """
        deadline = time.monotonic() + seconds
        while (members := self.members(room)).get(user) != membership:
            assert time.monotonic() < deadline, f"{user} is not '{membership}' within {seconds} s: {members}"
            time.sleep(0.1)

    def invited_rooms(self) -> list[str]:
        """Return the rooms that wait for this person to join or refuse."""
        invited: dict[str, Any] = self._call("GET", "/sync", params={"timeout": 0}).get("rooms", {}).get("invite", {})
        return list(invited)
