"""The table of misdeeds: what a server does, and what the record of it says.

`HTTP` is done behind a request's head, over plain and over TLS; `AT_CONNECTION` before anything was read, so
over TLS it is in the handshake's place; `AFTER_HANDSHAKE` by hand in TLS 1.3; `TLS` by the server's settings.
"""

import asyncio
import gzip
from dataclasses import dataclass
from functools import cache
from typing import Final

from service.errors import STAGE_OF, Code
from tests.integration.broken_server import (
    Behaviour,
    Peer,
    closes,
    half_closes,
    holds,
    resets,
    says,
    says_and_holds,
    says_and_resets,
)
from tests.integration.hostile_tls import (
    ALERT,
    CLOSE_NOTIFY,
    DATA,
    HANDSHAKE,
    HELLO_REQUEST,
    Says,
    hello_with_garbage,
    seals,
    sends_empty_records_for_ever,
    sends_tickets_for_ever,
    server_hello,
    updates_keys_for_ever,
)

OK: Final = b"HTTP/1.1 200 OK\r\n"
HTML: Final = OK + b"Content-Type: text/html\r\n"
DIGITS: Final = b"9" * 5_000
DRIP_S: Final = 0.1
BOTH: Final = ("http", "https")


@dataclass(frozen=True, slots=True)
class Misdeed:
    """`code` None is an `ok` of `status` with the first hop's `defects`; `hops` that were
    answered, None is any number."""

    name: str
    does: Behaviour
    code: Code | None = None
    status: int = 200
    defects: tuple[str, ...] = ()
    hops: int | None = None
    schemes: tuple[str, ...] = BOTH
    is_full: bool = False

    @property
    def stage(self) -> str | None:
        return STAGE_OF[self.code] if self.code else None


def floods(unit: bytes, begin: bytes = b"") -> Behaviour:
    """Send `begin`, then `unit` over and over as fast as it is taken."""
    block = unit * (65_536 // len(unit) or 1)

    async def behave(peer: Peer) -> None:
        await peer.send(begin)
        while not peer.writer.is_closing():
            await peer.send(block)
            await asyncio.sleep(0)  # over TLS, what is sent to nobody is taken without waiting

    return behave


def drips(data: bytes, begin: bytes = b"", for_ever: bytes = b"x") -> Behaviour:
    """Send `begin`, then `data` and `for_ever` by the byte."""

    async def behave(peer: Peer) -> None:
        await peer.send(begin)
        for byte in data:
            await peer.send(bytes([byte]))
            await asyncio.sleep(DRIP_S)
        while not peer.writer.is_closing():
            await peer.send(for_ever)
            await asyncio.sleep(DRIP_S)

    return behave


def once_spoken_to(behaviour: Behaviour) -> Behaviour:
    """Before that, a reset can come while the client still connects."""

    async def behave(peer: Peer) -> None:
        await peer.reader.read(1)
        await behaviour(peer)

    return behave


def says_and_ends(data: bytes) -> Behaviour:
    async def behave(peer: Peer) -> None:
        await peer.send(data)
        if peer.writer.can_write_eof():  # else over TLS, where it is closed
            await half_closes(peer)

    return behave


@cache
def bomb(codings: int) -> bytes:
    """20 MB of nothing, gzipped so often."""
    data = bytes(20_000_000)
    for _ in range(codings):
        data = gzip.compress(data, 9)
    return data


def sends_bomb(codings: int) -> Behaviour:
    async def behave(peer: Peer) -> None:
        named = b", ".join([b"gzip"] * codings)
        await says_and_ends(HTML + b"Content-Encoding: " + named + b"\r\n\r\n" + bomb(codings))(peer)

    return behave


def redirects(location: bytes) -> Behaviour:
    return says(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n\r\n")


def redirects_once(location: bytes, more: bytes = b"") -> Behaviour:
    """To a Location that brings a query along; what has a query is answered."""

    async def behave(peer: Peer) -> None:
        if "?" in peer.target:
            await says(OK + b"\r\n")(peer)
        else:
            await says(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n" + more + b"\r\n")(peer)

    return behave


async def grows(peer: Peer) -> None:
    await redirects(peer.target.encode() + b"a" * 2_000)(peer)


async def counts(peer: Peer) -> None:
    await redirects(b"?%d" % (int(peer.target.partition("?")[2] or 0) + 1))(peer)


def field(line: bytes, *defects: str) -> tuple[Behaviour, tuple[str, ...]]:
    return says_and_holds(OK + line + b"\r\n\r\n"), defects


_FLOODS = {
    "endless-status-line": floods(b"x", b"HTTP/1.1 200 "),
    "endless-line": floods(b"x", OK + b"X: "),
    "endless-name": floods(b"x", OK),
    "endless-fields": floods(b"X: y\r\n", OK),
    "endless-empty-names": floods(b": y\r\n", OK),
    "endless-folds": floods(b" x\r\n", OK + b"X: y\r\n"),
    "endless-1xx": floods(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless-early-hints": floods(b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"),
    "endless-blank-lines": floods(b"\r\n"),
    "endless-line-feeds": floods(b"\n"),
    "endless-carriage-returns": floods(b"\r"),
    "huge-status-line": says_and_holds(b"HTTP/1.1 200 " + b"x" * 70_000 + b"\r\n\r\n"),
    "too-many-fields": says_and_holds(OK + b"X: y\r\n" * 1_001 + b"\r\n"),
}
_SLOW = {
    "silent": holds,
    "silent-in-status-line": says_and_holds(b"HTTP/1.1 2"),
    "silent-after-status-line": says_and_holds(OK),
    "silent-in-field": says_and_holds(OK + b"Server: "),
    "silent-before-blank-line": says_and_holds(OK + b"Server: x\r\n"),
    "silent-in-blank-line": says_and_holds(OK + b"Server: x\r\n\r"),
    "silent-after-1xx": says_and_holds(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "1xx-flood-then-silent": says_and_holds(b"HTTP/1.1 102 Processing\r\n\r\n" * 10),
    "drips-status-line": drips(b"HTTP/1.1 200 O"),
    "drips-field": drips(b"", OK + b"X: "),
    "drips-after-1xx": drips(b"HTTP/1.1 200 O", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drips-blank-lines": drips(b"", b"", b"\r\n"),
    "drips-1xx": drips(b"HTTP/1.1 102 Proc"),
}
_STAGES = {
    "nothing": b"",
    "in-prefix": b"HTT",
    "in-status-line": b"HTTP/1.1 2",
    "after-status-line": OK,
    "in-name": OK + b"Serv",
    "in-field": OK + b"Server: x",
    "before-blank-line": OK + b"Server: x\r\n",
    "in-blank-line": OK + b"Server: x\r\n\r",
    "after-1xx": b"HTTP/1.1 100 Continue\r\n\r\n",
    "after-blank-lines": b"\r\n\r\n",
}
_NO_HTTP = {
    "garbage": b"\x00\x01\x02\xff\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.9\r\n",
    "smtp": b"220 mail.test ESMTP\r\n",
    "ftp": b"220 (vsFTPd 3.0.5)\r\n",
    "pop3": b"+OK POP3 ready\r\n",
    "mysql": b"\x4a\x00\x00\x00\x0a8.4.0\x00\x08\x00\x00\x00",
    "redis": b"-ERR unknown command 'HEAD'\r\n",
    "tls-record": b"\x15\x03\x03\x00\x02\x02\x28",
    "http-0.9": b"<html>hello</html>",
    "http-2-settings": bytes.fromhex("000006040000000000000300000064"),
    "http-2-preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http-2-status": b"HTTP/2 200\r\n\r\n",
    "lower-case-http": b"http/1.1 200 OK\r\n\r\n",
    "space-first": b" HTTP/1.1 200 OK\r\n\r\n",
    "status-000": b"HTTP/1.1 000 Zero\r\n\r\n",
    "status-99": b"HTTP/1.1 99 Low\r\n\r\n",
    "status-099": b"HTTP/1.1 099 Low\r\n\r\n",
    "status-1000": b"HTTP/1.1 1000 Much\r\n\r\n",
    "status-negative": b"HTTP/1.1 -200 OK\r\n\r\n",
    "status-in-words": b"HTTP/1.1 OK\r\n\r\n",
    "status-of-other-digits": "HTTP/1.1 ²00 OK\r\n\r\n".encode("latin-1"),
    "nul-in-version": b"HTTP/1.\x00 200 OK\r\n\r\n",
}
_STATUSES = {
    "http-2-text": (b"HTTP/2.0 200 OK", 200),
    "http-1.2": (b"HTTP/1.2 200 OK", 200),
    "status-600": (b"HTTP/1.1 600 Beyond", 600),
    "status-999": (b"HTTP/1.1 999 Denied", 999),
    "switching-unasked": (b"HTTP/1.1 101 Switching Protocols", 101),
}
_FIELDS = {
    "nul": field(b"X: y\0z", "nul"),
    "bare-cr": field(b"X: y\rz", "bare-cr"),
    "bare-lf": field(b"X: y\nZ: a", "bare-lf"),
    "control": field(b"X: \x1b[31mred", "control-character"),
    "obs-fold": field(b"X: y\r\n z", "obs-fold"),
    "fold-first": field(b" X: y", "leading-white-space"),
    "space-before-colon": field(b"X : y", "space-before-colon"),
    "no-colon": field(b"nonsense", "missing-colon"),
    "empty-name": field(b": y", "empty-name"),
    "non-ascii-name": field(b"X-\xe9: y", "invalid-name"),
    "long-content-length": field(b"Content-Length: " + DIGITS),
    "several-content-lengths": field(b"Content-Length: 1\r\nContent-Length: -2"),
    "long-age": field(b"Age: " + DIGITS),
    "long-max-age": field(b"Cache-Control: max-age=" + DIGITS),
    "impossible-date": field(b"Date: Mon, 99 Foo 99999 99:99:99 GMT"),
    "nested": field(b"X: " + b"(" * 60_000),
}
_RETRIES = {
    "retry-negative": b"-1",
    "retry-long": DIGITS,
    "retry-past": b"Mon, 01 Jan 1900 00:00:00 GMT",
    "retry-far": b"Fri, 31 Dec 9999 23:59:59 GMT",
    "retry-impossible": b"Fri, 99 Foo 99999 99:99:99 +99999999",
}
_NOWHERE = {
    "to-nul-host": b"http://a\0b/",
    "to-space": b"http://a b/",
    "to-ftp": b"ftp://127.0.0.1/",
    "to-file": b"file:///etc/passwd",
    "to-script": b"javascript:alert(1)",
    "to-data": b"data:text/html,hello",
    "to-gopher": b"gopher://127.0.0.1:6379/_FLUSHALL",
    "to-long-url": b"/" + b"a" * 9_000,
}
_REFUSED = {
    "to-private": b"http://10.0.0.1/",
    "to-mapped": b"http://[::ffff:10.0.0.1]/",
    "to-metadata": b"http://169.254.169.254/latest/meta-data/",
    "to-hex": b"http://0x0a000001/",
    "to-octal-with-user": b"http://example.com@012.0.0.1/",
}
_LED = {
    "location-cr": (redirects_once(b"?a\rb"), ("bare-cr",)),
    "location-nul": (redirects_once(b"?a\0b"), ("nul",)),
    "location-control": (redirects_once(b"?a\x01b"), ("control-character",)),
    "location-tab": (redirects_once(b"?a\tb"), ()),
    "location-escaped-crlf": (redirects_once(b"?a%0d%0aHost:%20evil.test"), ()),
    "location-folded": (redirects_once(b"\r\n ?a"), ("obs-fold",)),
    "several-locations": (redirects_once(b"?a", b"Location: http://10.0.0.1/\r\n"), ()),
}
_CHUNKED = HTML + b"Transfer-Encoding: chunked\r\n"
_PAGES = {
    "bomb": sends_bomb(2),
    "bomb-shallow": sends_bomb(1),
    "endless-page": floods(b"<p>", HTML + b"\r\n"),
    "endless-chunks": floods(b"3\r\n<p>\r\n", _CHUNKED + b"\r\n"),
    "endless-empty-lines-for-chunks": floods(b"\r\n", _CHUNKED + b"\r\n"),
    "endless-chunk-extension": floods(b"x", _CHUNKED + b"\r\n1;"),
    "endless-tags": floods(b"<meta a=", HTML + b"\r\n"),
    "chunk-size-negative": says_and_holds(_CHUNKED + b"\r\n-1\r\nx"),
    "chunk-size-huge": says_and_ends(_CHUNKED + b"\r\nFFFFFFFFFFFFFFFF\r\nx"),
    "chunk-size-long": says_and_holds(_CHUNKED + b"\r\n" + b"F" * 5_000 + b"\r\nx"),
    "page-of-long-length": says_and_ends(HTML + b"Content-Length: " + DIGITS + b"\r\n\r\nx"),
    "drips-page": drips(b"", HTML + b"\r\n"),
    "resets-in-page": says_and_resets(HTML + b"Content-Length: 9\r\n\r\nx"),
}

TOO_LARGE, TIMEOUT = Code.RESPONSE_TOO_LARGE, Code.RESPONSE_TIMEOUT
CLOSED, RESET, MALFORMED = Code.CONNECTION_CLOSED, Code.CONNECTION_RESET, Code.RESPONSE_MALFORMED
TOO_MANY, NOWHERE = Code.TOO_MANY_REDIRECTS, Code.REDIRECT_INVALID

HTTP: Final = (
    *(Misdeed(name, does, TOO_LARGE, hops=0) for name, does in _FLOODS.items()),
    *(Misdeed(name, does, TIMEOUT, hops=0) for name, does in _SLOW.items()),
    *(Misdeed(f"ends-{name}", says_and_ends(data), CLOSED) for name, data in _STAGES.items()),
    *(Misdeed(f"resets-{name}", says_and_resets(data), RESET) for name, data in _STAGES.items()),
    *(Misdeed(name, says_and_holds(data), MALFORMED, hops=0) for name, data in _NO_HTTP.items()),
    *(Misdeed(n, says_and_holds(line + b"\r\n\r\n"), status=s) for n, (line, s) in _STATUSES.items()),
    *(Misdeed(name, does, defects=defects) for name, (does, defects) in _FIELDS.items()),
    Misdeed("no-reason", says_and_holds(b"HTTP/1.1 200\r\n\r\n"), defects=("missing-reason-space",)),
    Misdeed("blank-line-first", says_and_holds(b"\r\n" + OK + b"\r\n"), defects=("leading-blank-line",)),
    Misdeed("204-with-content", says_and_holds(b"HTTP/1.1 204 None\r\n\r\nbody"), status=204),
    Misdeed("304-with-content", says_and_holds(b"HTTP/1.1 304 Same\r\n\r\nbody"), status=304),
    Misdeed("two-responses", says_and_holds((OK + b"\r\n") * 2)),
    Misdeed("content-flood", floods(b"x", OK + b"\r\n")),
    *(
        Misdeed(name, says(b"HTTP/1.1 503 No\r\nRetry-After: " + value + b"\r\n\r\n"), status=503)
        for name, value in _RETRIES.items()
    ),
    Misdeed("loops", redirects(b""), TOO_MANY, hops=11),
    Misdeed("counts", counts, TOO_MANY, hops=11),
    Misdeed("grows", grows, NOWHERE, hops=5),
    Misdeed(
        "heavy-redirects",
        redirects(b"?\r\nX: " + b"x" * 60_000 + b"\r\nX: " * 2 + b"y" * 60_000),
        TOO_LARGE,
        hops=9,
    ),
    Misdeed("grows-relatively", redirects(b"a" * 3_000 + b"/"), NOWHERE, hops=3),
    *(Misdeed(name, redirects(location), NOWHERE, hops=1) for name, location in _NOWHERE.items()),
    *(Misdeed(n, redirects(location), Code.BLOCKED_ADDRESS, hops=1) for n, location in _REFUSED.items()),
    Misdeed("to-mail-port", redirects(b"http://127.0.0.1:25/"), Code.BLOCKED_PORT, hops=1),
    *(Misdeed(name, does, defects=defects, hops=2) for name, (does, defects) in _LED.items()),
    *(Misdeed(name, does, is_full=True) for name, does in _PAGES.items()),
)

_HTTP_ALONE, _TLS_ALONE = ("http",), ("https",)
_NO_TLS = {
    "closes-at-once": closes,
    "half-closes-at-once": half_closes,
    "resets-for-handshake": once_spoken_to(resets),
    "plain-on-tls-port": says_and_holds(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "ssh-on-tls-port": says_and_holds(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "alert-then-end": says_and_ends(b"\x15\x03\x03\x00\x02\x02\x28"),
    "unknown-alert": says_and_ends(b"\x15\x03\x03\x00\x02\x02\xff"),
    "flood-of-zeros": floods(b"\0"),
    "flood-of-warnings": floods(b"\x15\x03\x03\x00\x02\x01\x5a"),
    "flood-of-hello-requests": floods(HELLO_REQUEST),
    "flood-behind-hello": floods(HELLO_REQUEST, server_hello()),
    "garbage-for-certificate": says_and_holds(hello_with_garbage()),
    "ends-in-handshake": says_and_ends(server_hello()[:20]),
    "ends-behind-hello": says_and_ends(server_hello()),
    "resets-behind-hello": once_spoken_to(says_and_resets(server_hello())),
    "huge-message": floods(b"x" * 65_536, b"\x16\x03\x03\x40\x00\x02\xff\xff\xff"),
}
_STALLS = {
    "silent-for-handshake": holds,
    "silent-behind-hello": says_and_holds(server_hello()),
    "drips-handshake": drips(server_hello()[:60]),
}
AT_CONNECTION: Final = (
    *(Misdeed(n, does, Code.TLS_FAILED, hops=0, schemes=_TLS_ALONE) for n, does in _NO_TLS.items()),
    *(Misdeed(n, does, Code.TLS_TIMEOUT, hops=0, schemes=_TLS_ALONE) for n, does in _STALLS.items()),
    Misdeed("ends-before-request", half_closes, CLOSED, schemes=_HTTP_ALONE),
    Misdeed("speaks-first", says_and_holds(b"220 mail.test ESMTP\r\n"), MALFORMED, schemes=_HTTP_ALONE),
    Misdeed("answers-first", says_and_holds(OK + b"\r\n"), schemes=_HTTP_ALONE),
)


def _by_hand(name: str, say: Says, code: Code | None) -> tuple[Misdeed, Says]:
    return Misdeed(name, holds, code, schemes=_TLS_ALONE), say


_ANSWER = (DATA, OK + b"\r\n")
AFTER_HANDSHAKE: Final = (
    _by_hand("key-update-flood", updates_keys_for_ever, Code.TLS_FAILED),
    _by_hand("ticket-flood", sends_tickets_for_ever, Code.TLS_FAILED),
    _by_hand("empty-record-flood", sends_empty_records_for_ever, Code.TLS_FAILED),
    _by_hand("silent-behind-handshake", seals(), TIMEOUT),
    _by_hand("close-notify-alone", seals((ALERT, CLOSE_NOTIFY)), CLOSED),
    _by_hand("close-notify-in-head", seals((DATA, OK), (ALERT, CLOSE_NOTIFY)), CLOSED),
    _by_hand("answer-behind-close-notify", seals((ALERT, CLOSE_NOTIFY), _ANSWER), CLOSED),
    _by_hand("fatal-alert", seals((ALERT, b"\x02\x28")), Code.TLS_FAILED),
    _by_hand("unknown-message", seals((HANDSHAKE, b"\xfe\0\0\0")), Code.TLS_FAILED),
    _by_hand("record-of-no-kind", seals((99, b"x")), Code.TLS_FAILED),
    _by_hand("forged-record", seals(then=b"\x17\x03\x03\x00\x20" + bytes(32)), Code.TLS_FAILED),
    _by_hand("oversized-record", seals(then=b"\x17\x03\x03\xff\xff" + bytes(70_000)), Code.TLS_FAILED),
    _by_hand("plain-behind-handshake", seals(then=OK + b"\r\n"), Code.TLS_FAILED),
    _by_hand("data-behind-answer", seals(_ANSWER, (DATA, b"more"), (ALERT, CLOSE_NOTIFY)), None),
    _by_hand("garbage-behind-answer", seals(_ANSWER, then=bytes(64)), None),
)


def _of_server(name: str, code: Code | None) -> Misdeed:
    return Misdeed(name, holds, code, schemes=_TLS_ALONE)


TLS: Final = (
    _of_server("tls-expired", Code.TLS_CERTIFICATE),
    _of_server("tls-not-yet-valid", Code.TLS_CERTIFICATE),
    _of_server("tls-self-signed", Code.TLS_CERTIFICATE),
    _of_server("tls-other-host", Code.TLS_CERTIFICATE),
    _of_server("tls-unknown-authority", Code.TLS_CERTIFICATE),
    _of_server("tls-weak-version", Code.TLS_FAILED),
    _of_server("tls-no-common-cipher", Code.TLS_FAILED),
    _of_server("tls-long-chain", None),
    _of_server("tls-huge-chain", Code.TLS_FAILED),
)
ALL: Final = (*HTTP, *AT_CONNECTION, *(row for row, _ in AFTER_HANDSHAKE), *TLS)
