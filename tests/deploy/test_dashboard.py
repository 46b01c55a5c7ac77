"""The dashboard: JSON that Grafana's own types take, and queries that a real Prometheus answers with data."""

import asyncio
import json
import re
import shutil
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.deploy.watched import LOOK_S, expand, run_watched

GRAFANA = Path(__file__).parents[2] / "deploy" / "grafana"
DASHBOARD = json.loads((GRAFANA / "dashboards" / "masthead.json").read_text(encoding="utf-8"))
PANELS = DASHBOARD["panels"]
QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel.get("targets", [])]
WIDTH = 24  # of Grafana's grid
DEADLINE_S = 60.0
SPAN_S = 30.0

needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs Debian's prometheus")


def lost(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """What of ours is not in theirs, or is something else there. They may add defaults."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        missing = [f"{place}.{key}" for key in ours.keys() - theirs.keys()]
        both = ours.keys() & theirs.keys()
        return missing + [one for key in both for one in lost(ours[key], theirs[key], f"{place}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [one for number, pair in pairs for one in lost(*pair, f"{place}[{number}]")]
    return [] if ours == theirs else [f"{place}: {ours} became {theirs}"]


def test_grafana_s_types_take_all_that_is_written() -> None:
    plugins.register_default_plugins()
    again = json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD)))
    assert lost(DASHBOARD, again) == []


def test_panels_stand_side_by_side_and_each_says_what_it_shows() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    places = [panel["gridPos"] for panel in PANELS]
    assert all(place["x"] + place["w"] <= WIDTH for place in places)
    for one, other in combinations(places, 2):
        apart = (
            one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"],
            one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"],
        )
        assert any(apart), (one, other)
    assert all(panel["description"].endswith(".") for panel in PANELS if panel["type"] != "row")


def test_what_is_provisioned_fits_together() -> None:
    folder = GRAFANA / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources/prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((folder / "dashboards/masthead.yml").read_text())["providers"]
    assert (source["type"], provider["type"]) == ("prometheus", "file")
    variables = {one["name"] for one in DASHBOARD["templating"]["list"]}
    used = {name for _, expr in QUERIES for name in re.findall(r"\$(\w+)", expr)}
    assert used <= variables | {"__rate_interval"}
    uids = {panel["datasource"]["uid"] for panel in PANELS if "datasource" in panel}
    assert uids == {"${datasource}"}


@needs_prometheus
async def test_every_query_has_data_where_a_daemon_is_watched_at_work(tmp_path: Path) -> None:
    """The scrape configuration and the rules are those that are deployed: they are held to it as well."""
    async with run_watched(tmp_path) as watched:
        waiting = dict.fromkeys(QUERIES)
        with suppress(TimeoutError):
            async with asyncio.timeout(DEADLINE_S):
                await watched.work()
                while waiting:
                    for title, expr in list(waiting):
                        if await watched.query(expand(expr, watched.interval_s), SPAN_S):
                            del waiting[title, expr]
                    await asyncio.sleep(LOOK_S)
        assert list(waiting) == []
        targets = await watched.targets()
        assert {target["labels"]["job"] for target in targets} == {"masthead", "probe"}
        assert {target["health"] for target in targets} == {"up"}
        instances = {target["labels"]["instance"] for target in targets if target["labels"]["job"] == "probe"}
        assert instances == {url for url in watched.fleet.urls if "?page=0" in url}
        assert {rule["health"] for rule in await watched.rules()} == {"ok"}
