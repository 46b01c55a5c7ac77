"""The fleet's sites: what each answers, byte for byte. `{http}` and `{https}` stand for the ports."""

from dataclasses import dataclass
from typing import Final

from service.demo.names import DOMAIN

SLOW_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """`head` is all that is sent, `delay_s` seconds after the request; None is a site that never answers.
    `for_head` is the answer to HEAD, where that is another."""

    head: bytes | None
    delay_s: float = 0.0
    for_head: bytes | None = None


def _page(*fields: str, status: str = "200 OK") -> bytes:
    lines = (f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", *fields, "Content-Length: 0")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def _redirect(location: str, status: str = "301 Moved Permanently") -> bytes:
    return _page(f"Location: {location}", status=status)


_GOOD: Final = _page(
    "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload",
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options: nosniff",
    "X-Frame-Options: DENY",
    "Referrer-Policy: strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy: same-origin",
    "Cross-Origin-Resource-Policy: same-origin",
    "Set-Cookie: __Host-session=d5a1; Path=/; Secure; HttpOnly; SameSite=Lax",
)
_MIDDLING: Final = _page(
    "Server: nginx",
    "Strict-Transport-Security: max-age=300",
    "Content-Security-Policy: default-src 'self' 'unsafe-inline'",
    "X-Frame-Options: SAMEORIGIN",
    "Set-Cookie: session=d5a1; Path=/; HttpOnly",
)
_POOR: Final = _page(
    "Server: Apache/2.4.29 (Ubuntu) OpenSSL/1.1.1",
    "X-Powered-By: PHP/7.2.24",
    "Access-Control-Allow-Origin: *",
    "Access-Control-Allow-Credentials: true",
    "Set-Cookie: PHPSESSID=d5a1; path=/",
)

SITES: Final = {
    "good": Site(_GOOD),
    "middling": Site(_MIDDLING),
    "poor": Site(_POOR),
    "entry": Site(_redirect(f"https://good.{DOMAIN}:{{https}}/")),
    "moved": Site(_redirect(f"http://entry.{DOMAIN}:{{http}}/", "308 Permanent Redirect")),
    "loop": Site(_redirect("/again", "302 Found")),
    "lost": Site(_redirect("gopher://elsewhere/", "302 Found")),
    "old": Site(_MIDDLING, for_head=_page("Allow: GET", status="405 Method Not Allowed")),
    "broken": Site(_page("Server: gunicorn/19.9.0", status="500 Internal Server Error")),
    "odd": Site(
        b"HTTP/1.1 200 OK\nServer : first\nX-Folded: one\n  two\n"
        b"set-cookie: a=1\nSET-COOKIE: b=2\nno colon\n\n"
    ),
    "slow": Site(_MIDDLING, delay_s=SLOW_S),
    "self-signed": Site(_POOR),  # reached with --insecure alone
    "silent": Site(None),
    "hangup": Site(b""),
    "garbled": Site(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
}
NOT_HTTP: Final = Site(_page(status="400 Bad Request"))
