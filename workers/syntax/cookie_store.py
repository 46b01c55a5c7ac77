"""What becomes of a parsed cookie (RFC 6265bis sections 5.7 and 5.8): stored or refused, and sent back when.

Owns the rules, as values: no clock, no list of public suffixes and no notion of a trusted host of its own,
all of which are given. Requests are taken for same-site ones. Nothing is evicted but what has expired.
"""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from workers.syntax.cookies import Cookie, Refusal, parse_set_cookie

IsPublicSuffix = Callable[[str], bool]
_DEFAULT = "default"
_ENFORCED = frozenset({"strict", "lax", "none"})
_SECURE, _HOST = "__secure-", "__host-"


class Request(Struct, frozen=True):
    """The request that a cookie is received from or sent with.

    `host` is canonical (lower case, A-labels); `path` is as sent, without query; `is_secure` tells whether
    the user agent trusts the connection, https or not; `is_address` whether the host is no name.
    """

    host: str
    path: str
    is_secure: bool
    is_address: bool = False


class Stored(Struct, frozen=True):
    """A cookie as the store has it. `expiry` is None where it ends with the session."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    expiry: datetime | None
    secure: bool
    http_only: bool
    same_site: str

    @property
    def identity(self) -> tuple[str, str, bool, str]:
        """What two cookies have in common when one takes the other's place (section 5.7 step 23)."""
        return self.name, self.domain, self.host_only, self.path


def store(
    cookie: Cookie, request: Request, now: datetime, is_public_suffix: IsPublicSuffix
) -> Stored | Refusal:
    """Section 5.7 but for what depends on other cookies: the cookie as stored, or why it is refused."""
    domain = cookie.domain
    if not domain.isascii():
        return Refusal.DOMAIN_NOT_ASCII
    # A domain that the host is not in is refused either way: the list is asked only where it decides.
    if domain and not domain_matches(request.host, domain, is_address=request.is_address):
        return Refusal.FOREIGN_DOMAIN
    if domain and not request.is_address and is_public_suffix(domain):
        if domain != request.host:
            return Refusal.PUBLIC_SUFFIX
        domain = ""
    if cookie.secure and not request.is_secure:
        return Refusal.SECURE_OVER_HTTP
    same_site = cookie.same_site or _DEFAULT
    stored = Stored(
        name=cookie.name,
        value=cookie.value,
        domain=domain or request.host,
        host_only=not domain,
        path=cookie.path or default_path(request.path),
        expiry=cookie.expiry(now),
        secure=cookie.secure,
        http_only=cookie.http_only,
        same_site=same_site if same_site in _ENFORCED else _DEFAULT,
    )
    if stored.same_site == "none" and not stored.secure:
        return Refusal.NONE_WITHOUT_SECURE
    return _broken_prefix(cookie, stored) or stored


def _broken_prefix(cookie: Cookie, stored: Stored) -> Refusal | None:
    """Section 5.7 steps 20 to 22: prefixes count in any case, and may not be passed off as values."""
    name = cookie.name[: len(_SECURE)].lower()
    if name.startswith(_SECURE) and not stored.secure:
        return Refusal.SECURE_PREFIX
    if name.startswith(_HOST):
        has_path = cookie.last("path") is not None and stored.path == "/"
        if not (stored.secure and stored.host_only and has_path):
            return Refusal.HOST_PREFIX
    if not name and cookie.value[: len(_SECURE)].lower().startswith((_SECURE, _HOST)):
        return Refusal.NAMELESS_PREFIX
    return None


class Jar:
    """The cookies that one browser has, in the order in which they were first set."""

    def __init__(self, is_public_suffix: IsPublicSuffix) -> None:
        self._is_public_suffix = is_public_suffix
        self._cookies: dict[tuple[str, str, bool, str], Stored] = {}

    def receive(self, text: str, request: Request, now: datetime) -> Stored | Refusal:
        """What becomes of one Set-Cookie line; one that is stored as expired deletes its like."""
        cookie = parse_set_cookie(text)
        if isinstance(cookie, Refusal):
            return cookie
        stored = store(cookie, request, now, self._is_public_suffix)
        if isinstance(stored, Refusal):
            return stored
        if not stored.secure and not request.is_secure and self._overlays(stored):
            return Refusal.OVERLAYS_SECURE
        self._cookies[stored.identity] = stored  # a cookie that is replaced keeps its place: step 23.3
        if cookie.expired(now):
            del self._cookies[stored.identity]
        return stored

    def _overlays(self, new: Stored) -> bool:
        """Section 5.7 step 16: whether a Secure cookie of the name would be hidden by one that is not."""
        return any(
            old.secure
            and old.name == new.name
            and (domain_matches(old.domain, new.domain) or domain_matches(new.domain, old.domain))
            and path_matches(new.path, old.path)
            for old in self._cookies.values()
        )

    def cookie_string(self, request: Request, now: datetime) -> str:
        """Section 5.8.3: what the browser sends in Cookie, "" where it sends nothing."""
        sent = [cookie for cookie in self._cookies.values() if _is_sent(cookie, request, now)]
        sent.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(serialized(cookie) for cookie in sent)


def _is_sent(cookie: Stored, request: Request, now: datetime) -> bool:
    if cookie.host_only:
        is_for_host = request.host == cookie.domain
    else:
        is_for_host = domain_matches(request.host, cookie.domain, is_address=request.is_address)
    return (
        is_for_host
        and path_matches(request.path, cookie.path)
        and (request.is_secure or not cookie.secure)
        and (cookie.expiry is None or cookie.expiry > now)
    )


def serialized(cookie: Stored) -> str:
    """Section 5.8.3 step 6: the cookie as it is sent back."""
    return f"{cookie.name}={cookie.value}" if cookie.name else cookie.value


def domain_matches(host: str, domain: str, *, is_address: bool = False) -> bool:
    """Section 5.1.3: the host is the domain, or a name under it (an address is under nothing)."""
    return host == domain or (not is_address and host.endswith(f".{domain}"))


def default_path(path: str) -> str:
    """Section 5.1.4: the directory that the path is in."""
    if not path.startswith("/"):
        return "/"
    return path[: path.rfind("/")] or "/"


def path_matches(path: str, cookie_path: str) -> bool:
    """Section 5.1.4: the path is the cookie's, or below it."""
    if not path.startswith(cookie_path):
        return False
    return len(path) == len(cookie_path) or cookie_path.endswith("/") or path[len(cookie_path)] == "/"
