"""What Prometheus is given, held to by its own tools and to what a daemon really says."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.service.api.daemons import Origin, run_daemon, run_origin

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
CASES = sorted(Path(__file__).parent.glob("*.test.yml"))
RUNBOOK = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
METRIC = re.compile(r"\b(?:(?:masthead|probe)_[a-z0-9_]+|masthead:[a-z0-9_:]+)")

pytestmark = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs Debian's prometheus")


def promtool(*arguments: str | Path, text: str | None = None) -> str:
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def rules() -> list[dict[str, Any]]:
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


RECORDED = [rule["record"] for rule in rules() if "record" in rule]
ALERTS = [rule["alert"] for rule in rules() if "alert" in rule]


async def scrape(folder: Path) -> str:
    """All that a daemon with jobs says of itself, and what it says of a site."""
    origin: Origin
    async with run_origin() as origin, run_daemon(checks="all", data=str(folder / "data")) as daemon:
        async with daemon.client.get("/probe", params={"target": origin.url}) as answer:
            probe = await answer.text()
        async with daemon.client.get("/metrics") as answer:
            return await answer.text() + probe


def test_the_configuration_is_what_prometheus_takes(tmp_path: Path) -> None:
    """As it is mounted, but for the place of the token, which promtool looks for."""
    folder = tmp_path / "prometheus"
    shutil.copytree(PROMETHEUS, folder)
    token = tmp_path / "token"
    token.write_text("abc")
    file = folder / "prometheus.yml"
    file.write_text(file.read_text().replace("/run/secrets/token", str(token)))
    assert "SUCCESS" in promtool("check", "config", file)


def test_the_rules_are_rules_and_say_what_they_are_to() -> None:
    found = re.findall(r"SUCCESS: (\d+) rules found", promtool("check", "rules", *RULES))
    assert sum(map(int, found)) == len(RECORDED) + len(ALERTS)
    assert promtool("test", "rules", *CASES).count("SUCCESS") == len(CASES)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_has_a_case_for_and_against_it_and_its_paragraph(alert: str) -> None:
    cases = [
        case["exp_alerts"]
        for file in CASES
        for test in yaml.safe_load(file.read_text())["tests"]
        for case in test.get("alert_rule_test", [])
        if case["alertname"] == alert
    ]
    assert any(cases)
    assert not all(cases)
    assert re.search(rf"^### {alert}\n\n\S", RUNBOOK, flags=re.MULTILINE)


async def test_metrics_are_as_promtool_wants_them_and_all_that_is_named_is_there(tmp_path: Path) -> None:
    text = await scrape(tmp_path)
    assert promtool("check", "metrics", text=text) == ""
    there = {*METRIC.findall(text), *RECORDED, "probe_ssl_earliest_cert_expiry"}  # the last with TLS alone
    asked = {name for rule in rules() for name in METRIC.findall(rule["expr"])}
    assert asked
    assert asked - there == set()
    assert set(METRIC.findall(RUNBOOK)) - there == set()
