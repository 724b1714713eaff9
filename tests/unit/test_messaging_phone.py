"""What a phone number tells, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isobot.channels.messaging.phone import country_of_number, is_number
from isobot.content.reference import countries

# Numbers that regulators keep for fiction where they keep any.
NUMBERS = {
    "+447700900123": "UK",
    "+442079460123": "UK",
    "+447797999123": "UK",  # Jersey
    "+353209100123": "IE",
    "+353871234567": "IE",
    "+12125550123": "US",
    "+13105550187": "US",
    "+17872345678": "US",  # Puerto Rico
    "+14165550123": "CA",
    "+16045550199": "CA",
    "+4915123456789": "EU",
    "+493023125000": "EU",  # fictional, Berlin
    "+33639981234": "EU",  # fictional
    "+31612345678": "EU",
    "+4741234567": "EU",  # Norway
    "+3545551234": "EU",  # Iceland
    "+423660123456": "EU",  # Liechtenstein
    "+61491570156": "AU",  # fictional
    "+919876543210": "IN",
    "+5511912345678": None,  # Brazil
    "+41791234567": None,  # Switzerland
    "+905321234567": None,  # Turkey
    "+18765550123": None,  # Jamaica
    "+870773111632": None,  # a satellite phone
    "+12": None,
}


@pytest.mark.parametrize(("number", "country"), NUMBERS.items())
def test_a_number_tells_whose_rules_apply(number: str, country: str | None) -> None:
    assert country_of_number(number) == country
    assert country_of_number(f"whatsapp:{number}") == country


@pytest.mark.parametrize("number", ["+358181234567", "+262692123456", "+590690001234", "+594694201234"])
def test_parts_of_the_european_union_with_a_code_of_their_own_are_in_it(number: str) -> None:
    """Åland, and the French overseas departments: the EMA's rules and 112 hold there."""
    assert country_of_number(number) == "EU"


@pytest.mark.parametrize("number", ["+13402345678", "+16713001234"])
def test_territories_of_the_united_states_have_its_rules(number: str) -> None:
    """The Virgin Islands, and Guam."""
    assert country_of_number(number) == "US"


@pytest.mark.parametrize("number", [n for n in NUMBERS if n != "+12"])
def test_a_number_in_international_form_is_one(number: str) -> None:
    assert is_number(number)
    assert is_number(f"whatsapp:{number}")


RUBBISH = ["", "+", "+12", "12345", "ISOBOT", "whatsapp:", "whatsapp:+", "07700900123", "!room:server", "@a:b", "+x",
           "+" + "9" * 40, "messenger:1234567890123", "\x00", "٣٤٥"]  # fmt: skip


@pytest.mark.parametrize("address", RUBBISH)
def test_short_codes_names_and_rubbish_are_no_numbers_and_have_no_country(address: str) -> None:
    assert not is_number(address)
    assert country_of_number(address) is None


@pytest.mark.parametrize(
    "address", ["rcs:+447700900123", "call +447700900123", "+447700900123;ext=5", "tel:+447700900123"]
)
def test_something_around_a_number_is_no_number(address: str) -> None:
    """What goes out to such an address would not be what came in: "rcs:" is another network of Twilio's."""
    assert not is_number(address)


@given(st.text(max_size=60))
def test_no_address_raises(address: str) -> None:
    assert is_number(address) in (True, False)
    assert country_of_number(address) in (None, *countries())
