"""The systemd unit, by systemd's own checks."""

import re
import sys
from pathlib import Path

import pytest

from service.settings import Settings
from tests.container.commands import run
from tests.container.wheels import ROOT

UNIT = ROOT / "deploy/systemd/masthead.service"
INSTALLED = "/opt/masthead/bin/masthead"
EXPOSURE_LIMIT = 1.5  # of 10; what is left is that it has the network, which is what it is for


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


def test_it_is_as_confined_as_runbook_says(unit: Path) -> None:
    told = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= EXPOSURE_LIMIT


def test_it_waits_longer_than_the_drain() -> None:
    found = re.search(r"^TimeoutStopSec=(\d+)s$", UNIT.read_text(), re.MULTILINE)
    assert found is not None
    assert int(found[1]) > Settings().drain
