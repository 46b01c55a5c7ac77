"""Whether the beginning of a page tells its encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.growth import is_linear
from workers.syntax.declared_encoding import LIMIT_BYTES, tells_encoding

META = b"<meta charset=utf-8>"


@pytest.mark.parametrize(
    "page",
    [
        META,
        b"<!doctype html><meta charset=utf-8>",
        b"<!DOCTYPE html>\n<html lang=en><head><title>a</title><META CHARSET = 'UTF-8'/>",
        b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">',
        b"<meta content='text/html;charset=\"utf-8\"' http-equiv=content-type>",
        b"<meta name=viewport content=width><meta/charset=windows-1252>",
        b"<meta charset=nonsense><meta charset=utf-8>",
        b"<!-- a > b --><meta charset=utf-8>",
        b"<!--><meta charset=utf-8>",
        b"<p title='<meta>' id=a><meta charset=utf-8>",
        b"<meta charset=utf-8 charset=nonsense>",
        b"\xef\xbb\xbf<p>",
        b"\xff\xfe<\0p\0",
        b"\xfe\xff\0<\0p",
        b'<?xml version="1.0" encoding="ISO-8859-1"?><html>',
        b" " * (LIMIT_BYTES - len(META)) + META,
    ],
)
def test_it_is_told(page: bytes) -> None:
    assert tells_encoding(page)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<p>charset=utf-8",
        b"<meta charset=nonsense>",
        b"<meta charset>",
        b"<meta charset=utf-8",
        b"<meta content='text/html; charset=utf-8'>",
        b"<meta name=content-type content='text/html; charset=utf-8'>",
        b"<meta http-equiv=content-type content='text/html'>",
        b"<metas charset=utf-8>",
        b"</meta charset=utf-8>",
        b"<!-- <meta charset=utf-8> -->",
        b"<!-- <meta charset=utf-8>",
        b"<p title='<meta charset=utf-8>'>",
        b"<meta charset=nonsense charset=utf-8>",
        b'<?xml version="1.0"?><html>',
        b'<?xml version="1.0" encoding="nonsense"?><html>',
        b"\n<?xml version='1.0' encoding='utf-8'?><html>",
        b"<\xef\xbb\xbf",
        b" " * (LIMIT_BYTES - len(META) + 1) + META,
    ],
)
def test_it_is_not_told(page: bytes) -> None:
    assert not tells_encoding(page)


PARTS = st.sampled_from(
    [b"<meta", b" charset", b"=", b"utf-8", b"'", b'"', b">", b"<!--", b"-->", b"/", b"<?xml", b"<", b"!",
     b" ", b"\xff", b"content"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=40))
def test_whatever_comes_is_read(parts: list[bytes]) -> None:
    assert tells_encoding(b"".join(parts)) in (True, False)


@pytest.mark.parametrize("unit", [b"<", b"<!--", b"<meta ", b"<meta a='", b"<?xml ", b"<a b=", b"</"])
def test_no_more_than_the_beginning_is_read(unit: bytes) -> None:
    assert is_linear(lambda size: tells_encoding(unit * size), 100_000)
