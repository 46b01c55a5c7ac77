"""Speculation-Rules (WHATWG HTML section 7.6): the rules by which browsers load pages in advance."""

import re
from collections.abc import Iterator
from typing import Any

import http_sf

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.hosts import host_of, is_local
from workers.syntax.parameters import LIMIT
from workers.syntax.structured_fields import InvalidStructuredField, parse

FIELD = "Speculation-Rules"
SPECIFICATION = "https://html.spec.whatwg.org/multipage/speculative-loading.html#the-speculation-rules-header"
_ADDRESS = re.compile(r"""[^\s\x00-\x1f"'<>,;\\]++""")

MALFORMED = Rule(
    id="speculation-rules-malformed",
    severity="low",
    field=FIELD,
    message="The value is no structured list of quoted addresses, so browsers load nothing in advance.",
    why='Each member is a string in double quotes, as in "/rules.json".',
    fix=removal(FIELD),
    reference=SPECIFICATION,
)
INSECURE = Rule(
    id="speculation-rules-insecure",
    severity="low",
    field=FIELD,
    message="The rules are at a plain http address, which browsers block for a page over https.",
    why="Whoever is on the way could say which pages a browser loads in advance.",
    fix=removal(FIELD),
    reference="https://www.w3.org/TR/mixed-content/#should-block-fetch",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None or len(value) > LIMIT or not response.has_content:
        return
    addresses = _addresses(value)
    written = _ADDRESS.findall(value) if addresses is None else addresses
    insecure = [address for address in written if response.is_https and _is_plain(address)]
    mended = [f"https{address[4:]}" if address in insecure else address for address in written]
    kept = [f'"{address}"' for address in mended if address.isascii() and _ADDRESS.fullmatch(address)]
    fix = f"{FIELD}: {', '.join(kept)}" if kept else removal(FIELD)
    if addresses is None:
        yield MALFORMED.found(value, fix=fix)
    elif insecure:
        yield INSECURE.found(insecure[0], fix=fix)


def _is_plain(address: str) -> bool:
    return address.lower().startswith("http:") and not is_local(host_of(address.lower()))


def _addresses(value: str) -> list[str] | None:
    """The strings of the list; None where it is none, or has other members."""
    try:
        members: Any = parse(value, "list")
    except InvalidStructuredField:
        return None
    strings = [member[0] for member in members]
    if any(not isinstance(string, str) or isinstance(string, http_sf.Token) for string in strings):
        return None
    return strings


CHECK = Check(
    id="speculation-rules",
    title="Speculation-Rules",
    why="Has browsers load pages in advance, where they can read where the rules are.",
    reference=SPECIFICATION,
    rules=(MALFORMED, INSECURE),
    run=run,
    needs=(FIELD,),
)
