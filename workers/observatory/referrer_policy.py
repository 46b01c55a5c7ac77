"""The Observatory's test of Referrer-Policy (referrer-policy.js), by header and by `<meta name="referrer">`.

Where the body was not gathered, a page that sends the header is judged by it. A `<meta>` would overrule it,
but a page that has both is rare; one that has the `<meta>` only is not, so without the header it is not
tested.
"""

from typing import Final

from workers.observatory.evidence import NOT_GATHERED, Evidence
from workers.observatory.http_equiv import MetaHeaders, read_meta_headers
from workers.observatory.javascript import trim
from workers.observatory.result import NOT_TESTED

NAME: Final = "referrer-policy"

_PRIVATE: Final = frozenset(
    {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
)
_UNSAFE: Final = frozenset({"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"})


def judge(evidence: Evidence) -> str:
    """The last policy that is known counts. Oddity: an empty header is an invalid one here."""
    header = evidence.header("referrer-policy")
    meta = read_meta_headers(evidence)
    if meta is NOT_GATHERED:
        if header is None:
            return NOT_TESTED
        meta = MetaHeaders()
    values = [value for value in (header, meta.referrer_policy) if value is not None]
    if not values:
        return "referrer-policy-not-implemented"
    for policy in reversed(",".join(values).split(",")):
        policy = trim(policy).lower()
        if policy in _PRIVATE:
            return "referrer-policy-private"
        if policy in _UNSAFE:
            return "referrer-policy-unsafe"
    return "referrer-policy-header-invalid"
