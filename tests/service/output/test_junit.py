"""JUnit: counts that are right, failures that are the gates', XML whatever was sent."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.output.gate import Gate
from service.output.junit import junit_format
from service.output.place import ListPlace
from tests.service.output.verdicts import failed, judged, reached, verdict
from workers.model import Finding, Observatory, Report, Severity, Verdict


def finding(severity: Severity = "high", evidence: str | None = None) -> Finding:
    return Finding("some-rule", severity, "X", "It is odd.", evidence, fix="X: y", reference="RFC 1")


def found(*findings: Finding, grade: str = "B", seq: int = 1) -> Verdict:
    report = Report(gradable=True, observatory=Observatory(6, grade, 70, {}), findings=findings)
    return judged(report, reached(seq))


def suite_of(
    *verdicts: Verdict, gate: Gate | None = None, place: ListPlace | None = None, cut: str | None = None
) -> ElementTree.Element:
    made = junit_format(gate or Gate(), place)
    document = made.begin + b"".join(map(made.write, verdicts)) + b"".join(made.end(cut))
    root = ElementTree.fromstring(document)
    (suite,) = root
    assert root.tag == "testsuites"
    cases = suite.findall("testcase")
    for element in (root, suite):
        assert element.get("tests") == str(len(cases))
        assert element.get("failures") == str(len(suite.findall("testcase/failure")))
        assert element.get("errors") == str(len(suite.findall("testcase/error")))
    return suite


def test_each_url_is_a_case_at_its_line() -> None:
    place = ListPlace("urls.txt", lambda seq: seq + 1)
    suite = suite_of(found(seq=1), found(seq=2), place=place)
    assert [case.get("line") for case in suite.iter("testcase")] == ["2", "3"]
    assert {case.get("file") for case in suite.iter("testcase")} == {"urls.txt"}
    assert {case.get("name") for case in suite.iter("testcase")} == {"http://site.test/"}
    assert {case.get("time") for case in suite.iter("testcase")} == {"0.033"}
    assert suite.get("name") == "urls.txt"


def test_without_a_list_there_are_no_lines() -> None:
    (case,) = suite_of(found())
    assert (case.get("file"), case.get("line")) == (None, None)


def test_an_empty_list_is_an_empty_suite() -> None:
    assert list(suite_of()) == []


def test_gates_over_an_empty_list_fail_in_a_case_each() -> None:
    cases = suite_of(gate=Gate("B", "medium"))
    assert [case.get("name") for case in cases] == ["--fail-on medium", "--fail-under B"]
    told = [failure.get("message") for failure in cases.iter("failure")]
    assert told == ["--fail-on medium: no URL was judged", "--fail-under B: no URL was judged"]


def test_without_gates_findings_fail_nothing() -> None:
    (case,) = suite_of(found(finding()))
    assert case.find("failure") is None
    assert case.findtext("system-out") == "status 200, grade B, 1 finding, http://site.test/"


def test_what_failed_is_an_error_with_and_without_gates() -> None:
    for gate in (Gate(), Gate(fail_on="low")):
        (case,) = suite_of(verdict(failed()), gate=gate)
        error = case.find("error")
        assert error is not None
        assert (error.get("type"), error.get("message")) == ("connect_refused", "nobody listens")
        assert case.find("failure") is None


def test_findings_from_the_gate_on_are_a_failure_with_their_fix() -> None:
    (case,) = suite_of(found(finding("high", "a=1"), finding("low")), gate=Gate(fail_on="medium"))
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "--fail-on medium: 1 high"
    assert failure.text == "high some-rule: It is odd.\n  sent: a=1\n  fix: X: y\n  see: RFC 1"


def test_a_grade_that_is_too_low_is_a_failure_with_all_findings() -> None:
    (case,) = suite_of(found(finding("low"), grade="C"), gate=Gate(fail_under="B"))
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "--fail-under B: grade C"
    assert failure.text is not None
    assert failure.text.startswith("low some-rule: ")


def test_a_gate_that_is_met_fails_nothing() -> None:
    (case,) = suite_of(found(finding("low")), gate=Gate("B", "medium"))
    assert case.find("failure") is None


def test_a_run_that_was_cut_short_says_so() -> None:
    suite = suite_of(found(), cut="stopped by SIGINT")
    assert suite.findtext("system-err") == "the list was not inspected to its end: stopped by SIGINT"


@pytest.mark.parametrize(
    "text", ["\x00\x0b\x1b", "]]>", "<b/>", "&amp;", "\"'", "\ufffe", "\x7f\x9b", "a\nb", "\u202e"]
)
def test_what_was_sent_comes_out_as_text_and_nothing_else(text: str) -> None:
    shown = text.replace("\x00\x0b\x1b", r"\x00\x0b\x1b").replace("\ufffe", r"\ufffe").replace("\n", r"\n")
    shown = shown.replace("\x7f\x9b", r"\x7f\x9b").replace("\u202e", r"\u202e")
    (case,) = suite_of(found(finding("high", text)), gate=Gate(fail_on="low"))
    assert f"  sent: {shown}\n" in (case.findtext("failure") or "")
    (case,) = suite_of(verdict(failed(message=text)))
    error = case.find("error")
    assert error is not None
    assert (error.get("message"), error.text) == (shown, f"connect: {shown}")


@given(st.text())
def test_a_document_is_well_formed_whatever_is_in_it(text: str) -> None:
    text = text.encode(errors="backslashreplace").decode()  # a record has no lone surrogates
    cases = suite_of(verdict(reached(input=text)), found(finding("high", text)), gate=Gate(fail_on="low"))
    assert len(list(cases)) == 2
