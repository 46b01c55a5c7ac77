"""The chart, rendered as Helm renders it: the objects that a cluster would get."""

import json
from pathlib import Path
from typing import Any, Final

import helm_python
import yaml
from helm_python import Chart

from tests.container.wheels import ROOT

CHART: Final = ROOT / "deploy/kubernetes"
RELEASE: Final = "masthead"
# Everything that may be left out is in it.
FULL: Final[dict[str, Any]] = {
    "settings": {"concurrency": 512, "job_urls": 5_000_000, "allow_net": ["10.1.0.0/16"], "lint": False},
    "modules": {"http_2xx": {"prober": "http"}},
    "persistence": {"storageClassName": "fast"},
    "networkPolicy": {
        "ingressFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
        "allowNet": ["10.1.0.0/16"],
    },
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "nodeSelector": {"kubernetes.io/arch": "arm64"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
}


def render(values: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """The objects by their kind. Raises helm_python.HelmError for values that the schema refuses."""
    with Chart.load(CHART) as chart:
        files = chart.render(values=values or {}, name=RELEASE, namespace="default")
    documents = [document for text in files.values() for document in yaml.safe_load_all(text) if document]
    return {document["kind"]: document for document in documents}


def lint() -> list[str]:
    """What Helm has to say of it: warnings and errors, not advice."""
    found = json.loads(json.dumps(helm_python.lint(CHART)))
    return [message["error"] for message in found["messages"] if message["severity"] > 1] + found["errors"]


def write(objects: dict[str, dict[str, Any]], file: Path) -> None:
    file.write_text(yaml.safe_dump_all(objects.values()))
