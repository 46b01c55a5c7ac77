"""What every form of input is read into: a record that lacks its report, and the evidence to judge it by."""

import re
from typing import Final

import ada_url
import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import replace

from workers.grading.given import Given
from workers.grading.halves import HALVES_REFUSED, has_marks
from workers.model import Depth, Failure, Hop, Record, Stage
from workers.observatory import Evidence
from workers.record import join_record
from workers.syntax.scheme import has_scheme

URL_LIMIT: Final = 65_536  # characters: the most that may be set for a URL that is fetched
BODY_LIMIT: Final = 1_048_576  # characters of a page: what masthead itself would read of it
SHOWN: Final = 200  # characters of what cannot be read

Id = Raw | UnsetType

_VERSION: Final = re.compile(r"(?i)(?:h(?:ttp/)?)?(\d(?:\.\d)?)\Z")  # HTTP/1.1, h2, http/2.0, 1.1


class Unusable(ValueError):  # noqa: N818 - what was given, not what went wrong in here
    """What was given cannot be judged: `failure` is what its record says."""

    def __init__(self, code: str, stage: Stage, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(code, stage, message)


class NoHeaderSet(Unusable):
    """What was given cannot be read at all, or names no URL."""

    def __init__(self, message: str) -> None:
        super().__init__("invalid_url", "input", message)


class MalformedResponse(Unusable):
    """The URL is known; what is said of its response is not what can be said of one."""

    def __init__(self, message: str) -> None:
        super().__init__("response_malformed", "exchange", message)


class Case(Struct, frozen=True):
    """One piece, read. `record` has an error, or hops to judge by `evidence`; `id` goes back as it came.

    `at_s` is when the response came, in seconds since the epoch; None where the input does not tell.
    """

    record: Record
    evidence: Evidence | None = None
    id: Id = UNSET
    at_s: float | None = None


def reached(
    given: Given, url: str, hops: tuple[Hop, ...], *, depth: Depth = "headers", text: str | None = None
) -> Record:
    """The record of a response, yet without a report. `text` is how the input wrote `url`."""
    return join_record(replace(given, input=url if text is None else text, url=url, depth=depth), hops, None)


def unusable(given: Given, error: Unusable, text: str, url: str | None = None, given_id: Id = UNSET) -> Case:
    """The record of what cannot be judged; `text` is the URL as it was written, or what there was instead."""
    gathered = replace(given, input=shorten(text, URL_LIMIT), url=url)
    failure = replace(error.failure, message=f"{given.piece.where}: {error.failure.message}")
    return Case(join_record(gathered, (), None, failure=failure), id=given_id)


def read_url(text: object) -> str:
    """A URL as the WHATWG serialises it, without credentials and fragment; a bare host means https.

    Raises NoHeaderSet for what is no URL, and Unusable for one that is not of HTTP.
    """
    if not isinstance(text, str) or not text.strip():
        raise NoHeaderSet(f"expected a URL as `url`, got {'nothing' if not text else repr(text)[:SHOWN]}")
    if len(text) > URL_LIMIT:
        raise NoHeaderSet(f"expected a URL of at most {URL_LIMIT} characters, got {len(text)}")
    stripped = text.strip()
    try:
        url = ada_url.URL(stripped if has_scheme(stripped) else f"https://{stripped}")
    except ValueError:
        raise NoHeaderSet(f"{shorten(text)!r} is no URL by the WHATWG rules") from None
    if url.protocol not in ("http:", "https:"):
        message = f"expected http or https, got {url.protocol[:-1]!r} in {shorten(text)!r}"
        raise Unusable("unsupported_scheme", "input", message)
    url.username = url.password = url.hash = ""
    return str(url.href)


def read_version(text: str | None) -> str:
    """The version of HTTP as records have it ("1.1", "2"); empty where none is told."""
    version = _VERSION.match(text or "")
    if version is None:
        return ""
    return version[1] if version[1].startswith("1") else version[1].removesuffix(".0")


def read_id(given_id: Id) -> Id:
    """An `id` that can be written again. Raises NoHeaderSet where it is no JSON inside."""
    if given_id is not UNSET:
        try:
            msgspec.json.decode(given_id)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NoHeaderSet(f"expected JSON as `id`: {error}") from None
        if has_marks(bytes(given_id)):
            raise NoHeaderSet(f"expected JSON as `id`: {HALVES_REFUSED}")
    return given_id


def shorten(text: str, limit: int = SHOWN) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
