"""How many series there can be, whatever strangers send: the labels' sets are closed, and counted here."""

from hypothesis import given, settings
from hypothesis import strategies as st

from service.api.envelope import UNMATCHED
from service.api.routes import OPERATIONS
from service.errors import STAGE_OF, Code
from service.probe.modules import MODULES_LIMIT
from service.telemetry.dimensions import GRADES, METHODS, OTHER, PROBE_RESULTS, STAGES, STATUSES
from service.telemetry.events import Event, Inspected, ProbeEnded, RequestAnswered
from service.telemetry.metrics import Metrics
from workers.counted import write_counted
from workers.model import Failure, Verdict
from workers.registry import all_checks

ROUTES = sorted({operation.path for operation in OPERATIONS} | {UNMATCHED})
RULES = {rule.id for check in all_checks() for rule in check.rules}
MODULES = tuple(f"m{number}" for number in range(MODULES_LIMIT))
# What our own code answers with, and the code for who went away: no stranger chooses it.
ANSWERED = (200, 202, 204, *range(400, 432), 499, 500, 503)
SERIES_LIMIT = 12_000

FAILURES = [
    (code.value, stage) for code in Code for stage in ((STAGE_OF[code],) if code in STAGE_OF else STAGES)
]

text = st.text(max_size=20)
verdicts = st.builds(
    Verdict,
    st.just(1),
    st.just(b"{}"),
    st.none() | st.builds(lambda failure: Failure(*failure, "m"), st.sampled_from(FAILURES)),
    st.none() | st.integers(-1, 1_000),
    st.none() | st.sampled_from(GRADES) | text,
    st.lists(st.tuples(text | st.sampled_from(sorted(RULES)), st.just("low")), max_size=3)
    .map(tuple)
    .map(write_counted),
    st.floats(0, 100),
    st.floats(0, 100),
)
requests = st.builds(
    RequestAnswered,
    text,
    st.sampled_from(ROUTES),
    st.sampled_from(sorted(METHODS)) | text,
    st.sampled_from(ANSWERED),
    st.floats(0, 100),
)
events = verdicts.map(Inspected) | requests | st.builds(ProbeEnded, st.sampled_from(MODULES), st.booleans())


def label_values(metrics: Metrics) -> dict[str, set[tuple[str, ...]]]:
    """Of each of our families, the values that its labels have."""
    return {
        family.name: {
            tuple(sample.labels[name] for name in sorted(sample.labels)) for sample in family.samples
        }
        for family in metrics.registry.collect()
        if family.name.startswith("masthead_")
    }


@given(st.lists(events, max_size=200))
@settings(max_examples=50, deadline=None)
def test_no_label_has_a_value_that_is_not_in_its_set(happened: list[Event]) -> None:
    metrics = Metrics()
    for event in happened:
        metrics(event)
    values = label_values(metrics)
    assert values["masthead_findings"] == {(rule,) for rule in RULES} | (
        values["masthead_findings"] & {(OTHER,)}
    )
    assert values["masthead_grades"] <= {(grade,) for grade in (*GRADES, OTHER)}
    assert values["masthead_responses"] <= {(str(status),) for status in STATUSES} | {(OTHER,)}
    assert values["masthead_inspections"] == {(code, "error", stage) for code, stage in FAILURES} | {
        ("", "ok", "")
    }
    assert {method for _, method, _ in values["masthead_http_requests"]} <= {*METHODS, OTHER}
    assert values["masthead_probes"] <= {(module, result) for module in MODULES for result in PROBE_RESULTS}


def test_all_series_together_stay_below_a_bound() -> None:
    """The most that there can be: every label's every value, in every combination that can come about."""
    metrics = Metrics()
    fixed = sum(len(family.samples) for family in metrics.registry.collect())
    histogram = next(
        len(family.samples)
        for family in metrics.registry.collect()
        if family.name == "masthead_inspection_duration_seconds"
    )
    most = (
        fixed
        + len(STATUSES)
        + 2  # `other` of grades and of findings
        + len(ROUTES) * (len(METHODS) + 1) * len(ANSWERED)
        + len(ROUTES) * histogram
        + MODULES_LIMIT * len(PROBE_RESULTS)
    )
    assert most < SERIES_LIMIT
