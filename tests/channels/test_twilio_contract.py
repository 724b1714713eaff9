"""The stand-in for Twilio against Twilio's own description of its API, with Twilio's own client in between.

The description comes with @twilio/cli-core (MIT; the description itself Apache-2.0), and Prism (Apache-2.0) answers by
it; scripts/twilio-contract installs both. The description knows only the answers 200 and 201 and only `To` as required:
the rules beyond it (a sender, a text of at most 1600 characters, ...) and the errors are Twilio's documentation.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import requests
from jsonschema import Draft7Validator, FormatChecker
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bench.twilio_stand_in import ACCOUNT_SID, AUTH_TOKEN, LONGEST_BODY, TwilioApi, inbound, segments, signed
from isobot.cli.stack import LOOPBACK, free_port

pytestmark = pytest.mark.twilio

REPOSITORY = Path(__file__).parents[2]
INSTALLED = REPOSITORY / "tests/twilio/node_modules"
DESCRIPTION = INSTALLED / "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"
LIST = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
ONE = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"
PRISM_STARTS = 60  # seconds; 2 on a quiet machine
CLINIC, PATIENT = "+15005550006", "+14155552345"
SERVICE, TEMPLATE = "MG" + "0" * 32, "HX" + "0" * 32
SMS = {"to": PATIENT, "from_": CLINIC, "body": "Hello"}
VALID = {
    "SMS": SMS,
    "WhatsApp": {"to": f"whatsapp:{PATIENT}", "from_": f"whatsapp:{CLINIC}", "body": "Olá 👋\nOne & two = 3 + 4"},
    "longest": SMS | {"body": "x" * LONGEST_BODY},
    "through a service": {"to": PATIENT, "messaging_service_sid": SERVICE, "body": "Hello"},
    "picture": SMS | {"media_url": ["https://example.org/a.png", "https://example.org/b.png"]},
    "template": {"to": PATIENT, "from_": CLINIC, "content_sid": TEMPLATE, "content_variables": '{"1":"Robin"}'},
    "with status reports": SMS | {"status_callback": "https://example.org/twilio/status"},
}
Call = Callable[..., Any]
Check = Callable[[str, str, str, Any], None]


def plain(schema: Any, description: dict[str, Any]) -> Any:
    """The schema as JSON Schema has it: references filled in, OpenAPI's `nullable` as a type."""
    if isinstance(schema, list):
        return [plain(part, description) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return plain(description["components"]["schemas"][schema["$ref"].rpartition("/")[2]], description)
    made = {name: plain(part, description) for name, part in schema.items()}
    if made.pop("nullable", False) is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


@pytest.fixture(scope="session")
def description() -> dict[str, Any]:
    subprocess.run([REPOSITORY / "scripts/twilio-contract"], check=True)
    return json.loads(DESCRIPTION.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def check(description: dict[str, Any]) -> Check:
    """Whether an answer has the form that the description gives it, with every field and no other."""
    formats = FormatChecker(formats=())
    formats.checks("date-time-rfc-2822", raises=(TypeError, ValueError))(
        lambda value: not isinstance(value, str) or parsedate_to_datetime(value) is not None
    )

    def checked(path: str, method: str, status: str, answer: Any) -> None:
        found = description["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
        schema = plain(found, description)
        Draft7Validator(schema, format_checker=formats).validate(answer)
        assert set(answer) == set(schema["properties"])

    return checked


@pytest.fixture(scope="session")
def prism(description: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that answers what the description allows and refuses the rest, with 401 or 422.

    Without `--errors`: that would hold Prism's own answers against the description too, and Twilio's examples in it
    break it (their pages' addresses are relative, as in life). Bad requests are refused either way.
    """
    port = free_port()
    log = tmp_path_factory.mktemp("prism") / "log"
    with log.open("w") as output:
        command = [INSTALLED / ".bin/prism", "mock", "-h", LOOPBACK, "-p", str(port), DESCRIPTION]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + PRISM_STARTS
        while "is listening" not in log.read_text(encoding="utf-8"):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(log.read_text(encoding="utf-8")[-2000:])
            time.sleep(0.1)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioApi]:
    for name in ("TWILIO_REGION", "TWILIO_EDGE"):  # they would change the host's name in the address
        monkeypatch.delenv(name, raising=False)
    with TwilioApi() as api:
        yield api


def by_the_plain_client(url: str, act: Call, token: str = AUTH_TOKEN, timeout: float = 10) -> Any:
    client = Client(ACCOUNT_SID, token, http_client=TwilioHttpClient(timeout=timeout))
    client.api.base_url = url
    return act(client.messages, "")


def by_the_async_client(url: str, act: Call, token: str = AUTH_TOKEN, timeout: float = 10) -> Any:
    async def run() -> Any:
        async with AsyncTwilioHttpClient() as http:
            client = Client(ACCOUNT_SID, token, http_client=http)
            client.api.base_url = url
            return await asyncio.wait_for(act(client.messages, "_async"), timeout)

    return asyncio.run(run())


@pytest.fixture(params=[by_the_plain_client, by_the_async_client])
def through(request: pytest.FixtureRequest) -> Call:
    """Twilio's client of either kind."""
    return request.param


def create(**fields: Any) -> Call:
    return lambda messages, kind: getattr(messages, f"create{kind}")(**fields)


def listed(**filters: Any) -> Call:
    return lambda messages, kind: getattr(messages, f"list{kind}")(**filters)


def fetch(sid: str) -> Call:
    return lambda messages, kind: getattr(messages(sid), f"fetch{kind}")()


def ask(url: str, method: str, query: str = "", token: str = AUTH_TOKEN, **form: str) -> httpx.Response:
    address = url + LIST.format(AccountSid=ACCOUNT_SID) + query
    return httpx.request(method, address, data=form or None, auth=(ACCOUNT_SID, token))


# Answers


@pytest.mark.parametrize("fields", VALID.values(), ids=VALID)
def test_a_message_has_the_described_form(api: TwilioApi, check: Check, fields: dict[str, Any]) -> None:
    made = by_the_plain_client(api.url, create(**fields))
    auth = (ACCOUNT_SID, AUTH_TOKEN)
    seen = httpx.get(api.url + ONE.format(AccountSid=ACCOUNT_SID, Sid=made.sid), auth=auth)
    assert seen.status_code == 200
    check(ONE, "get", "200", seen.json())


def test_a_created_message_has_the_described_form(api: TwilioApi, check: Check) -> None:
    answer = ask(api.url, "POST", To=PATIENT, From=CLINIC, Body="Hello")
    assert answer.status_code == 201
    check(LIST, "post", "201", answer.json())


@pytest.mark.parametrize("query", ["", "?PageSize=2", "?PageSize=2&Page=1", "?To=%2B4", "?DateSent%3E=2026-01-31"])
def test_a_page_has_the_described_form(api: TwilioApi, check: Check, query: str) -> None:
    for number in range(5):
        ask(api.url, "POST", To=PATIENT, From=CLINIC, Body=str(number))
    answer = ask(api.url, "GET", query)
    assert answer.status_code == 200
    check(LIST, "get", "200", answer.json())


def test_the_check_notices_what_is_wrong(api: TwilioApi, check: Check) -> None:
    good = ask(api.url, "POST", To=PATIENT, From=CLINIC, Body="Hello").json()
    for wrong in ({"status": "on its way"}, {"num_segments": 1}, {"date_created": "2026-01-31"}, {"sid": "SM1"}):
        with pytest.raises(Exception, match=str(next(iter(wrong.values())))):
            check(LIST, "post", "201", good | wrong)
    check(LIST, "post", "201", good | {"body": None})


# Twilio's own client


@pytest.mark.parametrize("fields", VALID.values(), ids=VALID)
def test_the_client_sends(api: TwilioApi, through: Call, fields: dict[str, Any]) -> None:
    message = through(api.url, create(**fields))
    assert message.sid.startswith("MM" if "media_url" in fields else "SM")
    assert (message.to, message.body) == (fields["to"], fields.get("body", ""))
    assert message.status == ("accepted" if "messaging_service_sid" in fields else "queued")
    assert message.error_code is None
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=10)
    (sent,) = api.wait_for(1)
    assert (sent["sid"], sent["To"], sent["From"]) == (message.sid, fields["to"], fields.get("from_", ""))
    assert api.bodies(fields["to"]) == [fields.get("body", "")]


def test_the_client_lists(api: TwilioApi, through: Call) -> None:
    for number in range(5):
        through(api.url, create(**SMS | {"body": str(number)}))
    through(api.url, create(**SMS | {"to": "+14155550000", "body": "somebody else"}))
    assert [message.body for message in through(api.url, listed(to=PATIENT))] == list("43210")
    assert [message.body for message in through(api.url, listed(to=PATIENT, page_size=2))] == list("43210")
    assert [message.body for message in through(api.url, listed(limit=2))] == ["somebody else", "4"]
    assert through(api.url, listed(from_="+15005550009")) == []
    now = datetime.now(UTC)
    earlier, later = now - timedelta(minutes=1), now + timedelta(minutes=1)
    assert len(through(api.url, listed(date_sent_after=earlier, date_sent_before=later))) == 6
    assert through(api.url, listed(date_sent_after=later)) == []
    assert through(api.url, listed(date_sent_before=earlier)) == []
    assert len(through(api.url, listed(date_sent_after=earlier.date()))) == 6
    assert through(api.url, listed(date_sent_after=now.date() + timedelta(days=2))) == []


def test_the_client_fetches(api: TwilioApi, through: Call) -> None:
    sid = through(api.url, create(**SMS)).sid
    message = through(api.url, fetch(sid))
    assert (message.sid, message.status, message.body) == (sid, "sent", "Hello")
    with pytest.raises(TwilioRestException) as error:
        through(api.url, fetch("SM" + "0" * 32))
    assert (error.value.status, error.value.code) == (404, 20404)


REFUSED = {
    21604: SMS | {"to": ""},
    21603: {"to": PATIENT, "body": "Hello"},
    21602: {"to": PATIENT, "from_": CLINIC},
    21617: SMS | {"body": "x" * (LONGEST_BODY + 1)},
    21211: SMS | {"to": "555-1234"},
    21212: SMS | {"from_": "+"},
    21910: SMS | {"to": f"whatsapp:{PATIENT}"},
}


@pytest.mark.parametrize(("code", "fields"), REFUSED.items(), ids=map(str, REFUSED))
def test_the_client_understands_a_refusal(api: TwilioApi, through: Call, code: int, fields: dict[str, Any]) -> None:
    with pytest.raises(TwilioRestException) as error:
        through(api.url, create(**fields))
    assert (error.value.status, error.value.code) == (400, code)
    assert api.sent == []


def test_the_client_with_a_wrong_token(api: TwilioApi, through: Call) -> None:
    with pytest.raises(TwilioRestException) as error:
        through(api.url, create(**SMS), token="wrong")
    assert (error.value.status, error.value.code) == (401, 20003)
    with pytest.raises(TwilioException, match="401"):  # lists have no finer exception
        through(api.url, listed(), token="wrong")


# Faults


FAULTS = {429: (429, 20429), 500: (500, 20500), 503: (503, 20503)}


@pytest.mark.parametrize("fault", [429, 500, 503, ("refuse", 21610, 400), ("refuse", 63016, 400)], ids=str)
def test_the_client_meets_an_error_once(api: TwilioApi, through: Call, fault: Any) -> None:
    api.faults.append(fault)
    with pytest.raises(TwilioRestException) as error:
        through(api.url, create(**SMS))
    expected = FAULTS[fault] if isinstance(fault, int) else (fault[2], fault[1])
    assert (error.value.status, error.value.code) == expected
    assert api.sent == []
    through(api.url, create(**SMS))
    assert (len(api.sent), api.attempts) == (1, 2)


def test_too_many_requests_says_when_to_come_again(api: TwilioApi) -> None:
    api.faults.append(429)
    api.retry_after = 7
    answer = ask(api.url, "POST", To=PATIENT, From=CLINIC, Body="Hello")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json() == {
        "code": 20429,
        "message": "Too Many Requests",
        "more_info": "https://www.twilio.com/docs/errors/20429",
        "status": 429,
    }


def test_a_lost_answer_was_sent_once(api: TwilioApi, through: Call) -> None:
    api.faults.append(("drop",))
    with pytest.raises((requests.ConnectionError, aiohttp.ClientError)):
        through(api.url, create(**SMS))
    assert (api.bodies(PATIENT), api.attempts) == (["Hello"], 1)
    assert [message.body for message in through(api.url, listed(to=PATIENT))] == ["Hello"]


def test_a_late_answer(api: TwilioApi, through: Call) -> None:
    api.faults.extend([("hang", 30), ("hang", 0.3)])
    with pytest.raises((requests.Timeout, TimeoutError)):
        through(api.url, create(**SMS), timeout=0.2)
    assert len(api.wait_for(1)) == 1
    start = time.monotonic()
    through(api.url, create(**SMS))
    assert time.monotonic() - start >= 0.3
    assert len(api.sent) == 2


def test_a_message_that_fails_on_its_way(api: TwilioApi, through: Call, check: Check) -> None:
    api.faults.append(("undelivered", 63016))
    sid = through(api.url, create(**VALID["WhatsApp"])).sid
    message = through(api.url, fetch(sid))
    assert (message.status, message.error_code) == ("undelivered", 63016)
    check(LIST, "get", "200", ask(api.url, "GET").json())


def test_waiting_in_vain_says_so(api: TwilioApi) -> None:
    with pytest.raises(AssertionError, match="0 of 1 messages"):
        api.wait_for(1, 0.05)


# The description's own answers to the same calls


# Prism takes a field that is there twice for a list only if the description speaks of its encoding; this one doesn't.
DESCRIBED = {name: fields for name, fields in VALID.items() if "media_url" not in fields}


@pytest.mark.parametrize("fields", DESCRIBED.values(), ids=DESCRIBED)
def test_the_description_allows_what_the_client_sends(prism: str, through: Call, fields: dict[str, Any]) -> None:
    assert through(prism, create(**fields)).sid.startswith("SM")


def test_the_description_allows_what_the_client_asks(prism: str, through: Call) -> None:
    now = datetime.now(UTC)
    filters = {"to": PATIENT, "from_": CLINIC, "date_sent_after": now - timedelta(minutes=5), "date_sent_before": now}
    assert through(prism, listed(**filters, page_size=2, limit=2))
    assert through(prism, fetch("SM" + "0" * 32)).status


BAD: dict[str, dict[str, Any]] = {
    "no recipient": {"method": "POST", "Body": "Hello", "From": CLINIC},
    "no number": {"method": "GET", "query": "?PageSize=many"},
}


@pytest.mark.parametrize("request_", BAD.values(), ids=BAD)
def test_both_refuse(prism: str, api: TwilioApi, request_: dict[str, Any]) -> None:
    assert ask(prism, **request_).status_code == 422
    assert ask(api.url, **request_).status_code == 400
    assert api.sent == []


def test_both_want_a_password(prism: str, api: TwilioApi) -> None:
    for url in (prism, api.url):
        address = url + LIST.format(AccountSid=ACCOUNT_SID)
        assert httpx.post(address, data={"To": PATIENT, "From": CLINIC, "Body": "Hello"}).status_code == 401
        assert httpx.get(address).status_code == 401


# Webhooks


def test_a_signature_holds_for_its_parameters_only() -> None:
    url, form = "https://example.org/webhooks/twilio/webhook", inbound(CLINIC, PATIENT, "Hello & goodbye")
    signature = signed(url, form, AUTH_TOKEN)
    validator = RequestValidator(AUTH_TOKEN)
    assert validator.validate(url, form, signature)
    assert not validator.validate(url, form | {"Body": "Hello"}, signature)
    assert not validator.validate(url + "?a=b", form, signature)
    assert not RequestValidator("other").validate(url, form, signature)


def test_a_signature_is_the_one_in_twilios_documentation() -> None:
    # https://www.twilio.com/docs/usage/security#validating-requests
    form = {"Digits": "1234", "To": "+18005551212", "From": "+14158675310", "Caller": "+14158675310"}
    form["CallSid"] = "CA1234567890ABCDE"
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert signed(url, form, "12345") == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_inbound_forms() -> None:
    sms = inbound(CLINIC, PATIENT, "Hello")
    assert (sms["FromCountry"], sms["FromCity"], sms["NumMedia"], sms["NumSegments"]) == ("US", "", "0", "1")
    assert sms["MessageSid"] == sms["SmsSid"] == sms["SmsMessageSid"]
    assert "WaId" not in sms
    whatsapp = inbound(f"whatsapp:{CLINIC}", f"whatsapp:{PATIENT}", "", media=[("https://example.org/a", "image/jpeg")])
    assert (whatsapp["WaId"], whatsapp["MessageType"], whatsapp["NumMedia"]) == (PATIENT[1:], "image", "1")
    assert (whatsapp["MediaUrl0"], whatsapp["MediaContentType0"]) == ("https://example.org/a", "image/jpeg")
    assert "FromCountry" not in whatsapp
    assert inbound(CLINIC, PATIENT, "STOP", sid="SM1", OptOutType="STOP")["OptOutType"] == "STOP"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("€" * 153, 3),  # 76 to a segment: the pairs are not cut
        ("ç" * 70, 1),
        ("ç" * 71, 2),
        ("👋" * 35, 1),
        ("👋" * 36, 2),
        ("👋" * 67, 3),
    ],
)
def test_segments(body: str, count: int) -> None:
    assert segments(body) == count
