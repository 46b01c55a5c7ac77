"""The systemd unit: by systemd's own checks, and installed by the runbook's words where systemd runs."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import Settings
from tests.container.commands import attempt, run
from tests.container.conftest import MACHINE
from tests.container.engine import Engine
from tests.container.runbook import boxes
from tests.container.wheels import ROOT

UNIT = ROOT / "deploy/systemd/masthead.service"
INSTALLED = "/opt/masthead/bin/masthead"
EXPOSURE_LIMIT = 1.5  # of 10; what is left is that it has the network, which is what it is for
HEALTHY = f"until {INSTALLED} health 2>/dev/null; do sleep 0.2; done"
# As on a machine, and not as in a container: control groups can be written (those of its private namespace),
# and mounts are shared with the services' namespaces, which credentials need.
BOOT = (
    "for groups in /sys/fs/cgroup /sys/fs/cgroup/systemd; do mount -o remount,bind,rw $groups || true; done; "
    "mount --make-rshared /; exec /sbin/init"
)
ASK = (
    "import json, urllib.request as u; print(u.urlopen(u.Request('http://127.0.0.1:8080/v1/inspections',"
    " json.dumps({'urls': ['http://good.masthead.test/', 'http://127.0.0.1:8080/']}).encode(),"
    " {'Authorization': 'Bearer ' + open('/etc/masthead/tokens').read().strip(),"
    " 'Content-Type': 'application/json'})).read().decode())"
)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with the command where it is here: systemd looks whether it can be run."""
    text = UNIT.read_text()
    assert INSTALLED in text
    copy = tmp_path / UNIT.name
    copy.write_text(text.replace(INSTALLED, str(Path(sys.executable).with_name("masthead"))))
    return copy


def test_systemd_has_nothing_to_say_of_it(unit: Path) -> None:
    assert run("systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", unit) == ""


def test_it_is_as_confined_as_the_runbook_says(unit: Path) -> None:
    told = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= EXPOSURE_LIMIT


def test_it_waits_longer_than_the_drain() -> None:
    found = re.search(r"^TimeoutStopSec=(\d+)s$", UNIT.read_text(), re.MULTILINE)
    assert found is not None
    assert int(found[1]) > Settings().drain


class Machine:
    """A Debian in a container, with systemd as its first process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, commands: str) -> str:
        return run(
            *("docker", "exec", "--interactive", "--workdir=/root/tree", MACHINE, "bash", "-eu"),
            env=self._engine.environment,
            given=commands,
        )

    def journal(self) -> str:
        return self.run("journalctl --unit masthead --output cat --no-pager")


@pytest.fixture(scope="module")
def machine(engine: Engine, image: str, tree: Path) -> Iterator[Machine]:
    """With the checkout in /root/tree, and a token."""
    engine.docker(
        *("run", "--detach", "--name", MACHINE, "--add-host=good.masthead.test:127.0.0.5"),
        # What systemd needs to make its services' namespaces: this is the machine, not the service.
        *("--cap-add=SYS_ADMIN", "--cap-add=SYS_PTRACE", "--cgroupns=private"),
        *("--tmpfs=/run", "--tmpfs=/tmp:exec"),
        *(f"--security-opt={what}=unconfined" for what in ("seccomp", "apparmor", "systempaths")),
        *(MACHINE, "sh", "-c", BOOT),
    )
    try:
        engine.docker("cp", tree, f"{MACHINE}:/root/tree")
        found = Machine(engine)
        found.run("mkdir -p deploy/secrets; echo token >deploy/secrets/token")
        found.run("until systemctl is-system-running --wait; do sleep 0.2; done")
        found.run(boxes()["systemd"].replace("\n/opt/masthead/bin/masthead health", f"\n{HEALTHY}"))
        yield found
    finally:
        attempt("docker", "rm", "--force", "--volumes", MACHINE, env=engine.environment)


def test_it_runs_confined_and_takes_the_token_that_nobody_else_can_read(machine: Machine) -> None:
    status = machine.run("cat /proc/$(systemctl show --property MainPID --value masthead)/status")
    assert re.search(r"^CapBnd:\s0+$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\s2$", status, re.MULTILINE)
    assert not re.search(r"^Uid:\s0\s", status, re.MULTILINE)
    assert machine.run("stat --format %a /etc/masthead/tokens") == "600\n"
    assert "address of this host" in machine.run(f'/opt/masthead/bin/python -c "{ASK}"')


def test_it_inspects_and_judges_within_its_confinement(machine: Machine) -> None:
    """Workers, the store and OpenSSL all start in it."""
    machine.run(
        f"nohup {INSTALLED} demo --serve 127.0.0.5 --output /root/demo >/dev/null 2>&1 & "
        "echo 'allow_net = [\"127.0.0.5/32\"]' >/etc/masthead/masthead.toml; "
        f"systemctl restart masthead; {HEALTHY}"
    )
    assert '"grade":"' in machine.run(f'/opt/masthead/bin/python -c "{ASK}"').replace(" ", "")


def test_a_reload_reads_the_tokens_again_and_a_stop_drains(machine: Machine) -> None:
    machine.run("systemctl reload masthead; systemctl stop masthead")
    assert machine.run("systemctl show --property Result --value masthead") == "success\n"
    journal = machine.journal()
    assert journal.index('"draining"') < journal.index('"event": "stopped"')
