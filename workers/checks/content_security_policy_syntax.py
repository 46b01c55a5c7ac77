"""How a Content-Security-Policy is written: what browsers skip, or read otherwise than it was meant."""

import difflib
import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.checks.content_security_policy import FIELD, SPECIFICATION, line
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import FALLBACKS, Policy, parse_policies

SOURCE_LISTS = frozenset({*FALLBACKS, "default-src", "base-uri", "form-action", "frame-ancestors"})
OTHERS = frozenset(
    {
        "fenced-frame-src",
        "report-to",
        "report-uri",
        "require-trusted-types-for",
        "sandbox",
        "trusted-types",
        "upgrade-insecure-requests",
        "webrtc",
    }
)
KNOWN = SOURCE_LISTS | OTHERS
RETIRED = frozenset(
    {
        "block-all-mixed-content",
        "disown-opener",
        "navigate-to",
        "plugin-types",
        "prefetch-src",
        "referrer",
        "reflected-xss",
        "require-sri-for",
    }
)
KEYWORDS = frozenset(
    {
        "'inline-speculation-rules'",
        "'none'",
        "'report-sample'",
        "'report-sha256'",
        "'report-sha384'",
        "'report-sha512'",
        "'self'",
        "'strict-dynamic'",
        "'trusted-types-eval'",
        "'unsafe-allow-redirects'",
        "'unsafe-eval'",
        "'unsafe-hashed-attributes'",
        "'unsafe-hashes'",
        "'unsafe-inline'",
        "'unsafe-webtransport-hashes'",
        "'wasm-eval'",
        "'wasm-unsafe-eval'",
    }
)
UNQUOTED = frozenset(keyword.strip("'") for keyword in KEYWORDS)
_NONCE_OR_HASH = re.compile(r"(?:nonce-|sha(?:256|384|512)-)[A-Za-z0-9+/\-_]++={0,2}", re.IGNORECASE)
_PLAIN = re.compile(r"(http|ws):", re.IGNORECASE)
LONGEST_NAME: Final = 40  # characters of a name that is worth comparing with the known ones

UNKNOWN_DIRECTIVE = Rule(
    id="csp-directive-unknown",
    severity="low",
    field=FIELD,
    message="No browser knows the directive {name}; it restricts nothing.",
    why="Browsers skip a directive that they do not know, so a misspelt one protects nothing.",
    fix="Correct or remove the directive",
    reference=f"{SPECIFICATION}#parse-serialized-policy",
)
RETIRED_DIRECTIVE = Rule(
    id="csp-directive-retired",
    severity="info",
    field=FIELD,
    message="The directive {name} is out of the specification; browsers skip it, or will.",
    why="What it did is done otherwise today, or by default.",
    fix="Remove the directive",
    reference=f"{SPECIFICATION}#csp-directives",
)
REPEATED_DIRECTIVE = Rule(
    id="csp-directive-repeated",
    severity="low",
    field=FIELD,
    message="The directive {name} is given again; browsers take the first and skip the others.",
    why="Sources listed in the second do not count.",
    fix="Join the sources in one directive",
    reference=f"{SPECIFICATION}#parse-serialized-policy",
)
UNQUOTED_KEYWORD = Rule(
    id="csp-keyword-unquoted",
    severity="medium",
    field=FIELD,
    message="{source} in {directive} lacks its single quotes, so browsers take it for a host's name.",
    why="Without the quotes neither what the keyword allows nor what it forbids is in force.",
    fix="Put the keyword in single quotes",
    reference=f"{SPECIFICATION}#grammardef-keyword-source",
)
UNKNOWN_KEYWORD = Rule(
    id="csp-keyword-unknown",
    severity="low",
    field=FIELD,
    message="{source} in {directive} is no keyword, nonce or hash; browsers skip it.",
    why="A source that matches nothing allows nothing.",
    fix="Correct or remove the source",
    reference=f"{SPECIFICATION}#framework-directive-source-list",
)
NONE_AMONG_OTHERS = Rule(
    id="csp-none-among-others",
    severity="low",
    field=FIELD,
    message="'none' in {directive} stands beside other sources, and then means nothing.",
    why="'none' forbids all only where it is alone.",
    fix="Remove 'none', or the other sources",
    reference=f"{SPECIFICATION}#match-url-to-source-list",
)
PLAIN_SOURCE = Rule(
    id="csp-source-over-http",
    severity="low",
    field=FIELD,
    message="{source} in {directive} allows plain http on a page that came over https.",
    why="What comes over http can be replaced on the way.",
    fix="Write the source with https (or wss)",
    reference=f"{SPECIFICATION}#match-schemes",
)


def run(response: Response) -> Iterator[Finding]:
    policies = parse_policies(response.values(FIELD))
    if not policies:
        return
    # A slip is found once for each of its rules, with the first place as evidence; the fix mends all places.
    found: dict[str, tuple[Rule, str, str]] = {}
    for policy in policies:
        for rule, directive, source in _slips(policy, response.is_https):
            found.setdefault(rule.id, (rule, directive, source))
    for rule, directive, source in found.values():
        fix = line(_mended(policy, rule) for policy in policies)
        yield rule.found(source, directive=directive, name=directive, source=source, fix=fix)


def _slips(policy: Policy, is_https: bool) -> Iterator[tuple[Rule, str, str]]:
    """Each thing that is wrong: its rule, the directive, and the source (or the directive once more)."""
    for name in policy.repeated[:1]:
        yield REPEATED_DIRECTIVE, name, name
    upgraded = "upgrade-insecure-requests" in policy.directives
    for name, sources in policy.directives.items():
        if name in RETIRED:
            yield RETIRED_DIRECTIVE, name, name
        elif name not in KNOWN:
            yield UNKNOWN_DIRECTIVE, name, name
        if name not in SOURCE_LISTS:
            continue
        for source in sources:
            rule = _slip_of(source, len(sources) > 1, is_https and not upgraded)
            if rule is not None:
                yield rule, name, source


def _slip_of(source: str, among_others: bool, wants_https: bool) -> Rule | None:
    lower = source.lower()
    if lower[0] == "'":
        if lower == "'none'":
            return NONE_AMONG_OTHERS if among_others else None
        if lower in KEYWORDS or (lower[-1] == "'" and _NONCE_OR_HASH.fullmatch(lower[1:-1])):
            return None
        return UNKNOWN_KEYWORD
    if lower in UNQUOTED or _NONCE_OR_HASH.fullmatch(lower):
        return UNQUOTED_KEYWORD
    return PLAIN_SOURCE if wants_https and _PLAIN.match(lower) else None


def _mended(policy: Policy, rule: Rule) -> Policy:
    """The policy with every slip of one rule put right. A repeat is gone by being written anew."""
    if rule is REPEATED_DIRECTIVE:
        return Policy(policy.directives)
    directives: dict[str, tuple[str, ...]] = {}
    for name, sources in policy.directives.items():
        if rule is RETIRED_DIRECTIVE and name in RETIRED:
            continue
        if rule is UNKNOWN_DIRECTIVE and name not in KNOWN | RETIRED:
            meant = _nearest(name, KNOWN)
            if meant is not None and meant not in policy.directives:
                directives.setdefault(meant, sources)
            continue
        directives[name] = _mended_sources(sources, rule) if name in SOURCE_LISTS else sources
    return Policy(directives or {"default-src": ("'self'",)}, policy.repeated)


def _mended_sources(sources: tuple[str, ...], rule: Rule) -> tuple[str, ...]:
    mended: list[str] = []
    for source in sources:
        if _slip_of(source, len(sources) > 1, True) is not rule:
            mended.append(source)
        elif rule is UNQUOTED_KEYWORD:
            mended.append(f"'{source}'")
        elif rule is PLAIN_SOURCE:
            mended.append(_PLAIN.sub(r"\1s:", source, count=1).removesuffix(":80"))
        elif rule is UNKNOWN_KEYWORD and (meant := _nearest(source, KEYWORDS)) is not None:
            mended.append(meant)
    return tuple(dict.fromkeys(mended)) or ("'none'",)


def _nearest(name: str, known: frozenset[str]) -> str | None:
    close = (
        difflib.get_close_matches(name.lower(), sorted(known), 1, 0.8) if len(name) <= LONGEST_NAME else []
    )
    return close[0] if close else None


CHECK = Check(
    id="content-security-policy-syntax",
    title="Content-Security-Policy: how it is written",
    why="Browsers skip what they do not understand in a policy, and say so only in their consoles.",
    reference=f"{SPECIFICATION}#framework-policy",
    rules=(
        UNKNOWN_DIRECTIVE,
        RETIRED_DIRECTIVE,
        REPEATED_DIRECTIVE,
        UNQUOTED_KEYWORD,
        UNKNOWN_KEYWORD,
        NONE_AMONG_OTHERS,
        PLAIN_SOURCE,
    ),
    run=run,
)
