"""web-platform-tests on policies: which opener policies browsers take for same-origin."""

from typing import Any

import pytest

from tests.conformance.cases import rows
from workers.checks.cross_origin_opener_policy import CHECK, FIELD
from workers.response import Response
from workers.syntax.structured_fields import parse_token

ROWS = [row for row in rows("wpt_cases") if row["kind"] == "coop_is_same_origin"]


def wire(row: dict[str, Any]) -> str:
    """The value as a head parser hands it over: a character a byte, though the test has it in UTF-8."""
    return str(row["value"]).encode().decode("latin-1")


def test_there_are_rows() -> None:
    assert ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: repr(row["value"]))
def test_a_value_is_same_origin_where_browsers_say_so(row: dict[str, Any]) -> None:
    assert (parse_token(wire(row)) == "same-origin") is row["same_origin"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: repr(row["value"]))
def test_what_browsers_do_not_take_is_found(row: dict[str, Any]) -> None:
    response = Response(
        url="https://example.com/",
        status=200,
        fields=(("Content-Type", "text/html"), (FIELD, wire(row))),
    )
    assert [finding.id for finding in CHECK.run(response)] == (
        [] if row["same_origin"] else ["opener-policy-invalid"]
    )
