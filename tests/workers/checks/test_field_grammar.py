"""Heads that leave the grammar."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.field_grammar import BY_DEFECT, CHECK
from workers.syntax.head import parse_head


def of(name: str, head: bytes, *finds: str) -> Case:
    parsed = parse_head(head)
    return Case(name, parsed.fields, finds, defects=parsed.defects)


OK = b"HTTP/1.1 200 OK\r\n"
CASES = (
    of("none", OK + b"A: 1\r\n\r\n"),
    of("a blank line first", b"\r\n" + OK + b"A: 1\r\n\r\n", "head-blank-line-first"),
    of("LF alone", b"HTTP/1.1 200 OK\nA: 1\n\n", "head-bare-lf"),
    of("CR alone", OK + b"A: 1\r2\r\n\r\n", "head-bare-cr"),
    of("NUL", OK + b"A: 1\x002\r\n\r\n", "head-nul"),
    of("a control character", OK + b"A: 1\x072\r\n\r\n", "head-control-character"),
    of("no space before no reason", b"HTTP/1.1 200\r\nA: 1\r\n\r\n", "status-line-without-space"),
    of("folded", OK + b"A: 1\r\n 2\r\n\r\n", "head-folded-line"),
    of("white space first", OK + b" A: 1\r\n\r\n", "head-white-space-first"),
    of("no colon", OK + b"A\r\n\r\n", "head-line-without-colon"),
    of("space before the colon", OK + b"A : 1\r\n\r\n", "head-space-before-colon"),
    of("no name", OK + b": 1\r\n\r\n", "field-name-empty"),
    of("a name that is none", OK + b"A B: 1\r\n\r\n", "field-name-invalid"),
    of("a name beyond ASCII", OK + b"\xe4: 1\r\n\r\n", "field-name-invalid"),
    of("a value beyond ASCII", OK + b"A: caf\xc3\xa9\r\n\r\n", "field-value-non-ascii"),
    of("a cookie beyond ASCII, told elsewhere", OK + b"Set-Cookie: a=\xff\r\n\r\n"),
    of("two at once", b"HTTP/1.1 200 OK\nA : 1\n\n", "head-bare-lf", "head-space-before-colon"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_every_defect_that_the_parser_names_has_a_rule() -> None:
    assert {defect for case in CASES for defect in case.defects} == set(BY_DEFECT)


def test_the_evidence_is_the_field_where_there_is_one() -> None:
    nul, name, folded = (findings(CHECK, case)[0] for case in (CASES[4], CASES[12], CASES[7]))
    assert (nul.evidence, name.evidence, folded.evidence) == ("A: 1\x002", "A B", None)


def test_the_evidence_of_bytes_beyond_ascii_is_the_value_that_has_them() -> None:
    (found,) = findings(CHECK, of("a plain one first", OK + b"A: plain\r\na: \xe9\r\n\r\n"))
    assert (found.field, found.evidence) == ("a", "\xe9")
