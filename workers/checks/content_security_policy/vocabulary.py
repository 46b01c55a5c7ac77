"""The words of policies (CSP Level 3 and what extends it), and which of them a misspelt one meant."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from workers.syntax.content_security_policy import FALLBACKS

SOURCE_LISTS = frozenset(
    {*FALLBACKS, "default-src", "base-uri", "form-action", "frame-ancestors", "fenced-frame-src"}
)
OTHERS = frozenset(
    {
        "report-to",
        "report-uri",
        "require-trusted-types-for",
        "sandbox",
        "trusted-types",
        "upgrade-insecure-requests",
        "webrtc",
    }
)
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
KNOWN = (SOURCE_LISTS | OTHERS) - RETIRED
# A host could be named like those of one word; none is named like these.
NAMES_IN_FULL = frozenset(name for name in KNOWN | RETIRED if "-" in name)
VALUELESS = "upgrade-insecure-requests"

SCRIPT_LISTS = frozenset({"default-src", "script-src", "script-src-elem", "script-src-attr"})
CODE_LISTS = SCRIPT_LISTS | {"style-src", "style-src-elem", "style-src-attr"}
_EVALUATING = frozenset({"default-src", "script-src"})
_ELEMENTS = frozenset({"default-src", "script-src", "script-src-elem"})
# Where each keyword does something; None is everywhere. Workers fall back to script-src, and what browsers
# make of its keywords in worker-src differs: nothing is said of them there.
KEYWORDS: Final[Mapping[str, frozenset[str] | None]] = {
    "'none'": None,
    "'self'": None,
    "'unsafe-inline'": CODE_LISTS,
    "'unsafe-eval'": _EVALUATING,
    "'unsafe-hashes'": CODE_LISTS,
    "'strict-dynamic'": SCRIPT_LISTS,
    "'wasm-unsafe-eval'": _EVALUATING,
    "'trusted-types-eval'": _EVALUATING,
    "'report-sample'": CODE_LISTS,
    "'report-sha256'": SCRIPT_LISTS,
    "'report-sha384'": SCRIPT_LISTS,
    "'report-sha512'": SCRIPT_LISTS,
    "'inline-speculation-rules'": _ELEMENTS,
    "'unsafe-webtransport-hashes'": None,
}
RETIRED_KEYWORDS: Final[Mapping[str, str | None]] = {
    "'unsafe-allow-redirects'": None,
    "'unsafe-hashed-attributes'": "'unsafe-hashes'",
    "'wasm-eval'": "'wasm-unsafe-eval'",
}
UNQUOTED = frozenset(keyword.strip("'") for keyword in (*KEYWORDS, *RETIRED_KEYWORDS))
NONCES_WORK_IN = CODE_LISTS | {"worker-src"}
HASHES_WORK_IN = NONCES_WORK_IN | {"connect-src"}  # of WebTransport servers, which connect-src may name so
SANDBOX_FLAGS = frozenset(
    f"allow-{what}"
    for what in (
        "downloads",
        "forms",
        "modals",
        "orientation-lock",
        "pointer-lock",
        "popups",
        "popups-to-escape-sandbox",
        "presentation",
        "same-origin",
        "scripts",
        "storage-access-by-user-activation",
        "top-navigation",
        "top-navigation-by-user-activation",
        "top-navigation-to-custom-protocols",
    )
)
LONGEST_NAME: Final = 40  # characters of a word that is worth comparing with the known ones


def nearest_directive(name: str) -> str | None:
    return _nearest(name, _DIRECTIVES)


def nearest_keyword(source: str) -> str | None:
    return _nearest(source, _KEYWORDS)


def nearest_sandbox_flag(flag: str) -> str | None:
    return _nearest(flag, _FLAGS)


def _nearest(word: str, known: Mapping[str, str]) -> str | None:
    """The known word but for a slip of the fingers: a letter more, less, other, or in another's place."""
    if len(word) > LONGEST_NAME:
        return None
    return next((known[left] for left in _shortened(word.lower()) if left in known), None)


def _shortened(word: str) -> Iterator[str]:
    """The word, and the word without each of its letters: two words that share one of these are near."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _by_shortened(words: Iterable[str]) -> dict[str, str]:
    ordered = sorted(words)
    known = {left: word for word in ordered for left in _shortened(word)}
    return known | {word: word for word in ordered}


_DIRECTIVES: Final = _by_shortened(KNOWN)
_KEYWORDS: Final = _by_shortened(KEYWORDS)
_FLAGS: Final = _by_shortened(SANDBOX_FLAGS)
