"""CDN-Cache-Control (RFC 9213), and fields that a surrogate ought to have taken off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.checks.cases import Case, findings, fixed, found_ids
from workers.checks.cdn_cache_control import CHECK
from workers.syntax.head import Field

COOKIE = ("Set-Cookie", "sid=1")


def sent(name: str, value: str, *others: Field, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, (("CDN-Cache-Control", value), *others), finds)


MALFORMED, INVALID = ("cdn-cache-control-malformed",), ("cdn-cache-directive-invalid",)
COOKIES = ("cookies-cacheable-by-cdn",)
CASES = (
    Case("none", (COOKIE,)),
    sent("usual", "max-age=600, stale-while-revalidate=30, must-revalidate"),
    sent("with parameters and vendors' own", "max-age=600;x=1, some-ttl=5"),
    sent("empty", ""),
    sent("in capitals", "Max-Age=600", finds=MALFORMED),
    sent("semicolons", "private; max-age=600, =", finds=MALFORMED),
    sent("a comma at the end", "max-age=600,", finds=MALFORMED),
    sent("a quoted number", 'max-age="600"', finds=INVALID),
    sent("a fraction", "max-age=1.5", finds=INVALID),
    sent("a negative number", "max-age=-1", finds=INVALID),
    sent("no number", "max-age", finds=INVALID),
    sent("a value for a flag", "no-store=1", finds=INVALID),
    sent("a number for a list", "private=1", finds=INVALID),
    sent("cookies", "max-age=600", COOKIE, finds=COOKIES),
    sent("cookies for oneself", "max-age=600, private", COOKIE),
    sent("cookies, not stored", "no-store", COOKIE),
    sent("cookies, stale at once", "max-age=600, s-maxage=0", COOKIE),
    Case("another network's", (("Vercel-CDN-Cache-Control", "max-age=a b"),), MALFORMED),
    Case("a surrogate's", (("Surrogate-Control", "max-age=60"),), ("surrogate-control-passed-on",)),
    Case("an edge's", (("Edge-Control", "!no-store"),), ("surrogate-control-passed-on",)),
    sent("longer than anybody writes", "," * 3_000),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("case", "fix"),
    [
        (sent("", "Max-Age=600, Private"), "CDN-Cache-Control: max-age=600, private"),
        (sent("", 'max-age="600", no-store=1'), "CDN-Cache-Control: max-age=600, no-store"),
        (sent("", "max-age=600, public", COOKIE), "CDN-Cache-Control: max-age=600, private"),
        (sent("", "max-age=x"), "Remove the field CDN-Cache-Control"),
    ],
)
def test_the_line_says_what_was_meant(case: Case, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, case)} == {fix}


MEMBERS = st.sampled_from(
    ["max-age=60", 'max-age="60"', "Max-Age=5", "s-maxage=0", "no-store", "no-store=?0", "private",
     "private=1.5", 'no-cache="a\\"b"', "no-cache=(a b)", "public=x", "a;b", "=", "stale-if-error=-1",
     "max-age=999999999999"]
)  # fmt: skip


@given(st.lists(MEMBERS, max_size=5).map(", ".join), st.booleans())
def test_the_line_leaves_nothing_to_mend(value: str, cookies: bool) -> None:
    case = sent("any", value, *((COOKIE,) if cookies else ()))
    found = findings(CHECK, case)
    assert len({finding.fix for finding in found}) <= 1
    for finding in found:
        mended = fixed(case, finding)
        assert mended is not None
        assert not findings(CHECK, mended), finding.fix
