"""The answers' Markdown as HTML: what patients see, and nothing that could do harm."""

from __future__ import annotations

import pytest

from isobot.channels.markup import html_of
from isobot.channels.phones import phones_in


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("One **two**.\n\n- a\n- b", "<p>One <strong>two</strong>.</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("<b>x</b> & y", "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>\n"),
        ("![x](https://a.example/x.png)", '<p>!<a href="https://a.example/x.png">x</a></p>\n'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("# no heading", "<p># no heading</p>\n"),
    ],
)
def test_only_text_lists_emphasis_and_links(markdown: str, html: str) -> None:
    assert html_of(markdown) == html


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (
            "Call 999 or 112 now. Call Samaritans on 116 123 or text SHOUT to 85258.",
            {"999": "999", "112": "112", "116 123": "116123"},
        ),
        ("Call Poison Help on 1-800-222-1222.", {"1-800-222-1222": "18002221222"}),
        ("That is 5400 mg, or 112.5 mg/kg, in 1999. Over 911 mg in 112 days, 999 people.", {}),
        ("13 11 14 is Lifeline", {"13 11 14": "131114"}),
    ],
)
def test_numbers_of_our_tables_are_found_and_no_others(text: str, numbers: dict[str, str]) -> None:
    assert {p["text"]: p["tel"] for p in phones_in(text)} == numbers
