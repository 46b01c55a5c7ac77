"""The Observatory's test of subresource integrity (subresource-integrity.js): where scripts come from."""

from typing import Final

from workers.observatory.evidence import HTML_TYPES, NOT_GATHERED, Evidence, read_address
from workers.observatory.page import Attributes, read_page
from workers.observatory.public_suffix import registrable_domain
from workers.observatory.result import NOT_TESTED, worse

NAME: Final = "subresource-integrity"

_ALL_SECURE: Final = "sri-implemented-and-all-scripts-loaded-securely"
_ORDER: Final = (  # Oddity: integrity over an insecure scheme is better here than none over a secure one
    _ALL_SECURE,
    "sri-implemented-and-external-scripts-loaded-securely",
    "sri-implemented-but-external-scripts-not-loaded-securely",
    "sri-not-implemented-but-external-scripts-loaded-securely",
    "sri-not-implemented-and-external-scripts-not-loaded-securely",
)
_IGNORED: Final = str.maketrans("", "", "\t\n\r")  # in a URL (WHATWG URL section 4.4)
_CUT_OFF: Final = "".join(map(chr, range(0x21)))  # from a URL's ends (the same)


def judge(evidence: Evidence) -> str:
    """Needs the body of what may be HTML, which a page without a Content-Type is too."""
    if evidence.mime_type and evidence.mime_type not in HTML_TYPES:
        return "sri-not-implemented-response-not-html"
    html = evidence.content
    if html is NOT_GATHERED:
        return NOT_TESTED
    scripts = read_page(html).scripts
    return _judge_scripts(scripts, evidence) if scripts else "sri-not-implemented-but-no-scripts-loaded"


def _judge_scripts(scripts: tuple[Attributes, ...], evidence: Evidence) -> str:
    site = read_address(evidence.site_url)
    own_domain = registrable_domain(site.host, private=False)
    result: str | None = None
    any_foreign = False
    for script in scripts:
        source = script.get("src")
        if not source:
            continue
        has_integrity = bool(script.get("integrity"))
        if _is_own(source, own_domain):
            secure = source.startswith("https://") or (not _is_absolute(source) and site.scheme == "https")
            if has_integrity and secure and result is None:
                result = _ALL_SECURE
            continue
        any_foreign = True
        fault = _fault(has_integrity=has_integrity, secure=source.startswith("https://"))
        if fault is not None:
            result = worse(fault, result, _ORDER)
    if result is not None:
        return result
    if any_foreign:
        return "sri-implemented-and-external-scripts-loaded-securely"
    return "sri-not-implemented-but-all-scripts-loaded-from-secure-origin"


def _fault(*, has_integrity: bool, secure: bool) -> str | None:
    if has_integrity:
        return None if secure else "sri-implemented-but-external-scripts-not-loaded-securely"
    if secure:
        return "sri-not-implemented-but-external-scripts-loaded-securely"
    return "sri-not-implemented-and-external-scripts-not-loaded-securely"


def _is_absolute(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _is_own(source: str, own_domain: str | None) -> bool:
    """Whether the script is of the site's registrable domain.

    Oddities: `//host/` is foreign and insecure whatever the host; a URL with white space before it, or with
    its scheme in capitals, passes for a path; two hosts that have no registrable domain are each other's.
    """
    if source.startswith("//") and source[2:3] not in ("", "/"):
        return False
    if not _is_absolute(source):
        return True
    return registrable_domain(_host(source), private=False) == own_domain


def _host(source: str) -> str:
    """The host of an http(s) URL as `tldts` finds it, which never refuses one."""
    authority = source.rstrip(_CUT_OFF).partition("://")[2].translate(_IGNORED).lstrip("/\\")
    for end in "/\\?#":
        authority = authority.partition(end)[0]
    host = authority.rpartition("@")[2]
    if host.count(":") == 1:
        host = host.partition(":")[0]
    return host.rstrip(".").lower()
