"""Halves of surrogate pairs in JSON: which escapes they are, and what becomes of them."""

import json
import random

import msgspec
import pytest

from tests.workers.grading.graded import entry, grade
from tests.workers.growth import is_linear
from workers.grading.halves import (
    NO_BYTE,
    has_marks,
    mark_halves,
    to_bytes,
    to_text,
    with_marks,
    without_marks,
)

BYTE = "\ufffe\uf7e9"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (r'"caf\udce9"', f'"caf{BYTE}"'),
        (r'"\uDCE9"', f'"{BYTE}"'),
        (r'"\udce9\uDcE9"', f'"{BYTE}{BYTE}"'),
        (r'"\\udce9"', r'"\\udce9"'),
        (r'"\\\udce9"', rf'"\\{BYTE}"'),
        (r'"\\\\udce9"', r'"\\\\udce9"'),
        (r'"\n\udce9"', rf'"\n{BYTE}"'),
        (r'"\ud83d\ude00"', r'"\ud83d\ude00"'),
        (r'"\ud83d\udce9"', r'"\ud83d\udce9"'),
        (r'"\ud83d\ude00\ud83d\ude00\udce9"', rf'"\ud83d\ude00\ud83d\ude00{BYTE}"'),
        (r'"\\ud83d\udce9"', rf'"\\ud83d{BYTE}"'),
        (r'"\ud83d\\udce9"', f'"{NO_BYTE.decode()}' + r'\\udce9"'),
        (r'"\ud83d"', f'"{NO_BYTE.decode()}"'),
        (r'"\ud83d\ud83d\ude00"', f'"{NO_BYTE.decode()}' + r'\ud83d\ude00"'),
        (r'"\udc7f\udd00"', f'"{NO_BYTE.decode() * 2}"'),
        (r'"\udc80\udcff"', '"\ufffe\uf780\ufffe\uf7ff"'),
        (r'"\ud7ff\ue000\udce"', r'"\ud7ff\ue000\udce"'),
        (r"\udce9", BYTE),
        ("", ""),
    ],
)
def test_a_half_is_marked_where_it_is_an_escape(text: str, marked: str) -> None:
    assert with_marks(text.encode()) == marked.encode()
    assert len(marked.encode()) == len(text)


def test_any_text_is_marked_as_python_reads_it() -> None:
    """Each half that Python decodes, and nothing else, has a mark."""
    parts = [r"\ud83d", r"\ude00", r"\udce9", r"\uDC80", r"\\", "ud83d", "udce9", r"\n", r"\"", "é"]
    chance = random.Random(1)
    for _ in range(20_000):
        text = '"' + "".join(chance.choices(parts, k=6)) + '"'
        read = json.loads(text)
        expected = "".join(_as_marked(character) for character in read)
        assert msgspec.json.decode(with_marks(text.encode())) == expected
        unmarked = without_marks(with_marks(text.encode()))
        assert len(unmarked.decode()) == len(text)
        assert not has_marks(unmarked)


def _as_marked(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\ufffe{chr(ord(character) - 0xDC00 + 0xF700)}"
    return NO_BYTE.decode() if "\ud800" <= character <= "\udfff" else character


def test_what_python_escaped_is_the_bytes_that_it_was() -> None:
    wire = bytes(range(1, 256)) + "☃é".encode()
    text = wire.decode("utf-8", "surrogateescape")
    decoded = msgspec.json.decode(with_marks(json.dumps(text).encode()))
    assert to_bytes(decoded) == wire


@pytest.mark.parametrize("text", [rb"\udce9", rb"\ud83d\ude00", b"\\", b"\\\\ud83d\\", rb"\ud83d\\"])
def test_marking_takes_linear_time(text: bytes) -> None:
    assert is_linear(lambda size: mark_halves(bytearray(text * size + rb"\udce9")), 200_000)


def test_a_value_s_half_is_its_byte() -> None:
    """As mitmproxy writes what is no UTF-8, and as it decodes what stands beside it."""
    headers = [{"name": "X-Lat", "value": "caf\udce9"}, {"name": "X-Both", "value": "é☃\udce9"}]
    given = entry({"status": 200, "statusText": "\udce9", "headers": headers})
    text = with_marks(json.dumps(given).encode())
    line = json.dumps(
        {"url": "https://a.example/", "headers": [[each["name"], each["value"]] for each in headers]}
    )
    for record in (grade("entry", text), grade("line", line.encode())):
        fields = [(name, value.encode("latin-1")) for name, value in record["hops"][0]["headers"]]
        assert fields == [("X-Lat", b"caf\xe9"), ("X-Both", "é☃".encode() + b"\xe9")]
    assert grade("entry", text)["hops"][0]["reason"] == "\xe9"


def test_a_url_s_half_is_percent_encoded() -> None:
    given = {**entry({"status": 200}), "request": {"url": "https://a.example/caf\udce9"}}
    line = {"url": "https://a.example/caf\udce9", "headers": []}
    for record in (grade("entry", with_marks(json.dumps(given).encode())), grade("line", line)):
        assert (record["outcome"], record["url"]) == ("ok", "https://a.example/caf%E9")
        assert record["input"] == "https://a.example/caf%E9"


def test_a_half_that_is_no_byte_is_refused_under_its_url() -> None:
    given = entry({"status": 200, "headers": [{"name": "x", "value": "\ud83d"}]})
    line = {"url": "https://a.example/", "headers": [["x", "\udd00"]]}
    for record in (grade("entry", with_marks(json.dumps(given).encode())), grade("line", line)):
        assert record["url"] == "https://a.example/"
        assert record["error"]["code"] == "response_malformed"
        assert (
            "7: expected escapes of whole characters, got half of a surrogate pair"
            in record["error"]["message"]
        )


def test_an_id_with_a_half_is_refused() -> None:
    """It comes back as it came, and nobody could read it."""
    record = grade("line", {"url": "https://a.example/", "headers": [], "id": "\udce9"})
    assert record["error"]["message"].startswith("line 7: expected JSON as `id`: expected escapes of whole")


def test_a_page_s_bytes_are_read_as_a_decoder_of_utf_8_does() -> None:
    assert to_text(f"<p>é {BYTE} ☃") == "<p>é \ufffd ☃"
    assert to_text("<p>é ☃") == "<p>é ☃"
