"""What a phone number tells: whether it is one, and the country whose rules its person most likely lives under."""

from __future__ import annotations

import re

import phonenumbers

from isobot.content.clinic import clinic

PHONES = ("sms", "whatsapp")  # the channels whose addresses are numbers
WHATSAPP = "whatsapp:"
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NORTH_AMERICA = 1
_OURS = {
    **dict.fromkeys(("GB", "GG", "JE", "IM"), "UK"),
    **dict.fromkeys(("US", "PR", "VI", "GU", "AS", "MP"), "US"),
    **{code: code for code in ("CA", "AU", "IN", "IE")},
}
# Member states of the European Union, and of the European Economic Area, whose medicines the EMA oversees, too.
_EU = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IS", "IT", "LI", "LT", "LU",
     "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
     "AX", "GP", "GF", "MQ", "RE", "YT", "MF"}
)  # fmt: skip


def country_of_number(address: str) -> str | None:
    """Return the code of data/countries.yml for a number in international form, or None where it has none.

    Args:
        address: "+447700900001" or "whatsapp:+447700900001".
    """
    try:
        number = phonenumbers.parse(address.removeprefix(WHATSAPP))
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number) or _main_region(number.country_code or 0)
    return "EU" if region in _EU else _OURS.get(region or "")


def country_of(address: str) -> str | None:
    """Return whose rules a person lives under, as far as a channel knows: by the number, else the clinic's."""
    return country_of_number(address) or clinic().country or None


def is_number(address: str) -> bool:
    """Return whether an address is a phone number in international form (E.164); short codes and names are not.

    No table of numbering plans is asked: one that is out of date must not keep an answer from anybody.
    """
    return bool(_E164.fullmatch(address.removeprefix(WHATSAPP)))


def _main_region(calling_code: int) -> str | None:
    """Return the main region of a calling code, for numbers that the tables don't know yet; none for the US and Canada.

    The two share a code, and their emergency numbers, but not their rules.
    """
    region = str(phonenumbers.region_code_for_country_code(calling_code))
    return None if calling_code == _NORTH_AMERICA else region
