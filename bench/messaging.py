"""The figures of the messaging number: `python -m bench.messaging`, against a stand-in for Twilio on this machine.

1. Under load: 1,000 text messages of 250 people, a tenth of them sent twice or more, and as many forged ones as make
   5 %. In the middle the server is killed (SIGKILL) and started again; what it had not acknowledged is sent again, as
   Twilio does where a webhook is set to be retried. Each genuine message must be answered exactly once.
2. One after the other: from the webhook's call to our call of Twilio's API, and the segments of each answer.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import smsutil
import yaml

from bench import report
from bench.messages import short_texts
from bench.twilio_stand_in import ACCOUNT_SID, AUTH_TOKEN, TwilioApi, inbound, signed
from isobot.channels.messaging.identity import Identity
from isobot.channels.messaging.messenger import Limits
from isobot.cli.stack import Stack
from isobot.content.reference import ROOT

DOCUMENT = ROOT / "docs" / "clinic-messaging.md"
PUBLIC = "https://bot.clinic.test"
WEBHOOK = f"{PUBLIC}/webhooks/twilio/"
NUMBER, SECRET = "+15005550006", "a secret of this benchmark"
MESSAGES, PEOPLE, DUPLICATES, FORGED = 1000, 250, 100, 50
SENDERS = 4  # at a time
SINGLE = 120  # messages of the second part
_SETTLE_SECONDS = 120
Form = dict[str, str]


def _credentials(folder: Path) -> Path:
    plenty = dict.fromkeys(vars(Limits()), "1000000/minute")
    channel = {"isobot.channels.twilio.TwilioChannel": {"public_url": PUBLIC, "sms": NUMBER, **plenty}}
    file = folder / "credentials.yml"
    file.write_text(yaml.safe_dump({"isobot.channels.web.WebChannel": None, **channel}), encoding="utf-8")
    return file


def _stack(folder: Path, api: TwilioApi) -> Stack:
    return Stack(
        database=folder / "conversations.db",
        environment={
            "ISOBOT_CREDENTIALS": str(_credentials(folder)),
            "ISOBOT_MESSAGING": str(folder / "messaging.db"),
            "ISOBOT_OUTBOX": str(folder / "outbox"),
            "ISOBOT_ESCALATIONS": str(folder / "escalations.jsonl"),
            "ISOBOT_UNANSWERED": str(folder / "unanswered.jsonl"),
            "ISOBOT_SECRET": SECRET,
            "ISOBOT_TWILIO_SID": ACCOUNT_SID,
            "ISOBOT_TWILIO_TOKEN": AUTH_TOKEN,
            "ISOBOT_TWILIO_API": api.url,
        },
    )


class Sender:
    """Calls the webhook as Twilio does; tries again for as long as nothing answers."""

    def __init__(self, stack: Stack) -> None:
        """Send to `stack`."""
        self._stack = stack
        self.statuses: Counter[int] = Counter()
        self.lost = 0
        self._lock = threading.Lock()

    def send(self, form: Form, token: str = AUTH_TOKEN) -> None:
        """Send a message until it is acknowledged or refused."""
        while True:
            try:
                headers = {"X-Twilio-Signature": signed(WEBHOOK, form, token)}
                answer = httpx.post(f"{self._stack.url}/webhooks/twilio/", data=form, headers=headers, timeout=20)
            except httpx.TransportError:
                with self._lock:
                    self.lost += 1
                time.sleep(0.3)
                continue
            with self._lock:
                self.statuses[answer.status_code] += 1
            return


def _jobs(chance: random.Random) -> tuple[list[list[tuple[Form, str]]], list[Form]]:
    """Return what each person sends, in order, with the token that signs it; and the genuine messages."""
    texts = short_texts(MESSAGES)
    texts += texts[: MESSAGES - len(texts)]
    people: list[list[tuple[Form, str]]] = []
    genuine: list[Form] = []
    for person in range(PEOPLE):
        number = f"+4477009{person:05d}"
        forms = [inbound(NUMBER, number, text) for text in texts[person::PEOPLE]]
        genuine += forms
        people.append([(form, AUTH_TOKEN) for form in forms])
    for person in chance.sample(people, DUPLICATES):
        position = chance.randrange(len(person))
        person.insert(chance.randint(position + 1, len(person)), person[position])
    for forged, person in enumerate(chance.sample(people, FORGED)):
        form = inbound(NUMBER, f"+4479119{forged:05d}", "Can I drink alcohol?")
        person.insert(chance.randint(0, len(person)), (form, "a guessed token"))
    return people, genuine


def under_load(stack: Stack, api: TwilioApi, folder: Path) -> list[tuple[str, str]]:
    """Send everything, kill the server in the middle, and count what came of each message."""
    people, genuine = _jobs(random.Random(7))
    sender = Sender(stack)
    total = sum(len(p) for p in people)

    def one_person(person: list[tuple[Form, str]]) -> None:
        for form, token in person:
            sender.send(form, token)

    def kill_in_the_middle() -> None:
        while sum(sender.statuses.values()) < total // 2:
            time.sleep(0.02)
        os.kill(stack.process_id("engine"), signal.SIGKILL)
        stack.stop()
        stack.start()
        stack.wait_until_ready()

    killer = threading.Thread(target=kill_in_the_middle)
    killer.start()
    started = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(one_person, people))
    killer.join()
    states = _settled(folder)
    seconds = time.monotonic() - started
    identity = Identity(SECRET)
    answers = [_answers(states, identity.message_id("twilio", form["MessageSid"])) for form in genuine]
    numbers = {form["From"] for form in genuine}
    forged = [m for m in api.sent if m["To"] not in numbers]
    queued = sum(1 for state in states.values() if state == "sent")
    return [
        ("genuine messages", f"{len(genuine)}, of them {DUPLICATES} sent twice, from {PEOPLE} people"),
        ("acknowledged / refused", f"{sender.statuses[200]} / {sender.statuses[403]}"),
        ("calls while the server was down", str(sender.lost)),
        ("answered exactly once", str(sum(a == {"sent"} for a in answers))),
        ("not answered", str(sum(not a for a in answers))),
        ("undelivered or under way", str(sum(bool(a) and a != {"sent"} for a in answers))),
        ("messages sent by us / taken by Twilio", f"{queued} / {len(api.sent)}"),
        ("forged messages answered", str(len(forged))),
        ("the whole, with the restart", f"{seconds:.0f} s"),
    ]


def _settled(folder: Path) -> dict[str, str]:
    """Return what became of each message that goes out, once nothing waits any more."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        with sqlite3.connect(folder / "messaging.db") as database:
            (waiting,) = database.execute("select count(*) from inbound where not held").fetchone()
            states = dict(database.execute("select id, state from outbound"))
        if (not waiting and not {"queued", "sending"} & set(states.values())) or time.monotonic() > deadline:
            return states
        time.sleep(0.2)


def _answers(states: dict[str, str], message_id: str) -> set[str]:
    """Return the states of what a message was answered; `MessagingStore` has each id once."""
    found = set()
    number = 0
    while (key := f"{message_id}-{number}") in states:
        found.add(states[key])
        number += 1
    return found


def one_by_one(stack: Stack, api: TwilioApi) -> list[tuple[str, str]]:
    """Send messages one after the other, and time and count the answers."""
    sender = Sender(stack)
    waits, acknowledged, segments, first = [], [], [], []
    for n, text in enumerate(short_texts(SINGLE)):
        number = f"+4477008{n:05d}"
        before = time.time()
        sender.send(inbound(NUMBER, number, text))
        acknowledged.append(1000 * (time.time() - before))
        bodies = _two(api, number)
        waits.append(1000 * (min(m["at"] for m in api.sent if m["To"] == number) - before))
        segments.append(sum(_segments(body) for body in bodies[:-1]))
        first.append(_segments(bodies[-1]))
    counted = f"{_quantile(segments, 50):.0f} / {np.mean(segments):.1f} / {_quantile(segments, 95):.0f}"
    return [
        ("webhook acknowledged, p50 / p95", _milliseconds(acknowledged)),
        ("webhook to our call of Twilio's API, p50 / p95", _milliseconds(waits)),
        ("segments of an answer, median / mean / p95", counted),
        ("answers of two segments or fewer", f"{100 * np.mean([s <= 2 for s in segments]):.0f} %"),
        ("segments of the sentence after the first answer", f"{_quantile(first, 50):.0f}"),
    ]


def _two(api: TwilioApi, number: str) -> list[str]:
    """Return the answer and the sentence after it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        bodies = api.bodies(number)
        if len(bodies) > 1 and "Reply HELP" in bodies[-1]:
            return bodies
        time.sleep(0.002)
    raise TimeoutError("An answer did not come within 20 seconds.")


def _segments(body: str) -> int:
    return len(smsutil.split(body).parts)


def _quantile(values: list[Any], percent: float) -> float:
    return float(np.percentile(values, percent))


def _milliseconds(values: list[float]) -> str:
    return f"{_quantile(values, 50):.0f} / {_quantile(values, 95):.0f} ms"


def main() -> int:
    """Measure, print the table and put it into docs/clinic-messaging.md."""
    with tempfile.TemporaryDirectory() as name, TwilioApi() as api:
        folder = Path(name)
        with _stack(folder, api) as stack:
            stack.wait_until_ready()
            rows = under_load(stack, api, folder)
            rows += one_by_one(stack, api)
    table = report.Table("The messaging number", ("", "measured"), rows)
    report.show(table)
    report.keep(table, "messaging", "python -m bench.messaging", DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
