"""SARIF: well formed at any length, at the right lines, and inert."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from service.output.place import ListPlace
from service.output.sarif import FINGERPRINT, sarif_format
from service.output.spool import MEMORY_BYTES
from tests.service.output.sarif_log import LogRun, read_log
from tests.service.output.verdicts import failed, judged, reached
from workers.checks.strict_transport_security import MISSING, SHORT_MAX_AGE
from workers.model import Finding, Observatory, Report, Verdict
from workers.record import record_only

LIST = ListPlace("sites/urls.txt", lambda seq: seq * 10)
SHORT = SHORT_MAX_AGE.found("max-age=1", period="1 seconds")


def report(*findings: Finding, **changes: Any) -> Report:
    fields: dict[str, Any] = {"gradable": True, "observatory": Observatory(6, "B", 70, {}), **changes}
    return Report(findings=findings, **fields)


def log_of(*verdicts: Verdict, place: ListPlace | None = LIST, cut: str | None = None) -> LogRun:
    made = sarif_format("all", place)
    return read_log(made.begin + b"".join(map(made.write, verdicts)) + b"".join(made.end(cut)))


def test_a_list_without_findings_is_a_log_without_results() -> None:
    run = log_of()
    assert run.results == []
    assert run.properties == {"urls": 0, "failed": 0, "grades": {}, "partialGrades": 0}


def test_a_result_is_a_finding_at_its_line_of_the_list() -> None:
    head = b"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\nserver: x\r\n\r\n"
    run = log_of(judged(report(SHORT), reached(3, "https://site.test/a", head)))
    (result,) = run.results
    (location,) = result.locations
    artifact = location.physical_location.artifact_location
    assert (artifact.uri, artifact.uri_base_id, artifact.index) == ("sites/urls.txt", "%SRCROOT%", 0)
    assert location.physical_location.region.start_line == 30
    assert (result.rule_id, result.level) == ("hsts-max-age-short", "warning")
    assert result.rule_index is not None
    assert result.message.text.startswith("max-age is 1 seconds: ")
    assert result.web_request.target == "https://site.test/a"
    assert result.web_response.status_code == 200
    assert result.web_response.headers == {"Strict-Transport-Security": "max-age=1"}
    assert result.properties["grade"] == "B"
    assert result.properties["evidence"] == "max-age=1"


def test_without_a_list_the_url_is_the_place() -> None:
    run = log_of(judged(report(SHORT), reached(1, "https://site.test/a|b")), place=None)
    location = run.results[0].locations[0].physical_location
    assert location.artifact_location.uri == "https://site.test/a%7Cb"
    assert (run.artifacts, run.original_uri_base_ids) == ([], {})


def test_a_list_from_stdin_is_named_so() -> None:
    run = log_of(judged(report(SHORT)), place=ListPlace("stdin", lambda seq: seq, is_file=False))
    assert run.artifacts[0].location.uri == "stdin"
    assert run.artifacts[0].location.uri_base_id is None


def test_what_failed_or_cannot_be_graded_is_a_notification_at_its_line() -> None:
    ungraded = report(gradable=False, observatory=None, reason="no page with status 500")
    run = log_of(record_only(failed(2)), judged(ungraded, reached(1)))
    (invocation,) = run.invocations
    failure, refusal = invocation.tool_execution_notifications
    assert failure.descriptor is not None
    assert (failure.descriptor.id, failure.level) == ("connect_refused", "warning")
    assert failure.message.text == "http://site.test/: nobody listens"
    assert failure.locations[0].physical_location.region.start_line == 20
    assert failure.properties["stage"] == "connect"
    assert refusal.descriptor is not None
    assert refusal.descriptor.id == "not_graded"
    assert invocation.execution_successful  # a site that is down is what was to be found out
    assert run.properties == {"urls": 2, "failed": 1, "grades": {}, "partialGrades": 0}


def test_a_run_that_was_cut_short_says_so() -> None:
    (invocation,) = log_of(judged(report(SHORT)), cut="stopped by SIGINT").invocations
    assert not invocation.execution_successful
    assert "stopped by SIGINT" in invocation.tool_execution_notifications[0].message.text


def fingerprint(verdict: Verdict, line_of: Callable[[int], int] = lambda seq: seq) -> str:
    (result,) = log_of(verdict, place=ListPlace("urls", line_of)).results
    return result.partial_fingerprints[FINGERPRINT]


def test_a_fingerprint_outlives_another_line_and_another_value() -> None:
    first = fingerprint(judged(report(SHORT), reached(1)))
    longer = SHORT_MAX_AGE.found("max-age=2", period="2 seconds")
    assert fingerprint(judged(report(longer), reached(7)), lambda seq: seq + 100) == first


def test_a_fingerprint_is_of_one_url_and_one_rule() -> None:
    first = fingerprint(judged(report(SHORT), reached(1)))
    assert fingerprint(judged(report(SHORT), reached(1, "http://other.test/"))) != first
    assert fingerprint(judged(report(MISSING.found()), reached(1))) != first


def test_findings_of_one_rule_have_different_fingerprints() -> None:
    run = log_of(judged(report(SHORT, SHORT)))
    assert len({result.partial_fingerprints[FINGERPRINT] for result in run.results}) == 2


def test_rules_tell_what_code_scanning_shows() -> None:
    rules = {rule.id: rule for rule in log_of().tool.driver.rules}
    rule = rules["hsts-max-age-short"]
    assert rule.help_uri == "https://www.rfc-editor.org/rfc/rfc6797#section-6.1.1"
    assert rule.default_configuration is not None
    assert rule.default_configuration.level == "warning"
    assert rule.properties["security-severity"] == "5.0"
    assert "security" in rule.properties["tags"]
    assert all(rule.help is not None and rule.full_description is not None for rule in rules.values())
    assert all(rule.help_uri for rule in rules.values())


def test_only_the_rules_of_the_chosen_checks_are_told() -> None:
    made = sarif_format("x-frame-options", LIST)
    run = read_log(made.begin + b"".join(made.end(None)))
    assert 0 < len(run.tool.driver.rules) < 10


def test_a_finding_of_no_known_rule_is_told_all_the_same() -> None:
    strange = Finding("strange", "low", "X", "Odd.", evidence=None, fix=None, reference="")
    (result,) = log_of(judged(report(strange))).results
    assert (result.rule_id, result.rule_index) == ("strange", None)


@pytest.mark.parametrize("text", ["{0}", "[click](https://evil.test)", "\x1b[31m", "a\nb", "}}{", "\u202e"])
def test_what_a_server_sent_does_not_act_in_a_message(text: str) -> None:
    finding = Finding("x", "high", "X", f"It said {text}.", evidence=text, fix=f"X: {text}", reference="")
    (result,) = log_of(judged(report(finding))).results
    assert "[click](" not in result.message.text
    assert result.message.text.replace("\n\n", "").isprintable()
    assert result.properties["evidence"] == text


def test_repeated_fields_are_lines_of_one_value() -> None:
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\n"
    finding = Finding("x", "high", "Set-Cookie", "Odd.", evidence=None, fix=None, reference="")
    (result,) = log_of(judged(report(finding), reached(head=head))).results
    assert result.web_response.headers == {"Set-Cookie": "a=1\nb=2"}


def test_results_are_given_at_once_and_what_failed_is_kept_on_disk() -> None:
    made = sarif_format("none", LIST)
    written = made.begin + made.write(judged(report(SHORT)))
    assert b"hsts-max-age-short" in written
    verdict = record_only(failed(message="x" * 4_000))
    count = MEMORY_BYTES // 4_000 + 10
    assert all(made.write(verdict) == b"" for _ in range(count))
    pieces = list(made.end(None))
    assert max(map(len, pieces)) < MEMORY_BYTES / 10
    run = read_log(written + b"".join(pieces))
    assert len(run.invocations[0].tool_execution_notifications) == count


def test_a_document_begins_with_its_schema() -> None:
    made = sarif_format("none", None)
    assert list(json.loads(made.begin + b"".join(made.end(None))))[:2] == ["$schema", "version"]
