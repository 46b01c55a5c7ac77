"""Alerts, from their causes to Prometheus: the clock of the rules runs faster, nothing else is changed.

How long each waits, and each of the others, is held by `promtool test rules`.
"""

from tests.container.stack import Stack, wait_for


def firing(stack: Stack, alert: str) -> bool:
    return bool(stack.query(f'ALERTS{{alertname="{alert}",alertstate="firing"}}'))


def limit_files(stack: Stack, limit: str) -> None:
    """How large the daemon may make a file. Whoever has its user id may say that, and take it back."""
    script = f"import resource; resource.prlimit(1, resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))"
    code, said = stack.execute("masthead", "python", "-c", script)
    assert code == 0, said


def test_a_daemon_that_does_not_answer_is_told_of_until_it_does(stack: Stack) -> None:
    wait_for("the target", lambda: stack.query('up{job="masthead"} == 1'))
    assert not firing(stack, "MastheadDown")
    stack.compose("pause", "masthead")
    try:
        wait_for("the alert", lambda: firing(stack, "MastheadDown"))
    finally:
        stack.compose("unpause", "masthead")
    wait_for("its end", lambda: not firing(stack, "MastheadDown"))


def test_a_store_that_cannot_be_written_is_told_of_until_it_can(stack: Stack) -> None:
    """A file may not grow: what a full disk is to SQLite, but for who caused it."""
    limit_files(stack, "0")
    try:
        refused = stack.status_of("/v1/jobs", "--json", '{"urls": ["good.masthead.test"]}')
        assert refused == 503
        wait_for("the alert", lambda: firing(stack, "MastheadStoreNotWritable"))
    finally:
        limit_files(stack, "resource.RLIM_INFINITY")
    wait_for("its end", lambda: not firing(stack, "MastheadStoreNotWritable"))
    assert "id" in stack.ask("/v1/jobs", "--json", '{"urls": ["good.masthead.test"]}')
