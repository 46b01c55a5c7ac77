"""What moves along the flow."""

import pytest

from service.model import parse_request_field


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("X-A: b", ("X-A", "b")),
        ("X-A:b: c", ("X-A", "b: c")),
        ("X-A:", ("X-A", "")),
        ("A: \t é ", ("A", "é")),
    ],
)
def test_a_header_option_is_read(text: str, field: tuple[str, str]) -> None:
    assert parse_request_field(text) == field


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no colon",
        ": x",
        "a b: c",
        "A: b\r\nC: d",
        "A: b\nC: d",
        "A: \0",
        "A: €",
        "Host: x",
        "connection: x",
    ],
)
def test_a_header_option_that_is_none_or_would_inject_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_request_field(text)
