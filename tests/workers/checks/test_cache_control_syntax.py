"""How Cache-Control is written (RFC 9111 section 5.2)."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.cache_control_syntax import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, tuple(("Cache-Control", value) for value in values), finds)


MALFORMED, MISSPELT = ("cache-control-malformed",), ("cache-directive-misspelt",)
UNKNOWN, INVALID = ("cache-directive-unknown",), ("cache-seconds-invalid",)
MISSING, REPEATED = ("cache-seconds-missing",), ("cache-directive-repeated",)
CASES = (
    sent("usual", "public, max-age=600, stale-while-revalidate=60, immutable"),
    sent("in capitals, and crowded", "No-Store,MAX-AGE=0,,Must-Revalidate"),
    sent("on two lines", "no-cache", "private"),
    sent("a quoted number", 'max-age="60"'),
    sent("the same twice", "max-age=60, max-age=060, no-store, no-store"),
    sent("quoted fields", 'private="Set-Cookie, X-Id", no-cache="Set-Cookie"'),
    sent("empty", ""),
    sent("semicolons", "public; max-age=600", finds=MALFORMED),
    sent("spaces about the sign", "max-age = 600", finds=MALFORMED),
    sent("a colon for the sign", "max-age: 600", finds=MALFORMED),
    sent("no comma", "no-cache no-store", finds=MALFORMED),
    sent("an open quote", 'no-cache="set-cookie', finds=MALFORMED),
    sent("an underscore", "max_age=600", finds=MISSPELT),
    sent("no hyphen", "nocache, nostore", finds=MISSPELT),
    sent("a hyphen too many", "s-max-age=60", finds=MISSPELT),
    sent("a letter too few", "must-revaldate", finds=MISSPELT),
    sent("unknown", "cache, x-ttl=60", finds=UNKNOWN),
    sent("unknown, at length", "a" * 1_000, finds=UNKNOWN),
    sent("two ages", "max-age=60", "max-age=61", finds=REPEATED),
    sent("a word", "max-age=abc", finds=INVALID),
    sent("negative", "max-age=-1", finds=INVALID),
    sent("a fraction", "s-maxage=1.5", finds=INVALID),
    sent("a unit", "stale-if-error=1d", finds=INVALID),
    sent("a digit of another script", "max-age=\xb2", finds=MALFORMED),
    sent("no number", "max-age, s-maxage", finds=MISSING),
    sent("an empty number", 'max-age=""', finds=MISSING),
    sent("a hundred years", "max-age=3153600000", finds=("cache-seconds-overflow",)),
    sent("sixty-eight years", "max-age=2147483648"),
    sent("a value for a flag", "no-store=1, public=yes", finds=("cache-directive-argument",)),
    sent("a field without quotes", "no-cache=Set-Cookie", finds=("cache-fields-unquoted",)),
    sent("no name of a field", 'private="Set Cookie"', finds=("cache-fields-invalid",)),
    sent("no field", 'private=""', finds=("cache-fields-invalid",)),
    sent("with fields and without", 'no-cache, no-cache="Set-Cookie"', finds=("cache-fields-pointless",)),
    sent("of requests", "no-cache, max-stale=0, only-if-cached", finds=("cache-directive-of-requests",)),
    sent("Internet Explorer's", "no-store, post-check=0, pre-check=0", finds=("cache-directive-obsolete",)),
    sent("longer than anybody writes", "foo, " * 1_000),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "mended"),
    [
        ("public; max-age=600", "public, max-age=600"),
        ("max-age = 600, private", "private, max-age=600"),
        ("nocache, no_store", "no-cache, no-store"),
        ("no-cache no-store", "no-cache, no-store"),
        ("Max_Age=1d", "max-age=86400"),
        ("max-age=60s", "max-age=60"),
        ("max-age=abc", "max-age=0"),
        ("max-age=-1, max-age=5", "max-age=0"),
        ("max-age=99999999999", "max-age=31536000"),
        ("private=set-cookie, no-store=0", 'private="set-cookie", no-store'),
        ('private="Set Cookie, X-Id"', 'private="X-Id"'),
        ('private="Set Cookie"', "private"),
        ("no-cache, max-stale=0, post-check=0", "no-cache"),
    ],
)
def test_the_line_is_what_was_meant(value: str, mended: str) -> None:
    fixes = {finding.fix for finding in findings(CHECK, sent("faulty", value))}
    assert fixes == {f"Cache-Control: {mended}"}


def test_what_no_cache_would_understand_is_removed() -> None:
    assert [finding.fix for finding in findings(CHECK, sent("", "foo=1"))] == [
        "Remove the field Cache-Control"
    ]
