"""web-platform-tests on media types through `workers.syntax.media_types`: every row agrees."""

from typing import Any

import pytest

from tests.conformance.cases import rows
from workers.syntax.encodings import find_encoding
from workers.syntax.media_types import extract_media_type, parse_media_type

ROWS = list(rows("wpt_cases"))
TYPES = [row for row in ROWS if row["kind"] == "mime_type"]
LISTS = [row for row in ROWS if row["kind"] == "content_type_list"]


@pytest.mark.parametrize("row", TYPES, ids=lambda row: repr(row["value"]))
def test_a_type_is_parsed_as_browsers_parse_it(row: Any) -> None:
    parsed = parse_media_type(row["value"])
    assert (None if parsed is None else str(parsed)) == row["serialized"]


@pytest.mark.parametrize("row", LISTS, ids=lambda row: repr(row["values"]))
def test_of_several_values_the_type_and_encoding_are_those_that_browsers_take(row: Any) -> None:
    found = extract_media_type(", ".join(row["values"]))
    assert (None if found is None else str(found)) == row["mime"]
    charset = None if found is None else found.charset
    assert (None if charset is None else find_encoding(charset)) == row["encoding"]
