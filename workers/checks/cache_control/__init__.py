"""Cache-Control (RFC 9111 section 5.2.2): who may keep the response, and whether its directives agree.

How the directives are written is `cache_control_syntax`; the fix of both is `mended`.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.cache_control.mended import (
    authorised_is_public,
    cookies_stored,
    is_guessed,
    keeps_error,
    mended_line,
    pragma_stands_alone,
)
from workers.checks.cache_control.policy import (
    FIELD,
    Policy,
    age,
    overruled,
    read_policy,
)
from workers.model import Finding
from workers.response import Response
from workers.syntax.cache_control import is_readable, parse_cache_control

COOKIES_PUBLIC = Rule(
    id="cookies-publicly-cacheable",
    severity="medium",
    field=FIELD,
    message="The response sets cookies, and shared caches are told to store it: others can get the cookies.",
    why="Set-Cookie does not keep a response out of caches; one visitor's session can become everybody's.",
    fix="Send private, or no-store, with what sets cookies",
    reference="RFC 9111 section 7.3",
)
COOKIES_CACHEABLE = Rule(
    id="cookies-cacheable",
    severity="low",
    field=FIELD,
    message="The response sets cookies and is fresh for a time without private: shared caches may store it.",
    why="Many caches leave such responses out by themselves, but nothing in the standard makes them.",
    fix="Send private, or no-store, with what sets cookies",
    reference="RFC 9111 section 7.3",
)
COOKIES_HEURISTIC = Rule(
    id="cookies-heuristically-cacheable",
    severity="low",
    field=FIELD,
    message="The page sets cookies and does not say how long it is fresh, so caches may decide by its age.",
    why="With Last-Modified and without Cache-Control, a shared cache may store it, cookies and all.",
    fix=f"{FIELD}: private, no-cache",
    reference="RFC 9111 section 4.2.2",
)
HEURISTIC = Rule(
    id="freshness-left-to-caches",
    severity="info",
    field=FIELD,
    message="How long the page is fresh is not said; caches make it up from Last-Modified.",
    why="A tenth of the time since the last change is usual: a page of last year is kept for weeks.",
    fix=f"{FIELD}: no-cache",
    reference="RFC 9111 section 4.2.2",
)
AUTHORISED_PUBLIC = Rule(
    id="authorised-content-public",
    severity="info",
    field=FIELD,
    message="What differs by Authorization (so Vary says) is open to shared caches.",
    why="Of answers to requests with Authorization they keep those alone that one of these is sent with.",
    fix="Send private with what depends on who asks",
    reference="RFC 9111 section 3.5",
)
ERROR_KEPT = Rule(
    id="cache-error-kept",
    severity="low",
    field=FIELD,
    message="Caches may keep this error of the server for {seconds} seconds.",
    why="Visitors go on seeing it long after the fault was mended.",
    fix=f"{FIELD}: no-store",
    reference="RFC 9111 section 4.2.1",
)
NO_STORE = Rule(
    id="cache-no-store-contradicted",
    severity="low",
    field=FIELD,
    message="no-store forbids to keep the response, {names} asks for it; no-store wins where both are read.",
    why="Layers that set the header without knowing of each other leave open which of them was meant.",
    fix=f"{FIELD}: no-store",
    reference="RFC 9111 section 5.2.2.5",
)
PRIVATE = Rule(
    id="cache-private-contradicted",
    severity="low",
    field=FIELD,
    message="private keeps the response out of shared caches, {names} lets it in.",
    why="Caches that heed the wrong one give one visitor's page to others.",
    fix=f"{FIELD}: private",
    reference="RFC 9111 section 5.2.2.7",
)
STALE = Rule(
    id="cache-stale-forbidden",
    severity="info",
    field=FIELD,
    message="{names} has no effect: no-cache and must-revalidate forbid to use what is stale.",
    why="The one forbids what the other allows, and the ban goes first.",
    fix="Leave out one of the two",
    reference="RFC 9111 section 4.2.4",
)
IMMUTABLE = Rule(
    id="cache-immutable-without-effect",
    severity="info",
    field=FIELD,
    message="immutable has no effect: it counts while the response is fresh, which it never is.",
    why="It needs a max-age above zero, and no no-cache.",
    fix="Leave out immutable, or give a max-age",
    reference="RFC 8246 section 2",
)
MUST_UNDERSTAND = Rule(
    id="cache-must-understand-alone",
    severity="info",
    field=FIELD,
    message="must-understand stands without no-store, which older caches need to be kept from storing.",
    why="It lets caches that know it overlook no-store; alone it holds nobody back.",
    fix="Add no-store",
    reference="RFC 9111 section 5.2.2.3",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is not None and not is_readable(value):
        return
    policy = read_policy(response)
    if not policy and not (response.has("last-modified") or response.has("expires")):
        return  # nothing that lets a cache keep it by its own choice
    yield from _judge_storing(response, policy)
    if policy:
        yield from _judge_agreement(response, policy)


def _judge_storing(response: Response, policy: Policy) -> Iterator[Finding]:
    sets_cookies = bool(response.values("set-cookie"))
    value = response.combined(FIELD)
    if keeps_error(response, policy):
        kept = max(age(policy, "max-age"), age(policy, "s-maxage"))
        yield ERROR_KEPT.found(value, seconds=kept, fix=mended_line(response))
    if cookies_stored(response, policy):
        told = "public" in policy or age(policy, "s-maxage")
        yield (COOKIES_PUBLIC if told else COOKIES_CACHEABLE).found(value, fix=mended_line(response))
    elif is_guessed(response, policy) and not pragma_stands_alone(response):
        rule = COOKIES_HEURISTIC if sets_cookies else HEURISTIC
        yield rule.found(value or response.values("last-modified")[0], fix=mended_line(response))
    if authorised_is_public(response, policy):
        yield AUTHORISED_PUBLIC.found(value, fix=mended_line(response))


def _judge_agreement(response: Response, policy: Policy) -> Iterator[Finding]:
    lost: dict[Rule, list[str]] = {}
    for name, by in overruled(policy):
        lost.setdefault(_rule(name, by), []).append(name)
    read = parse_cache_control(response.combined(FIELD) or "")
    texts = {directive.name: directive.text for directive in reversed(read.directives)}
    for rule, names in lost.items():
        evidence = ", ".join(texts[name] for name in names)
        yield rule.found(evidence, names=" and ".join(names), fix=mended_line(response))
    if "must-understand" in policy and "no-store" not in policy:
        yield MUST_UNDERSTAND.found(texts["must-understand"], fix=mended_line(response))


def _rule(name: str, by: str) -> Rule:
    if by in ("no-store", "private"):
        return NO_STORE if by == "no-store" else PRIVATE
    return IMMUTABLE if name == "immutable" else STALE


CHECK = Check(
    id="cache-control",
    title="Cache-Control",
    why="Says who may keep the response and for how long: too much shows private pages to others.",
    reference="RFC 9111 section 5.2.2",
    rules=(
        COOKIES_PUBLIC,
        COOKIES_CACHEABLE,
        COOKIES_HEURISTIC,
        HEURISTIC,
        AUTHORISED_PUBLIC,
        ERROR_KEPT,
        NO_STORE,
        PRIVATE,
        STALE,
        IMMUTABLE,
        MUST_UNDERSTAND,
    ),
    run=run,
)
