"""A page's bytes as text."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.page import TEXT_LIMIT_BYTES, read_content, read_text

TEXT = "<p>schön</p>"
BYTES = TEXT.encode()


def raw_deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush()


@pytest.mark.parametrize(
    ("body", "codings", "text"),
    [
        (BYTES, "", TEXT),
        (BYTES, "identity", TEXT),
        (b"\xef\xbb\xbf" + BYTES, "", TEXT),
        (b"\xff<", "", "\ufffd<"),
        (gzip.compress(BYTES, mtime=0), "gzip", TEXT),
        (gzip.compress(BYTES, mtime=0)[:-8], "X-GZIP", TEXT),
        (zlib.compress(BYTES), "deflate", TEXT),
        (raw_deflate(BYTES), "deflate", TEXT),
        (gzip.compress(zlib.compress(BYTES), mtime=0), "deflate, gzip", TEXT),
        (BYTES, "gzip", None),
        (BYTES, "deflate", None),
        (BYTES, "br", None),
        (b"", "", ""),
    ],
)
def test_codings_are_undone(body: bytes, codings: str, text: str | None) -> None:
    assert read_text(body, codings) == text


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_a_bomb_is_read_up_to_the_bound(compress) -> None:
    text = read_text(compress(b"x" * 50_000_000), "gzip" if compress is gzip.compress else "deflate")
    assert text == "x" * TEXT_LIMIT_BYTES


@given(st.binary(max_size=60), st.sampled_from(["", "gzip", "deflate", "gzip, gzip", ", ,"]))
def test_whatever_comes_is_text_or_none(body: bytes, codings: str) -> None:
    assert isinstance(read_text(body, codings), str | None)


def test_of_the_beginning_alone_no_more_is_inflated() -> None:
    twice = gzip.compress(gzip.compress(BYTES * 100))
    assert read_content(twice, "gzip, gzip", 7) == BYTES[:7]
    assert read_content(BYTES, "br", 7) is None
