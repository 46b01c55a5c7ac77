"""Document-Policy: a dictionary of the few features that there are."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.document_policy import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Document-Policy", value) for value in values)), finds, url=url)


CASES = (
    sent("none"),
    sent(
        "features",
        "force-load-at-top, document-write=?0, lossy-images-max-bpp=1.5;report-to=r, *;report-to=r",
    ),
    sent("the other policy's syntax", "document-write 'none'", finds=("document-policy-malformed",)),
    sent("capitals", "Document-Write", finds=("document-policy-malformed",)),
    sent("a feature of the other policy", "camera=()", finds=("document-policy-feature-unknown",)),
    Case("required of frames", (("Require-Document-Policy", "=?0"),), ("document-policy-malformed",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("camera=()", "Remove the field Document-Policy"),
        ("camera=(), js-profiling", "Leave camera out of Document-Policy"),
        ("js-profiling;;", "Write each feature as name, name=?0 or name=amount, with commas between"),
        ("'none'", "Remove the field Document-Policy"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str | None) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}
