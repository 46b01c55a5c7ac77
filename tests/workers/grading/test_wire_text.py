"""Each character of what is recorded is a byte of the wire, though a tool has decoded it."""

import pytest

from tests.workers.grading.graded import entry, grade
from workers.grading.wire_text import to_wire


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("", b""),
        ("text/html", b"text/html"),
        ("caf\xe9 \xff", b"caf\xe9 \xff"),
        ("☃", b"\xe2\x98\x83"),
        ("caf\xe9 ☃", b"caf\xc3\xa9 \xe2\x98\x83"),
        ("\U0001f600", b"\xf0\x9f\x98\x80"),
        ("\u0100", b"\xc4\x80"),
    ],
)
def test_what_is_no_latin_1_is_the_bytes_of_its_utf_8(text: str, wire: bytes) -> None:
    assert to_wire(text).encode("latin-1") == wire


def test_a_har_s_reason_names_and_values_are_bytes() -> None:
    headers = [{"name": "X-☃", "value": "☃"}, {"name": "Set-Cookie", "value": "a=☃\nb=\xe9"}]
    (hop,) = grade("entry", entry({"status": 200, "statusText": "☃", "headers": headers}))["hops"]
    assert hop["reason"].encode("latin-1").decode() == "☃"
    fields = [[text.encode("latin-1").decode() for text in field] for field in hop["headers"]]
    assert fields == [["X-☃", "☃"], ["Set-Cookie", "a=☃"], ["Set-Cookie", "b=\xe9"]]


def test_a_header_set_s_reason_names_and_values_are_bytes() -> None:
    fields = [["X-☃", "☃"], ["X-Latin", "\xe9"]]
    wire = [["X-\xe2\x98\x83", "\xe2\x98\x83"], ["X-Latin", "\xe9"]]
    cors = {"status": 200, "headers": fields}
    line = {"url": "http://a.example/", "reason": "☃", "headers": fields, "cors": cors}
    record = grade("line", {**line, "https_headers": fields})
    hops = [record["hops"][0], record["https_entry"]["hops"][0], record["preflight"]["hops"][0]]
    assert [hop["headers"] for hop in hops] == [wire, wire, wire]
    assert hops[0]["reason"] == "\xe2\x98\x83"
