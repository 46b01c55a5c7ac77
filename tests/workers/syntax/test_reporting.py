"""Endpoints and groups: the Reporting API of now and of 2018."""

import pytest

from workers.syntax.reporting import endpoint_named, endpoints_defined, parse_json_values, printable


@pytest.mark.parametrize(
    ("endpoints", "groups", "names"),
    [
        (None, None, set()),
        ('a="https://a.example/", b="/b"', None, {"a", "b"}),
        (None, '{"group": "a"}, {"endpoints": []}', {"a", "default"}),
        ('a="/a"', '{"group": "b"}', {"a", "b"}),
        (None, '{"group": 1}, 2', set()),
    ],
)
def test_names_come_from_both_headers(endpoints: str | None, groups: str | None, names: set[str]) -> None:
    assert endpoints_defined(endpoints, groups) == names


@pytest.mark.parametrize(("endpoints", "groups"), [("A=", None), (None, "{"), ("a," * 2_000, None)])
def test_names_that_cannot_be_read_are_not_told(endpoints: str | None, groups: str | None) -> None:
    assert endpoints_defined(endpoints, groups) is None


@pytest.mark.parametrize("text", ["{", "NaN", "[" * 2_000, "{'a': 1}", "1 2"])
def test_what_is_no_json_has_no_values(text: str) -> None:
    assert parse_json_values(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('same-origin; report-to="main"', "main"),
        ("same-origin; report-to=main", None),
        ("same-origin; report-to", None),
        ("same-origin", None),
        ('report-to, "', None),
    ],
)
def test_an_item_names_its_endpoint_as_a_string(text: str, name: str | None) -> None:
    assert endpoint_named(text) == name


def test_a_name_that_is_no_text_is_told_by_its_escape() -> None:
    assert printable("a\ud800") == "a\\ud800"
