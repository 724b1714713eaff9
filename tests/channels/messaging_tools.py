"""What the tests of the messaging channels work with: one assistant with all of them, a homeserver, a false Twilio."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml
from homeserver import Homeserver, Person

from bench.twilio_stand_in import ACCOUNT_SID, AUTH_TOKEN, TwilioApi, inbound, signed
from isobot.channels.messaging.messenger import Limits
from isobot.channels.rate_limits import Allowed
from isobot.channels.staff import SIGNATURE_HEADER, TIMESTAMP_HEADER, request_signature
from isobot.cli.stack import Stack
from isobot.content.clinic import CLINIC_FILE

PUBLIC = "https://bot.clinic.test"
WEBHOOK = f"{PUBLIC}/webhooks/twilio/"
NUMBER = "+15005550006"
STAFF_NUMBER = "+447700900999"
SECRET, STAFF_SECRET = "a secret of these tests alone", "another secret of these tests"
BOT = "@isobot:clinic.test"
QUIET_SECONDS = 0.3


@dataclass
class Messaging:
    """What the tests of the messaging channels work with."""

    stack: Stack
    twilio: TwilioApi
    homeserver: Homeserver
    nurse: Person
    staff_room: str
    folder: Path
    environment: dict[str, str]
    port: int
    _people: int = field(default=0)

    def webhook(self, form: dict[str, str], signature: str | None = None) -> httpx.Response:
        """Call the webhook as Twilio does, signed unless a signature is given."""
        signature = signed(WEBHOOK, form, AUTH_TOKEN) if signature is None else signature
        headers = {"X-Twilio-Signature": signature} if signature else {}
        return httpx.post(f"{self.stack.url}/webhooks/twilio/", data=form, headers=headers, timeout=30)

    def text(self, number: str, body: str, **more: Any) -> list[str]:
        """Send a text message and return what comes back for it: everything until a moment of silence."""
        before = len(self.twilio.bodies(number))
        assert self.webhook(inbound(NUMBER, number, body, **more)).status_code == 200
        return self.answers(number, before)

    def answers(self, number: str, before: int, seconds: float = 15) -> list[str]:
        """Return what a number gets after its first `before` messages."""
        deadline, found = time.monotonic() + seconds, []
        quiet = time.monotonic()
        while time.monotonic() < deadline and (not found or time.monotonic() - quiet < QUIET_SECONDS):
            now = self.twilio.bodies(number)[before:]
            if len(now) != len(found):
                found, quiet = now, time.monotonic()
            time.sleep(0.02)
        return found

    def silence(self, number: str, body: str, seconds: float = 1.5, **more: Any) -> bool:
        """Return whether nothing comes back for a text message."""
        before = len(self.twilio.bodies(number))
        assert self.webhook(inbound(NUMBER, number, body, **more)).status_code == 200
        time.sleep(seconds)
        return len(self.twilio.bodies(number)) == before

    def escalations(self, conversation: str = "") -> list[dict[str, Any]]:
        """Return the red flags that were handed over, of one conversation or of all."""
        file = self.folder / "escalations.jsonl"
        records = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [record for record in records if record["conversation"].startswith(conversation)]

    def number(self) -> str:
        """Return a number that nobody has used yet; Ofcom keeps these for stories."""
        self._people += 1
        return f"+4477009{self._people:05d}"

    def patient(self) -> tuple[Person, str]:
        """Return somebody with an account, and their room with the assistant in it."""
        self._people += 1
        person = self.homeserver.register(f"patient{self._people}")
        room = person.create_room([BOT])
        person.wait_for(room, lambda event: event["sender"] == BOT)  # says what it is
        return person, room

    def staff(self, method: str, path: str, body: bytes = b"", *, at: float | None = None, secret: str = STAFF_SECRET,
              **headers: str) -> httpx.Response:  # fmt: skip
        """Call the staff channel, signed."""
        timestamp = str(int(time.time() if at is None else at))
        signature = request_signature(secret, timestamp, method, path, body)
        told = {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature, **headers}
        return httpx.request(method, f"{self.stack.url}{path}", content=body, headers=told, timeout=30)


def said(person: Person, room: str, text: str, **content: Any) -> str:
    """Send a message in a room and return the first answer of the assistant to it."""
    known = {event["event_id"] for event in person.messages(room)}
    person.send(room, text, **content)
    answer = person.wait_for(room, lambda event: event["sender"] == BOT and event["event_id"] not in known)
    return str(answer["content"]["body"])


def soon(holds: Callable[[], Any], seconds: float = 15) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def write_settings(folder: Path, nurse: Person, staff_room: str) -> None:
    plenty = dict.fromkeys(vars(Limits()), "100000/minute")
    channels = {
        "isobot.channels.web.WebChannel": dict.fromkeys(vars(Allowed()), "100000/minute"),
        "isobot.channels.twilio.TwilioChannel": {"public_url": PUBLIC, "sms": NUMBER, "whatsapp": NUMBER, **plenty},
        "isobot.channels.matrix.MatrixChannel": {"staff": [nurse.user_id], **plenty},
        "isobot.channels.staff.StaffChannel": None,
    }
    (folder / "credentials.yml").write_text(yaml.safe_dump(channels), encoding="utf-8")
    escalation = [
        {"type": "file"},
        {"type": "matrix"},
        {"type": "sms", "to": STAFF_NUMBER, "from": NUMBER},
    ]
    clinic = yaml.safe_load(CLINIC_FILE.read_text(encoding="utf-8"))
    clinic |= {"staff_room": staff_room, "escalation": escalation, "name": "Elm Street Dermatology"}
    (folder / "clinic.yml").write_text(yaml.safe_dump(clinic), encoding="utf-8")


def environment_of(
    folder: Path, twilio: TwilioApi, homeserver: Homeserver, appservice: dict[str, Any]
) -> dict[str, str]:
    return {
        "ISOBOT_CREDENTIALS": str(folder / "credentials.yml"),
        "ISOBOT_CLINIC": str(folder / "clinic.yml"),
        "ISOBOT_UNANSWERED": str(folder / "unanswered.jsonl"),
        "ISOBOT_ESCALATIONS": str(folder / "escalations.jsonl"),
        "ISOBOT_OUTBOX": str(folder / "outbox"),
        "ISOBOT_MESSAGING": str(folder / "messaging.db"),
        "ISOBOT_SECRET": SECRET,
        "ISOBOT_STAFF_SECRET": STAFF_SECRET,
        "ISOBOT_TWILIO_SID": ACCOUNT_SID,
        "ISOBOT_TWILIO_TOKEN": AUTH_TOKEN,
        "ISOBOT_TWILIO_API": twilio.url,
        "ISOBOT_MATRIX_HOMESERVER": homeserver.url,
        "ISOBOT_MATRIX_USER": BOT,
        "ISOBOT_MATRIX_AS_TOKEN": appservice["as_token"],
        "ISOBOT_MATRIX_HS_TOKEN": appservice["hs_token"],
    }
