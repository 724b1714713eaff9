"""A country counts only where it is the writer's own."""

import pytest

from isobot.nlu.country import find_country


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I'm in the UK", "UK"),
        ("im in england", "UK"),
        ("uk", "UK"),
        ("what about in Ireland?", "IE"),
        ("I live in Australia and want to know about waxing", "AU"),
        ("moved to germany last month, do I need a new test", "EU"),
        ("in canada, can i drink?", "CA"),
        ("what about the US?", "US"),
        ("im in the us", "US"),
        ("I'm American", "US"),
        ("how long do I wait to give blood (UK)", "UK"),
        ("I'm from India", "IN"),
        ("do I need two methods? US based", "US"),
        ("I moved from the UK to Spain", "EU"),
        ("I live in Spain but im from Ireland", "EU"),
        ("Can I drink alcohol (UK)?", "UK"),
    ],
)
def test_the_writers_country_is_found(text: str, code: str) -> None:
    found = find_country(text)
    assert found is not None
    assert found[0] == code
    assert text[found[1] : found[2]]


@pytest.mark.parametrize(
    "text",
    [
        "my friend sent it from india",
        "can you tell us more",
        "what about us?",
        "is it sold in india",
        "does it come from france",
        "let us know",
        "I bought some french fries",
        "should I tell the states of my skin",
        "my brother is living in India, can he drink",
    ],
)
def test_other_countries_and_the_word_us_are_not(text: str) -> None:
    assert find_country(text) is None
