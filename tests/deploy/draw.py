"""Draws the dashboard's panels, by its JSON, with what a real Prometheus says of a masthead at work.

`make dashboard` writes deploy/grafana/dashboard.png. It is no screenshot: there is no Grafana in it. Panels,
places, queries, units and colours are the dashboard's; the drawing is matplotlib's.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from tests.deploy.panels import DRAWN, FAINT, Panel, Series, has_second_axis
from tests.deploy.watched import Watched, expand, run_watched

INTERVAL_S: Final = 5
MINUTES: Final = 6
PAUSE_S: Final = 1.5  # between one piece of work and the next
COLUMN_INCHES: Final = 0.6  # of Grafana's grid
ROW_INCHES: Final = 0.3
COLUMNS: Final = 24
DPI: Final = 85
PALETTE: Final = 96  # colours: a third of the bytes, and no eye sees it
GROUND: Final = "#111217"
PANEL: Final = "#1c1f26"
TEXT: Final = "#d8d9da"


async def measure(panels: list[Panel]) -> dict[int, list[Series]]:
    """Each panel's series, after some minutes of work."""
    with TemporaryDirectory(prefix="masthead-dashboard-") as folder:
        async with run_watched(Path(folder), INTERVAL_S) as watched:
            await _work_for(watched, MINUTES * 60)
            return {panel["id"]: await _ask(watched, panel) for panel in panels}


async def _work_for(watched: Watched, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + seconds
    while loop.time() < ends_at:
        await watched.work()
        await asyncio.sleep(PAUSE_S)


async def _ask(watched: Watched, panel: Panel) -> list[Series]:
    series = []
    for target in panel.get("targets", []):
        for found in await watched.query(expand(target["expr"], INTERVAL_S), (MINUTES - 1) * 60):
            points = np.array([(float(at), float(value)) for at, value in found["values"]])
            name = _legend(target["legendFormat"], found["metric"])
            series.append(Series(name, found["metric"], points[:, 0], points[:, 1]))
    return series


def _legend(form: str, labels: dict[str, str]) -> str:
    for name, value in labels.items():
        form = form.replace("{{" + name + "}}", value)
    return "" if form == "__auto" else form


def draw(panels: list[Panel], data: dict[int, list[Series]], file: Path) -> None:
    mpl.rcParams.update(dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), TEXT))
    mpl.rcParams.update({"font.size": 7.5, "axes.edgecolor": FAINT, "axes.facecolor": PANEL})
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels)
    size = COLUMNS * COLUMN_INCHES, rows * ROW_INCHES
    figure = Figure(size, DPI, facecolor=GROUND)
    for panel in panels:
        place = panel["gridPos"]
        left, top = place["x"] * COLUMN_INCHES, size[1] - place["y"] * ROW_INCHES  # inches
        is_row = panel["type"] == "row"
        look = {"fontsize": 11, "weight": "bold"} if is_row else {"fontsize": 9}
        figure.text((left + 0.1) / size[0], (top - 0.22) / size[1], panel["title"], **look)
        if is_row:
            continue
        before, below, behind, above = _margins(panel)
        width = place["w"] * COLUMN_INCHES - before - behind
        height = place["h"] * ROW_INCHES - below - above
        corner = left + before, top - place["h"] * ROW_INCHES + below
        box = corner[0] / size[0], corner[1] / size[1], width / size[0], height / size[1]
        DRAWN[panel["type"]](figure.add_axes(box), panel, data[panel["id"]])
    drawn = BytesIO()
    figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(PALETTE).save(file, optimize=True)


def _margins(panel: Panel) -> tuple[float, float, float, float]:
    """Inches left, below, right and above, where names and titles stand."""
    match panel["type"]:
        case "stat":
            return 0.1, 0.1, 0.1, 0.32
        case "bargauge":
            return panel["gridPos"]["w"] * COLUMN_INCHES * 0.48, 0.15, 0.45, 0.36
        case "state-timeline":
            return 3.2, 0.35, 0.12, 0.36
    return 0.62, 0.55, 0.55 if has_second_axis(panel) else 0.15, 0.36


def main(arguments: Sequence[str]) -> None:
    source, file = map(Path, arguments)
    dashboard: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    panels = dashboard["panels"]
    draw(panels, asyncio.run(measure(panels)), file)


if __name__ == "__main__":
    main(sys.argv[1:])
