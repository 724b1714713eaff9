"""The messaging database: nothing twice, nothing for longer than needed, nothing lost between two processes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from test_messaging_fakes import NOW, SECRET, UK_NUMBER, Clock, store_in, write

from isobot.channels.messaging.identity import Identity
from isobot.channels.messaging.records import QUEUED, SENDING, SENT, UNDELIVERED, Inbound, Outbound, Payload, with_notes
from isobot.channels.messaging.store import LEASE_SECONDS, MessagingStore, from_environment

WORDS = "my lips bleed"


def rows(store: MessagingStore, table: str) -> list[dict[str, object]]:
    with store._engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(sa.text(f"SELECT * FROM {table}"))]


def test_a_message_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    message = Inbound("a" * 32, store.meet("sms", UK_NUMBER).conversation, "text", WORDS, NOW)
    assert store.receive(message)
    assert not store.receive(message)
    assert not store_in(tmp_path).receive(message)
    assert len(rows(store, "inbound")) == 1


def test_a_message_that_was_answered_is_not_kept_again(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    contact = store.meet("sms", UK_NUMBER)
    message = Inbound("a" * 32, contact.conversation, "text", WORDS, NOW)
    store.receive(message)
    store.finish(message, contact, [])
    assert not store.receive(message)
    assert store.next_inbound(contact.conversation) is None


def test_messages_come_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = [write(store, f"{n}", f"SM{n}") for n in range(5)].pop()
    found = []
    contact = store.contact(conversation)
    assert contact is not None
    while message := store.next_inbound(conversation):
        found.append(message.text)
        store.finish(message, contact, [])
    assert found == ["0", "1", "2", "3", "4"]


def test_a_second_answer_to_a_message_is_not_queued(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = write(store, WORDS, "SM1")
    contact, message = store.contact(conversation), store.next_inbound(conversation)
    assert contact is not None
    assert message is not None
    store.finish(message, replace(contact, stopped=True), [Outbound(f"{message.id}-0", conversation, Payload("one"))])
    store.finish(message, contact, [Outbound(f"{message.id}-0", conversation, Payload("two"))])
    assert len(rows(store, "outbound")) == 1
    again = store.contact(conversation)
    assert again is not None
    assert again.stopped  # nor does the slower one undo what the quicker one has kept


def test_nothing_is_kept_of_a_finish_that_fails(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = write(store, WORDS, "SM1")
    contact, message = store.contact(conversation), store.next_inbound(conversation)
    assert contact is not None
    assert message is not None
    without_id = Outbound(None, conversation, Payload("x"))  # type: ignore[arg-type]
    with pytest.raises(sa.exc.IntegrityError):
        store.finish(message, replace(contact, stopped=True), [Outbound("1", conversation, Payload("x")), without_id])
    assert store.next_inbound(conversation) == message
    assert rows(store, "outbound") == []
    assert store.contact(conversation) == contact


def test_urgent_messages_go_first_and_the_rest_in_order(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = store.meet("sms", UK_NUMBER).conversation
    store.queue([Outbound("1", conversation, Payload("1")), Outbound("2", conversation, Payload("2"))])
    store.queue([Outbound("3", conversation, Payload("3"), urgent=True), Outbound("1", conversation, Payload("again"))])
    found = []
    while out := store.next_outbound(conversation):
        found.append(out.payload.text)
        store.mark(out, SENT, provider_id=f"SM{out.id}")
    assert found == ["3", "1", "2"]


@pytest.mark.parametrize("state", [SENT, UNDELIVERED])
def test_the_words_go_when_a_message_is_through(tmp_path: Path, state: str) -> None:
    store = store_in(tmp_path)
    conversation = store.meet("sms", UK_NUMBER).conversation
    store.queue([Outbound("1", conversation, Payload(WORDS))])
    out = store.next_outbound(conversation)
    assert out is not None
    store.mark(out, state, reason="a reason")
    assert rows(store, "outbound")[0]["payload"] is None


def test_a_late_failure_is_noted_once_and_for_ours_only(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = store.meet("sms", UK_NUMBER).conversation
    store.queue([Outbound("1", conversation, Payload(WORDS))])
    out = store.next_outbound(conversation)
    assert out is not None
    store.mark(out, SENT, provider_id="SM1")
    assert store.is_known("SM1")
    assert not store.failed_later("SM2", "code 30003")
    assert store.failed_later("SM1", "code 30003")
    assert not store.failed_later("SM1", "code 30003")
    assert [o.reason for o in store.undelivered()] == ["code 30003"]


def test_one_process_at_a_time_has_a_conversation(tmp_path: Path) -> None:
    clock = Clock()
    one, two = store_in(tmp_path, clock), store_in(tmp_path, clock)
    conversation = one.meet("sms", UK_NUMBER).conversation
    assert one.claim(conversation)
    assert one.claim(conversation)
    assert not two.claim(conversation)
    two.release(conversation)  # not its own
    assert not two.claim(conversation)
    one.release(conversation)
    assert two.claim(conversation)
    clock.now += LEASE_SECONDS + 1
    assert one.claim(conversation)
    assert not one.claim("of nobody")


def test_meeting_again_keeps_what_is_known(tmp_path: Path) -> None:
    clock = Clock()
    store = store_in(tmp_path, clock)
    contact = store.meet("sms", UK_NUMBER)
    store.save(with_notes(replace(contact, stopped=True), greeted=True, longer=("a", "b"), rest="r"))
    clock.now += 100
    again = store.meet("sms", UK_NUMBER)
    assert again.stopped
    assert again.notes.greeted
    assert again.notes.longer == ("a", "b")
    assert again.last_inbound == clock.now


def test_an_answer_on_its_way_does_not_take_a_conversation_back_from_staff(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = write(store, WORDS, "SM1")
    before, message = store.contact(conversation), store.next_inbound(conversation)
    assert before is not None
    assert message is not None
    store.hand_over(conversation, "Nurse Ann")
    store.finish(message, with_notes(before, greeted=True), [])
    after = store.contact(conversation)
    assert after is not None
    assert after.taken_by == "Nurse Ann"


def test_what_staff_have_is_held_until_it_is_dropped(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = write(store, WORDS, "SM1")
    contact, message = store.contact(conversation), store.next_inbound(conversation)
    assert contact is not None
    assert message is not None
    store.finish(message, contact, [], hold=True)
    assert store.next_inbound(conversation) is None
    assert store.waiting(["sms"]) == []
    assert [m.text for m in store.held(conversation)] == [WORDS]
    store.drop_held(conversation)
    assert store.held(conversation) == []


def test_what_waits_is_what_can_be_done_now(tmp_path: Path) -> None:
    clock = Clock()
    store = store_in(tmp_path, clock)
    conversation = write(store, WORDS, "SM1")
    assert store.waiting(["sms"]) == [conversation]
    assert store.waiting(["matrix"]) == []
    message, contact = store.next_inbound(conversation), store.contact(conversation)
    assert message is not None
    assert contact is not None
    store.finish(message, contact, [Outbound("1", conversation, Payload("x"))])
    assert store.waiting(["sms"]) == [conversation]
    out = store.next_outbound(conversation)
    assert out is not None
    store.mark(out, QUEUED, not_before=clock.now + 10, attempts=1)
    assert store.waiting(["sms"]) == []
    clock.now += 10
    assert store.waiting(["sms"]) == [conversation]


def test_a_conversation_does_not_wait_while_its_next_message_may_not_go_yet(tmp_path: Path) -> None:
    """Else it is looked at every second, in place of one for which something can be done."""
    clock = Clock()
    store = store_in(tmp_path, clock)
    conversation = store.meet("sms", UK_NUMBER).conversation
    store.queue([Outbound("1", conversation, Payload("1")), Outbound("2", conversation, Payload("2"))])
    out = store.next_outbound(conversation)
    assert out is not None
    store.mark(out, SENDING, not_before=clock.now + 100, attempts=1)
    assert store.waiting(["sms"]) == []


def test_who_has_waited_longest_comes_first(tmp_path: Path) -> None:
    clock = Clock()
    store = store_in(tmp_path, clock)
    conversations = []
    for number in range(30):
        clock.now += 1
        conversations.append(write(store, WORDS, f"SM{number}", f"+4477009{number:05}"))
    assert store.waiting(["sms"]) == conversations


def test_after_the_hours_nothing_is_left_but_who_said_stop(tmp_path: Path) -> None:
    clock = Clock()
    store = store_in(tmp_path, clock)
    stopped = write(store, WORDS, "SM1")
    other = write(store, WORDS, "SM2", "+447700900999")
    contact = store.contact(stopped)
    assert contact is not None
    store.save(with_notes(replace(contact, stopped=True), last="x", rest=WORDS))
    store.queue([Outbound("1", stopped, Payload(WORDS)), Outbound("2", other, Payload(WORDS))])
    clock.now += 12 * 3600 - 1
    store.forget(12)
    assert len(rows(store, "contacts")) == 2
    clock.now += 2
    store.forget(12)
    assert rows(store, "inbound") == rows(store, "outbound") == []
    (left,) = rows(store, "contacts")
    assert left["conversation"] == stopped
    assert left["stopped"]
    assert left["address"] is left["notes"] is left["taken_by"] is None


def test_who_said_stop_long_ago_is_still_stopped(tmp_path: Path) -> None:
    clock = Clock()
    store = store_in(tmp_path, clock)
    contact = store.contact(write(store, WORDS, "SM1"))
    assert contact is not None
    store.save(replace(contact, stopped=True))
    clock.now += 400 * 24 * 3600
    store.forget(12)
    assert store.meet("sms", UK_NUMBER).stopped
    assert store.meet("sms", UK_NUMBER).address == UK_NUMBER


def test_ids_of_messages_go_after_a_month(tmp_path: Path) -> None:
    clock = Clock()
    store = store_in(tmp_path, clock)
    write(store, WORDS, "SM1")
    clock.now += 29 * 24 * 3600
    store.forget(12)
    assert len(rows(store, "seen")) == 1
    clock.now += 2 * 24 * 3600
    store.forget(12)
    assert rows(store, "seen") == []


def test_what_was_sent_to_one_who_writes_every_day_is_not_kept_for_ever(tmp_path: Path) -> None:
    clock = Clock()
    store = store_in(tmp_path, clock)
    for day in range(60):
        conversation = write(store, WORDS, f"SM{day}")
        store.queue([Outbound(f"{day}", conversation, Payload("x"))])
        out = store.next_outbound(conversation)
        assert out is not None
        store.mark(out, SENT, provider_id=f"SM-{day}")
        for _ in range(4):  # never twelve hours of silence
            clock.now += 6 * 3600
            store.meet("sms", UK_NUMBER)
            store.forget(12)
    assert len(rows(store, "outbound")) <= 31


def test_another_secret_reads_nothing_and_raises_nothing(tmp_path: Path) -> None:
    conversation = write(store_in(tmp_path), WORDS, "SM1")
    other = store_in(tmp_path, secret=SECRET + "!")
    assert other.contact(conversation) is None
    assert other.find(conversation) == []
    message = other.next_inbound(conversation)
    assert message is None or message.text == ""


def test_notes_of_a_newer_version_are_read(tmp_path: Path) -> None:
    """While replicas are replaced one by one, old and new share the database."""
    store = store_in(tmp_path)
    conversation = write(store, WORDS, "SM1")
    sealed = Identity(SECRET).seal('{"greeted": true, "longer": [], "something_new": 1}')
    with store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE contacts SET notes = :notes"), {"notes": sealed})
    contact = store.contact(conversation)
    assert contact is not None
    assert contact.notes.greeted


def test_a_conversation_is_found_by_its_beginning_taken_literally(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = write(store, WORDS, "SM1")
    assert [c.conversation for c in store.find(conversation[:6])] == [conversation]
    assert store.find("%") == store.find("_") == []


def test_the_databases_address() -> None:
    assert from_environment({}, "/x/y.db") == "sqlite:////x/y.db"
    assert from_environment({"ISOBOT_MESSAGING": "z.db"}, "/x/y.db") == "sqlite:///z.db"
    assert from_environment({"ISOBOT_MESSAGING": "postgresql://h/d"}, "/x/y.db") == "postgresql://h/d"
