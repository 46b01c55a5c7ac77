"""X-Frame-Options and nosniff against what web-platform-tests expect of browsers."""

import pytest

from tests.conformance.cases import folder, rows
from workers.checks import x_content_type_options, x_frame_options
from workers.response import Response
from workers.syntax.head import Field, parse_head

NOBODY, SAME_ORIGIN, ANYBODY = (False, False), (True, False), (True, True)  # same origin, another
OPEN = {x_frame_options.MISSING.id, x_frame_options.INVALID.id, x_frame_options.ALLOW_FROM.id}


@pytest.fixture(autouse=True)
def _needs_the_set() -> None:
    folder()


def framing(values: list[str]) -> tuple[bool, bool]:
    """Who may frame the page, by what the findings say."""
    fields: tuple[Field, ...] = (("Content-Type", "text/html"),)
    fields += tuple(("X-Frame-Options", value) for value in values)
    found = {f.id for f in x_frame_options.run(Response(url="https://a.test/", status=200, fields=fields))}
    if found & OPEN:
        return ANYBODY
    if x_frame_options.CONFLICTING.id in found or values[0].strip().lower() == "deny":
        return NOBODY
    return SAME_ORIGIN


def is_standards_answer(values: list[str]) -> bool:
    """HTML section 7.2.6 lets nobody frame a page whose values differ, where one of them is a known one.

    The stored tests let the same origin, where SAMEORIGIN stands beside a value that they take for none:
    the one difference that is by rule. To another origin both say no.
    """
    distinct = {value.strip().lower() for value in values}
    return len(distinct) > 1 and "sameorigin" in distinct and "deny" not in distinct


def test_x_frame_options_agrees_on_who_may_frame_the_page() -> None:
    cases = [row for row in rows("wpt_cases") if row["kind"] == "x_frame_options"]
    assert cases
    for row in cases:
        expected = row["same_origin_allowed"], row["cross_origin_allowed"]
        if is_standards_answer(row["values"]):
            assert expected[1] is False
            expected = NOBODY
        assert framing(row["values"]) == expected, row


def test_nosniff_agrees() -> None:
    cases = [row for row in rows("wpt_cases") if row["kind"] == "nosniff"]
    assert cases
    for row in cases:
        head = parse_head(f"HTTP/1.1 200 OK\r\n{row['header_lines']}\r\n\r\n".encode("latin-1"))
        response = Response(url="https://a.test/", status=200, fields=head.fields)
        assert (not list(x_content_type_options.run(response))) == row["nosniff"], row
