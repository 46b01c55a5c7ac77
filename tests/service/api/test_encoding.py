"""A body's encoding: undone in small pieces however it comes, to its very end or not at all."""

import gzip
import random
import zlib

import pytest

from service.api.encoding import PIECE_BYTES, Unpacker
from service.api.problems import Kind, Problem

TEXT = b"".join(b"http://127.0.0.1/%x\n" % random.Random(1).getrandbits(64) for _ in range(5_000))
GZIP = gzip.compress(TEXT)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def unpack(encoding: str, body: bytes, step: int = 1 << 16) -> bytes:
    unpacker = Unpacker(encoding)
    pieces = [
        piece for start in range(0, len(body), step) for piece in unpacker.feed(body[start : start + step])
    ]
    pieces.append(unpacker.end())
    assert max(map(len, pieces)) <= PIECE_BYTES
    return b"".join(pieces)


@pytest.mark.parametrize("step", [1, 2, 1_000, 1 << 16])
@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", TEXT),
        ("identity", b"a"),
        ("identity", b""),
        ("gzip", GZIP),
        ("gzip", b""),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
    ],
)
def test_what_was_packed_comes_out_however_it_is_cut(encoding: str, body: bytes, step: int) -> None:
    assert unpack(encoding, body, step) == (TEXT if len(body) > 1 else body)


@pytest.mark.parametrize("step", [1, 1 << 16])
def test_a_body_that_begins_as_gzip_is_unpacked_unasked(step: int) -> None:
    assert unpack("identity", GZIP, step) == TEXT


@pytest.mark.parametrize("step", [1, 1 << 16])
def test_members_follow_each_other_and_may_be_padded(step: int) -> None:
    """As gzip(1) has it of files that were joined, and of tapes."""
    body = gzip.compress(b"a\n") + gzip.compress(b"") + b"\0" * 600 + gzip.compress(b"b\n") + b"\0"
    assert unpack("gzip", body, step) == b"a\nb\n"


@pytest.mark.parametrize("size", [PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 50 * PIECE_BYTES])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_unpacks_to_whole_pieces_comes_to_its_end(encoding: str, size: int) -> None:
    """zlib keeps something back where its output was full, and has read all of its input by then."""
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    for step in (1, 1 << 16):
        assert unpack(encoding, pack(b" " * size), step) == b" " * size


@pytest.mark.parametrize(
    ("encoding", "body", "trailer"),
    [("gzip", GZIP, 8), ("identity", GZIP, 8), ("deflate", zlib.compress(TEXT), 4), ("gzip", GZIP + GZIP, 8)],
)
def test_a_stream_that_is_cut_off_is_refused_wherever(encoding: str, body: bytes, trailer: int) -> None:
    ends = [2, 5, 12, len(body) // 3, *range(len(body) - trailer, len(body))]
    for end in ends:
        with pytest.raises(Problem, match="ends before its stream does") as caught:
            unpack(encoding, body[:end])
        assert (caught.value.status, caught.value.kind) == (400, Kind.MALFORMED_BODY)
        assert f"after {end} bytes" in caught.value.detail


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("gzip", b"not gzip", "incorrect header check"),
        ("gzip", GZIP + b"more", "incorrect header check"),
        ("gzip", GZIP[:-8] + b"\0" * 8, "incorrect data check"),
        ("gzip", GZIP[:-4] + b"\0" * 4, "incorrect length check"),
        ("deflate", zlib.compress(TEXT)[:-4] + b"\0" * 4, "incorrect data check"),
    ],
)
def test_a_stream_that_is_broken_is_refused_with_the_reason(encoding: str, body: bytes, reason: str) -> None:
    with pytest.raises(Problem, match=reason) as caught:
        unpack(encoding, body)
    assert caught.value.status == 400
