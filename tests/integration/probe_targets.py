"""The targets that masthead and blackbox_exporter are both asked for, and the modules that both read.

The modules' file is one: what it says must mean the same to either program.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.integration.authority import Authority
from tests.integration.conftest import server_context
from tests.integration.ports import free_port
from tests.service.inspection.servers import serve

MODULES = """\
modules:
  http_2xx:
    prober: http
    timeout: 5s
    http: &base
      preferred_ip_protocol: ip4
      tls_config: &tls {{ca_file: {roots}}}
  hasty: {{prober: http, timeout: 1s, http: *base}}
  default_family: {{prober: http, http: {{tls_config: *tls}}}}
  head: {{prober: http, http: {{<<: *base, method: HEAD}}}}
  stay: {{prober: http, http: {{<<: *base, follow_redirects: false, valid_status_codes: [301, 302]}}}}
  missing_is_fine: {{prober: http, http: {{<<: *base, valid_status_codes: [200, 404]}}}}
  one_one: {{prober: http, http: {{<<: *base, valid_http_versions: ["HTTP/1.1", "HTTP/2.0"]}}}}
  plain: {{prober: http, http: {{<<: *base, fail_if_ssl: true}}}}
  secure: {{prober: http, http: {{<<: *base, fail_if_not_ssl: true}}}}
  no_version:
    prober: http
    http: {{<<: *base, fail_if_header_matches: [{{header: server, regexp: "\\\\d", allow_missing: true}}]}}
  says_b:
    prober: http
    http: {{<<: *base, fail_if_header_not_matches: [{{header: X-Many, regexp: "^b$"}}]}}
  latin:
    prober: http
    http: {{<<: *base, fail_if_header_not_matches: [{{header: X-Latin, regexp: "^caf.$"}}]}}
  some_x:
    prober: http
    http: {{<<: *base, fail_if_header_matches: [{{header: X-Other, regexp: "."}}]}}
  trusting: {{prober: http, http: {{<<: *base, tls_config: {{insecure_skip_verify: true}}}}}}
  known_as_one: {{prober: http, http: {{<<: *base, tls_config: {{<<: *tls, server_name: one.test}}}}}}
  modern: {{prober: http, http: {{<<: *base, tls_config: {{<<: *tls, min_version: TLS13}}}}}}
  called: {{prober: http, http: {{<<: *base, headers: {{Host: one.test}}}}}}
  basic: {{prober: http, http: {{<<: *base, basic_auth: {{username: a, password: "b:c"}}}}}}
  bearer: {{prober: http, http: {{<<: *base, authorization: {{credentials_file: {token}}}}}}}
  with_headers: {{prober: http, http: {{<<: *base, headers: {{X-Key: no, Accept: text/html}}}}}}
"""

OK = b"HTTP/1.1 200 OK\r\n"
SITE: dict[str, bytes] = {
    "/": OK + b"Content-Type: text/html\r\nContent-Length: 5\r\n\r\nhello",
    "/chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    "/until-the-end": OK + b"\r\nsome content",
    "/old": b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold",
    "/nothing": b"HTTP/1.1 204 No Content\r\n\r\n",
    "/unmodified": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
    "/missing": b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
    "/broken": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
    "/moved": b"HTTP/1.1 301 Moved Permanently\r\nLocation: /\r\nContent-Length: 3\r\n\r\nhop",
    "/twice": b"HTTP/1.1 307 Temporary Redirect\r\nLocation: moved\r\nContent-Length: 0\r\n\r\n",
    "/round": b"HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n",
    "/nowhere": b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
    "/choices": b"HTTP/1.1 300 Multiple Choices\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    "/cut": OK + b"Content-Length: 50\r\n\r\nnot fifty",
    "/cut-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n50\r\nnot fifty",
    "/bad-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nZZ\r\nde\r\n0\r\n\r\n",
    "/negative-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "/joined-chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc2\r\nde\r\n0\r\n\r\n",
    "/dated": OK + b"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n",
    "/badly-dated": OK + b"Last-Modified: yesterday\r\nContent-Length: 0\r\n\r\n",
    "/many": OK + b"X-Many: a\r\nX-Many: b\r\nServer: nginx/1.2\r\nContent-Length: 0\r\n\r\n",
    "/latin": OK + b"X-Latin: caf\xe9\r\nContent-Length: 0\r\n\r\n",
    "/early": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n",
    "/nonsense": b"this is not HTTP\r\n\r\n",
    "/closes": b"",
    "/two-lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    "/length-twice": OK + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "/no-length": OK + b"Content-Length: some\r\n\r\nabc",
    "/no-colon": OK + b"What is this\r\nContent-Length: 0\r\n\r\n",
    "/spaced-name": OK + b"X-Spaced : 1\r\nContent-Length: 0\r\n\r\n",
    "/odd-name": OK + b"X-Odd(name): 1\r\nContent-Length: 0\r\n\r\n",
    "/nameless": OK + b": 1\r\nContent-Length: 0\r\n\r\n",
    "/long-line": OK + b"Set-Cookie: a=" + b"x" * 70_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "/many-lines": OK + b"X-Line: 1\r\n" * 1_100 + b"Content-Length: 0\r\n\r\n",
}

DEMANDS = {
    "/host": b"\r\nHost: one.test\r\n",
    "/basic": b"\r\nAuthorization: Basic YTpiOmM=\r\n",
    "/bearer": b"\r\nAuthorization: Bearer secret\r\n",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to both: the target, and the module."""

    name: str
    target: str
    module: str = "http_2xx"
    hostname: str = ""


@asynccontextmanager
async def serve_targets(authority: Authority) -> AsyncIterator[list[Probe]]:
    """The servers, and all that is asked of them."""
    stack = AsyncExitStack()
    async with stack:
        port = await stack.enter_async_context(serve(_answer))
        six = await stack.enter_async_context(serve(_answer, "::1", port=port))
        assert six == port
        good = authority.issue("one.test", "127.0.0.1", "localhost")
        secure = {
            "good": server_context(good.certificate, good.key),
            "old": server_context(good.certificate, good.key),
            "expired": _context(authority, "127.0.0.1", starts_in=-timedelta(9), ends_in=-timedelta(1)),
            "other": _context(authority, "other.test"),
            "self": _context(authority, "127.0.0.1", self_signed=True),
        }
        secure["old"].maximum_version = ssl.TLSVersion.TLSv1_2
        tls = {
            name: await stack.enter_async_context(serve(_answer, tls=context))
            for name, context in secure.items()
        }
        site, closed = f"http://127.0.0.1:{port}", free_port()
        https = {name: f"https://127.0.0.1:{number}" for name, number in tls.items()}
        yield [
            *(Probe(path.strip("/") or "root", f"{site}{path}") for path in SITE),
            Probe("bare", f"127.0.0.1:{port}"),
            Probe("capital", f"HTTP://127.0.0.1:{port}/"),
            Probe("family", f"localhost:{port}", "default_family"),
            Probe("six", f"http://[::1]:{port}/", "default_family"),
            Probe("elsewhere", f"{site}/to?http://localhost:{port}/"),
            Probe("refused", f"http://127.0.0.1:{closed}/"),
            Probe("to-refused", f"{site}/to?http://127.0.0.1:{closed}/"),
            Probe("silent", f"{site}/silent", "hasty"),
            Probe("slow-content", f"{site}/slow-content", "hasty"),
            Probe("resets", f"{site}/resets"),
            Probe("no-url", "http://[::1/"),
            Probe("head", f"{site}/", "head"),
            Probe("head-moved", f"{site}/moved", "head"),
            Probe("stays", f"{site}/moved", "stay"),
            Probe("stays-200", f"{site}/", "stay"),
            Probe("missing-fine", f"{site}/missing", "missing_is_fine"),
            Probe("old-version", f"{site}/old", "one_one"),
            Probe("plain-plain", f"{site}/", "plain"),
            Probe("plain-secure", f"{https['good']}/", "plain"),
            Probe("secure-plain", f"{site}/", "secure"),
            Probe("matches", f"{site}/many", "no_version"),
            Probe("matches-not", f"{site}/", "no_version"),
            Probe("second-line", f"{site}/many", "says_b"),
            Probe("no-line", f"{site}/", "says_b"),
            Probe("latin-1", f"{site}/latin", "latin"),
            Probe("header-missing", f"{site}/", "some_x"),
            Probe("status-before-regexp", f"{site}/missing", "some_x"),
            Probe("sends", f"{site}/key", "with_headers"),
            Probe("tls", f"{https['good']}/"),
            Probe("tls-moved", f"{https['good']}/moved", "secure"),
            Probe("to-tls", f"{site}/to?{https['good']}/"),
            Probe("from-tls", f"{https['good']}/to?{site}/"),
            Probe("from-tls-to-refused", f"{https['good']}/to?http://127.0.0.1:{closed}/"),
            Probe("tls-1-2", f"{https['old']}/"),
            Probe("tls-too-old", f"{https['old']}/", "modern"),
            Probe("tls-expired", f"{https['expired']}/"),
            Probe("tls-other-name", f"{https['other']}/"),
            Probe("tls-self-signed", f"{https['self']}/"),
            Probe("tls-skipped", f"{https['self']}/", "trusting"),
            Probe("tls-known-as-one", f"{https['good']}/", "known_as_one"),
            Probe("called", f"{https['good']}/host", "called"),
            Probe("called-by-request", f"{https['good']}/host", hostname="one.test"),
            Probe("called-otherwise", f"{site}/host", hostname="other.test"),
            Probe("signed-in", f"{site}/basic", "basic"),
            Probe("bears-a-token", f"{site}/bearer", "bearer"),
            Probe("not-signed-in", f"{site}/bearer"),
            Probe("to-expired", f"{site}/to?{https['expired']}/"),
            Probe("http-to-tls", f"http://127.0.0.1:{tls['good']}/"),
            Probe("tls-to-http", f"https://127.0.0.1:{port}/"),
        ]


def _context(authority: Authority, name: str, **how: object) -> ssl.SSLContext:
    issued = authority.issue(name, **how)  # type: ignore[arg-type]
    return server_context(issued.certificate, issued.key)


def write_modules(folder: Path, roots: Path) -> Path:
    file, token = folder / "modules.yml", folder / "token"
    token.write_text("secret\n")
    file.write_text(MODULES.format(roots=roots, token=token))
    return file


async def _answer(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    path = head.split(b" ")[1].decode("latin-1")
    if path == "/silent":
        await reader.read()
    elif path == "/resets":
        writer.write(b"HTTP/1.1 2")
        await writer.drain()
        writer.transport.abort()
    elif path == "/slow-content":
        writer.write(OK + b"Content-Length: 9\r\n\r\nslow")
        await writer.drain()
        await reader.read()
    elif path.startswith("/to?"):
        location = path.removeprefix("/to?").encode()
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location)
    elif path in DEMANDS:
        writer.write(SITE["/" if DEMANDS[path] in head else "/broken"])
    elif path == "/key":
        is_sent = b"x-key: no\r\n" in head.lower() and b"accept: text/html\r\n" in head.lower()
        writer.write(SITE["/" if is_sent else "/broken"])
    else:
        answer = SITE[path]
        writer.write(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if head.startswith(b"HEAD") else answer)
    await writer.drain()
