"""What a page says in `<meta>` that a header could have said (retriever/utils.js)."""

from typing import Literal

from msgspec import Struct

from workers.observatory.evidence import HTML_TYPES, NOT_GATHERED, Absent, Evidence
from workers.observatory.javascript import trim
from workers.observatory.page import Attributes, read_page


class MetaHeaders(Struct, frozen=True):
    """The policies of `<meta http-equiv>`, in order, and that of the last `<meta name="referrer">`."""

    policies: tuple[str, ...] = ()
    referrer_policy: str | None = None


def read_meta_headers(evidence: Evidence) -> MetaHeaders | Literal[Absent.NOT_GATHERED]:
    """Oddity (retriever.js): a page without a Content-Type is not looked at, so it can say nothing."""
    if evidence.mime_type not in HTML_TYPES:
        return MetaHeaders()
    html = evidence.content
    if html is NOT_GATHERED:
        meta = evidence.meta
        return NOT_GATHERED if meta is None else MetaHeaders(meta.content_security_policy, meta.referrer)
    if not html:
        return MetaHeaders()
    metas = read_page(html).metas
    policies = tuple(meta["content"] for meta in metas if _is_policy(meta))
    referrers = [meta["content"] for meta in metas if _is_referrer(meta)]
    return MetaHeaders(policies, referrers[-1] if referrers else None)


def _is_policy(meta: Attributes) -> bool:
    name = trim(meta.get("http-equiv", "").lower())
    return name == "content-security-policy" and bool(meta.get("content"))


def _is_referrer(meta: Attributes) -> bool:
    """Oddity: a `<meta>` with http-equiv and content is not looked at again, whatever its name."""
    if "http-equiv" in meta and "content" in meta:
        return False
    return trim(meta.get("name", "").lower()) == "referrer" and bool(meta.get("content"))
