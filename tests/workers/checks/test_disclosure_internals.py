"""What the headers tell of the inside."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.disclosure_internals import CHECK

CASES = (
    Case("nothing", (("Server", "nginx"),)),
    Case("an empty one", (("X-Runtime", ""),)),
    Case("a profiler", (("X-Debug-Token-Link", "/_profiler/1a2b3c"),), ("debug-field-sent",)),
    Case("a server's name", (("X-Backend-Server", "web-3"),), ("backend-host-disclosed",)),
    Case("a trace", (("x-b3-traceid", "80f198ee56343ba8"),), ("tracing-disclosed",)),
    Case("a gateway", (("X-Kong-Upstream-Latency", "7"),), ("proxy-internals-disclosed",)),
    Case("a cache's tags", (("X-LiteSpeed-Tag", "post_7"),), ("cache-internals-disclosed",)),
    Case("the time it took", (("X-Runtime", "0.0317"),), ("processing-time-disclosed",)),
    Case("the same twice", (("X-Runtime", "0.1"), ("x-runtime", "0.2")), ("processing-time-disclosed",)),
    Case(
        "several",
        (("X-Varnish-Backend", "web-3"), ("X-Envoy-Upstream-Service-Time", "7")),
        ("backend-host-disclosed", "processing-time-disclosed"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_each_field_is_a_finding_that_says_what_it_tells_and_how_to_be_rid_of_it() -> None:
    case = Case("behind", (("X-B3-TraceId", "80f1"), ("X-Varnish-Server", "cache-1")))
    assert [
        (finding.field, finding.evidence, finding.fix, finding.message) for finding in findings(CHECK, case)
    ] == [
        (
            "X-B3-TraceId",
            "80f1",
            "Remove the field X-B3-TraceId",
            "X-B3-TraceId tells strangers of a trace (B3).",
        ),
        (
            "X-Varnish-Server",
            "cache-1",
            "Remove the field X-Varnish-Server",
            "X-Varnish-Server tells strangers of the cache's host.",
        ),
    ]


def test_a_response_full_of_them_is_cut_short() -> None:
    fields = tuple(
        (f"X-Datadog-{name}", "1") for name in ("Origin", "Tags", "Trace-Id", "Parent-Id") for _ in range(100)
    )
    assert len(findings(CHECK, Case("many", fields))) == 4
