"""What the Twilio channel makes of a webhook's form and of an error of the API; and that no number gets into a log."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from test_messaging_fakes import UK_NUMBER, store_in
from twilio.base.exceptions import TwilioRestException

from bench.twilio_stand_in import ACCOUNT_SID, AUTH_TOKEN, TwilioApi
from isobot.accounts import TwilioAccount
from isobot.channels import engine, twilio_api
from isobot.channels.messaging.records import Contact, Outbound, Payload
from isobot.channels.messaging.transport import NotSent
from isobot.channels.twilio import _kind_of

CONTACT = Contact("c" * 32, "sms", UK_NUMBER)
ACCOUNT = TwilioAccount("AC" + "0" * 32, "token", "http://127.0.0.1:9")  # nobody listens there


def _nothing(sid: str) -> bool:
    """Know no message."""
    return False


@pytest.mark.parametrize(
    ("form", "kind"),
    [({}, "text"), ({"NumMedia": "0"}, "text"), ({"NumMedia": ""}, "text"),
     ({"NumMedia": "1", "MediaContentType0": "image/jpeg"}, "picture"),
     ({"NumMedia": "2", "MediaContentType0": "VIDEO/mp4; codecs=x"}, "picture"),
     ({"NumMedia": "1", "MediaContentType0": "audio/ogg; codecs=opus"}, "voice"),
     ({"NumMedia": "1", "MediaContentType0": "image/webp"}, "sticker"),
     ({"NumMedia": "1", "MediaContentType0": "text/vcard"}, "place"),
     ({"NumMedia": "1", "MediaContentType0": "application/pdf"}, "file"),
     ({"NumMedia": "1"}, "file"),
     ({"NumMedia": "0", "Latitude": "51.5", "Longitude": "0.1"}, "place")],
)  # fmt: skip
def test_the_kind_of_a_message(form: dict[str, str], kind: str) -> None:
    assert _kind_of(form) == kind


@pytest.mark.parametrize(
    ("error", "again", "unsure", "opted_out"),
    [(TwilioRestException(400, "/", "x", 21610), False, False, True),
     (TwilioRestException(400, "/", "x", 21211), False, False, False),
     (TwilioRestException(429, "/", "x", 20429), True, False, False),
     (TwilioRestException(500, "/", "x", 20500), True, True, False),
     (TwilioRestException(503, "/", "x", None), True, True, False),
     (TimeoutError(), True, True, False),
     (aiohttp.ServerDisconnectedError(), True, True, False)],
)  # fmt: skip
def test_what_an_error_means(error: Exception, again: bool, unsure: bool, opted_out: bool) -> None:
    found = twilio_api._not_sent(error)
    assert (found.again, found.unsure, found.opted_out) == (again, unsure, opted_out)
    assert UK_NUMBER not in found.reason


def test_a_connection_that_was_never_made_is_tried_again() -> None:
    """Nothing has reached Twilio, so that it is not in doubt; it must not be given up at once, either."""
    error = aiohttp.ClientConnectorError(_Key(), OSError("refused"))  # type: ignore[arg-type]
    found = twilio_api._not_sent(error)
    assert not found.unsure
    assert found.again


def test_wrong_credentials_do_not_throw_messages_away() -> None:
    """Whoever changes the token has some minutes before what waits is given up."""
    assert twilio_api._not_sent(TwilioRestException(401, "/", "Authenticate", 20003)).again


class _Key:
    host, port, ssl, is_ssl = "api.twilio.com", 443, True, True


def test_no_log_of_twilios_library_holds_a_number_or_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def go() -> None:
        transport = twilio_api.TwilioTransport(ACCOUNT, {"sms": "+447700900001"}, is_known=_nothing)
        out = Outbound("1", CONTACT.conversation, Payload("Zwetschgenkuchen"), at=1_800_000_000)
        for call in (transport.send, transport.sent_before):
            with pytest.raises(NotSent):
                await call(CONTACT, out)
        await transport._api().http_client.close()

    asyncio.run(go())
    assert UK_NUMBER[1:] not in caplog.text
    assert "Zwetschgenkuchen" not in caplog.text


def test_no_log_of_a_broken_engine_holds_the_words(caplog: pytest.LogCaptureFixture) -> None:
    """An error of the tracker store names the values that it could not write."""

    async def broken(message: Any) -> None:
        raise sa.exc.OperationalError("INSERT INTO events VALUES (?)", (message.text,), Exception("disk full"))

    async def go() -> None:
        with pytest.raises(engine.EngineFailed):
            await engine.answer(broken, "sms", "c" * 32, "Zwetschgenkuchen makes my lips bleed", message_id="m")

    asyncio.run(go())
    assert caplog.text
    assert "Zwetschgenkuchen" not in caplog.text


def test_a_failure_that_twilio_tells_before_we_know_the_id_is_not_lost(tmp_path: Path) -> None:
    """Its callback may come before the answer to our request has been stored."""
    store = store_in(tmp_path)
    conversation = store.meet("sms", UK_NUMBER).conversation
    store.queue([Outbound("1", conversation, Payload("x"), urgent=True)])
    out = store.next_outbound(conversation)
    assert out is not None
    store.mark(out, "sending")
    store.failed_later("SM1", "Twilio: failed, code 30003")
    store.mark(out, "sent", provider_id="SM1")
    assert len(store.undelivered()) == 1


def test_whatsapp_takes_no_free_text_a_day_after_the_persons_last_message() -> None:
    transport = twilio_api.TwilioTransport(ACCOUNT, {"whatsapp": "+447700900001"}, is_known=_nothing)
    late = Contact("c" * 32, "whatsapp", f"whatsapp:{UK_NUMBER}", last_inbound=time.time() - 24 * 3600 - 1)
    with pytest.raises(NotSent, match="24 hours") as caught:
        asyncio.run(transport.send(late, Outbound("1", late.conversation, Payload("x"))))
    assert not caught.value.again


def test_the_same_answer_due_twice_is_not_taken_for_the_one_that_went_out() -> None:
    """The second was lost on its way: Twilio has the first only, which we know."""
    out = Outbound("2", CONTACT.conversation, Payload("No."), at=time.time())

    async def looked_for(is_known: Callable[[str], bool], account: TwilioAccount) -> str | None:
        transport = twilio_api.TwilioTransport(account, {"sms": "+447700900001"}, is_known=is_known)
        try:
            return await transport.sent_before(CONTACT, out)
        finally:
            await transport._api().http_client.close()

    with TwilioApi() as api:
        account = TwilioAccount(ACCOUNT_SID, AUTH_TOKEN, api.url)
        first, _ = api.create({"To": [UK_NUMBER], "From": ["+447700900001"], "Body": ["No."]})
        assert asyncio.run(looked_for(_nothing, account)) == first["sid"]
        assert asyncio.run(looked_for({first["sid"]}.__contains__, account)) is None


def test_a_channel_without_a_number_says_so() -> None:
    transport = twilio_api.TwilioTransport(ACCOUNT, {"sms": ""}, is_known=_nothing)
    with pytest.raises(NotSent, match="no number is set for sms"):
        asyncio.run(transport.send(CONTACT, Outbound("1", CONTACT.conversation, Payload("x"))))
