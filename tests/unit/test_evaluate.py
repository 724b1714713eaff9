"""The evaluation reads its lines strictly and says what is wrong with one."""

import pytest

from isobot.cli.evaluate import checked, main


def test_a_valid_line_is_read() -> None:
    assert checked('{"id": 1, "text": "hi", "country": "UK"}')["text"] == "hi"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not an object"),
        ('{"id": 1}', "text"),
        ('{"text": "hi"}', "id"),
        ('{"id": 1, "text": 5}', "string"),
        ('{"id": 1, "text": "hi", "country": 5}', "country"),
    ],
)
def test_an_invalid_line_is_refused_with_a_reason(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        checked(line)


@pytest.mark.parametrize("arguments", [[], ["one"], ["", ""], ["/does/not/exist", "/tmp/out"]])
def test_wrong_arguments_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage" in capsys.readouterr().err
