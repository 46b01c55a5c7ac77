"""`.ci/audit`: what is vulnerable fails, and what could not be looked at is never taken for sound.

The services of advisories cannot be reached from tests: a program stands in for pip-audit, and writes a
report as it does.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

AUDIT = Path(__file__).parent.parent / ".ci" / "audit"
SOUND = {"name": "yarl", "version": "1.25.1", "vulns": []}
HIT = {
    "name": "aiohttp",
    "version": "3.0",
    "vulns": [{"id": "GHSA-1", "fix_versions": ["3.1"]}, {"id": "GHSA-2", "fix_versions": []}],
}
UNKNOWN = {"name": "rich", "skip_reason": "Dependency not found on PyPI and could not be audited: rich"}


def run(tmp_path: Path, packages: list[dict[str, object]] | None, **variables: str) -> tuple[int, str]:
    """Status and output. Without packages the program writes nothing, as where it has no connection."""
    program = tmp_path / "pip-audit"
    report = "" if packages is None else json.dumps({"dependencies": packages, "fixes": []})
    (tmp_path / "report").write_text(report)
    program.write_text(
        '#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\n' + f'cat "{tmp_path}/report" >"$2"\nexit 1\n'
    )
    program.chmod(0o755)
    ran = subprocess.run(
        [AUDIT, program, "some.lock"],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], **variables},
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_what_is_vulnerable_is_named_with_what_mends_it_and_fails(tmp_path: Path) -> None:
    status, told = run(tmp_path, [SOUND, HIT, UNKNOWN])
    assert status == 1
    assert "VULNERABLE: aiohttp 3.0: GHSA-1 (mended in 3.1)" in told
    assert "VULNERABLE: aiohttp 3.0: GHSA-2 (mended in no version yet)" in told
    assert "not known to the service: rich" in told
    assert "audited: 2 of 3 packages" in told


def test_what_is_sound_is_counted(tmp_path: Path) -> None:
    assert run(tmp_path, [SOUND]) == (0, "audited: 1 of 1 packages\n")


@pytest.mark.parametrize("packages", [None, [], [UNKNOWN]], ids=["no connection", "nothing", "a mirror"])
def test_what_could_not_be_looked_at_is_told_loudly(
    tmp_path: Path, packages: list[dict[str, object]] | None
) -> None:
    status, told = run(tmp_path, packages)
    assert (status, "AUDIT SKIPPED" in told) == (0, True)
    assert run(tmp_path, packages, AUDIT="required")[0] == 1
