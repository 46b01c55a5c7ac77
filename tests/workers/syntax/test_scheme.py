"""What begins with a scheme, and what is a host."""

import pytest

from workers.syntax.scheme import has_scheme


@pytest.mark.parametrize(
    "text", ["http://a.example", "HTTPS:a", "data:,x", "blob:https://a.example/1", "mailto:x@y", "a:", "a:8b"]
)
def test_a_scheme_is_what_stands_before_the_first_colon(text: str) -> None:
    assert has_scheme(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.example",
        "a.example:80",
        "localhost:8080/x",
        "a:1?q",
        "//a.example",
        "a.example/?u=http://b",
        "[::1]",
    ],
)
def test_a_host_has_none_with_a_port_either(text: str) -> None:
    assert not has_scheme(text)
