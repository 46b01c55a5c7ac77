"""Gates: what meets them, what is counted, what is told."""

from typing import Any

import pytest
from msgspec import structs

from service.output.gate import SHOWN, Gate, GateTally, grade_order
from service.telemetry.events import Inspected, LoopLagged
from tests.service.output.verdicts import failed, judged, reached, verdict
from workers.model import Finding, Observatory, Report, Severity, Verdict


def found(*severities: Severity, grade: str = "B", seq: int = 1, **changes: Any) -> Verdict:
    findings = tuple(
        Finding("x", severity, "", "", evidence=None, fix=None, reference="") for severity in severities
    )
    report = Report(gradable=True, observatory=Observatory(6, grade, 70, {}), findings=findings, **changes)
    return judged(report, reached(seq))


def ungradable(reason: str = "a default page") -> Verdict:
    return judged(Report(gradable=False, observatory=None, findings=(), reason=reason), reached())


def tell(gate: Gate, *verdicts: Verdict) -> list[str]:
    tally = GateTally(gate)
    for one in verdicts:
        tally(Inspected(one))
    return [line for complaint, urls in tally.complaints() for line in (complaint, *urls)]


def test_every_grade_is_in_order() -> None:
    assert grade_order() == (*("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F"),)


@pytest.mark.parametrize(
    ("grade", "is_met"), [("A+", True), ("B+", True), ("B", True), ("B-", False), ("F", False)]
)
def test_a_grade_meets_its_own_gate_and_those_below(grade: str, is_met: bool) -> None:
    assert (not Gate(fail_under="B").misses(found(grade=grade))) == is_met


@pytest.mark.parametrize(
    ("severity", "is_met"), [("info", True), ("low", True), ("medium", False), ("high", False)]
)
def test_a_finding_as_severe_as_the_gate_is_one_too_many(severity: Severity, is_met: bool) -> None:
    gate = Gate(fail_on="medium")
    assert (not gate.misses(found("info", severity))) == is_met
    assert gate.catches(severity) == (not is_met)


@pytest.mark.parametrize("gate", [Gate(fail_under="F"), Gate(fail_on="high")])
@pytest.mark.parametrize(
    ("nothing", "told"),
    [
        (verdict(failed()), "connect_refused"),
        (ungradable(), "status 200, not graded: a default page"),
        (verdict(reached()), "status 200, not graded"),  # nothing judged it
    ],
)
def test_what_failed_or_cannot_be_graded_meets_no_gate(gate: Gate, nothing: Verdict, told: str) -> None:
    ((_, miss),) = gate.misses(nothing).items()
    assert miss.found == told


def test_without_gates_all_is_met() -> None:
    tally = GateTally()
    tally(Inspected(verdict(failed())))
    tally(LoopLagged(0.1))
    assert tally.is_met
    assert list(tally.complaints()) == []


def test_a_record_that_was_read_back_from_a_table_tells_no_reason() -> None:
    ((_, miss),) = Gate(fail_under="F").misses(structs.replace(ungradable(), line=b"")).items()
    assert miss.found == "status 200, not graded"


def test_no_record_meets_no_gate() -> None:
    gate = Gate(fail_under="B", fail_on="high")
    assert not GateTally(gate).is_met
    assert GateTally().is_met
    assert tell(gate) == [
        "--fail-on high is not met: no URL was judged",
        "--fail-under B is not met: no URL was judged",
    ]


def test_each_gate_is_told_with_its_count_and_its_urls() -> None:
    gate = Gate(fail_under="B", fail_on="high")
    verdicts = (found("high", "high", "low", grade="C", partial=True), found(grade="A"), verdict(failed(2)))
    assert tell(gate, *verdicts) == [
        "--fail-on high is not met by 2 of 3 URLs: 1 with such findings, 1 failed",
        "http://site.test/: 2 high",
        "http://site.test/: connect_refused",
        "--fail-under B is not met by 2 of 3 URLs: 1 graded lower, 1 failed",
        "http://site.test/: grade C (partial)",
        "http://site.test/: connect_refused",
    ]


def test_a_lone_url_is_not_counted() -> None:
    assert tell(Gate(fail_under="A"), found())[0] == "--fail-under A is not met by the URL: 1 graded lower"


def test_the_lists_first_urls_are_told_in_whatever_order_they_came() -> None:
    count = 3 * SHOWN
    order = [seq * 7 % count + 1 for seq in range(count)]
    assert sorted(order) == list(range(1, count + 1))
    verdicts = (judged(None, reached(seq, f"http://{seq}.test/")) for seq in order)
    _, *urls, more = tell(Gate(fail_under="A"), *verdicts)
    assert [url.split("/")[2] for url in urls] == [f"{seq}.test" for seq in range(1, SHOWN + 1)]
    assert more == f"… and {count - SHOWN} more"


def test_what_a_list_says_does_not_act_on_a_terminal() -> None:
    _, url = tell(Gate(fail_under="A"), verdict(reached(input="a\x1b[31m\nb")))
    assert url.startswith(r"a\x1b[31m\nb: ")
    _, url = tell(Gate(fail_under="A"), ungradable("the server is \x1b[31m"))
    assert url.endswith(r"not graded: the server is \x1b[31m")
