"""Where a response's content ends, however it is framed and split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.inspection.body import BodyReader

CHUNKED = (("Transfer-Encoding", "chunked"),)


def read(reader: BodyReader, data: bytes, size: int = 1 << 20) -> tuple[bytes, bool]:
    """What was collected, and whether the reader then waited for no more."""
    parts = (data[begin : begin + size] for begin in range(0, len(data), size))
    over = reader.is_whole or any(reader.feed(part) for part in parts)
    return reader.content, over


@pytest.mark.parametrize(
    ("fields", "data", "content", "over"),
    [
        ((("Content-Length", "5"),), b"hello and more", b"hello", True),
        ((("Content-Length", "5"),), b"hell", b"hell", False),
        ((("Content-Length", "0"),), b"", b"", True),
        ((("Content-Length", "5, 5"), ("content-length", "5")), b"hello", b"hello", True),
        ((("Content-Length", ""),), b"hello", b"hello", False),
        ((("Content-Length", "5"), ("Content-Length", "6")), b"hello w", b"", True),
        ((), b"until the end", b"until the end", False),
        (CHUNKED, b"5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nTrailer: x\r\n\r\n", b"hello world", True),
        (CHUNKED, b"5\nhello\n0\n\n", b"hello", True),
        (CHUNKED, b"A\r\n0123456789\r\n", b"0123456789", False),
        (CHUNKED, b"5\r\nhello\r\nnonsense\r\n", b"hello", True),
        (CHUNKED, b"<html>\n", b"", True),
        (CHUNKED, b"x" * 5_000, b"", True),
        (CHUNKED, b"5\r\nhello5\r\nworld\r\n0\r\n\r\n", b"hello", True),
        ((("Transfer-Encoding", "gzip, Chunked"),), b"1\r\na\r\n0\r\n\r\n", b"a", True),
        ((*CHUNKED, ("Content-Length", "1")), b"2\r\nab\r\n0\r\n\r\n", b"ab", True),
        ((("Transfer-Encoding", "chunked, gzip"), ("Content-Length", "1")), b"abc", b"abc", False),
    ],
)
def test_content_ends_where_its_frame_says(fields, data: bytes, content: bytes, over: bool) -> None:
    assert read(BodyReader(200, fields), data) == (content, over)


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_content(status: int) -> None:
    assert BodyReader(status, (("Content-Length", "5"),)).is_whole


@pytest.mark.parametrize("fields", [(), CHUNKED, (("Content-Length", "9" * 5_000),)])
def test_no_more_than_the_bound_is_kept(fields) -> None:
    data = b"64\r\n" + b"x" * 100 + b"\r\n" if fields == CHUNKED else b"x" * 100
    content, over = read(BodyReader(200, fields, limit_bytes=10), data)
    assert (content, over) == (b"x" * 10, True)


def test_an_end_of_the_connection_ends_what_has_no_length() -> None:
    reader = BodyReader(200, ())
    assert not reader.feed(b"all")
    assert reader.feed(b"")
    assert reader.content == b"all"


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(1, 9))
def test_chunks_are_joined_however_they_arrive(chunks: list[bytes], size: int) -> None:
    data = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert read(BodyReader(200, CHUNKED), data, size) == (b"".join(chunks), True)


@given(st.binary(max_size=200), st.sampled_from([(), CHUNKED, (("Content-Length", "50"),)]))
def test_whatever_comes_is_read(data: bytes, fields) -> None:
    assert len(read(BodyReader(200, fields, 100), data, 7)[0]) <= 100


@pytest.mark.parametrize(
    ("fields", "data", "is_cut"),
    [
        ((("Content-Length", "5"),), b"hello", False),
        ((("Content-Length", "5"),), b"hell", True),
        ((), b"until the end", False),
        (CHUNKED, b"5\r\nhello\r\n0\r\n\r\n", False),
        (CHUNKED, b"5\r\nhel", True),
        (CHUNKED, b"5\r\nhello\r\n", True),
    ],
)
def test_content_that_the_connection_s_end_cuts_short_is_known(
    fields: tuple[tuple[str, str], ...], data: bytes, is_cut: bool
) -> None:
    reader = BodyReader(200, fields)
    if not reader.feed(data):
        assert reader.feed(b"")
    assert reader.is_cut is is_cut


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"3\r\nabc\r\nZZ\r\nabc", "expected a chunk's size in hexadecimal digits, got b'ZZ'"),
        (b"-5\r\nhello\r\n", "expected a chunk's size in hexadecimal digits, got b'-5'"),
        (b"\r\n5\r\nhello\r\n", "expected a chunk's size in hexadecimal digits, got b''"),
        (b"11111111111111111\r\n", "expected a chunk's size in hexadecimal digits, got b'11111111111111111'"),
        (b"5\r\nhello5\r\n", "expected a line's end behind a chunk of the content, got b'5'"),
        (b"5;" + b"x" * 5_000 + b"\r\n", f"expected a line of at most 4096 bytes, got b'5;{'x' * 38}'"),
        (b"05 ;a=b\r\nhello\r\n0\r\n\r\n", ""),
        (b"5\nhello\n0\n", ""),
        (b"5\r\nhel", ""),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_malformed_chunk_is_told(data: bytes, expected: str, size: int) -> None:
    reader = BodyReader(200, CHUNKED)
    read(reader, data, size)
    assert reader.nonsense == expected


@pytest.mark.parametrize("lengths", [["5", "6"], ["5, 6"], ["-1"], ["+5"], ["5.0"], ["\xb2"], ["5", "five"]])
def test_a_length_that_is_none_is_told(lengths: list[str]) -> None:
    reader = BodyReader(200, tuple(("Content-Length", length) for length in lengths))
    assert reader.is_whole
    told = ", ".join(lengths)
    assert reader.nonsense == f"expected one Content-Length in decimal digits, got {told!r}"


def test_chunks_need_no_length() -> None:
    assert BodyReader(200, (*CHUNKED, ("Content-Length", "none"))).nonsense == ""


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_what_is_amiss_beyond_the_bound_is_not_looked_at(size: int) -> None:
    reader = BodyReader(200, CHUNKED, limit_bytes=5)
    assert read(reader, b"5\r\nhelloZZ\r\n", size) == (b"hello", True)
    assert (reader.nonsense, reader.is_cut) == ("", False)
