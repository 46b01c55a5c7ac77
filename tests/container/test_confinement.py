"""What the containers may not do, told by the engine and tried from within."""

from typing import Any

import pytest

from tests.container.stack import Stack

SERVICES = ("masthead", "prometheus", "sites")
USERS = {"masthead": 10_001, "prometheus": 65_534, "sites": 10_001}
GIB = 2**30
TRY_MEMORY = f"b = bytearray({2 * GIB})"
TRY_THREADS = (
    "import threading\nstop = threading.Event()\n"
    "try:\n    for n in range(1000): threading.Thread(target=stop.wait, daemon=True).start()\n"
    "except RuntimeError: print('refused after', n)\nstop.set()"
)


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def status_of_first_process(stack: Stack, service: str) -> dict[str, str]:
    code, text = stack.execute(
        service, "sh", "-c", 'while read -r line; do echo "$line"; done </proc/1/status'
    )
    assert code == 0, text
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def test_it_has_no_capability_and_gets_none(stack: Stack, service: str) -> None:
    status = status_of_first_process(stack, service)
    sets = {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    assert not any(sets.values()), sets
    assert status["NoNewPrivs"] == "1"


def test_it_is_not_root(stack: Stack, service: str) -> None:
    assert set(status_of_first_process(stack, service)["Uid"].split()) == {str(USERS[service])}


def test_its_root_cannot_be_written(stack: Stack, service: str) -> None:
    for path in ("/x", "/etc/x"):
        code, said = stack.execute(service, "sh", "-c", f"echo >{path}")
        assert (code == 0, "ead-only file system" in said) == (False, True), said


def test_its_limits_are_the_engine_s(stack: Stack, service: str) -> None:
    host: dict[str, Any] = stack.inspect(service)["HostConfig"]
    assert 0 < host["Memory"] <= GIB
    assert host["NanoCpus"] > 0
    assert 0 < host["PidsLimit"] <= 256
    assert host["ReadonlyRootfs"]
    assert not host["Privileged"]


def test_the_daemon_s_own_folder_is_the_only_one_that_it_can_write(stack: Stack) -> None:
    found = "find / -xdev -writable -type d 2>/dev/null; find /data /tmp -maxdepth 0 -writable"
    _, text = stack.execute("masthead", "sh", "-c", found)
    assert set(text.split()) == {"/data", "/tmp"}


def test_more_memory_than_the_limit_kills_who_wants_it_and_not_the_daemon(stack: Stack) -> None:
    before = stack.inspect("masthead")["State"]["StartedAt"]
    code, _ = stack.execute("masthead", "python", "-c", TRY_MEMORY)
    assert code == 137
    assert stack.execute("masthead", "masthead", "health")[0] == 0
    assert stack.inspect("masthead")["State"]["StartedAt"] == before


def test_more_threads_than_the_limit_are_refused(stack: Stack) -> None:
    code, said = stack.execute("masthead", "python", "-c", TRY_THREADS)
    assert (code, "refused after" in said) == (0, True), said


def test_the_token_is_read_from_a_file_and_stands_in_no_environment(stack: Stack) -> None:
    token = (stack.tree / "deploy/secrets/token").read_text()
    assert len(token) == 64
    inspected = str(stack.inspect("masthead"))
    assert "/run/secrets/token" in inspected
    assert token not in inspected
    assert token not in stack.compose("logs", "masthead")
