"""The lines and heads of a dump, by what they can be. Heads are as they were shown, with their line ends."""

import re
from typing import Final

STATUS_LINE: Final = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+\d{3}(?:[ \t][^\r\n]*)?\r?\n?\Z")
# A status line, or the URL of what comes, on the last line of a body that has no end of its own.
AT_END: Final = re.compile(rb"(?:HTTP/\d(?:\.\d)? \d{3}(?: [^\r\n]*)?\r\n|#[ \t]*https?://[^\s]+\r?\n)\Z")
URL_BEHIND_TAG: Final = re.compile(rb">\s*(https?://[^\s<>\"']+)[ \t]*\r?\n?\Z")
FIELD_LINE: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*:")

_URL_LINE: Final = re.compile(rb"(https?://[^\s]+)[ \t]*\r?\n?\Z")
_URL_COMMENT: Final = re.compile(rb"#[ \t]*(https?://[^\s]+)[ \t]*\r?\n?\Z")
_REDIRECT: Final = re.compile(rb"(?i)\AHTTP/\S+[ \t]+30[12378]\b(?s:.*)\nlocation[ \t]*:")
_INTERIM: Final = re.compile(rb"\AHTTP/\S+[ \t]+1(?!01)\d\d\b")
_CONNECTED: Final = re.compile(rb"(?i)\AHTTP/1\S+[ \t]+2\d\d[ \t]+connection established")
_WITHOUT_FIELDS: Final = re.compile(rb"\AHTTP/1\S+[ \t]+2[^\r\n]*\r?\n?\Z")
_PROXY_DEMAND: Final = re.compile(rb"\AHTTP/1\S+[ \t]+407\b")
_LENGTH: Final = re.compile(rb"(?i)\ncontent-length[ \t]*:[ \t]*(\d{1,7})[ \t]*\r?\n")


def read_asked(line: bytes) -> str | None:
    """The URL of a line `# URL`, which is asked for in what comes."""
    return _url(_URL_COMMENT.match(line))


def read_effective(line: bytes) -> str | None:
    """The URL that stands alone on a line, as `-w '%{url_effective}\\n'` prints it."""
    return _url(_URL_LINE.match(line))


def is_name(line: bytes) -> bool:
    """Whether there is nothing on the line but perhaps a URL."""
    return not line.strip() or _URL_COMMENT.match(line) is not None or _URL_LINE.match(line) is not None


def is_behind_body(line: bytes) -> bool:
    """Whether the line can be the first that is not of a body any more."""
    return STATUS_LINE.match(line) is not None or is_name(line)


def is_redirect(head: bytes | bytearray) -> bool:
    """Whether curl may have gone on from it to another URL."""
    return _REDIRECT.match(head) is not None


def comes_before(head: bytes | bytearray, status_line: bytes) -> bool:
    """Whether the head is not the site's, or not its last word, where one that begins with the status line
    stands directly behind it: an interim response, or a proxy's answer to CONNECT.

    RFC 9110 sections 15.2 and 9.3.6. A proxy may say something else than "connection established":
    without any field, that is told from a site's answer by the later version of what comes by the tunnel.
    """
    if _INTERIM.match(head) or _CONNECTED.match(head):
        return True
    if _PROXY_DEMAND.match(head):
        return _CONNECTED.match(status_line) is not None
    return _WITHOUT_FIELDS.match(head) is not None and not status_line.startswith(b"HTTP/1")


def read_length(head: bytes | bytearray) -> int:
    """Its Content-Length; 0 without one, or one of more than seven digits."""
    length = _LENGTH.search(head)
    return int(length[1]) if length else 0


def _url(match: re.Match[bytes] | None) -> str | None:
    return match[1].decode("utf-8", "replace") if match else None
