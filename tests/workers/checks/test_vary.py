"""Vary (RFC 9110 section 12.5.5)."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.vary import CHECK
from workers.syntax.head import Field

DAY = ("Cache-Control", "public, max-age=86400")
GZIP = ("Content-Encoding", "gzip")
CHANGED = ("Last-Modified", "Mon, 01 Jun 2026 00:00:00 GMT")


def sent(name: str, value: str | None, *others: Field, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, (PAGE, *others, *(() if value is None else (("Vary", value),))), finds)


MISSING = ("vary-accept-encoding-missing",)
CASES = (
    sent("none", None),
    sent("usual", "Accept-Encoding, Origin", DAY, GZIP),
    sent("in lower case", "accept-encoding", DAY, GZIP),
    sent("everything", "*", DAY, GZIP, finds=("vary-any",)),
    sent("everything and more", "Origin, *", finds=("vary-any",)),
    sent("no names", "Accept Encoding, Origin", finds=("vary-malformed",)),
    sent("semicolons", "Accept-Encoding; Origin", finds=("vary-malformed",)),
    sent("the host", "Host, Accept-Encoding", finds=("vary-pointless-field",)),
    sent("the host alone", "Host", finds=("vary-pointless-field",)),
    sent("browsers", "User-Agent", DAY, finds=("vary-user-agent",)),
    sent("browsers, for oneself", "User-Agent", ("Cache-Control", "private, max-age=600")),
    sent("cookies", "Cookie", DAY, finds=("vary-cookie",)),
    sent("cookies, not stored", "Cookie", ("Cache-Control", "no-store")),
    sent("cookies, nothing said", "Cookie"),
    sent("coded and kept", None, DAY, GZIP, finds=MISSING),
    sent("coded and kept, by Origin", "Origin", DAY, ("Content-Encoding", "BR"), finds=MISSING),
    sent("coded, kept by its age", None, GZIP, CHANGED, finds=MISSING),
    sent("coded, for oneself", None, GZIP, ("Cache-Control", "private, max-age=600")),
    sent("coded, nothing said", None, GZIP),
    sent("not coded", None, DAY),
    Case("coded, but nothing there", (DAY, GZIP), status=304),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("case", "fix"),
    [
        (sent("", "Host, Origin"), "Vary: Origin"),
        (sent("", "Host"), "Remove the field Vary"),
        (sent("", "a b, Origin", DAY, GZIP), "Vary: Origin, Accept-Encoding"),
        (sent("", None, DAY, GZIP), "Vary: Accept-Encoding"),
    ],
)
def test_the_line_keeps_what_was_right(case: Case, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, case)} == {fix}
