"""Prometheus, as the compose file has it: it finds the daemon and has its series."""

from tests.container.stack import Stack, wait_for

UP = 'up{job="masthead"}'


def test_the_target_is_up(stack: Stack) -> None:
    (sample,) = wait_for("the target", lambda: [s for s in stack.query(UP) if s["value"][1] == "1"])
    assert sample["metric"]["instance"] == "masthead:8080"


def test_the_series_are_there(stack: Stack) -> None:
    stack.ask("/v1/inspections", "--json", '{"urls": ["good.masthead.test", "poor.masthead.test"]}')
    inspected = wait_for("inspections", lambda: stack.query('masthead_inspections_total{outcome="ok"} > 0'))
    assert float(inspected[0]["value"][1]) >= 2
    for name in ("masthead_event_loop_lag_seconds_bucket", "masthead_build_info", "process_open_fds"):
        assert stack.query(name), name
