"""Staff take a conversation over: what they send is taken by the network, and who said STOP is left alone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from test_messaging_fakes import UK_NUMBER, store_in
from test_messaging_store import rows

from isobot.channels.messaging.hand_over import HandOver, HandOverError, Verb, command_of, passed_on, short_id
from isobot.channels.messaging.records import Inbound
from isobot.channels.messaging.segments import LONGEST
from isobot.channels.messaging.store import MessagingStore

ANN, BOB = "@ann:clinic.example", "@bob:clinic.example"


def sent(store: MessagingStore, conversation: str) -> list[str]:
    found = []
    while out := store.next_outbound(conversation):
        found.append(out.payload.text)
        store.mark(out, "sent")
    return found


def do(store: MessagingStore, text: str, by: str = ANN, request: str = "r1", here: str | None = None) -> str:
    command = command_of(text)
    assert command is not None
    return HandOver(store).obey(command, by=by, here=here, request=request).text


@pytest.fixture
def store(tmp_path: Path) -> MessagingStore:
    return store_in(tmp_path)


def test_take_say_and_give(store: MessagingStore) -> None:
    contact = store.meet("sms", UK_NUMBER)
    name = short_id(contact)
    do(store, f"!take {name}")
    do(store, f"!say {name} Please come\nat ten.", request="r2")
    do(store, f"!give {name}", request="r3")
    assert sent(store, contact.conversation)[1] == "Please come\nat ten."
    after = store.contact(contact.conversation)
    assert after is not None
    assert after.taken_by == ""


def test_the_same_request_is_done_once(store: MessagingStore) -> None:
    contact = store.meet("sms", UK_NUMBER)
    for _ in range(2):
        do(store, f"!take {short_id(contact)}")
    for _ in range(2):
        do(store, f"!say {short_id(contact)} Hello", request="r2")
    assert len(rows(store, "outbound")) == 2


def test_long_words_of_staff_are_sent_as_messages_that_are_taken(store: MessagingStore) -> None:
    contact = store.meet("sms", UK_NUMBER)
    do(store, f"!take {short_id(contact)}")
    sent(store, contact.conversation)
    do(store, f"!say {short_id(contact)} {'Please read this with care. ' * 100}", request="r2")
    assert all(len(text) <= LONGEST for text in sent(store, contact.conversation))


def test_the_second_of_two_who_take_is_told_so(store: MessagingStore) -> None:
    contact = store.meet("sms", UK_NUMBER)
    do(store, f"!take {short_id(contact)}")
    with pytest.raises(HandOverError, match="ann"):
        do(store, f"!take {short_id(contact)}", by=BOB, request="r2")


def test_of_two_who_take_at_once_one_has_it(store: MessagingStore) -> None:
    """Both have read the conversation before either wrote."""
    contact = store.meet("sms", UK_NUMBER)
    HandOver(store).take(contact, by=ANN, request="r1")
    with pytest.raises(HandOverError):
        HandOver(store).take(contact, by=BOB, request="r2")


@pytest.mark.parametrize("command", ["!take", "!give"])
def test_who_said_stop_is_not_written_to(store: MessagingStore, command: str) -> None:
    contact = store.meet("sms", UK_NUMBER)
    store.save(replace(contact, stopped=True))
    if command == "!give":
        store.hand_over(contact.conversation, ANN)
    with suppress(HandOverError):
        do(store, f"{command} {short_id(contact)}")
    assert sent(store, contact.conversation) == []


def test_what_a_person_writes_is_passed_on_once_to_the_room(store: MessagingStore) -> None:
    contact = store.meet("sms", UK_NUMBER)
    message = Inbound("a" * 32, contact.conversation, "picture", "look", 0)
    first = passed_on(store, "!staff:clinic.example", contact, message)
    again = passed_on(store, "!staff:clinic.example", contact, message)
    assert first is not None
    assert again is not None
    assert first.id == again.id
    assert first.payload.text == f"{short_id(contact)} writes: (picture) look"
    assert passed_on(store, "", contact, message) is None


@pytest.mark.parametrize(
    ("text", "verb", "conversation", "words"),
    [("!take 1a2b3c4d", Verb.TAKE, "1a2b3c4d", ""), ("!TAKE 1A2B", Verb.TAKE, "1a2b", ""), ("!give", Verb.GIVE, "", ""),
     ("!say 1a2b3c4d Hello there", Verb.SAY, "1a2b3c4d", "Hello there"), ("!nonsense", Verb.HELP, "", ""),
     ("!undelivered", Verb.UNDELIVERED, "", ""), (" !take 1a2b ", Verb.TAKE, "1a2b", "")],
)  # fmt: skip
def test_commands(text: str, verb: Verb, conversation: str, words: str) -> None:
    command = command_of(text)
    assert command is not None
    assert (command.verb, command.conversation, command.text) == (verb, conversation, words)


@pytest.mark.parametrize("text", ["", "hello", "take 1a2b", "! take", "hello !take 1a2b"])
def test_what_is_no_command(text: str) -> None:
    assert command_of(text) is None
