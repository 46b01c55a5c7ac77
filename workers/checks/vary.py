"""Vary (RFC 9110 section 12.5.5, RFC 9111 section 4.1): by which request fields a cache tells answers apart.

That an origin which is allowed by name wants `Vary: Origin` is CORS's own.
"""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.checks.cache_control.policy import is_left_to_heuristics, read_policy, shared_caches_store
from workers.model import Finding
from workers.response import Response
from workers.syntax.head import TOKEN
from workers.syntax.verbatim import as_sent

FIELD = "Vary"
LIMIT: Final = 2_048  # characters judged: longer lists are no configuration that anybody wrote
# Part of every cache's key (Host), or of responses only.
POINTLESS = frozenset({"content-encoding", "host", "server", "set-cookie", "vary"})
CODED = frozenset({"br", "dcb", "dcz", "deflate", "gzip", "x-gzip", "zstd"})

ANY = Rule(
    id="vary-any",
    severity="info",
    field=FIELD,
    message="Vary: * says that no request is like another: no cache can use the response again unasked.",
    why="It was often meant to keep a page out of caches, which Cache-Control: no-store does.",
    fix="Name the request fields that the response depends on, or send Cache-Control: no-store",
    reference="RFC 9110 section 12.5.5",
)
MALFORMED = Rule(
    id="vary-malformed",
    severity="low",
    field=FIELD,
    message="{name} is no field's name, so caches may not tell apart what differs.",
    why="Vary is a list of field names with commas between.",
    fix="Name request fields, with commas between",
    reference="RFC 9110 section 12.5.5",
)
POINTLESS_NAME = Rule(
    id="vary-pointless-field",
    severity="info",
    field=FIELD,
    message="{name} in Vary tells nothing apart: it is in every cache's key, or no request has it.",
    why="Vary names request fields; a URL of another Host is another entry anyway.",
    fix="Leave the name out",
    reference="RFC 9111 section 4.1",
)
USER_AGENT = Rule(
    id="vary-user-agent",
    severity="info",
    field=FIELD,
    message="Vary names User-Agent, of which there are thousands: shared caches hardly find one again.",
    why="Each of them is an entry of its own, so nearly every visitor's request goes to the origin.",
    fix="Send all browsers the same, or let the cache reduce User-Agent to a few classes",
    reference="RFC 9110 section 12.5.5",
)
COOKIE = Rule(
    id="vary-cookie",
    severity="info",
    field=FIELD,
    message="Vary names Cookie, and shared caches may store the response: one copy for each visitor.",
    why="Such copies are never used for others; private says so without filling the cache.",
    fix="Send Cache-Control: private, or serve what is for all without looking at cookies",
    reference="RFC 9110 section 12.5.5",
)
ENCODING_MISSING = Rule(
    id="vary-accept-encoding-missing",
    severity="low",
    field=FIELD,
    message="The content is coded with {coding} and caches may store it, but Vary lacks Accept-Encoding.",
    why="A cache may then give the coded content to a client that cannot decode it.",
    fix=f"{FIELD}: Accept-Encoding",
    reference="RFC 9110 section 12.5.5",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    names = _names(value)
    if value is not None:
        if "*" in names:
            yield ANY.found(value)
            return
        yield from _judge_names(response, value, names)
    coding = _unnamed_coding(response, names)
    if coding is not None:
        yield ENCODING_MISSING.found(
            as_sent(coding, response.combined("content-encoding") or ""),
            coding=coding,
            fix=_mended(response, names),
        )


def _judge_names(response: Response, value: str, names: dict[str, str]) -> Iterator[Finding]:
    wrong = next((name for name in names.values() if TOKEN.fullmatch(name) is None), None)
    if wrong is not None:
        yield MALFORMED.found(wrong, name=wrong, fix=_mended(response, names))
    pointless = next((name for lower, name in names.items() if lower in POINTLESS), None)
    if pointless is not None:
        yield POINTLESS_NAME.found(pointless, name=pointless, fix=_mended(response, names))
    if names.keys() & {"user-agent", "cookie"} and shared_caches_store(response, read_policy(response)):
        if "user-agent" in names:
            yield USER_AGENT.found(value)
        if "cookie" in names:
            yield COOKIE.found(value)


def _names(value: str | None) -> dict[str, str]:
    """The list's members as they are spelt, by their lower case."""
    parts = (part.strip(" \t") for part in (value or "")[:LIMIT].split(","))
    return {part.lower(): part for part in parts if part}


def _unnamed_coding(response: Response, names: dict[str, str]) -> str | None:
    """The content coding of what a shared cache may store, where Vary does not tell that it was chosen."""
    if "accept-encoding" in names or not response.has_content:
        return None
    coding = (response.combined("content-encoding") or "").lower()
    if coding not in CODED:
        return None
    policy = read_policy(response)
    stored = shared_caches_store(response, policy) or (
        is_left_to_heuristics(response, policy) and "private" not in policy
    )
    return coding if stored else None


def _mended(response: Response, names: dict[str, str]) -> str:
    """The field with the names that are some, and Accept-Encoding where it is wanted."""
    kept = [name for lower, name in names.items() if lower not in POINTLESS and TOKEN.fullmatch(name)]
    if _unnamed_coding(response, names) is not None:
        kept.append("Accept-Encoding")
    return f"{FIELD}: {', '.join(kept)}" if kept else removal(FIELD)


CHECK = Check(
    id="vary",
    title="Vary",
    why="Without it a cache gives one client what was made for another; with too much of it, nothing.",
    reference="RFC 9110 section 12.5.5",
    rules=(ANY, MALFORMED, POINTLESS_NAME, USER_AGENT, COOKIE, ENCODING_MISSING),
    run=run,
    needs=(FIELD, "Content-Encoding"),
)
