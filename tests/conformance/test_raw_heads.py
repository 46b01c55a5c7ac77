"""Raw responses from other projects' tests: `parse_head` against what five live parsers agree on."""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.conformance.cases import rows
from workers.syntax.head import Head, MalformedHead, parse_head

BLANK_LINE = re.compile(rb"\n\r?\n|\r\r")  # as tolerant as the five are together


def heads(raw: bytes) -> Iterator[bytes]:
    """Each head up to its blank line, the interim ones (RFC 9110 section 15.2) first, the final one last."""
    start = len(raw) - len(raw.lstrip(b"\r\n"))
    while True:
        blank = BLANK_LINE.search(raw, start)
        head = raw[:start] + raw[start : blank.end()] if blank else raw
        yield head
        if blank is None or not re.match(rb"HTTP/\d\.\d[ \t]+1(?!01)\d\d", raw[start:]):
            return
        raw, start = raw[blank.end() :], 0


def final_head(raw: bytes) -> Head:
    return [parse_head(head) for head in heads(raw)][-1]


def agreed(case: Any) -> tuple[int, list[tuple[str, str]]]:
    """What they agree on, but for white space after a value, which RFC 9112 section 5.1 excludes from it."""
    return case["agreed_status"], [(name, value.strip(" \t")) for name, value in case["agreed_headers"]]


@pytest.mark.parametrize("case", list(rows("raw_responses")), ids=lambda case: case["id"])
def test_parse_head_agrees_where_the_parsers_do(case: Any) -> None:
    raw = base64.b64decode(case["raw_b64"])
    if case["consensus"] == "accept":
        head = final_head(raw)
        if "agreed_status" in case:
            assert (head.status, list(head.fields)) == agreed(case)
    elif case["consensus"] == "reject":
        with pytest.raises(MalformedHead):
            final_head(raw)
    else:
        with suppress(MalformedHead):  # either answer will do where the parsers differ; a crash will not
            final_head(raw)
