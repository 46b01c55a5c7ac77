"""The files themselves, each by its own tool."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from service.demo.names import DOMAIN
from service.demo.sites import SITES
from tests.container.commands import run
from tests.container.conftest import BASE, PROMETHEUS
from tests.container.engine import Engine
from tests.container.stack import FILES, Stack
from tests.container.wheels import ROOT

TOOLS = Path(sys.executable).parent
COMPOSE = (ROOT / "docker-compose.yml", ROOT / "deploy/compose.demo.yml")


def test_hadolint_has_nothing_to_say_of_the_dockerfile() -> None:
    assert run(TOOLS / "hadolint", "--failure-threshold=style", ROOT / "deploy/Dockerfile") == ""


def test_the_base_is_the_official_one_that_is_stood_in_for() -> None:
    text = (ROOT / "deploy/Dockerfile").read_text()
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {BASE}
    assert yaml.safe_load(COMPOSE[0].read_text())["services"]["prometheus"]["image"] == PROMETHEUS


@pytest.mark.parametrize("file", COMPOSE, ids=lambda file: file.name)
def test_a_compose_file_is_what_the_specification_says(file: Path) -> None:
    """The tool's exit status tells whether it is, which `run` heeds; what it says, that it looked."""
    assert "ok" in run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file)


@pytest.mark.parametrize("files", [(), FILES], ids=["alone", "with the sites"])
def test_compose_takes_them(engine: Engine, tree: Path, files: tuple[str, ...]) -> None:
    """Its exit status tells of faults, which `run` heeds."""
    command = ("docker", "compose", *files, "--profile", "*", "config", "--quiet")
    assert run(*command, cwd=tree, env=engine.environment) == ""


def test_every_site_of_the_demonstration_has_its_name_in_the_network() -> None:
    sites = yaml.safe_load(COMPOSE[1].read_text())["services"]["sites"]
    assert sites["networks"]["demo"]["aliases"] == [f"{name}.{DOMAIN}" for name in SITES]


def test_prometheus_takes_its_configuration_and_rules(stack: Stack) -> None:
    """Where it has them: in its container, with the token that they name."""
    code, said = stack.execute("prometheus", "promtool", "check", "config", "/etc/prometheus/prometheus.yml")
    assert (code, "rules found" in said) == (0, True), said
