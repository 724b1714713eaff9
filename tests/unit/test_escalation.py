"""The hand-over of a red flag: no words in it, nothing lost, nothing held up by what is broken."""

from __future__ import annotations

import json
import os
import queue
import smtplib
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from fakeredis import TcpFakeServer

from actions.escalate import ActionEscalate
from isobot.accounts import TwilioAccount
from isobot.cli.stack import free_port
from isobot.content.clinic import CLINIC_FILE
from isobot.content.reference import ROOT, TableError
from isobot.escalation import courier as courier_module
from isobot.escalation.courier import LONGEST_PAUSE_SECONDS, Courier, pause_seconds
from isobot.escalation.destinations import (
    DeliveryError,
    EmailDestination,
    FileDestination,
    PhoneDestination,
    QueueDestination,
    RoomDestination,
    WebhookDestination,
    short_notice,
    signature,
)
from isobot.escalation.outbox import DeliveryState, Outbox
from isobot.escalation.record import Escalation, escalation_of, new_escalation
from isobot.escalation.settings import DEFAULT_FILE, destinations

WORDS = "I want to end it all tonight, my name is Ann and I live in Elm Street"
NOW = 1_800_000_000.0
PATIENCE_SECONDS = 10  # the longest that a test waits for another thread


def call(**found: Any) -> dict[str, Any]:
    """Return what Rasa sends to an action server after a message with red flags."""
    red_flags = {
        "level": "emergency",
        "findings": [
            {"rule": "RF-12", "level": "soon", "by": "rule"},
            {"rule": "RF-05", "level": "emergency", "by": "rule"},
            {"rule": "RF-05", "level": "urgent", "by": "model"},
        ],
        "asked_about": [],
        "soft_check": False,
        "under_18": True,
        "about_another": False,
        **found,
    }
    return {
        "next_action": "action_escalate",
        "sender_id": "c0ffee",
        "tracker": {
            "sender_id": "c0ffee",
            "slots": {"country": "UK", "offered": [WORDS]},
            "latest_message": {"text": WORDS, "questions": [{"text": WORDS}], "red_flags": red_flags},
            "latest_input_channel": "web",
            "events": [{"event": "user", "text": WORDS, "input_channel": "web"}],
        },
    }


def record(number: int = 1, level: str = "emergency") -> Escalation:
    at = datetime(2026, 12, 1, 10, 0, number, tzinfo=UTC)
    return escalation_of(call(level=level, findings=[]), record_id=f"{number:032x}", at=at)


class Receiver:
    """A destination in memory that can be broken."""

    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.name = name
        self.error = error
        self.attempts = 0
        self.got: list[Escalation] = []

    def deliver(self, record: Escalation) -> None:
        self.attempts += 1
        if self.error:
            raise self.error
        self.got.append(record)


# The record


def test_a_record_says_what_was_found_and_where() -> None:
    at = datetime(2026, 12, 1, 10, 0, 0, 999, tzinfo=UTC)
    assert escalation_of(call(), record_id="a" * 32, at=at).as_dict() == {
        "id": "a" * 32,
        "at": "2026-12-01T10:00:00+00:00",
        "conversation": "c0ffee",
        "level": "emergency",
        "red_flags": ["RF-05", "RF-12"],
        "about_another": False,
        "under_18": True,
        "country": "UK",
        "channel": "web",
    }


def test_no_word_of_the_person_gets_into_a_record() -> None:
    hostile = call(findings=[{"rule": WORDS, "level": "urgent", "by": WORDS}])
    hostile["tracker"]["slots"]["country"] = WORDS
    hostile["tracker"]["latest_input_channel"] = WORDS
    made = new_escalation(hostile)
    assert (made.level, made.red_flags, made.country, made.channel) == ("emergency", (), None, None)
    text = json.dumps(made.as_dict())
    assert [word for word in WORDS.split() if f" {word}" in text or f'"{word}' in text] == []


@pytest.mark.parametrize("found", [{"level": "none"}, {"level": None}, {"level": WORDS}])
def test_the_level_is_that_of_the_findings_where_the_message_has_none(found: dict[str, Any]) -> None:
    assert new_escalation(call(**found)).level == "emergency"
    with pytest.raises(ValueError, match="No red flag"):
        new_escalation(call(**found, findings=[]))


def test_a_message_without_red_flags_makes_no_record() -> None:
    with pytest.raises(ValueError, match="No red flag"):
        new_escalation({"sender_id": "c0ffee", "tracker": {"latest_message": None}})


def test_a_record_survives_the_way_through_json() -> None:
    assert Escalation.from_dict(json.loads(json.dumps(record().as_dict()))) == record()


@pytest.mark.parametrize(
    "data", [None, [], {}, {**record().as_dict(), "id": "../../etc/passwd"}, {**record().as_dict(), "level": "none"}]
)
def test_what_is_not_a_record_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="not an escalation"):
        Escalation.from_dict(data)


# The outbox


def test_a_record_that_was_put_is_there_for_another_process(tmp_path: Path) -> None:
    Outbox(tmp_path / "new" / "outbox").put(record())
    assert Outbox(tmp_path / "new" / "outbox").pending() == [record()]


def test_the_same_record_twice_is_one(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    threads = [threading.Thread(target=Outbox(tmp_path).put, args=(record(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.put(record())
    assert outbox.pending() == [record()]
    assert [file.name for file in tmp_path.iterdir()] == [f"{record().id}.json"]


def test_the_most_urgent_comes_first_then_the_oldest(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    for made in (record(4, "soon"), record(3), record(2, "urgent"), record(1)):
        outbox.put(made)
    assert outbox.pending() == [record(1), record(3), record(2, "urgent"), record(4, "soon")]


def test_others_on_the_machine_can_not_read_the_records(tmp_path: Path) -> None:
    Outbox(tmp_path / "outbox").put(record())
    modes = [path.stat().st_mode & 0o077 for path in (tmp_path / "outbox", *(tmp_path / "outbox").iterdir())]
    assert modes == [0, 0]


def test_a_crash_while_writing_leaves_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    outbox = Outbox(tmp_path)
    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="No space"):
        outbox.put(record())
    assert outbox.pending() == []
    assert list(tmp_path.iterdir()) == []


def test_a_record_stays_until_each_destination_has_it(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(record())
    outbox.save_state(record().id, "file", DeliveryState(delivered=True))
    assert not outbox.remove_if_delivered(record().id, ["file", "email"])
    outbox.save_state(record().id, "email", DeliveryState(delivered=True))
    assert outbox.remove_if_delivered(record().id, ["file", "email"])
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_record_is_put_aside_and_a_damaged_state_begins_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(record())
    (tmp_path / f"{'b' * 32}.json").write_text(f'{{"id": "{WORDS}')
    (tmp_path / f"{'c' * 32}.json").write_text(json.dumps(record().as_dict()))
    (tmp_path / f"{record().id}.file.state").write_text('{"delivered": tr')
    assert outbox.pending() == [record()]
    assert {file.name for file in tmp_path.glob("*.unreadable")} == {f"{'b' * 32}.unreadable", f"{'c' * 32}.unreadable"}
    assert outbox.state(record().id, "file") == DeliveryState()
    assert "damaged" in caplog.text
    assert WORDS not in caplog.text


def test_what_a_crash_has_left_is_tidied_away(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(record(1))
    outbox.save_state(record(1).id, "file", DeliveryState(attempts=1))
    outbox.save_state(record(2).id, "file", DeliveryState(delivered=True))
    for name, age in ((".old.tmp", 100_000), (".young.tmp", 10)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (NOW - age, NOW - age))
    outbox.tidy(NOW)
    assert {f.name for f in tmp_path.iterdir()} == {f"{record(1).id}.json", f"{record(1).id}.file.state", ".young.tmp"}


def test_one_process_at_a_time_delivers_to_a_destination(tmp_path: Path) -> None:
    Outbox(tmp_path).put(record())
    file, email = Receiver("file"), Receiver("email")
    courier = Courier(Outbox(tmp_path), [file, email])
    with Outbox(tmp_path).turn("file") as ours:
        assert ours
        courier.deliver_due(NOW)
        assert (file.got, email.got) == ([], [record()])
    courier.deliver_due(NOW)
    assert (file.got, email.got) == ([record()], [record()])


# The courier


def test_a_record_goes_to_each_destination_once(tmp_path: Path) -> None:
    outbox, file, email = Outbox(tmp_path), Receiver("file"), Receiver("email")
    courier = Courier(outbox, [file, email])
    outbox.put(record())
    courier.deliver_due(NOW)
    courier.deliver_due(NOW + 1)
    assert (file.got, email.got) == ([record()], [record()])
    assert outbox.pending() == []
    assert [file.suffix for file in tmp_path.iterdir()] == [".lock", ".lock"]


def test_a_broken_destination_holds_up_no_other_and_gets_everything_later(tmp_path: Path) -> None:
    broken, file = Receiver("webhook", DeliveryError("the receiver answered 500.")), Receiver("file")
    outbox = Outbox(tmp_path)
    courier = Courier(outbox, [broken, file], jitter=lambda: 0.0)
    for number in (1, 2):
        outbox.put(record(number))
    courier.deliver_due(NOW)
    assert file.got == [record(1), record(2)]
    assert broken.attempts == 2
    broken.error = None
    courier.deliver_due(NOW + 0.5)
    assert broken.got == []
    courier.deliver_due(NOW + 1.0)
    assert broken.got == [record(1), record(2)]
    assert file.attempts == 2
    assert outbox.pending() == []


def test_the_pauses_double_up_to_a_quarter_of_an_hour_and_never_end(tmp_path: Path) -> None:
    broken, outbox, now = Receiver("webhook", DeliveryError("no answer.")), Outbox(tmp_path), NOW
    courier = Courier(outbox, [broken], jitter=lambda: 1.0)
    outbox.put(record())
    pauses = []
    for _ in range(40):
        courier.deliver_due(now)
        due = outbox.state(record().id, "webhook").not_before
        courier.deliver_due(due - 0.01)
        pauses.append(due - now)
        now = due
    assert broken.attempts == 40
    assert pauses[:4] == pytest.approx([1.25, 2.5, 5, 10])
    assert max(pauses) == pauses[-1] == pytest.approx(LONGEST_PAUSE_SECONDS)
    assert outbox.pending() == [record()]


@pytest.mark.parametrize("attempts", [1, 2, 10, 11, 1000, 10**6])
def test_a_pause_is_never_shorter_than_a_second_nor_longer_than_a_quarter_of_an_hour(attempts: int) -> None:
    assert 1 <= pause_seconds(attempts, 0.0) < pause_seconds(attempts, 1.0) <= LONGEST_PAUSE_SECONDS


def test_nothing_is_lost_when_the_courier_dies(tmp_path: Path) -> None:
    class Death(BaseException):
        """Ends the process in the middle of a delivery."""

    receiver = Receiver("webhook", DeliveryError("no answer."))
    dying = Courier(Outbox(tmp_path), [receiver])
    Outbox(tmp_path).put(record())
    dying.deliver_due(NOW)
    receiver.error = Death()  # type: ignore[assignment]
    with pytest.raises(Death):
        dying.deliver_due(NOW + 60)
    receiver.error = None
    Courier(Outbox(tmp_path), [receiver]).deliver_due(NOW + 60)
    assert receiver.got == [record()]
    assert Outbox(tmp_path).pending() == []


def test_the_most_urgent_is_tried_first_also_after_a_failure(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    tried: list[str] = []

    class Slow:
        name = "slow"

        def deliver(self, given: Escalation) -> None:
            tried.append(given.level)
            outbox.put(record(9))  # comes in while the first attempt hangs
            raise DeliveryError("no answer.")

    for number in (1, 2):
        outbox.put(record(number, "soon"))
    Courier(outbox, [Slow()]).deliver_due(NOW)
    assert tried == ["soon", "emergency", "soon"]


def test_a_clock_that_was_set_back_stops_nothing(tmp_path: Path) -> None:
    outbox, receiver = Outbox(tmp_path), Receiver("file")
    outbox.put(record())
    outbox.save_state(record().id, "file", DeliveryState(attempts=3, not_before=NOW + 10 * LONGEST_PAUSE_SECONDS))
    Courier(outbox, [receiver]).deliver_due(NOW)
    assert receiver.got == [record()]


def test_a_full_disk_sends_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    outbox, file, email = Outbox(tmp_path), Receiver("file"), Receiver("email", DeliveryError("no answer."))
    courier = Courier(outbox, [file, email])
    outbox.put(record())

    def full(name: str, data: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "_write", full)
        for _ in range(3):
            courier.deliver_due(NOW)
    assert (file.attempts, email.attempts) == (1, 1)
    assert "No space left" in caplog.text
    email.error = None
    courier.deliver_due(NOW + 60)
    assert (file.got, email.got) == ([record()], [record()])
    assert outbox.pending() == []


def test_a_destination_that_was_removed_from_the_settings_is_not_waited_for(tmp_path: Path) -> None:
    outbox, file = Outbox(tmp_path), Receiver("file")
    outbox.put(record())
    Courier(outbox, [file, Receiver("webhook", DeliveryError("no answer."))]).deliver_due(NOW)
    assert outbox.pending() == [record()]
    Courier(outbox, [file]).deliver_due(NOW)
    assert outbox.pending() == []
    assert file.attempts == 1


def test_a_courier_needs_a_destination(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Courier(Outbox(tmp_path), [])


def test_the_log_says_what_failed_and_holds_no_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Outbox(tmp_path).put(record())
    broken = [
        Receiver("webhook", DeliveryError("the receiver answered 500. Look into its log.")),
        Receiver("odd", RuntimeError(f"{WORDS} hunter2")),
    ]
    Courier(Outbox(tmp_path), broken).deliver_due(NOW)
    assert "answered 500" in caplog.text
    assert "RuntimeError" in caplog.text
    assert record().id in caplog.text
    assert "hunter2" not in caplog.text


class Signalling(Receiver):
    """Hands what it gets to the test's thread."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.queue: queue.Queue[Escalation] = queue.Queue()

    def deliver(self, record: Escalation) -> None:
        super().deliver(record)
        self.queue.put(record)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Outbox, Signalling]]:
    """A courier in the background, with one record that is left from before and not due for long."""
    outbox, receiver = Outbox(tmp_path), Signalling("file")
    outbox.put(record(1))
    outbox.save_state(record(1).id, "file", DeliveryState(attempts=20, not_before=NOW + 800))
    courier = Courier(outbox, [receiver], clock=lambda: NOW)
    courier.start()
    courier.start()
    yield outbox, receiver
    courier.stop()


def test_in_the_background_what_is_left_goes_out_at_once_and_new_records_follow(
    running: tuple[Outbox, Signalling],
) -> None:
    outbox, receiver = running
    assert receiver.queue.get(timeout=PATIENCE_SECONDS) == record(1)
    outbox.put(record(2))  # without a wake-up, as another process does it
    assert receiver.queue.get(timeout=PATIENCE_SECONDS) == record(2)


def test_a_hanging_destination_holds_up_no_other_in_the_background(tmp_path: Path) -> None:
    released = threading.Event()

    class Hanging(Receiver):
        def deliver(self, record: Escalation) -> None:
            released.wait(PATIENCE_SECONDS)

    file = Signalling("file")
    courier = Courier(Outbox(tmp_path), [Hanging("webhook"), file])
    courier.start()
    try:
        for number in (1, 2):
            courier.outbox.put(record(number))
            courier.wake()
            assert file.queue.get(timeout=PATIENCE_SECONDS) == record(number)
    finally:
        released.set()
        courier.stop()


# File


def test_the_file_gets_a_line_a_record(tmp_path: Path) -> None:
    destination = FileDestination("file", tmp_path / "new" / "escalations.jsonl")
    destination.deliver(record(1))
    destination.path.write_bytes(destination.path.read_bytes() + b'{"id": "torn')  # a crash in the middle of a line
    destination.deliver(record(2))
    lines = destination.path.read_text().splitlines()
    assert [json.loads(lines[0]), json.loads(lines[2])] == [record(1).as_dict(), record(2).as_dict()]
    assert lines[1] == '{"id": "torn'


def test_a_file_that_can_not_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="could not be written"):
        FileDestination("file", tmp_path).deliver(record())


# Webhook


class Hook(ThreadingHTTPServer):
    """A receiver that answers with the statuses it is given, then with 204."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _HookRequest)
        self.statuses: list[int] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/red-flags?key=hunter2"


class _HookRequest(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def test_the_webhook_gets_signed_json_with_the_id_as_key(hook: Hook) -> None:
    WebhookDestination("webhook", hook.url, secret="s3cret").deliver(record())
    ((headers, body),) = hook.requests
    assert json.loads(body) == record().as_dict()
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == record().id
    assert headers["x-isobot-signature"] == f"sha256={signature(body, 's3cret')}"


def test_the_webhook_is_not_signed_without_a_secret(hook: Hook) -> None:
    WebhookDestination("webhook", hook.url).deliver(record())
    assert "x-isobot-signature" not in hook.requests[0][0]


def test_the_signature_is_the_one_that_other_tools_make() -> None:
    # The example of RFC 4231, test case 2.
    wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature(b"what do ya want for nothing?", "Jefe") == wanted


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_a_webhook_that_does_not_answer_with_success_has_not_got_it(hook: Hook, status: int) -> None:
    hook.statuses = [status]
    with pytest.raises(DeliveryError, match=str(status)) as caught:
        WebhookDestination("webhook", hook.url).deliver(record())
    assert "hunter2" not in str(caught.value)


def test_a_broken_webhook_is_tried_again_and_then_has_it(hook: Hook, tmp_path: Path) -> None:
    hook.statuses = [500, 503]
    outbox = Outbox(tmp_path)
    outbox.put(record())
    courier = Courier(outbox, [WebhookDestination("webhook", hook.url)], jitter=lambda: 0.0)
    for seconds in (0, 1, 3):
        assert outbox.pending() == [record()]
        courier.deliver_due(NOW + seconds)
    assert outbox.pending() == []
    assert [headers["idempotency-key"] for headers, _ in hook.requests] == [record().id] * 3


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x?key=hunter2", "http://[hunter2", "gopher://hunter2"])
def test_a_webhook_that_can_not_be_reached_says_so_without_its_address(url: str) -> None:
    with pytest.raises(DeliveryError, match="no answer") as caught:
        WebhookDestination("webhook", url).deliver(record())
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(WebhookDestination("webhook", url))


# E-mail


class MailServer(socketserver.ThreadingTCPServer):
    """As much of an SMTP server as the standard library's client asks for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _MailSession)
        self.replies: dict[str, str] = {}  # by command, in place of success
        self.commands: list[str] = []
        self.mails: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


class _MailSession(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 mail.example.org")
        for raw in self.rfile:
            command = raw.decode(errors="replace").strip()  # a client that expects TLS sends bytes
            verb = command.partition(" ")[0].upper()
            self.server.commands.append(command)
            if verb == "EHLO":
                self._say("250-mail.example.org\r\n250 AUTH PLAIN")
            elif verb == "AUTH":
                self._say(self.server.replies.get(verb, "235 welcome"))
            elif verb == "DATA" and verb not in self.server.replies:
                self._say("354 go on")
                self.server.mails.append(self._mail())
                self._say("250 taken")
            elif verb == "QUIT":
                self._say(self.server.replies.get(verb, "221 bye"))
                return
            else:
                self._say(self.server.replies.get(verb, "250 fine"))

    def _mail(self) -> str:
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw.decode())
        return "".join(lines)

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def email_to(server: MailServer, **more: Any) -> EmailDestination:
    recipients = ("nurse@example.org", "doctor@example.org")
    plain = EmailDestination("email", "127.0.0.1", server.port, "bot@example.org", recipients, security="none")
    return replace(plain, **more)


def test_the_e_mail_says_what_was_found_and_its_subject_nothing_of_the_patient(mail_server: MailServer) -> None:
    made = new_escalation(call())
    email_to(mail_server).deliver(made)
    (mail,) = mail_server.mails
    headers, _, body = mail.partition("\r\n\r\n")
    assert "Subject: Red flag: emergency, RF-05, RF-12" in headers
    assert f"Message-ID: <{made.id}@isobot>" in headers
    assert "c0ffee" not in headers
    for wanted in ("Conversation: c0ffee", "Urgency: emergency", "Under 18: yes", "Country: UK", made.at):
        assert wanted in body
    assert WORDS not in mail
    assert [c for c in mail_server.commands if c.startswith("rcpt")] == [
        "rcpt TO:<nurse@example.org>",
        "rcpt TO:<doctor@example.org>",
    ]


def test_the_e_mail_logs_in_where_a_user_is_given(mail_server: MailServer) -> None:
    email_to(mail_server, username="bot", password="hunter2").deliver(record())
    assert any(command.startswith("AUTH PLAIN") for command in mail_server.commands)
    assert "hunter2" not in repr(email_to(mail_server, password="hunter2"))


def test_a_server_without_starttls_gets_no_e_mail_in_the_clear(mail_server: MailServer) -> None:
    with pytest.raises(DeliveryError, match="does not offer"):
        email_to(mail_server, security="starttls", username="bot", password="hunter2").deliver(record())
    assert mail_server.mails == []
    assert not any(command.startswith("AUTH") for command in mail_server.commands)


def test_a_server_without_tls_gets_no_e_mail_in_the_clear(mail_server: MailServer) -> None:
    with pytest.raises(DeliveryError, match="did not take it"):
        email_to(mail_server, security="tls").deliver(record())
    assert mail_server.mails == []


@pytest.mark.parametrize(
    ("command", "reply", "reason"),
    [
        ("AUTH", "535 hunter2 is wrong", "user name or the password"),
        ("MAIL", "451 later", "451"),
        ("RCPT", "550 no such person", "did not take it"),
        ("DATA", "554 spam", "554"),
    ],
)
def test_a_refused_e_mail_is_an_error_that_says_what_to_check(
    mail_server: MailServer, command: str, reply: str, reason: str
) -> None:
    mail_server.replies[command] = reply
    with pytest.raises(DeliveryError, match=reason) as caught:
        email_to(mail_server, username="bot", password="hunter2").deliver(record())
    assert "hunter2" not in str(caught.value)
    assert "example.org" not in str(caught.value)


def test_an_odd_goodbye_does_not_send_the_e_mail_again(mail_server: MailServer) -> None:
    mail_server.replies["QUIT"] = "500 what?"
    email_to(mail_server).deliver(record())
    assert len(mail_server.mails) == 1


def test_one_refused_recipient_is_logged_and_the_others_get_it_once(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused = {"nurse@example.org": (550, b"no such person")}
    monkeypatch.setattr(smtplib.SMTP, "send_message", lambda *_: refused)
    email_to(mail_server).deliver(record())
    assert "1 of 2 recipients were refused" in caplog.text
    assert "nurse" not in caplog.text


def test_a_mail_server_that_is_down_is_an_error() -> None:
    destination = EmailDestination("email", "127.0.0.1", 1, "bot@example.org", ("nurse@example.org",))
    with pytest.raises(DeliveryError, match="`host`"):
        destination.deliver(record())


# Queue


@pytest.fixture
def redis_url() -> Iterator[str]:
    server = TcpFakeServer(("127.0.0.1", 0))
    server.daemon_threads = True  # closing it must not wait for clients
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()


def test_the_queue_holds_the_records_in_order(redis_url: str) -> None:
    for number in (1, 2):
        QueueDestination("queue", redis_url, "isobot:escalations").deliver(record(number))
    with redis.Redis.from_url(redis_url) as client:
        got = [json.loads(item) for item in client.lrange("isobot:escalations", 0, -1)]
    assert got == [record(1).as_dict(), record(2).as_dict()]


def test_a_queue_of_another_type_or_out_of_reach_is_an_error(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("taken", "a string")
    with pytest.raises(DeliveryError, match="Redis did not take it"):
        QueueDestination("queue", redis_url, "taken").deliver(record())
    with pytest.raises(DeliveryError, match="Check its address"):
        QueueDestination("queue", "redis://:hunter2@127.0.0.1:1/0", "key").deliver(record())
    assert "hunter2" not in repr(QueueDestination("queue", "redis://:hunter2@127.0.0.1:1/0", "key"))


# Settings


def test_without_settings_there_is_a_file(tmp_path: Path) -> None:
    assert destinations(None, {}) == (FileDestination("file", DEFAULT_FILE),)
    other = tmp_path / "other.jsonl"
    assert destinations(None, {"ISOBOT_ESCALATIONS": str(other)}) == (FileDestination("file", other),)


def example() -> list[dict[str, Any]]:
    """Return the example that clinic.yml holds in comments."""
    text = CLINIC_FILE.read_text(encoding="utf-8")
    lines = text[text.index("# escalation:") :].splitlines()
    entries: list[dict[str, Any]] = yaml.safe_load("\n".join(line.removeprefix("# ") for line in lines))["escalation"]
    return entries


MESSAGING = {
    "ISOBOT_TWILIO_SID": "AC1",
    "ISOBOT_TWILIO_TOKEN": "hunter3",
    "ISOBOT_MATRIX_HOMESERVER": "http://synapse:8008",
    "ISOBOT_MATRIX_USER": "@isobot:clinic.example",
    "ISOBOT_MATRIX_AS_TOKEN": "as",
    "ISOBOT_MATRIX_HS_TOKEN": "hs",
}


def test_the_example_of_clinic_yml_works() -> None:
    secrets = {"ISOBOT_WEBHOOK_SECRET": "s3cret", "ISOBOT_SMTP_PASSWORD": "hunter2", **MESSAGING}
    file, webhook, email, queue, room, phone = destinations(example(), secrets)
    assert file == FileDestination("file", ROOT / "var" / "escalations.jsonl")
    assert webhook == WebhookDestination("webhook", "https://clinic.example.org/red-flags", "s3cret")
    assert email == EmailDestination(
        "email",
        "smtp.example.org",
        587,
        "assistant@example.org",
        ("nurse@example.org",),
        username="assistant@example.org",
        password="hunter2",
    )
    assert queue == QueueDestination("queue", "redis://127.0.0.1:6379/0", "isobot:escalations")
    assert room == RoomDestination("matrix", "!abcdefg:clinic.example", "http://synapse:8008", "as")
    assert phone == PhoneDestination("sms", "+447700900001", "+447700900002", TwilioAccount("AC1", "hunter3"))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"type": "matrix", "room": "!a:b"}, "environment variables of the Matrix channel"),
        ({"type": "matrix"}, "name the room"),
        ({"type": "matrix", "room": "#a:b"}, "begins with !"),
        ({"type": "sms", "to": "+447700900001", "from": "+447700900002"}, "ISOBOT_TWILIO_SID"),
        ({"type": "sms", "to": "07700 900001", "from": "+447700900002"}, "international form"),
    ],
)
def test_a_room_or_phone_that_can_not_be_reached_is_refused_at_the_start(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(TableError, match=message):
        destinations([entry], {})


def test_a_short_notice_names_the_danger_and_the_way_to_take_over_and_no_words() -> None:
    notice = short_notice(replace(record(), conversation="abcdef0123456789", under_18=True))
    assert "!take abcdef01" in notice
    assert "under 18" in notice
    assert len(notice) <= 306


def test_a_room_that_can_not_be_reached_is_tried_again() -> None:
    destination = RoomDestination("matrix", "!a:b", f"http://127.0.0.1:{free_port()}", "as")
    with pytest.raises(DeliveryError, match="homeserver"):
        destination.deliver(record())
    account = TwilioAccount("AC1", "hunter3", api=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(DeliveryError, match="Twilio") as caught:
        PhoneDestination("sms", "+447700900001", "+447700900002", account).deliver(record())
    assert "hunter3" not in str(caught.value)
    assert "7700900001" not in str(caught.value)


def test_a_secret_address_comes_from_the_environment() -> None:
    entries = [{"type": "webhook", "url_env": "HOOK"}, {"type": "queue", "url_env": "REDIS"}]
    values = {"HOOK": "https://hooks.example.org/hunter2", "REDIS": "rediss://:hunter2@redis.example.org/1"}
    webhook, queue = destinations(entries, values)
    assert isinstance(webhook, WebhookDestination)
    assert isinstance(queue, QueueDestination)
    assert [webhook.url, queue.url] == list(values.values())


EMAIL = {"type": "email", "host": "smtp.example.org", "sender": "a@example.org", "recipients": ["b@example.org"]}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "at escalation: name at least one"),
        (["file"], r"at escalation\.0: begin with `type:`"),
        ([{"type": "pigeon"}], "file, webhook, email, queue, matrix, sms"),
        ([{"type": "file"}, {"type": "file", "path": "x"}], r"at escalation\.1: there is another \"file\""),
        ([{"type": "file", "name": "My File"}], r"escalation\.0\.name: use lower-case"),
        ([{"type": "file", "patch": "x"}], "'patch' was unexpected"),
        ([{"type": "webhook"}], "give either `url`, or `url_env`"),
        ([{"type": "webhook", "url": "https://x.org", "url_env": "X"}], "give either `url`, or `url_env`"),
        ([{"type": "webhook", "url": "http://x.org/hunter2"}], r"escalation\.0\.url: give https"),
        ([{"type": "webhook", "url": "https://me:hunter2@x.org"}], "without a password"),
        ([{"type": "webhook", "url": "https://x.org", "secret_env": "hunter2"}], "NAME of an environment variable"),
        ([{"type": "webhook", "url": "https://x.org", "secret_env": "UNSET"}], "UNSET is not set; set it"),
        ([{"type": "webhook", "url": "https://"}], r"escalation\.0\.url: give https"),
        ([{"type": "webhook", "url_env": "ODD"}], "ODD holds no address"),
        ([{"type": "queue", "url": "redis://:hunter2@x"}], "goes into `url_env`"),
        ([{**EMAIL, "password_env": "SET"}], "together, or neither"),
        ([{**EMAIL, "recipients": ["b@example.org\nBcc: c@example.org"]}], r"recipients\.0: give one e-mail address"),
        ([{**EMAIL, "username": "a", "password_env": "SET", "security": "none"}], "only sent with `starttls` or `tls`"),
        ([{**EMAIL, "security": "ssl"}], "'ssl' is not one of"),
        ([{**EMAIL, "password": "hunter2"}], "'password' was unexpected"),
    ],
)
def test_a_mistake_in_the_settings_is_named_without_repeating_a_secret(entries: list[Any], message: str) -> None:
    with pytest.raises(TableError, match=message) as caught:
        destinations(entries, {"SET": "hunter2", "ODD": "hunter2"})
    assert str(CLINIC_FILE) in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_host_of_the_own_network_needs_no_tls() -> None:
    for url in ("http://localhost:8080", "http://receiver/red-flags", "http://127.0.0.1:9000/x"):
        assert destinations([{"type": "webhook", "url": url}], {}) == (WebhookDestination("webhook", url),)


# The action


class Told:
    """As much of the SDK's tracker as the action asks for."""

    sender_id = "c0ffee"

    def __init__(self, escalation_id: str | None) -> None:
        self.latest_message = {**call()["tracker"]["latest_message"], "escalation_id": escalation_id}

    def current_state(self) -> dict[str, Any]:
        return {**call()["tracker"], "latest_message": self.latest_message}


@pytest.mark.parametrize(("escalation_id", "made"), [(None, 1), ("a" * 32, 0)])
def test_the_action_makes_a_record_unless_there_is_one_and_wakes_the_courier(
    escalation_id: str | None, made: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISOBOT_OUTBOX", str(tmp_path))
    woken = []
    monkeypatch.setattr(Courier, "wake", lambda self: woken.append(self.outbox.folder))
    monkeypatch.setattr(courier_module, "configured", lambda: (Receiver("file"),))
    courier_module.courier.cache_clear()
    assert ActionEscalate().run(None, Told(escalation_id), {}) == []
    courier_module.courier.cache_clear()
    assert [(r.conversation, r.red_flags) for r in Outbox(tmp_path).pending()] == [
        ("c0ffee", ("RF-05", "RF-12"))
    ] * made
    assert woken == [tmp_path]
