import pytest

from workers.observatory.javascript import leading_integer, trim, words


def test_trim_knows_javascripts_white_space() -> None:
    assert trim("\ufeff\u00a0 a\x1f\x85 ") == "a\x1f\x85"


def test_words_of_nothing_are_one_empty_word() -> None:
    assert words(" \t") == [""]


def test_words() -> None:
    assert words(" a\u00a0 b ") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "number"),
    [(" 12abc", 12), ("-1", -1), ("+3", 3), ("0x1f", 0), ("abc", None), ("", None), ('"1"', None)],
)
def test_leading_integer(text: str, number: int | None) -> None:
    assert leading_integer(text) == number
