"""Gauges that stand for one answer and are forgotten with it, as an exporter of others' state writes them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from service.telemetry.metrics import OPENMETRICS, TEXT


class Family(NamedTuple):
    """One metric: a sample is the values of its labels, and its value."""

    name: str
    help: str
    samples: Sequence[tuple[Sequence[str], float]]
    labels: Sequence[str] = ()


def write_gauges(families: Sequence[Family], media_type: str = TEXT) -> bytes:
    """The families in the order given, in `TEXT` or `OPENMETRICS`."""
    registry = CollectorRegistry()
    registry.register(_Given(families))
    if media_type == OPENMETRICS:
        text: bytes = openmetrics.generate_latest(registry)  # type: ignore[no-untyped-call]
        return text
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: the registry is not to collect twice."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for family in self._families:
            gauge = GaugeMetricFamily(family.name, family.help, labels=family.labels)
            for labels, value in family.samples:
                gauge.add_metric(list(labels), value)
            yield gauge
