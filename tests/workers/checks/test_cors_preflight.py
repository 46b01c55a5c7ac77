"""Access-Control-* beside the origin: lists that parse, methods that match, fields that exist."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.cors_preflight import CHECK

METHODS, EXPOSED = "Access-Control-Allow-Methods", "Access-Control-Expose-Headers"


def sent(name: str, field: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, tuple((field, value) for value in values), finds)


CASES = (
    Case("none", ()),
    sent("methods", METHODS, "GET,POST", "PATCH, x-y"),
    sent("any method", METHODS, "*"),
    sent("fields", "Access-Control-Allow-Headers", "content-type, X-Requested-With"),
    sent("empty members", EXPOSED, "ETag,, Link,"),
    sent("spaces for commas", METHODS, "GET POST", finds=("cors-list-malformed",)),
    sent("quotes", "Access-Control-Allow-Headers", '"Content-Type"', finds=("cors-list-malformed",)),
    sent("brackets", EXPOSED, "[ETag]", finds=("cors-list-malformed",)),
    sent("lower case", METHODS, "get, post", finds=("cors-method-case",)),
    sent("lower case, as it is sent", METHODS, "patch"),
    sent("TRACE", METHODS, "GET, trace", finds=("cors-method-forbidden",)),
    sent("cookies", EXPOSED, "ETag, Set-Cookie", finds=("cors-exposes-cookies",)),
    sent("a misspelt name", "Access-Control-Allow-Method", "GET", finds=("cors-field-misspelt",)),
    Case(
        "a misspelt name beside the right one",
        (("Access-Control-Allow-Method", "GET"), (METHODS, "GET")),
        ("cors-field-misspelt",),
    ),
    sent("a day", "Access-Control-Max-Age", "86400"),
    sent("a year", "Access-Control-Max-Age", "31536000", finds=("cors-max-age-capped",)),
    sent(
        "a private network",
        "Access-Control-Allow-Private-Network",
        "true",
        finds=("cors-private-network-obsolete",),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("field", "value", "fix"),
    [
        (METHODS, "get post TRACE", f"{METHODS}: GET, POST"),
        (METHODS, "[get], 'patch', TRACE", f"{METHODS}: GET, patch"),
        (METHODS, "TRACE", f"Remove the field {METHODS}"),
        (EXPOSED, "ETag Set-Cookie, Set-Cookie2", f"{EXPOSED}: ETag"),
    ],
)
def test_one_line_mends_the_list(field: str, value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", field, value))} == {fix}


def test_a_misspelt_field_is_removed_where_the_right_one_is_there() -> None:
    (finding,) = findings(CHECK, CASES[-4])
    assert finding.fix == "Remove the field Access-Control-Allow-Method"
