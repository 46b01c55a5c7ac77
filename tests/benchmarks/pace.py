"""The pace of a run against arithmetic: what is in flight, and for how long each, fixes the rate."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Flight:
    """When a URL was done with, in seconds of the system's clock, and for how long it had been in flight."""

    end_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Records a second between the tenth and the ninetieth percentile record, where neither the start nor the
    last timeouts count; and `arithmetic`, the concurrency divided by the mean time in flight."""

    rate: float
    arithmetic: float

    @classmethod
    def of(cls, flights: Sequence[Flight], concurrency: int) -> "Pace":
        ends = sorted(flight.end_s for flight in flights)
        first, last = len(ends) // 10, len(ends) * 9 // 10
        mean_s = fmean(flight.seconds for flight in flights)
        return cls((last - first) / (ends[last] - ends[first]), concurrency / mean_s)

    @property
    def share(self) -> float:
        return self.rate / self.arithmetic


def read_flights(path: Path, check: Callable[[Record], None] | None = None) -> list[Flight]:
    """Each record's flight. `check` fails where a record is not what it should be."""
    flights = []
    with path.open() as lines:
        for record in map(json.loads, lines):
            if check is not None:
                check(record)
            seconds = record["elapsed_ms"] / 1e3
            flights.append(
                Flight(datetime.fromisoformat(record["started_at"]).timestamp() + seconds, seconds)
            )
    return flights
