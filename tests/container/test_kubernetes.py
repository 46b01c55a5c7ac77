"""The Helm chart: linted, rendered, each object validated, and what it promises looked up in them."""

import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from helm_python import HelmError

from service.inspection import guard
from service.settings import Settings
from tests.container.chart import FULL, lint, render, write
from tests.container.commands import run

VALIDATE = Path(sys.executable).with_name("kubernetes-validate")
VERSIONS = ("1.27", "1.34")
SETTINGS_OF_THE_CHART = {"listen", "data", "token", "token_file", "workers", "modules"}
OF_THE_OPERATOR = {"ServiceMonitor"}  # Prometheus': no part of Kubernetes


@pytest.fixture(scope="module")
def objects() -> dict[str, dict[str, Any]]:
    return render(FULL)


@pytest.fixture(scope="module")
def container(objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    (found,) = objects["StatefulSet"]["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def test_helm_has_nothing_to_say_of_it() -> None:
    assert lint() == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", [{}, FULL], ids=["as it is", "with everything"])
def test_its_objects_are_what_kubernetes_knows(values: dict[str, Any], version: str, tmp_path: Path) -> None:
    rendered = render(values)
    assert {"StatefulSet", "Service", "NetworkPolicy"} <= set(rendered)
    ours = {kind: found for kind, found in rendered.items() if kind not in OF_THE_OPERATOR}
    write(ours, tmp_path / "objects.yaml")
    run(VALIDATE, "--strict", "--kubernetes-version", version, tmp_path / "objects.yaml")


def test_values_that_there_are_not_are_refused() -> None:
    wrong_settings = ({"listen": ":80"}, {"Timeout": 1}, {"timeout": {"s": 1}})
    for wrong in ({"replicas": 2}, {"workers": 0}, *({"settings": each} for each in wrong_settings)):
        with pytest.raises(HelmError):
            render(wrong)


def test_settings_reach_the_daemon_as_it_reads_them(container: dict[str, Any]) -> None:
    given = {entry["name"]: entry["value"] for entry in container["env"]}
    settings = Settings.model_validate({name: given[f"MASTHEAD_{name.upper()}"] for name in FULL["settings"]})
    assert (settings.concurrency, settings.job_urls, settings.lint) == (512, 5_000_000, False)
    assert settings.allow_net == ("10.1.0.0/16",)


def test_the_settings_that_the_chart_makes_itself_are_settings(container: dict[str, Any]) -> None:
    made = {entry["name"].removeprefix("MASTHEAD_").lower() for entry in container["env"]}
    assert made - set(FULL["settings"]) <= SETTINGS_OF_THE_CHART <= set(Settings.model_fields)


def test_the_pod_is_as_confined_as_the_level_restricted_wants(
    objects: dict[str, dict[str, Any]], container: dict[str, Any]
) -> None:
    pod = objects["StatefulSet"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10_001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}


def test_its_grace_is_longer_than_the_drain(objects: dict[str, dict[str, Any]]) -> None:
    pod = objects["StatefulSet"]["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > Settings().drain


def test_there_is_one_replica_with_its_volume(objects: dict[str, dict[str, Any]]) -> None:
    spec = objects["StatefulSet"]["spec"]
    assert spec["replicas"] == 1
    assert [claim["metadata"]["name"] for claim in spec["volumeClaimTemplates"]] == ["data"]


def test_the_network_policy_refuses_what_the_egress_guard_refuses(objects: dict[str, dict[str, Any]]) -> None:
    _, public = objects["NetworkPolicy"]["spec"]["egress"]
    ipv4, ipv6, allowed = (peer["ipBlock"] for peer in public["to"])
    assert [ip_network(block) for block in ipv4["except"]] == guard._REFUSED_V4
    assert ipv6["cidr"] == str(guard._GLOBAL_V6)
    assert {*guard._REFUSED_V6} <= {ip_network(block) for block in ipv6["except"]}
    assert allowed == {"cidr": "10.1.0.0/16"}


def test_the_service_monitor_finds_the_service(objects: dict[str, dict[str, Any]]) -> None:
    monitor, service = objects["ServiceMonitor"]["spec"], objects["Service"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    (endpoint,) = monitor["endpoints"]
    assert (endpoint["port"], endpoint["path"]) == (service["spec"]["ports"][0]["name"], "/metrics")
    assert objects["ServiceMonitor"]["metadata"]["labels"]["release"] == "prometheus"
