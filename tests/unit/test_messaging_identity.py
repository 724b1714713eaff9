"""Who writes: an id that says nothing, and nothing of a number or of words in the database."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from test_messaging_fakes import SECRET, UK_NUMBER, store_in, write

from isobot.channels.messaging.identity import MIN_SECRET_CHARACTERS, Identity, SecretChanged
from isobot.channels.messaging.records import Outbound, Payload, with_notes

IDENTITY = Identity(SECRET)
WORDS = "Zwetschgenkuchen makes my lips bleed"


def test_the_same_address_has_the_same_id_in_every_process() -> None:
    assert IDENTITY.conversation_of(UK_NUMBER) == Identity(SECRET).conversation_of(UK_NUMBER)


def test_another_secret_gives_another_id() -> None:
    assert IDENTITY.conversation_of(UK_NUMBER) != Identity(SECRET + "!").conversation_of(UK_NUMBER)


def test_text_messages_and_whatsapp_are_two_conversations() -> None:
    assert IDENTITY.conversation_of(UK_NUMBER) != IDENTITY.conversation_of(f"whatsapp:{UK_NUMBER}")


def test_ids_of_different_things_never_coincide() -> None:
    ids = {
        IDENTITY.conversation_of("x"),
        IDENTITY.message_id("sms", "x"),
        IDENTITY.message_id("matrix", "x"),
        IDENTITY.digest_of("x"),
    }
    assert len(ids) == 4


@given(st.text(max_size=200))
def test_an_id_is_32_hexadecimal_digits(address: str) -> None:
    found = IDENTITY.conversation_of(address.encode(errors="ignore").decode())
    assert len(found) == 32
    assert set(found) <= set("0123456789abcdef")


@given(st.text(max_size=300).filter(lambda t: t.isprintable()))
def test_what_is_sealed_can_be_read_with_the_secret_only(text: str) -> None:
    sealed = IDENTITY.seal(text)
    assert IDENTITY.unseal(sealed) == text
    assert IDENTITY.seal(text) != sealed  # two seals of a text don't show that it is the same
    with pytest.raises(SecretChanged):
        Identity(SECRET + "!").unseal(sealed)


@pytest.mark.parametrize("broken", ["", "x", "gAAAA", "gAAAAABl" * 10])
def test_what_was_never_sealed_is_refused(broken: str) -> None:
    with pytest.raises(SecretChanged):
        IDENTITY.unseal(broken)


@pytest.mark.parametrize("secret", ["", "short", "x" * (MIN_SECRET_CHARACTERS - 1)])
def test_a_short_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="ISOBOT_SECRET"):
        Identity(secret)


def test_a_secret_of_just_enough_characters_is_taken() -> None:
    assert Identity("x" * MIN_SECRET_CHARACTERS).conversation_of(UK_NUMBER)


def test_an_unpaired_surrogate_breaks_nothing(tmp_path: Path) -> None:
    """JSON may hold half of an emoji; a message that can't be kept would come again and again."""
    store = store_in(tmp_path)
    conversation = write(store, "broken \ud800 emoji", "SM1")
    assert store.next_inbound(conversation) is not None
    assert IDENTITY.digest_of("broken \ud800 emoji")


def _bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


def test_the_database_holds_neither_numbers_nor_words(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = write(store, WORDS, "SM1")
    contact = store.contact(conversation)
    assert contact is not None
    store.save(with_notes(contact, rest=WORDS, last=IDENTITY.digest_of(WORDS)))
    store.queue([Outbound("out-1", conversation, Payload(WORDS, html=WORDS))])
    for step in range(2):
        if step:  # afterwards, when all of it is deleted
            message, out = store.next_inbound(conversation), store.next_outbound(conversation)
            assert message is not None
            assert out is not None
            store.finish(message, contact, [])
            store.mark(out, "sent", provider_id="SM2")
            with store._engine.connect() as connection:
                connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        found = _bytes_of(tmp_path)
        for piece in (UK_NUMBER, UK_NUMBER[1:], UK_NUMBER[-9:], "Zwetschgenkuchen", "lips", "bleed", "SM1"):
            assert piece.encode() not in found
            assert piece.encode("utf-16-le") not in found


def test_what_is_deleted_is_overwritten(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    conversation = write(store, WORDS, "SM1")
    with store._engine.connect() as connection:
        sealed = connection.execute(sa.text("SELECT text FROM inbound")).scalar_one().encode()
        connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    assert sealed in _bytes_of(tmp_path)
    message, contact = store.next_inbound(conversation), store.contact(conversation)
    assert message is not None
    assert contact is not None
    store.finish(message, contact, [])
    with store._engine.connect() as connection:
        connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    assert sealed not in _bytes_of(tmp_path)
