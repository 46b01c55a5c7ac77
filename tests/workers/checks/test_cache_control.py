"""Cache-Control: who may keep the response, as RFC 9111 and RFC 9110 have it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.checks.cases import PAGE, Case, findings, fixed, found_ids
from workers.checks.cache_control import CHECK
from workers.checks.cache_control_syntax import CHECK as SYNTAX
from workers.syntax.head import Field

COOKIE = ("Set-Cookie", "sid=1; Secure")
DATE = ("Date", "Mon, 01 Jun 2026 00:00:00 GMT")
CHANGED = ("Last-Modified", "Sun, 31 May 2026 00:00:00 GMT")
LATER = ("Expires", "Tue, 02 Jun 2026 00:00:00 GMT")
PUBLIC, CACHEABLE = ("cookies-publicly-cacheable",), ("cookies-cacheable",)
STALE, IMMUTABLE = ("cache-stale-forbidden",), ("cache-immutable-without-effect",)
NO_STORE, PRIVATE = ("cache-no-store-contradicted",), ("cache-private-contradicted",)


def page(
    name: str, value: str | None, *others: Field, finds: tuple[str, ...] = (), status: int = 200
) -> Case:
    fields = () if value is None else (("Cache-Control", value),)
    return Case(name, (PAGE, *fields, *others), finds, status=status)


CASES = (
    page("nothing said", None),
    page("cookies and nothing said", None, COOKIE),
    page("kept for a day", "public, max-age=86400", DATE, CHANGED, LATER),
    page("never kept", "no-store, no-cache, must-revalidate, max-age=0, private", COOKIE),
    page("always asked for", "max-age=600, no-cache", COOKIE),
    page("a private day", "private, max-age=86400, stale-while-revalidate=60", COOKIE),
    page("the cookie alone is private", 'max-age=600, private="Set-Cookie"', COOKIE),
    page("the cookie alone is asked for", 'max-age=600, no-cache="X-Id, set-cookie"', COOKIE),
    page("another field is private", 'max-age=600, private="X-Id"', COOKIE, finds=CACHEABLE),
    page("public cookies", "public, max-age=600", COOKIE, finds=PUBLIC),
    page("public cookies without a time", "public", COOKIE, finds=PUBLIC),
    page("cookies for shared caches", "max-age=0, s-maxage=60", COOKIE, finds=PUBLIC),
    page("cookies not for shared caches", "max-age=60, s-maxage=0", COOKIE),
    page("public, and stale at once", "public, max-age=0", COOKIE),
    page("cookies for a time", "max-age=600", COOKIE, finds=CACHEABLE),
    page("cookies until a date", None, COOKIE, DATE, LATER, finds=CACHEABLE),
    page("cookies until a date in the past", None, COOKIE, LATER, ("Date", "Wed, 03 Jun 2026 00:00:00 GMT")),
    page("cookies until no date", None, COOKIE, DATE, ("Expires", "0")),
    page("cookies until a date, with no clock", None, COOKIE, LATER),
    page("cookies, and a date of change", None, COOKIE, CHANGED, finds=("cookies-heuristically-cacheable",)),
    page("a date of change", None, CHANGED, finds=("freshness-left-to-caches",)),
    page("a date of change, private", "private", CHANGED),
    page("a date of change, with Pragma", None, CHANGED, ("Pragma", "no-cache")),
    page("a date of change of what is not there to keep", None, CHANGED, status=403),
    page("an unknown directive", "yes", CHANGED, finds=("freshness-left-to-caches",)),
    Case("a date of change of an image", (("Content-Type", "image/png"), CHANGED)),
    page(
        "open to all who are logged in",
        "public, max-age=60",
        ("Vary", "Accept, authorization"),
        finds=("authorised-content-public",),
    ),
    page("for who is logged in", "private, max-age=60", ("Vary", "Authorization")),
    page("an error for a day", "max-age=86400", status=503, finds=("cache-error-kept",)),
    page("an error for a minute", "max-age=60", status=503),
    page("a page that is not there", "max-age=86400", status=404),
    page("no-store and a time", "no-store, max-age=600, public", finds=NO_STORE),
    page("no-store, immutable", "no-store, immutable", finds=NO_STORE),
    page("no-store of caches that do not understand", "no-store, must-understand, max-age=600"),
    page("must-understand alone", "must-understand, max-age=600", finds=("cache-must-understand-alone",)),
    page("public and private", "public, private", finds=PRIVATE),
    page("private and shared", "private, max-age=5, s-maxage=60", finds=PRIVATE),
    page("private and not shared", "private, max-age=5, s-maxage=0"),
    page("stale, but never", "max-age=5, must-revalidate, stale-if-error=60", finds=STALE),
    page("stale while asking", "no-cache, stale-while-revalidate=60", finds=STALE),
    page("immutable for no time", "max-age=0, immutable", finds=IMMUTABLE),
    page("immutable and asked for", "max-age=9, no-cache, immutable", finds=IMMUTABLE),
    page("immutable for a year", "public, max-age=31536000, immutable"),
    page("longer than anybody writes", "max-age=60, " + "x" * 3_000, COOKIE),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("case", "mended"),
    [
        (page("", "public, max-age=600, s-maxage=9", COOKIE), "max-age=600, private"),
        (page("", "max-age=600, no-transform", COOKIE), "max-age=600, no-transform, private"),
        (page("", None, COOKIE, CHANGED), "private, no-cache"),
        (page("", "public", CHANGED), "public, no-cache"),
        (page("", "no-store, no-cache, max-age=600", COOKIE), "no-store, no-cache"),
        (page("", "private, s-maxage=60, immutable"), "private"),
        (page("", "max-age=86400", COOKIE, status=500), "no-store"),
    ],
)
def test_the_line_says_the_safer_of_what_was_meant(case: Case, mended: str) -> None:
    assert {finding.fix for finding in findings(CHECK, case)} == {f"Cache-Control: {mended}"}


DIRECTIVES = st.sampled_from(
    ["public", "private", 'private="Set-Cookie"', "private=x y", "no-cache", "no-cache=Set-Cookie",
     'no-cache=""', "no-store", "no-store=1", "max-age=60", "max-age=0", "max-age", "max-age=1d",
     "max-age=-1", "max_age=9", "max-age = 5", "s-maxage=60", "s-maxage=99999999999", "immutable",
     "must-understand", "must-revalidate", "mustrevalidate", "stale-if-error=60",
     "stale-while-revalidate=x", "max-stale=3", "pre-check=0", "foo", "a;b", 'x="open',
     "no-cache; max-age: 3h"]
)  # fmt: skip
OTHERS = st.sampled_from(
    [COOKIE, DATE, CHANGED, LATER, ("Pragma", "no-cache"), ("Vary", "Authorization"), ("Expires", "-1")]
)


@given(
    st.lists(DIRECTIVES, max_size=6).map(", ".join),
    st.lists(OTHERS, max_size=4, unique_by=lambda field: field[0]),
    st.sampled_from([200, 304, 403, 503]),
)
def test_the_line_leaves_nothing_to_mend(value: str, others: list[Field], status: int) -> None:
    case = page("any", value, *others, status=status)
    found = [*findings(CHECK, case), *findings(SYNTAX, case)]
    assert len({finding.fix for finding in found}) <= 1
    for finding in found:
        mended = fixed(case, finding)
        assert mended is not None
        assert not findings(SYNTAX, mended), finding.fix
        assert not findings(CHECK, mended), finding.fix
