"""Referrer-Policy (W3C Referrer Policy): how much of a URL other sites get to see."""

import re
from collections.abc import Iterator

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.verbatim import as_sent

FIELD = "Referrer-Policy"
POLICIES = frozenset(
    {
        "no-referrer",
        "no-referrer-when-downgrade",
        "same-origin",
        "origin",
        "strict-origin",
        "origin-when-cross-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    }
)
# What the policies were called in meta elements (WHATWG HTML section 4.2.5.1).
MEANT = {
    "never": "no-referrer",
    "default": "strict-origin-when-cross-origin",
    "always": "unsafe-url",
    "origin-when-crossorigin": "origin-when-cross-origin",
}
LEAKING = frozenset({"unsafe-url", "no-referrer-when-downgrade"})
RECOMMENDED = f"{FIELD}: strict-origin-when-cross-origin"
CHANGE_THE_PAGE = "Say strict-origin-when-cross-origin in the page's <meta name=referrer>, or leave it out"
SPECIFICATION = "https://www.w3.org/TR/referrer-policy/"
_WORD = re.compile(r"[a-z\-]+")

MISSING = Rule(
    id="referrer-policy-missing",
    severity="info",
    field=FIELD,
    message="No Referrer-Policy was sent, so each browser applies its default.",
    why="Today's browsers default to strict-origin-when-cross-origin; older ones send the whole URL, "
    "query included, to every site that the page links to.",
    fix=RECOMMENDED,
    reference=f"{SPECIFICATION}#default-referrer-policy",
)
LEAKS_URL = Rule(
    id="referrer-policy-leaks-url",
    severity="medium",
    field=FIELD,
    message="The policy {policy} sends the whole URL, path and query included, to other sites.",
    why="Paths and queries carry identifiers, searches and tokens; other origins need none of them.",
    fix=RECOMMENDED,
    reference=f"{SPECIFICATION}#referrer-policies",
)
UNKNOWN = Rule(
    id="referrer-policy-unknown-value",
    severity="low",
    field=FIELD,
    message="None of the values is a referrer policy, so browsers ignore the header.",
    why="A browser takes the last value that it knows; where it knows none, its default applies.",
    fix=RECOMMENDED,
    reference=f"{SPECIFICATION}#parse-referrer-policy-from-header",
)

LEGACY = Rule(
    id="referrer-policy-legacy-keyword",
    severity="low",
    field=FIELD,
    message="{keyword} is a word of meta elements alone: browsers ignore it in the header.",
    why="never, default, always and origin-when-crossorigin are what the policies were called once.",
    fix=RECOMMENDED,
    reference="https://html.spec.whatwg.org/multipage/semantics.html#meta-referrer",
)
CONFLICTING = Rule(
    id="referrer-policy-conflicting",
    severity="low",
    field=FIELD,
    message="{count} header lines name different policies; the last one, {policy}, holds.",
    why="Two layers that both set the header hide each other's mistakes.",
    fix=RECOMMENDED,
    reference=f"{SPECIFICATION}#parse-referrer-policy-from-header",
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    in_page = _in_page(response)
    if in_page in LEAKING:
        word = response.meta.referrer if response.meta else None
        yield LEAKS_URL.found(word, policy=in_page, fix=CHANGE_THE_PAGE)
    if not values:
        if response.is_page and in_page is None:
            yield MISSING.found()
        return
    value = ", ".join(values)
    if len(value) > LIMIT:
        return
    tokens = [token for part in value.split(",") if (token := part.strip().lower())]
    known = [token for token in tokens if token in POLICIES]
    fix = _mended(value, known)
    if not known:
        legacy = [token for token in tokens if token in MEANT]
        yield LEGACY.found(value, keyword=legacy[-1], fix=fix) if legacy else UNKNOWN.found(value, fix=fix)
        return
    if known[-1] in LEAKING and in_page is None:
        yield LEAKS_URL.found(as_sent(known[-1], value), policy=known[-1], fix=fix)
    if len(values) > 1 and len({_effective(each) for each in values} - {None}) > 1:
        yield CONFLICTING.found(value, count=len(values), policy=known[-1], fix=fix)


def _in_page(response: Response) -> str | None:
    """The policy of the page's `<meta>`, which takes the place of the header's; None where it sets none (HTML
    section 4.2.5.1: of the one word, nothing around it)."""
    if not response.is_page or response.meta is None:
        return None
    word = (response.meta.referrer or "").lower()
    policy = MEANT.get(word, word)
    return policy if policy in POLICIES else None


def _effective(value: str) -> str | None:
    """The policy that one line alone would set; None where it sets none."""
    known = [token for part in value.split(",") if (token := part.strip().lower()) in POLICIES]
    return known[-1] if known else None


def _mended(value: str, known: list[str]) -> str:
    """The line of the policy that holds or was meant; the usual one where that leaks addresses."""
    words = known or [MEANT.get(word, word) for word in _WORD.findall(value.lower())]
    meant = [word for word in words if word in POLICIES]
    return f"{FIELD}: {meant[-1]}" if meant and meant[-1] not in LEAKING else RECOMMENDED


CHECK = Check(
    id="referrer-policy",
    title="Referrer-Policy",
    why="Limits what a site tells others about the address its visitor came from.",
    reference=SPECIFICATION,
    rules=(MISSING, LEAKS_URL, UNKNOWN, LEGACY, CONFLICTING),
    run=run,
)
