"""The one tree of expected failures: stable codes, each with the stage that it belongs to.

Foreign errors (of sockets, TLS, DNS) are translated once, where they are caught; above that edge only
`FetchFailed` travels, and `flow` turns it into the record's `error`.
"""

from enum import StrEnum
from typing import Final

from workers.model import Exchange, Failure, Stage


class Code(StrEnum):
    """Every code that a record's error can carry. The set is closed: dashboards and scripts rely on it."""

    INVALID_URL = "invalid_url"
    UNSUPPORTED_SCHEME = "unsupported_scheme"
    BLOCKED_ADDRESS = "blocked_address"
    BLOCKED_PORT = "blocked_port"
    DNS_NOT_FOUND = "dns_not_found"
    DNS_FAILED = "dns_failed"
    DNS_TIMEOUT = "dns_timeout"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_UNREACHABLE = "connect_unreachable"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS_FAILED = "tls_failed"
    TLS_CERTIFICATE = "tls_certificate"
    TLS_TIMEOUT = "tls_timeout"
    RESPONSE_TIMEOUT = "response_timeout"
    RESPONSE_MALFORMED = "response_malformed"
    RESPONSE_TOO_LARGE = "response_too_large"
    CONNECTION_RESET = "connection_reset"
    CONNECTION_CLOSED = "connection_closed"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    REDIRECT_INVALID = "redirect_invalid"
    ANALYSIS_FAILED = "analysis_failed"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


STAGE_OF: dict[Code, Stage] = {
    Code.INVALID_URL: "input",
    Code.UNSUPPORTED_SCHEME: "input",
    Code.BLOCKED_ADDRESS: "policy",
    Code.BLOCKED_PORT: "policy",
    Code.DNS_NOT_FOUND: "resolve",
    Code.DNS_FAILED: "resolve",
    Code.DNS_TIMEOUT: "resolve",
    Code.CONNECT_REFUSED: "connect",
    Code.CONNECT_UNREACHABLE: "connect",
    Code.CONNECT_TIMEOUT: "connect",
    Code.TLS_FAILED: "tls",
    Code.TLS_CERTIFICATE: "tls",
    Code.TLS_TIMEOUT: "tls",
    Code.RESPONSE_TIMEOUT: "exchange",
    Code.RESPONSE_MALFORMED: "exchange",
    Code.RESPONSE_TOO_LARGE: "exchange",
    Code.CONNECTION_RESET: "exchange",
    Code.CONNECTION_CLOSED: "exchange",
    Code.TOO_MANY_REDIRECTS: "redirect",
    Code.REDIRECT_INVALID: "redirect",
    Code.ANALYSIS_FAILED: "analyse",
}


class FetchFailed(Exception):  # noqa: N818 - an expected outcome of a fetch, not a programming error
    """A URL's inspection ended without a response. `failure` is what its record will say, and `unanswered`,
    if anything, the request that failed on a connection that stood."""

    unanswered: Exchange | None = None

    def __init__(self, code: Code, message: str, *, stage: Stage | None = None) -> None:
        """`stage` must be given for the codes that can come at any stage, and only for those."""
        super().__init__(message)
        self.code = code
        self.failure = Failure(code=code.value, stage=stage or STAGE_OF[code], message=message)


def cancelled(stage: Stage) -> Failure:
    """What the record of a URL says that was not finished."""
    return Failure(Code.CANCELLED.value, stage, "stopped before this URL was finished")


def reason_of(error: OSError | UnicodeDecodeError) -> str:
    """Why a file could not be used, in words: without the error's number, the path, which whoever tells it
    has named, or the line of OpenSSL's or Python's source that found it out."""
    if isinstance(error, UnicodeDecodeError):
        return f"expected UTF-8, got {error.object[error.start : error.start + 1]!r} at byte {error.start}"
    of_openssl = getattr(error, "reason", None)  # an SSLError's; to import ssl for it would be dear
    return of_openssl.replace("_", " ").lower() if of_openssl else error.strerror or str(error)


class UsageError(Exception):
    """The command was used wrongly, or its input cannot be read: exit status 2, with one line a fault."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class NoWorkers(Exception):  # noqa: N818 - a state of this machine
    """No process could be started that judges, or, with `--loops`, that fetches: exit status 5."""


class OutputError(Exception):
    """The output could not be written: exit status 4."""

    def __init__(self, name: str, error: OSError | str, note: str = "") -> None:
        reason = error if isinstance(error, str) else error.strerror or str(error)
        super().__init__(f"{name}: the output cannot be written: {reason}{note}")
        # Whoever reads has seen enough, as `head` has: that is no news to anybody.
        self.is_broken_pipe: Final = isinstance(error, BrokenPipeError)
