"""Content-Disposition (RFC 6266)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.checks.cases import Case, findings, fixed, found_ids
from workers.checks.content_disposition import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, tuple(("Content-Disposition", value) for value in values), finds)


MALFORMED, PATH = ("content-disposition-malformed",), ("content-disposition-path",)
EXTENDED = ("content-disposition-extended-malformed",)
REPEATED = ("content-disposition-parameter-repeated",)
NOT_ASCII, IN_MAIL = ("content-disposition-name-not-ascii",), ("content-disposition-encoded-word",)
NAIVE = "attachment; filename=\"na_ve\"; filename*=UTF-8''na%C3%AFve"
CASES = (
    sent("none"),
    sent("shown", "inline"),
    sent("saved", 'ATTACHMENT; filename="a b.pdf"; filename*=UTF-8\'\'a%20b.pdf'),
    sent("a token", "attachment; filename=a.pdf"),
    sent("spaces without quotes", "attachment; filename=a b.pdf", finds=MALFORMED),
    sent("no type", 'filename="a.pdf"', finds=MALFORMED),
    sent("empty", "", finds=MALFORMED),
    sent("an open quote", 'attachment; filename="a.pdf', finds=MALFORMED),
    sent("a form's", 'form-data; name="a"', finds=("content-disposition-type-unknown",)),
    sent("two names", "attachment; filename=a; filename=b", finds=REPEATED),
    sent("a path", 'attachment; filename="../../etc/passwd"', finds=PATH),
    sent("a path of Windows", 'attachment; filename="C:\\\\a.exe"', finds=PATH),
    sent("a path in disguise", "attachment; filename*=UTF-8''..%2Fa", finds=PATH),
    sent("an extended name in quotes", "attachment; filename*=\"UTF-8''a.pdf\"", finds=EXTENDED),
    sent("a name that is no UTF-8", "attachment; filename*=UTF-8''%FF", finds=EXTENDED),
    sent("beyond ASCII", 'attachment; filename="na\xc3\xafve"', finds=NOT_ASCII),
    sent("beyond ASCII, and told", "attachment; filename=\"na\xefve\"; filename*=UTF-8''na%C3%AFve"),
    sent("as in mail", 'attachment; filename="=?UTF-8?B?YQ==?="', finds=IN_MAIL),
    sent("longer than anybody writes", "=" * 5_000),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("inline; filename=a b.pdf", 'inline; filename="a b.pdf"'),
        ('attachment; filename="../../etc/passwd"', 'attachment; filename="passwd"'),
        ('attachment; filename="../.."', "attachment"),
        ("form-data; name=a", "attachment"),
        ("attachment; filename*=UTF-8''x%2Fna%C3%AFve", NAIVE),
        ('attachment; filename="na\xc3\xafve"', NAIVE),
    ],
)  # fmt: skip
def test_the_line_keeps_the_name(value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("", value))} == {f"Content-Disposition: {fix}"}


PARTS = st.sampled_from(
    ["attachment", "inline", "x", "filename=a", "filename=a b", 'filename="/a\\"b"', 'filename="\xe9 %"',
     'filename="', "filename*=UTF-8''%E2%82%AC%2F..", "filename*=x", "", "=", 'filename="=?a?b?c?="',
     "filename*=UTF-8''%22%0A"]
)  # fmt: skip


@given(st.lists(st.lists(PARTS, max_size=4).map("; ".join), max_size=2))
def test_the_line_leaves_nothing_to_mend(values: list[str]) -> None:
    case = sent("any", *values)
    found = [finding for finding in findings(CHECK, case) if "=?" not in (finding.evidence or "")]
    assert len({finding.fix for finding in found}) <= 1
    for finding in found:
        mended = fixed(case, finding)
        assert mended is not None
        assert not findings(CHECK, mended), finding.fix
