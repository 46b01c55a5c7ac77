"""Content-Type, as WHATWG MIME Sniffing and Fetch read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.checks.cases import Case, findings, fixed, found_ids
from workers.checks.charset import CHECK as CHARSET
from workers.checks.content_type import CHECK


def sent(
    name: str,
    *values: str,
    finds: tuple[str, ...] = (),
    status: int = 200,
    url: str = "https://example.com/",
) -> Case:
    fields = tuple(("Content-Type", value) for value in values)
    return Case(name, fields, finds, status=status, url=url)


MISSING, MALFORMED = ("content-type-missing",), ("content-type-malformed",)
UNKNOWN, SEVERAL = ("content-type-unknown",), ("content-type-conflicting",)
REPEATED = ("content-type-parameter-repeated",)
JAVASCRIPT, DROPPED = ("content-type-javascript-obsolete",), ("content-type-parameter-malformed",)
JSON_URL = "https://example.com/data.JSON?page=1.html"
CASES = (
    sent("usual", "text/html; charset=utf-8"),
    sent("not usual", 'Application/Vnd.a+JSON;a="b;c"'),
    sent("a semicolon at the end", "text/html;"),
    sent("twice the same", "text/css", "Text/CSS"),
    sent("missing", finds=MISSING),
    sent("missing on an error", status=404),
    sent("missing without content", status=204),
    Case("missing on nothing", (("Content-Length", "0"),)),
    Case("missing on a redirect", (("Location", "/"),), status=302),
    sent("empty", "", finds=MALFORMED),
    sent("a word", "html", finds=MALFORMED),
    sent("no semicolon", "text/html charset=utf-8", finds=MALFORMED),
    sent("the name again", "Content-Type: text/html", finds=MALFORMED),
    sent("in brackets", "<text/html>", finds=MALFORMED),
    sent("two types", "text/plain", "text/html", finds=SEVERAL),
    sent("two types in a line", "text/html, application/json", finds=SEVERAL),
    sent("a type and nonsense", "text/plain", "nonsense"),
    sent("another charset", "text/css", "text/css;charset=gbk", finds=SEVERAL),
    sent("a parameter twice", "text/css;charset=utf-8;charset=gbk", finds=REPEATED),
    sent("the same parameter twice", "text/css;charset=utf-8;charset=UTF-8"),
    sent("spaces about the sign", "text/css; charset = utf-8", finds=DROPPED),
    sent("a bare charset", "text/css; utf-8", finds=DROPPED),
    sent("anything", "*/*", finds=UNKNOWN),
    sent("unknown", "application/unknown", finds=UNKNOWN),
    sent("old JavaScript", "application/javascript; charset=utf-8", finds=JAVASCRIPT),
    sent("older JavaScript", "application/x-javascript", finds=JAVASCRIPT),
    sent("JavaScript", "text/javascript"),
    sent("parts", "multipart/mixed; boundary=b"),
    sent("parts without a boundary", "multipart/mixed", finds=("content-type-boundary-missing",)),
    sent("data as a page", "text/html; charset=utf-8", url=JSON_URL, finds=("content-type-json-as-page",)),
    sent("no data as a page", "text/html; charset=utf-8", url=JSON_URL, status=404),
    sent("longer than anybody writes", "a" * 3_000),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("values", "fix"),
    [
        (["text/html charset=utf-8"], "Content-Type: text/html; charset=utf-8"),
        (["text/html,charset=iso-8859-1"], "Content-Type: text/html; charset=utf-8"),
        (["text/plain", "text/html"], "Content-Type: text/html; charset=utf-8"),
        (["application/x-javascript;charset=UTF-8"], "Content-Type: text/javascript; charset=UTF-8"),
        (["text/css; charset = utf-8"], "Content-Type: text/css; charset=utf-8"),
        (["application/json;a=1;a=2"], "Content-Type: application/json; a=1"),
    ],
)
def test_the_line_tells_the_type_that_was_meant(values: list[str], fix: str) -> None:
    case = sent("", *values)
    assert {finding.fix for finding in (*findings(CHECK, case), *findings(CHARSET, case))} == {fix}


TYPES = st.sampled_from(
    ["text/html", "text/html charset=gbk", "TEXT/css", "application/javascript", "*/*", "html", "",
     "image/svg+xml"]
)  # fmt: skip
PARAMETERS = st.sampled_from(
    ["charset=utf-8", "charset=gbk", "charset = utf-7", "charset=x", "a=1", "a=2", 'a="b,c"', "a", "",
     '"', "\xe9=1"]
)  # fmt: skip
VALUES = st.builds(lambda essence, rest: ";".join((essence, *rest)), TYPES, st.lists(PARAMETERS, max_size=3))


@given(st.lists(VALUES, max_size=3))
def test_the_line_leaves_nothing_to_mend(values: list[str]) -> None:
    case = sent("any", *values)
    found = [*findings(CHECK, case), *findings(CHARSET, case)]
    lines = {finding.fix for finding in found if (finding.fix or "").startswith("Content-Type: ")}
    assert len(lines) <= 1
    for finding in found:
        mended = fixed(case, finding)
        if mended is not None:
            left = [*findings(CHECK, mended), *findings(CHARSET, mended)]
            assert {again.id for again in left} <= {"charset-unknown", "charset-legacy"}, finding.fix
