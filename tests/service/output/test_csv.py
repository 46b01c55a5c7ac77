"""CSV: RFC 4180, one row a record, no formulas."""

import csv
import io

import pytest

from service.output.csv import COLUMNS, CSV
from tests.service.output.verdicts import failed, judged, reached, verdict
from workers.model import Finding, Observatory, Report, Verdict


def row(of: Verdict) -> dict[str, str]:
    text = (CSV.begin + CSV.write(of)).decode()
    (only,) = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    return only


def test_the_header_names_the_columns() -> None:
    assert CSV.begin == ",".join(COLUMNS).encode() + b"\r\n"


def test_a_row_tells_the_outcome() -> None:
    told = row(verdict(reached(7)))
    assert (told["seq"], told["outcome"], told["status"], told["hops"]) == ("7", "ok", "200", "1")
    assert (told["address"], told["elapsed_ms"], told["error_code"]) == ("192.0.2.1:80", "33.0", "")


def test_a_row_tells_the_failure() -> None:
    told = row(verdict(failed(message='a "quoted", long\nstory')))
    assert (told["error_stage"], told["error_code"]) == ("connect", "connect_refused")
    assert told["error_message"] == 'a "quoted", long\nstory'
    assert (told["status"], told["findings_high"]) == ("", "")


def test_a_row_tells_grade_score_and_findings_by_severity() -> None:
    found = [
        Finding(id="x", severity=severity, field="", message="", evidence=None, fix=None, reference="")
        for severity in ("high", "low", "low")
    ]
    report = Report(gradable=True, observatory=Observatory(6, "B", 70, {}), findings=tuple(found))
    told = row(judged(report))
    assert (told["grade"], told["score"]) == ("B", "70")
    assert [told[f"findings_{name}"] for name in ("high", "medium", "low", "info")] == ["1", "0", "2", "0"]


@pytest.mark.parametrize(("partial", "cell"), [(True, "true"), (False, "false")])
def test_a_row_tells_a_grade_that_leaves_tests_out(partial: bool, cell: str) -> None:
    report = Report(gradable=True, observatory=Observatory(6, "B", 70, {}), findings=(), partial=partial)
    assert row(judged(report))["partial"] == cell
    assert row(verdict(failed()))["partial"] == ""


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_is_never_a_formula(begin: str) -> None:
    told = row(verdict(reached(input=f"{begin}HYPERLINK(1)")))
    assert told["input"] == f"'{begin}HYPERLINK(1)"


def test_a_number_stays_a_number() -> None:
    assert row(verdict(reached(elapsed_ms=-1.0)))["elapsed_ms"] == "-1.0"
