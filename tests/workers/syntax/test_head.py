"""A response head, parsed tolerantly and recorded exactly (RFC 9112 sections 2 to 5)."""

import contextlib

import h11
import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.growth import is_linear
from workers.syntax.head import (
    Field,
    Head,
    MalformedHead,
    _parse_tolerantly,
    parse_head,
    parse_status_line,
)


def head_of(*lines: bytes) -> Head:
    return parse_head(b"\r\n".join((b"HTTP/1.1 200 OK", *lines, b"", b"")))


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("HTTP/1.1 200 OK", ("1.1", 200, "OK")),
        ("HTTP/1.0 404 Not  Found ", ("1.0", 404, "Not  Found ")),
        ("HTTP/1.1 200 ", ("1.1", 200, "")),
        ("HTTP/1.1 200", ("1.1", 200, None)),
        ("HTTP/1.1  \t200 OK", ("1.1", 200, "OK")),
        ("HTTP/1.1 999 So be it", ("1.1", 999, "So be it")),
        ("HTTP/1.1 200 \xc3\xa4", ("1.1", 200, "\xc3\xa4")),
        ("HTTP/2.0 200 OK", ("2.0", 200, "OK")),
    ],
)
def test_a_status_line_is_read(line: str, parsed: tuple[str, int, str | None]) -> None:
    assert parse_status_line(line) == parsed


@pytest.mark.parametrize(
    "line",
    [
        "",
        "HTTP/1.1",
        "HTTP/1.1 ",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 200OK",
        "HTTP/1.1 099 Below",
        "HTTP/1 200 OK",
        "HTTP/11 200 OK",
        "http/1.1 200 OK",
        " HTTP/1.1 200 OK",
        "ICY 200 OK",
        "GET / HTTP/1.1",
        "HTTP/1.1 \xb2\xb2\xb2 OK",
    ],
)
def test_what_is_no_status_line_is_refused_with_its_beginning(line: str) -> None:
    with pytest.raises(MalformedHead, match="expected a status line") as refused:
        parse_status_line(line)
    assert repr(line) in str(refused.value)


def test_a_message_quotes_no_more_than_a_beginning() -> None:
    with pytest.raises(MalformedHead) as refused:
        parse_status_line("x" * 100_000)
    assert len(str(refused.value)) < 200


def test_order_spelling_and_repeats_are_kept() -> None:
    fields = (("Set-Cookie", "a=1"), ("SERVER", "x"), ("set-cookie", "b=2"), ("Set-Cookie", "a=1"))
    head = head_of(*(f"{name}: {value}".encode() for name, value in fields))
    assert (head.version, head.status, head.reason, head.fields, head.defects) == (
        "1.1",
        200,
        "OK",
        fields,
        (),
    )


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"A: b", ("A", "b")),
        (b"A:b", ("A", "b")),
        (b"A: \t b \t", ("A", "b")),
        (b"A:", ("A", "")),
        (b"A: b: c", ("A", "b: c")),
        (b"!#$%&'*+-.^_`|~9z: b", ("!#$%&'*+-.^_`|~9z", "b")),
        (b"A: \xe4\xff", ("A", "\xe4\xff")),
        (b"A: \xa0b\xa0", ("A", "\xa0b\xa0")),
        (b"A: b\x85c", ("A", "b\x85c")),
    ],
)
def test_a_proper_field_is_read_without_defects(line: bytes, field: Field) -> None:
    head = head_of(line)
    assert (head.fields, head.defects) == ((field,), ())


@pytest.mark.parametrize(
    ("raw", "fields", "defects"),
    [
        (b"\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n", [("A", "b")], ["leading-blank-line"]),
        (b"HTTP/1.1 200 OK\nA: b\n\n", [("A", "b")], ["bare-lf"]),
        (b"HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n", [("A", "b"), ("C", "d")], ["bare-lf"]),
        (b"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", [("A", "b\rc")], ["bare-cr"]),
        (b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", [("A", "b\0c")], ["nul"]),
        (b"HTTP/1.1 200 OK\r\nA: b\x01c\x7f\r\n\r\n", [("A", "b\x01c\x7f")], ["control-character"]),
        (b"HTTP/1.1 200\r\nA: b\r\n\r\n", [("A", "b")], ["missing-reason-space"]),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\td\r\n\r\n", [("A", "b c d")], ["obs-fold"]),
        (b"HTTP/1.1 200 OK\r\nA:\r\n b\r\n\r\n", [("A", "b")], ["obs-fold"]),
        (b"HTTP/1.1 200 OK\r\n A: b\r\nC: d\r\n\r\n", [("A", "b"), ("C", "d")], ["leading-white-space"]),
        (b"HTTP/1.1 200 OK\r\nA \t: b\r\n\r\n", [("A", "b")], ["space-before-colon"]),
        (b"HTTP/1.1 200 OK\r\nA\r\n\r\n", [("A", "")], ["missing-colon"]),
        (b"HTTP/1.1 200 OK\r\n: b\r\n\r\n", [("", "b")], ["empty-name"]),
        (b"HTTP/1.1 200 OK\r\nA B: c\r\n\r\n", [("A B", "c")], ["invalid-name"]),
        (b"HTTP/1.1 200 OK\r\n\xe4: c\r\n\r\n", [("\xe4", "c")], ["invalid-name"]),
        (
            b"HTTP/1.1 200\nA B : c\r\n : d\r\nE\x02\r\n\r\n",
            [("A B", "c : d"), ("E\x02", "")],
            [
                "bare-lf",
                "control-character",
                "missing-reason-space",
                "space-before-colon",
                "invalid-name",
                "obs-fold",
                "missing-colon",
            ],
        ),
    ],
)
def test_each_defect_is_named_and_what_was_sent_is_kept(
    raw: bytes, fields: list[Field], defects: list[str]
) -> None:
    head = parse_head(raw)
    assert (list(head.fields), list(head.defects)) == (fields, defects)


def test_a_defect_is_named_once() -> None:
    assert head_of(b"A\0: b\0", b"A : b", b"C : d").defects == ("nul", "invalid-name", "space-before-colon")


def test_a_head_without_fields_has_none() -> None:
    assert parse_head(b"HTTP/1.1 204 No Content\r\n\r\n").fields == ()


def test_a_head_without_its_blank_line_is_read_as_far_as_it_goes() -> None:
    assert parse_head(b"HTTP/1.1 200 OK\r\nA: b").fields == (("A", "b"),)


@pytest.mark.parametrize(
    ("before", "unit", "after"),
    [(b"A:", b" ", b"b"), (b"", b" ", b"x"), (b"", b"a", b""), (b"", b"a ", b":"), (b"", b"\r", b"")],
)
def test_a_hostile_line_takes_linear_time(before: bytes, unit: bytes, after: bytes) -> None:
    assert is_linear(lambda size: head_of(before + unit * size + after), 65_000)


@pytest.mark.parametrize("fold", [b"\n c", b"\n "])
def test_many_folds_take_linear_time(fold: bytes) -> None:
    def read(size: int) -> None:
        head = parse_head(b"HTTP/1.1 200 OK\nA: " + b"b" * 3 * size + fold * size + b"\n\n")
        assert len(head.fields) == 1

    assert is_linear(read, 42_000)


LINE = st.one_of(
    st.binary(max_size=30),
    st.sampled_from([b"A: b", b" fold", b"A : b", b":", b"\0", b"A", b"\r", b"\n", b"A:\tb "]),
)


@given(st.lists(LINE, max_size=8), st.sampled_from([b"\r\n", b"\n"]))
def test_fields_never_make_a_head_fail(lines: list[bytes], ending: bytes) -> None:
    head = parse_head(ending.join((b"HTTP/1.1 200 OK", *lines, b"", b"")))
    assert head.status == 200
    assert len(set(head.defects)) == len(head.defects)


@given(st.binary(max_size=200))
def test_anything_but_a_status_line_is_refused_in_one_way(raw: bytes) -> None:
    with contextlib.suppress(MalformedHead):
        assert 100 <= parse_head(raw).status <= 999


TOKEN = st.text(alphabet="!#$%&'*+-.^_`|~09azAZ", min_size=1, max_size=20)
VALUE = st.text(alphabet=st.sampled_from('abc \t:;=,"\xe4\xff'), max_size=30).map(
    lambda value: value.strip(" \t")
)


@given(
    st.integers(200, 599),
    st.text(alphabet="abc OK", max_size=10),
    st.lists(st.tuples(TOKEN, VALUE), max_size=10),
)
def test_well_formed_heads_are_read_as_h11_and_httptools_read_them(
    status: int, reason: str, fields: list[Field]
) -> None:
    # Names of its own: what "Content-Length: abc" means is their business, and makes them refuse.
    fields = [(f"x-{name}", value) for name, value in fields]
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in fields), "", ""]
    raw = "\r\n".join(lines).encode("latin-1")
    head = parse_head(raw)
    assert (head.status, head.reason, list(head.fields), head.defects) == (status, reason.strip(), fields, ())
    assert (head.status, list(head.fields)) == _as_h11(raw) == _as_httptools(raw)


def _as_h11(raw: bytes) -> tuple[int, list[Field]]:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "example.com")]))
    connection.receive_data(raw)
    event = connection.next_event()
    assert isinstance(event, h11.Response)
    return event.status_code, [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers.raw_items()
    ]


def _as_httptools(raw: bytes) -> tuple[int, list[Field]]:
    class Seen:
        def __init__(self) -> None:
            self.fields: list[Field] = []

        def on_header(self, name: bytes, value: bytes) -> None:
            self.fields.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))

    seen = Seen()
    parser = httptools.HttpResponseParser(seen)
    parser.feed_data(raw)
    return parser.get_status_code(), seen.fields


VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20)


@given(
    st.lists(st.tuples(st.sampled_from(["A", "x-b", "Set-Cookie", "a b", "", "A "]), VALUE), max_size=6),
    st.sampled_from(
        ["HTTP/1.1 200 OK", "HTTP/1.0 404 ", "HTTP/1.1 099 x", "HTTP/1.1 200", "HTTP/1.1 200  a "]
    ),
)
def test_a_head_that_is_read_at_once_is_read_as_it_would_be_line_by_line(
    fields: list[tuple[str, str]], status_line: str
) -> None:
    text = f"{status_line}\r\n" + "".join(f"{name}:{value}\r\n" for name, value in fields) + "\r\n"
    outcomes: list[Head | str] = []
    for parse in (lambda: parse_head(text.encode("latin-1")), lambda: _parse_tolerantly(text)):
        try:
            outcomes.append(parse())
        except MalformedHead as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]
