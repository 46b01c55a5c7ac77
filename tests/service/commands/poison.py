"""A response whose every part tries to act on whoever is shown it, and a list that does."""

from typing import Final

TERMINAL: Final = "\x1b]0;owned\x07\x9b31m"
FORMULA: Final = "=cmd|' /C calc'!A0"
HTML: Final = "<script>alert(1)</script><img src=x onerror=alert(1)>"
MARKDOWN: Final = "[x](javascript:alert(1)) ![x](https://evil.test/) `` ``` **b** @everyone #1 | a | b |"
XML: Final = "]]> <!-- <![CDATA[ &amp; &#0; \x00\x0b\x0c\ufffe'\""
PLACEHOLDER: Final = "{0} {url}"

PARTS: Final = (TERMINAL, FORMULA, HTML, MARKDOWN, XML, PLACEHOLDER)

# Each part is where a finding quotes it: an unknown policy, a version, a cookie's name, an unknown directive.
_VALUES: Final = [part.encode("latin-1", "replace") for part in PARTS]
HEAD: Final = b"\r\n".join(
    [
        b"HTTP/1.1 200 OK " + b" ".join(_VALUES),
        b"Content-Type: text/html",
        *(b"Referrer-Policy: " + value for value in _VALUES),
        *(b"Server: " + value + b"/1.2.3" for value in _VALUES),
        *(b"Set-Cookie: session" + value + b"=1; Path=/; " + value for value in _VALUES),
        *(b"Content-Security-Policy: script-src " + value + b"; " + value for value in _VALUES),
        *(b"X-Frame-Options: " + value for value in _VALUES),
        b"X-Folded: one\r\n two",
        b"",
        b"",
    ]
)
LINES: Final = tuple(part.replace("\x0b", "").replace("\x0c", "") for part in PARTS)
