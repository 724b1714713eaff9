"""Exactly one answer: through crashes at every step, lost answers of the network, and several replicas at once."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import threading
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_messaging_fakes import (
    NOW,
    SECRET,
    UK_NUMBER,
    Clock,
    FakeEngine,
    FakeNetwork,
    Killer,
    Mortal,
    lost_but_taken,
    serve,
    store_in,
    worker_of,
    write,
)
from test_messaging_store import rows

from isobot.channels.messaging import worker as worker_module
from isobot.channels.messaging.records import Contact, Outbound, Payload
from isobot.channels.messaging.store import LEASE_SECONDS, MessagingStore
from isobot.channels.messaging.transport import NotSent
from isobot.channels.messaging.wording import say
from isobot.channels.messaging.worker import LONGEST_PAUSE_SECONDS, MAX_ATTEMPTS, pause_seconds

FIRST = say("first", "UK")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look into the database often, so that the tests don't wait."""
    monkeypatch.setattr(worker_module, "LOOK_SECONDS", 0.01)


def idle(store: MessagingStore) -> bool:
    """Whether nothing waits, now or later."""
    left = {"queued", "sending"} & {str(row["state"]) for row in rows(store, "outbound")}
    return not left and not [row for row in rows(store, "inbound") if not row["held"]]


def settled(store: MessagingStore) -> bool:
    """Whether nothing can be done now: all is through, or the next of what is left may not go yet."""
    inbound = [row for row in rows(store, "inbound") if not row["held"]]
    left = [row for row in rows(store, "outbound") if row["state"] in ("queued", "sending")]
    heads = sorted(left, key=lambda row: (not row["urgent"], row["number"]))[:1]
    return not inbound and all(float(str(row["not_before"])) > store._clock() for row in heads)


def _over(killer: Killer, store: MessagingStore) -> bool:
    return killer.dead or settled(store)


def run(worker: Any, store: MessagingStore, seconds: float = 5.0) -> None:
    asyncio.run(serve(worker, lambda: idle(store), seconds))


# --- the ordinary way ---


def test_messages_are_answered_in_order(tmp_path: Path) -> None:
    store, engine, network = store_in(tmp_path), FakeEngine(), FakeNetwork()
    for number in range(5):
        write(store, f"question {number}", f"SM{number}")
    run(worker_of(store, engine, network), store)
    assert network.texts() == ["Answer: question 0", FIRST, *(f"Answer: question {n}" for n in range(1, 5))]
    assert rows(store, "inbound") == []


def test_danger_overtakes_what_waits_to_be_sent(tmp_path: Path) -> None:
    clock = Clock()
    store, network = store_in(tmp_path, clock), FakeNetwork()
    network.script = [NotSent("busy", again=True, after_seconds=60)]
    write(store, "hello", "SM1")
    worker = worker_of(store, FakeEngine(), network, clock=clock)
    asyncio.run(serve(worker, lambda: network.sends == 1, 20))
    write(store, "I want to die", "SM2")
    run(worker_of(store, FakeEngine(), network, clock=clock), store, 0.3)
    assert network.texts()[0] == "Call now. I want to die"
    clock.now += 61
    run(worker_of(store, FakeEngine(), network, clock=clock), store)
    assert network.texts()[1:] == ["Answer: hello", FIRST]


def test_a_message_that_cannot_be_answered_gets_the_last_resort(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    engine = FakeEngine(broken=ValueError("Zwetschgenkuchen"))
    write(store, "Zwetschgenkuchen", "SM1")
    write(store, "I want to kill myself", "SM2")
    run(worker_of(store, engine, network), store)
    assert len([text for text in network.texts() if text != FIRST]) == 2
    assert any("999" in text for text in network.texts())
    assert "Zwetschgenkuchen" not in caplog.text


def test_messages_wait_until_the_engine_is_ready_and_nothing_spins(tmp_path: Path) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    for number in range(40):
        write(store, "hello", f"SM{number}", f"+4477009{number:05}")
    ready, looks = [False], []
    waiting = store.waiting
    store.waiting = lambda channels: looks.append(1) or waiting(channels)  # type: ignore[method-assign, func-returns-value]
    worker = worker_of(store, FakeEngine(), network, is_ready=lambda: ready[0])
    asyncio.run(serve(worker, lambda: False, 0.5))
    assert network.taken == []
    assert 1 <= len(looks) <= 60
    ready[0] = True
    run(worker_of(store, FakeEngine(), network), store)
    assert len(network.taken) == 80


def test_nothing_spins_while_nothing_can_be_sent(tmp_path: Path) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    network.refuses = lambda contact, message: NotSent("busy", again=True, after_seconds=60)
    write(store, "hello", "SM1")
    looks = []
    waiting = store.waiting
    store.waiting = lambda channels: looks.append(1) or waiting(channels)  # type: ignore[method-assign, func-returns-value]
    asyncio.run(serve(worker_of(store, FakeEngine(), network), lambda: False, 0.5))
    assert network.sends == 1
    assert len(looks) <= 60


def test_a_worker_ends_although_it_is_woken_just_then(tmp_path: Path) -> None:
    """`asyncio.wait_for` of Python 3.11 loses a cancellation that comes together with what it waits for."""

    async def go() -> bool:
        worker = worker_of(store_in(tmp_path), FakeEngine(), FakeNetwork())
        task = asyncio.ensure_future(worker.run())
        await asyncio.sleep(0.005)
        worker.wake()
        task.cancel()
        await asyncio.wait([task], timeout=0.3)
        ended = task.done()
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=0.1)
        return ended

    assert asyncio.run(go())


# --- crashes ---


@pytest.mark.parametrize("lost", [False, True])
def test_a_crash_at_any_step_changes_nothing_for_the_person(tmp_path: Path, lost: bool) -> None:
    for step in itertools.count(0, 3 if lost else 1):
        folder = tmp_path / f"{lost}{step}"
        folder.mkdir()
        clock, engine, network = Clock(), FakeEngine(), FakeNetwork()
        store = store_in(folder, clock)
        write(store, "question", "SM1")
        write(store, "I want to die", "SM2")
        network.script = [lost_but_taken()] if lost else []
        killer = Killer(step)
        mortal = [Mortal(one, killer) for one in (store, engine, network)]
        asyncio.run(serve(worker_of(*mortal, clock=clock), partial(_over, killer, store), 2))
        died = killer.dead
        for _ in range(4):  # the network's answer may have been lost: it is tried again later
            clock.now += LEASE_SECONDS + LONGEST_PAUSE_SECONDS
            if idle(store):
                break
            again = store_in(folder, clock)
            asyncio.run(serve(worker_of(again, engine, network, clock=clock), partial(settled, again), 0.3))
        assert idle(store), step
        assert sorted(network.texts()) == sorted(["Answer: question", FIRST, "Call now. I want to die"]), step
        assert Counter(i for _, i, _ in network.taken).most_common(1)[0][1] == 1, step
        assert sorted(engine.asked) == ["I want to die", "question"], step
        if not died:
            assert step > 20
            return


@pytest.mark.parametrize("before", [True, False])
def test_a_cancelled_send_is_not_repeated_if_it_was_taken(tmp_path: Path, before: bool) -> None:
    clock = Clock()
    store, network = store_in(tmp_path, clock), FakeNetwork()

    class Cancelled(FakeNetwork):
        async def send(self, contact: Contact, message: Outbound) -> str:
            if not before:
                await network.send(contact, message)
            raise asyncio.CancelledError

    write(store, "question", "SM1")
    first = Cancelled()
    asyncio.run(serve(worker_of(store, FakeEngine(), first, clock=clock), lambda: len(network.taken) > 0, 1))
    clock.now += LEASE_SECONDS + 1
    run(worker_of(store_in(tmp_path, clock), FakeEngine(), network, clock=clock), store)
    assert network.texts() == ["Answer: question", FIRST]


def test_a_database_that_fails_for_a_moment_ends_nothing(tmp_path: Path) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    write(store, "question", "SM1")
    left = [7]

    class Failing:
        def __getattr__(self, name: str) -> Any:
            found = getattr(store, name)
            if not callable(found) or name == "identity":
                return found

            def call(*args: Any, **named: Any) -> Any:
                if left[0] and random.random() < 0.4:
                    left[0] -= 1
                    raise OSError("database is locked")
                return found(*args, **named)

            return call

    run(worker_of(Failing(), FakeEngine(), network), store)
    assert network.texts() == ["Answer: question", FIRST]


# --- the network ---


def test_an_answer_that_was_lost_is_asked_for_not_sent_again(tmp_path: Path) -> None:
    clock = Clock()
    store, network = store_in(tmp_path, clock), FakeNetwork()
    network.script = [lost_but_taken()]
    write(store, "question", "SM1")
    asyncio.run(serve(worker_of(store, FakeEngine(), network, clock=clock), lambda: network.sends == 1, 20))
    clock.now += 10
    run(worker_of(store, FakeEngine(), network, clock=clock), store)
    assert network.texts() == ["Answer: question", FIRST]
    assert network.asked == 1


def test_an_error_of_any_kind_counts_as_unsure(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    store, network = store_in(tmp_path, clock), FakeNetwork()
    network.script = [RuntimeError(f"taken {UK_NUMBER}")]
    write(store, "question", "SM1")
    asyncio.run(serve(worker_of(store, FakeEngine(), network, clock=clock), lambda: network.sends == 1, 20))
    clock.now += 10
    run(worker_of(store, FakeEngine(), network, clock=clock), store)
    assert network.texts() == ["Answer: question", FIRST]
    assert UK_NUMBER not in caplog.text


def _sent_or_idle(store: MessagingStore, network: FakeNetwork, sends: int) -> bool:
    return network.sends > sends or idle(store)


@pytest.mark.parametrize("unsure", [False, True])
def test_ten_attempts_and_then_it_is_undelivered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, unsure: bool
) -> None:
    clock = Clock()
    store, network = store_in(tmp_path, clock), FakeNetwork()
    network.refuses = lambda contact, message: NotSent("Twilio answered 503", again=True, unsure=unsure)
    write(store, "I want to die", "SM1")
    seen = []
    for _ in range(2 * MAX_ATTEMPTS + 2):
        over = partial(_sent_or_idle, store, network, network.sends)
        asyncio.run(serve(worker_of(store, FakeEngine(), network, clock=clock), over, 20))
        seen.append(network.sends)
        clock.now += 2 * LONGEST_PAUSE_SECONDS
    assert max(seen) == 2 * MAX_ATTEMPTS  # the answer, and the greeting
    assert idle(store)
    assert len(store.undelivered()) == 2
    assert "danger" in caplog.text
    assert UK_NUMBER[1:] not in caplog.text


@given(st.integers(1, 100), st.floats(0, 1e4), st.floats(0, 1))
def test_pauses_grow_and_keep_to_what_the_network_asks(attempts: int, asked: float, jitter: float) -> None:
    found = pause_seconds(attempts, asked, jitter)
    assert found >= max(asked, 1.0)
    assert found <= max(asked, LONGEST_PAUSE_SECONDS * 1.25)


def test_a_pause_is_kept(tmp_path: Path) -> None:
    clock = Clock()
    store, network = store_in(tmp_path, clock), FakeNetwork()
    network.script = [NotSent("busy", again=True, after_seconds=30)]
    write(store, "question", "SM1")
    asyncio.run(serve(worker_of(store, FakeEngine(), network, clock=clock), lambda: network.sends == 1, 20))
    clock.now += 29
    asyncio.run(serve(worker_of(store, FakeEngine(), network, clock=clock), lambda: False, 0.1))
    assert network.sends == 1
    clock.now += 2
    run(worker_of(store, FakeEngine(), network, clock=clock), store)
    assert network.texts() == ["Answer: question", FIRST]


def test_who_told_the_network_to_stop_is_stopped(tmp_path: Path) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    network.refuses = lambda contact, message: NotSent("code 21610", opted_out=True)
    conversation = write(store, "question", "SM1")
    run(worker_of(store, FakeEngine(), network), store)
    contact = store.contact(conversation)
    assert contact is not None
    assert contact.stopped


def test_a_danger_answer_that_the_network_refuses_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    network.refuses = lambda contact, message: NotSent("code 21610", opted_out=True)
    write(store, "I want to die", "SM1")
    run(worker_of(store, FakeEngine(), network), store)
    assert "danger" in caplog.text


def test_after_stop_nothing_goes_out_that_was_queued_before(tmp_path: Path) -> None:
    """An answer that waits for the network must not come hours after "You will get no more messages"."""
    clock = Clock()
    store, network = store_in(tmp_path, clock), FakeNetwork()
    network.script = [NotSent("busy", again=True, after_seconds=300)]
    write(store, "question", "SM1")
    asyncio.run(serve(worker_of(store, FakeEngine(), network, clock=clock), lambda: network.sends == 1, 20))
    conversation = write(store, "STOP", "SM2")
    worker = worker_of(store, FakeEngine(), network, clock=clock)
    asyncio.run(serve(worker, lambda: store.next_inbound(conversation) is None, 20))
    clock.now += 301
    run(worker_of(store, FakeEngine(), network, clock=clock), store)
    assert network.texts() == [say("stopped", "UK")]


# --- several replicas ---


def test_replicas_never_answer_a_message_twice(tmp_path: Path) -> None:
    """Three processes' worth of workers in threads over one database; each message comes in through two of them."""
    people, each, replicas = 60, 4, 3
    network, engine = FakeNetwork(), FakeEngine()
    lock = threading.Lock()
    computed: Counter[str] = Counter()

    async def pause() -> None:
        await asyncio.sleep(random.random() * 0.004)

    class Shared(FakeNetwork):
        async def send(self, contact: Contact, message: Outbound) -> str:
            await pause()
            with lock:
                return await network.send(contact, message)

    class Counting(FakeEngine):
        async def answer(self, *args: Any, message_id: str, **named: Any) -> Any:
            await pause()
            with lock:
                computed[message_id] += 1
                return await engine.answer(*args, message_id=message_id, **named)

    stores = [store_in(tmp_path, lambda: NOW) for _ in range(replicas)]
    errors: list[BaseException] = []

    def replica(number: int) -> None:
        store = stores[number]
        try:
            for message in range(each):
                for person in range(people):
                    if (person + number) % replicas != 0:
                        write(store, f"question {message}", f"SM{person}-{message}", f"+4477009{person:05}")
            asyncio.run(serve(worker_of(store, Counting(), Shared()), lambda: idle(store), 40))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=replica, args=(n,)) for n in range(replicas)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run(worker_of(stores[0], engine, network), stores[0])
    assert errors == []
    assert len(computed) == people * each
    assert set(computed.values()) == {1}
    assert max(Counter(i for _, i, _ in network.taken).values()) == 1
    for person in range(people):
        texts = network.texts(f"+4477009{person:05}")
        assert sorted(texts) == sorted([FIRST, *(f"Answer: question {n}" for n in range(each))])


def test_a_slow_engine_does_not_let_another_replica_answer_too(tmp_path: Path) -> None:
    """The lease ends while the engine thinks: the other one answers, and the slow one's answer is dropped."""
    clock, network, engine = Clock(), FakeNetwork(), FakeEngine()
    one, two = store_in(tmp_path, clock), store_in(tmp_path, clock)
    write(one, "question", "SM1")

    async def go() -> None:
        release = asyncio.Event()
        slow = worker_of(one, FakeEngine(pause=release.wait), network, clock=clock)
        task = asyncio.ensure_future(slow.run())
        await asyncio.sleep(0.05)
        clock.now += LEASE_SECONDS + 1
        await serve(worker_of(two, engine, network, clock=clock), lambda: idle(two), 20)
        release.set()
        await asyncio.sleep(0.1)
        task.cancel()

    asyncio.run(go())
    assert network.texts() == ["Answer: question", FIRST]


def test_a_lease_is_kept_while_the_engine_thinks(tmp_path: Path) -> None:
    """Else a message that takes longer than the lease is asked of the engine by every replica in turn."""
    clock, network = Clock(), FakeNetwork()
    one, two = store_in(tmp_path, clock), store_in(tmp_path, clock)
    write(one, "question", "SM1")
    other = FakeEngine()

    async def go() -> None:
        release = asyncio.Event()
        slow = worker_of(one, FakeEngine(pause=release.wait), network, clock=clock)
        task = asyncio.ensure_future(slow.run())
        await asyncio.sleep(0.5)
        for _ in range(8):
            await asyncio.sleep(0.05)
            clock.now += LEASE_SECONDS / 4
        await serve(worker_of(two, other, network, clock=clock), lambda: bool(other.asked), 0.2)
        release.set()
        await asyncio.sleep(0.1)
        task.cancel()

    asyncio.run(go())
    assert other.asked == []


# --- one must not hold up another ---


def test_unreadable_conversations_neither_spin_nor_hold_up_the_readable_ones(tmp_path: Path) -> None:
    """After a change of ISOBOT_SECRET, what waited under the old one can't be read any more."""
    old = store_in(tmp_path, secret=SECRET + "!")
    new, network = store_in(tmp_path), FakeNetwork()
    for number in range(60):
        write(old, "hello", f"SM-old{number}", f"+4477008{number:05}")
    for number in range(10):
        write(new, "hello", f"SM{number}", f"+4477009{number:05}")
    looks = []
    waiting = new.waiting
    new.waiting = lambda channels: looks.append(1) or waiting(channels)  # type: ignore[method-assign, func-returns-value]
    asyncio.run(serve(worker_of(new, FakeEngine(), network), lambda: len(network.taken) == 20, 30))
    assert len(network.taken) == 20
    assert len(looks) < 200


def test_people_who_can_be_sent_nothing_do_not_hold_up_the_others(tmp_path: Path) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    broken = {f"+4477008{number:05}" for number in range(60)}
    network.refuses = lambda contact, message: (
        NotSent("Twilio answered 503", again=True, after_seconds=3600) if contact.address in broken else None
    )
    for number, address in enumerate(sorted(broken)):
        conversation = write(store, "hello", f"SM-broken{number}", address)
        store.queue([Outbound(f"extra{number}", conversation, Payload("x"))])
    asyncio.run(serve(worker_of(store, FakeEngine(), network), lambda: False, 1.5))
    for number in range(10):
        write(store, "hello", f"SM{number}", f"+4477009{number:05}")
    asyncio.run(serve(worker_of(store, FakeEngine(), network), lambda: len(network.taken) == 20, 30))
    assert len(network.taken) == 20


def test_a_conversation_that_always_fails_does_not_hold_up_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as one whose answer is queued already, under the same id."""
    store, network = store_in(tmp_path), FakeNetwork()
    for number in range(60):
        conversation = write(store, "hello", f"SM-broken{number}", f"+4477008{number:05}")
        message = store.next_inbound(conversation)
        assert message is not None
        store.queue([Outbound(f"{message.id}-0", conversation, Payload("x"))])
        out = store.next_outbound(conversation)
        assert out is not None
        store.mark(out, "sent", provider_id="SM")
    for number in range(10):
        write(store, "hello", f"SM{number}", f"+4477009{number:05}")

    def answered() -> int:
        return len([1 for address, _, _ in network.taken if address.startswith("+4477009")])

    asyncio.run(serve(worker_of(store, FakeEngine(), network), lambda: answered() == 20, 30))
    assert answered() == 20
    assert len(caplog.records) < 500


def test_one_who_floods_does_not_hold_up_another(tmp_path: Path) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    for number in range(300):
        write(store, f"question {number}", f"SM-flood{number}", "+447700800000")
    write(store, "hello", "SM1")
    engine = FakeEngine(pause=lambda: asyncio.sleep(0.001))
    asyncio.run(serve(worker_of(store, engine, network), lambda: len(network.texts()) == 2, 20))
    assert network.texts() == ["Answer: hello", FIRST]
    assert len(network.texts("+447700800000")) < 100


def test_nothing_is_remembered_of_conversations_that_are_through(tmp_path: Path) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    for number in range(50):
        write(store, "hello", f"SM{number}", f"+4477009{number:05}")
    worker = worker_of(store, FakeEngine(), network)
    run(worker, store)
    assert worker._busy == {}


# --- staff, and what is forgotten ---


def test_what_is_for_staff_is_held_where_they_are_not_reached(tmp_path: Path) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    conversation = write(store, "my lips bleed", "SM1")
    store.hand_over(conversation, "Nurse Ann")
    run(worker_of(store, FakeEngine(), network), store)
    assert network.taken == []
    assert [m.text for m in store.held(conversation)] == ["my lips bleed"]


def test_a_conversation_taken_while_the_engine_thinks_stays_taken(tmp_path: Path) -> None:
    store, network = store_in(tmp_path), FakeNetwork()
    conversation = write(store, "my lips bleed", "SM1")

    async def take() -> None:
        store.hand_over(conversation, "Nurse Ann")

    run(worker_of(store, FakeEngine(pause=take), network), store)
    contact = store.contact(conversation)
    assert contact is not None
    assert contact.taken_by == "Nurse Ann"


def test_the_worker_forgets_after_the_hours(tmp_path: Path) -> None:
    clock = Clock()
    store, network = store_in(tmp_path, clock), FakeNetwork()
    write(store, "hello", "SM1")
    run(worker_of(store, FakeEngine(), network, clock=clock), store)
    clock.now += 12 * 3600 + 700
    asyncio.run(serve(worker_of(store, FakeEngine(), network, clock=clock), lambda: rows(store, "contacts") == [], 20))
    assert rows(store, "contacts") == rows(store, "outbound") == rows(store, "inbound") == []


# --- logs ---


def test_no_log_holds_words_or_numbers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    clock = Clock()
    store, network = store_in(tmp_path, clock), FakeNetwork()
    network.script = [NotSent("busy", again=True), RuntimeError("Zwetschgenkuchen"), None]
    for number, text in enumerate(["Zwetschgenkuchen", "I want to die Zwetschgenkuchen", "STOP. Zwetschgenkuchen now"]):
        write(store, text, f"SM{number}")
    engine = FakeEngine(blind=ValueError("Zwetschgenkuchen"))
    for _ in range(3):
        asyncio.run(serve(worker_of(store, engine, network, clock=clock), lambda: idle(store), 0.3))
        clock.now += 60
    assert "Zwetschgenkuchen" not in caplog.text
    assert UK_NUMBER[1:] not in caplog.text
    assert "Answer: " not in caplog.text
