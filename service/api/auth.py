"""Bearer tokens (RFC 6750): which there are, whose they are, and whether a request carries one of them.

A token is written `name:token`, or alone; no token has a colon in it. The name is who uses it, for the log
and for the rate: two tokens of one name are one client, so that a token can be changed without a gap.
A daemon keeps only hashes, and compares every one in constant time, so that timing tells nothing: a token
cannot be looked up or printed there.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from service.api.operation import Refusal
from service.api.problems import Problem
from service.errors import UsageError, reason_of
from service.settings import Settings

# And all below: what has URLs fetched, tells what others asked, or changes what is asked for.
PROTECTED: Final = ("/v1", "/probe", "/-")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # nothing that a log would have to escape
_EXPECTED: Final = (
    "expected a bearer token (letters, digits and -._~+/ with = at the end), after a name and a colon if it"
    " has one (letters, digits and ._-, at most 64)"
)
REFUSALS: Final = (
    Refusal(401, "expected a bearer token in Authorization, got none", headers=["WWW-Authenticate"]),
    Refusal(401, "the bearer token is not known here", headers=["WWW-Authenticate"]),
)
SAFE_LENGTH: Final = 16  # characters: 16 random bytes have more, however they are written
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750 section 2.1, b64token


@dataclass(frozen=True, slots=True)
class Tokens:
    """The name and the SHA-256 of each token; none means that nobody is asked for one. `short` are the names
    of those that could be guessed."""

    named: tuple[tuple[str, bytes], ...] = ()
    short: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.named)

    def name_of(self, token: str) -> str | None:
        """Whose token it is; None where it is nobody's."""
        given = _hash(token)
        # No early end: how long it takes says nothing of which token nearly fitted.
        fitting = [name for name, known in self.named if hmac.compare_digest(given, known)]
        return fitting[0] if fitting else None


def load_tokens(settings: Settings) -> Tokens:
    """What a daemon keeps of those that it is given. Raises UsageError as `read_tokens` does."""
    tokens = read_tokens(settings)
    return Tokens(
        tuple((name, _hash(token)) for name, token in tokens),
        tuple(dict.fromkeys(name for name, token in tokens if len(token) < SAFE_LENGTH)),
    )


def read_tokens(settings: Settings) -> list[tuple[str, str]]:
    """Names and tokens, from the settings and the file they name, for who has to send one. Raises UsageError
    with every fault; none shows a token."""
    places = [
        (f"token: number {number}", f"token-{number}", token.get_secret_value())
        for number, token in enumerate(settings.token, 1)
    ]
    faults = []
    if settings.token_file is not None:
        lines = _read_lines(settings.token_file)
        if not lines:
            # Whoever names a file means to ask for tokens: an empty one must not open the door.
            faults.append(f"token_file: {settings.token_file}: expected a token a line, got none")
        places += lines
    named = []
    for place, default, text in places:
        name, colon, token = text.rpartition(":")
        if not _TOKEN.fullmatch(token) or (colon and not _NAME.fullmatch(name)):
            faults.append(f"{place}: {_EXPECTED}")
        named.append((name or default, token))
    if faults:
        raise UsageError(*faults)
    return named


def authorize(request: web.Request, tokens: Tokens) -> str | None:
    """The name of the request's token; None where none is needed.

    Raises a 401 Problem where the request needs a token and carries none that is known.
    """
    if not tokens or not is_protected(request):
        return None
    given = request.headers.getall("Authorization", [])
    if not given:
        raise _unauthorized("expected a bearer token in Authorization, got none", "Bearer")
    scheme, _, token = given[0].partition(" ")
    if len(given) != 1 or scheme.lower() != "bearer":
        raise _unauthorized("expected one Authorization: Bearer with a token", "Bearer")
    name = tokens.name_of(token.strip(" "))
    if name is None:
        raise _unauthorized("the bearer token is not known here", 'Bearer error="invalid_token"')
    return name


def is_protected(request: web.Request, roots: Sequence[str] = PROTECTED) -> bool:
    """By the path asked for and by the route it led to: neither spelling may lead round the other."""
    resource = request.match_info.route.resource
    paths = (request.path, resource.canonical if resource is not None else "")
    return any(is_under(path, roots) for path in paths)


def is_under(path: str, roots: Sequence[str]) -> bool:
    """Whether a path is one of these, or below."""
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": challenge})


def _read_lines(path: Path) -> list[tuple[str, str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"token_file: {path}: cannot be read: {reason_of(error)}") from error
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [
        (f"token_file: {path}, line {number}", f"line-{number}", line)
        for number, line in lines
        if line and line[0] != "#"
    ]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
