"""Bearer tokens (RFC 6750): which there are, and whether a request carries one of them.

Only hashes are kept, and every one is compared in constant time, so that timing tells nothing. A token
cannot be looked up or printed from here.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from service.api.problems import Problem
from service.errors import UsageError
from service.settings import Settings

PROTECTED: Final = ("/v1",)  # and all below
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750 section 2.1, b64token


@dataclass(frozen=True, slots=True)
class Tokens:
    """SHA-256 of each token; none means that nobody is asked for one."""

    hashes: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def accept(self, token: str) -> bool:
        given = _hash(token)
        # No early end: how long it takes says nothing of which token nearly fitted.
        return sum([hmac.compare_digest(given, known) for known in self.hashes]) > 0


def load_tokens(settings: Settings) -> Tokens:
    """From the settings and the file they name. Raises UsageError with every fault; none shows a token."""
    places = [
        (f"token: number {number}", token.get_secret_value())
        for number, token in enumerate(settings.token, 1)
    ]
    faults = []
    if settings.token_file is not None:
        lines = _read_lines(settings.token_file)
        if not lines:
            # Whoever names a file means to ask for tokens: an empty one must not open the door.
            faults.append(f"token_file: {settings.token_file}: expected a token a line, got none")
        places += lines
    faults += [
        f"{place}: expected a bearer token (letters, digits and -._~+/ with = at the end)"
        for place, token in places
        if not _TOKEN.fullmatch(token)
    ]
    if faults:
        raise UsageError(*faults)
    return Tokens(tuple(_hash(token) for _, token in places))


def authorize(request: web.Request, tokens: Tokens) -> None:
    """Raise a 401 Problem where the request needs a token and carries none that is known."""
    if not tokens or not is_protected(request):
        return
    given = request.headers.getall("Authorization", [])
    if not given:
        raise _unauthorized("expected a bearer token in Authorization, got none", "Bearer")
    scheme, _, token = given[0].partition(" ")
    if len(given) != 1 or scheme.lower() != "bearer":
        raise _unauthorized("expected one Authorization: Bearer with a token", "Bearer")
    if not tokens.accept(token.strip(" ")):
        raise _unauthorized("the bearer token is not known here", 'Bearer error="invalid_token"')


def is_protected(request: web.Request) -> bool:
    """By the path asked for and by the route it led to: neither spelling may lead round the other."""
    resource = request.match_info.route.resource
    paths = (request.path, resource.canonical if resource is not None else "")
    return any(path == root or path.startswith(f"{root}/") for path in paths for root in PROTECTED)


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": challenge})


def _read_lines(path: Path) -> list[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"token_file: {path}: cannot be read: {error}") from error
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [(f"token_file: {path}, line {number}", line) for number, line in lines if line and line[0] != "#"]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
