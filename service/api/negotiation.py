"""Content negotiation (RFC 9110 section 12.5.1): which of the media types offered an `Accept` asks for."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from service.api.operation import Refusal
from service.api.problems import Problem

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
REFUSALS: Final = (Refusal(406, "expected an Accept that takes one of application/json"),)


def negotiate(request: web.Request, offers: Sequence[str]) -> str:
    """The offer to answer with. Raises a 406 Problem where none will do."""
    chosen = choose(request.headers.getall("Accept", []), offers)
    if chosen is None:
        raise Problem(406, f"expected an Accept that takes one of {', '.join(offers)}")
    return chosen


def choose(accept: Sequence[str], offers: Sequence[str]) -> str | None:
    """The offer with the highest quality, the first of equals; the first of all where nothing is asked for.

    Parameters of media types other than `q` are not looked at; an element that is malformed is ignored.
    """
    ranges = [parsed for line in accept for part in line.split(",") if (parsed := _parse_range(part))]
    if not ranges:
        return offers[0]
    best, best_quality = None, 0.0
    for offer in offers:
        quality = _quality(offer, ranges)
        if quality > best_quality:
            best, best_quality = offer, quality
    return best


def _quality(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The most specific range that matches decides."""
    wildcard = f"{offer.partition('/')[0]}/*"
    for wanted in (offer, wildcard, "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0


def _parse_range(text: str) -> tuple[str, float] | None:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    if name.count("/") != 1:
        return None
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return None
            return (name, quality) if 0 <= quality <= 1 else None
    return name, 1.0
