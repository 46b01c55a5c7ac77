"""What is answered to a request that aiohttp's parser gave up.

Owns the status and the words, which must be true of all that the parser gives the same name to. Nothing of
what was sent is shown.
"""

from typing import Final

from aiohttp.http_exceptions import BadHttpMethod, LineTooLong

from service.api.operation import Refusal
from service.api.problems import Problem

# Two figures, by which the parser's error tells which of them it was.
TARGET_LIMIT: Final = 8_000  # bytes of a request's target: what RFC 9112 section 3 wants taken at the least
FIELD_LIMIT: Final = 8_190  # bytes of a field's name, and of its value: Apache's of a line
FIELDS_LIMIT: Final = 64  # a browser behind a proxy sends some 30

_NO_HTTP: Final = (
    f"the request is not HTTP/1.1 as RFC 9112 has it, or has more than {FIELDS_LIMIT} header fields"
)
_NO_METHOD: Final = "expected a request line that begins with a method known here, such as GET or POST"
_LONG_TARGET: Final = f"expected a request's target of at most {TARGET_LIMIT} bytes"
_LONG_FIELD: Final = f"expected header fields whose name and value have at most {FIELD_LIMIT} bytes each"
REFUSALS: Final = (
    Refusal(400, _NO_HTTP),
    Refusal(400, _NO_METHOD),
    Refusal(414, _LONG_TARGET, headers=["Connection"]),
    Refusal(431, _LONG_FIELD, headers=["Connection"]),
)


def problem_of(error: BaseException | None) -> Problem:
    """What the parser's error comes to."""
    match error:
        case BadHttpMethod():
            return Problem(400, _NO_METHOD)
        case LineTooLong(args=(_, limit, *_)):
            return Problem(414, _LONG_TARGET) if limit == TARGET_LIMIT else Problem(431, _LONG_FIELD)
        case _:
            return Problem(400, _NO_HTTP)
