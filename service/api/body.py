"""The body of a request: read within a size and no slower than a rate, whatever its encoding unpacks to.

Owns the limits of what is received; what the bytes mean is the reader's business.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from service.api import encoding
from service.api.encoding import PIECE_BYTES, Unpacker, read_encoding
from service.api.memory import ACCOUNT
from service.api.operation import Refusal
from service.api.problems import LONGER_LISTS, Kind, Problem

WINDOW_S: Final = 30.0  # long enough for a stall on a mobile link, short enough to get rid of a slow loris
CHARSETS: Final = frozenset({"utf-8", "us-ascii"})
REFUSALS: Final = (
    Refusal(400, "the body's transfer encoding is broken", Kind.MALFORMED_BODY),
    Refusal(
        408,
        "expected at least 1024 bytes of the body a second over 30 s",
        Kind.BODY_TOO_SLOW,
        ["Connection"],
    ),
    Refusal(413, "expected a body of at most 1048576 bytes", Kind.BODY_TOO_LARGE),
    Refusal(415, "expected the Content-Type application/json or text/plain, got none", headers=["Accept"]),
    *encoding.REFUSALS,
)


def check_media_type(request: web.Request, accepted: tuple[str, ...]) -> str:
    """The body's media type. Raises a 415 Problem for one not `accepted`, or an encoding we cannot read."""
    if request.content_type not in accepted or "Content-Type" not in request.headers:
        got = request.headers.get("Content-Type", "none")[:100]
        detail = f"expected the Content-Type {' or '.join(accepted)}, got {got}"
        raise Problem(415, detail, headers={"Accept": ", ".join(accepted)})
    charset = (request.charset or "utf-8").lower()
    if charset not in CHARSETS:
        raise Problem(415, f"expected the charset utf-8, got {charset[:100]}")
    read_encoding(request)
    return request.content_type


async def read_body(request: web.Request, limit_bytes: int, rate: int, window_s: float = WINDOW_S) -> bytes:
    """The whole body, unpacked. Raises a Problem: 413 beyond the limit, 408 below `rate` bytes a second
    over any window, 400 where its framing or its encoding is broken. It stays on the request's account."""
    pieces = []
    async for piece in read_pieces(request, limit_bytes, rate, window_s):
        request[ACCOUNT].take(len(piece))
        pieces.append(piece)
    return b"".join(pieces)


async def read_pieces(
    request: web.Request, limit_bytes: int, rate: int, window_s: float = WINDOW_S
) -> AsyncIterator[bytes]:
    """The body as it comes, unpacked, within the same limits; in pieces that are small work, and others get
    their turn between them: a small body can unpack to very much."""
    if request.content_length is not None and request.content_length > limit_bytes:
        raise _too_large(limit_bytes)
    unpacker = Unpacker(read_encoding(request))
    received = unpacked = 0
    async for chunk in _read_chunks(request, rate, window_s):
        received += len(chunk)
        for piece in unpacker.feed(chunk):
            unpacked += len(piece)
            if unpacked > limit_bytes:
                raise _too_large(limit_bytes)
            yield piece
            await asyncio.sleep(0)
        if received > limit_bytes:  # what unpacks to nothing
            raise _too_large(limit_bytes)
        await asyncio.sleep(0)
    if rest := unpacker.end():
        yield rest


async def _read_chunks(request: web.Request, rate: int, window_s: float) -> AsyncIterator[bytes]:
    """What has come, up to `PIECE_BYTES` at a time. Each window lasts until its share has come, and no longer
    than `window_s` of waiting: the time in which a chunk is worked on is ours."""
    share = rate * window_s
    loop = asyncio.get_running_loop()
    received, left_s = 0, window_s
    while True:
        began = loop.time()
        try:
            async with asyncio.timeout(left_s):
                chunk = await request.content.read(PIECE_BYTES)
        except TimeoutError as error:
            detail = f"expected at least {rate} bytes of the body a second over {window_s:g} s"
            raise Problem(408, detail, Kind.BODY_TOO_SLOW, headers={"Connection": "close"}) from error
        except (web.RequestPayloadError, web.PayloadAccessError) as error:
            detail = "the body's transfer encoding is broken"
            raise Problem(400, detail, Kind.MALFORMED_BODY) from error
        if not chunk:
            return
        left_s -= loop.time() - began
        received += len(chunk)
        if received >= share:
            received, left_s = 0, window_s
        yield chunk


def _too_large(limit_bytes: int) -> Problem:
    detail = f"expected a body of at most {limit_bytes} bytes; {LONGER_LISTS}"
    return Problem(413, detail, Kind.BODY_TOO_LARGE)
