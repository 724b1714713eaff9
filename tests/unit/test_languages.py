"""A message in another language is answered in it, with the emergency number."""

from __future__ import annotations

import pytest

from isobot.content.emergency import help_in
from isobot.content.languages import in_their_language


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("¿Puedo beber alcohol mientras tomo isotretinoína?", "solo hablo inglés"),
        ("Est-ce que je peux boire de l'alcool ?", "je ne parle qu'anglais"),
        ("Darf ich mit diesen Kapseln Alkohol trinken?", "nur Englisch"),
        ("Czy mogę oddać krew, jeśli biorę izotretynoinę?", "tylko po angielsku"),
        ("هل يتساقط الشعر بسبب هذا الدواء؟", "الإنجليزية"),
        ("吃这个药可以喝酒吗？", "英语"),
        ("kya main sharab pi sakta hoon", "अंग्रेज़ी"),
        ("Можно ли пить алкоголь во время лечения?", "по-английски"),
    ],
)
def test_the_writers_own_language(text: str, says: str) -> None:
    reply = in_their_language(text, "UK")
    assert says in reply
    assert "999 / 112" in reply


def test_an_unknown_language_gets_two_that_many_read() -> None:
    assert in_their_language("Voinko juoda alkoholia?", None).count("911") >= 1


def test_all_numbers_are_given_where_the_country_is_unknown() -> None:
    assert help_in("AU").emergency == "000"
    assert help_in(None) == help_in("XX")
    assert all(number in help_in(None).emergency for number in ("911", "999", "112", "000"))
