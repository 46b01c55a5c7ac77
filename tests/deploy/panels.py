"""Panels of the dashboard as matplotlib draws them: each by its type, with its JSON's units and colours."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

FAINT: Final = "#3a3f47"
SMALL: Final = 6.5  # points
LEGEND_ROWS: Final = 2  # that have room below a panel
COLUMN_CHARACTERS: Final = 10  # of a legend, in one of the grid's columns
LINES: Final = (
    *("#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c"),
    *("#5794f2", "#b877d9", "#96d98d", "#ffcb7d"),
)
COLOURS: Final = {
    "green": "#73bf69",
    "yellow": "#f2cc0c",
    "red": "#f2495c",
    "blue": "#5794f2",
    "orange": "#ff780a",
    "dark-green": "#37872d",
    "semi-dark-green": "#56a64b",
    "light-green": "#96d98d",
    "super-light-green": "#c8f2c2",
    "super-light-yellow": "#fff899",
    "light-yellow": "#ffee52",
    "semi-dark-yellow": "#e0b400",
    "light-orange": "#ffb357",
    "dark-orange": "#fa6400",
}

Numbers = np.ndarray[Any, Any]
Panel = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a panel. Times are seconds since the epoch."""

    name: str
    labels: dict[str, str]
    times: Numbers
    values: Numbers


def draw_stat(axes: Axes, panel: Panel, series: list[Series]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    last, values = series[0].values[-1], series[0].values
    colour = _by_threshold(defaults, last)
    axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, color=colour, zorder=-1))
    axes.fill_between(series[0].times, values, color="#ffffff", alpha=0.25, linewidth=0)
    axes.set_ylim(0, max(values.max() * 2.2, 1e-9))
    axes.set_xlim(*series[0].times[[0, -1]])
    axes.set_axis_off()
    place = {"transform": axes.transAxes, "ha": "center", "va": "center"}
    shown = _mapped(defaults, last) or in_unit(defaults["unit"], last)
    axes.text(0.5, 0.55, shown, fontsize=19, color="#ffffff", weight="bold", **place)


def draw_timeseries(axes: Axes, panel: Panel, series: list[Series]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    ruled = {rule["matcher"]["options"]: rule["properties"] for rule in panel["fieldConfig"]["overrides"]}
    rules = {name: {item["id"]: item["value"] for item in items} for name, items in ruled.items()}
    places = list(rules)
    series = sorted(series, key=lambda one: places.index(one.name) if one.name in places else len(places))
    other = axes.twinx() if has_second_axis(panel) else None
    times = np.unique(np.concatenate([one.times for one in series]))
    below = np.zeros(len(times))
    for number, one in enumerate(series):
        rule = rules.get(one.name, {})
        colour = COLOURS[rule["color"]["fixedColor"]] if "color" in rule else LINES[number % len(LINES)]
        if "stacking" in defaults["custom"]:
            values = below + np.interp(times, one.times, one.values, left=0, right=0)
            look = {"color": colour, "alpha": 0.75, "linewidth": 0.4, "label": one.name}
            step = "mid" if defaults["custom"]["drawStyle"] == "bars" else None
            axes.fill_between(_days(times), below, values, step=step, **look)
            below = values
            continue
        its = other if other is not None and "custom.axisPlacement" in rule else axes
        its.plot(_days(one.times), one.values, color=colour, linewidth=1, label=one.name)
        if its is other:
            its.set_ylim(0, max(1.0, one.values.max() * 1.2))
            _set_unit(its, rule["unit"])
    axes.set_ylim(0, defaults.get("max", axes.get_ylim()[1] * 1.1))
    _set_unit(axes, defaults["unit"])
    axes.grid(color=FAINT, linewidth=0.4)
    _add_legend(axes, other, panel["gridPos"]["w"])
    _set_times(axes)


def draw_heatmap(axes: Axes, _: Panel, series: list[Series]) -> None:
    """Buckets come cumulative: each less the one below it is what fell into it."""
    ordered = sorted(series, key=lambda one: float(one.labels["le"]))
    cumulative = np.array([one.values for one in ordered])
    counts = np.diff(cumulative, axis=0, prepend=np.zeros((1, cumulative.shape[1]))).clip(0)
    filled = np.flatnonzero(counts.sum(axis=1) > 0)
    shown = slice(max(0, filled[0] - 1), filled[-1] + 2)
    counts, ordered = counts[shown], ordered[shown]
    shade = np.ma.masked_less(counts, 1e-9) ** 0.5
    rows = np.arange(len(ordered))
    axes.pcolormesh(_days(ordered[0].times), rows, shade, cmap="Oranges_r", shading="nearest", vmin=0)
    axes.set_yticks(rows, [_bound(one.labels["le"]) for one in ordered], fontsize=SMALL)
    axes.set_xlim(*_days(ordered[0].times[[0, -1]]))
    _set_times(axes)


def draw_bargauge(axes: Axes, panel: Panel, series: list[Series]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    latest = sorted(((one.values[-1], one.name) for one in series), reverse=True)[:15]
    for row, (value, _) in enumerate(latest):
        fixed = defaults["color"].get("fixedColor")
        colour = COLOURS[fixed] if fixed else _by_threshold(defaults, value)
        axes.barh(row, value, color=colour, height=0.75)
        axes.text(value, row, f" {in_unit(defaults['unit'], round(value))}", va="center", fontsize=SMALL)
    _name_rows(axes, [name for _, name in latest])
    axes.set_xticks([])


def draw_state_timeline(axes: Axes, panel: Panel, series: list[Series]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    for row, one in enumerate(series):
        days = _days(one.times)
        widths = np.full(len(days), days[1] - days[0])
        colours = [_by_threshold(defaults, value) for value in one.values]
        axes.barh([row] * len(days), widths, left=days, color=colours, height=0.8)
    _name_rows(axes, [one.name for one in series])
    _set_times(axes)


DRAWN: Final = {
    "stat": draw_stat,
    "timeseries": draw_timeseries,
    "heatmap": draw_heatmap,
    "bargauge": draw_bargauge,
    "state-timeline": draw_state_timeline,
}


def has_second_axis(panel: Panel) -> bool:
    rules = panel["fieldConfig"]["overrides"]
    return any(item["id"] == "custom.axisPlacement" for rule in rules for item in rule["properties"])


def in_unit(unit: str, value: float) -> str:
    """A value in one of Grafana's units, as far as the dashboard uses them."""
    match unit:
        case "percentunit":
            return f"{value * 100:.3g} %"
        case "s":
            factor, name = (
                (1, "s") if value >= 1 or not value else (1e3, "ms") if value >= 1e-3 else (1e6, "µs")
            )
            return f"{value * factor:.3g} {name}"
        case "bytes":
            power = min(3, int(np.log2(value) / 10)) if value >= 1 else 0
            return f"{value / 1024**power:.3g} {('B', 'KiB', 'MiB', 'GiB')[power]}"
        case "reqps":
            return f"{value:.3g}/s"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _add_legend(axes: Axes, other: Axes | None, width: int) -> None:
    shapes, names = axes.get_legend_handles_labels()
    if other is not None:
        more = other.get_legend_handles_labels()
        shapes, names = shapes + more[0], names + more[1]
    longest = max(map(len, names), default=0)
    columns = max(1, width * COLUMN_CHARACTERS // (longest + 5))
    room = LEGEND_ROWS * columns
    axes.legend(
        shapes[:room],
        names[:room],
        loc="upper left",
        bbox_to_anchor=(-0.1, -0.13),
        ncols=columns,
        fontsize=SMALL,
        frameon=False,
        handlelength=1,
        columnspacing=0.9,
    )


def _set_unit(axes: Axes, unit: str) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: in_unit(unit, value)))
    axes.tick_params(length=0)


def _set_times(axes: Axes) -> None:
    axes.xaxis_date()
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    axes.tick_params(length=0)


def _name_rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), [name.removeprefix("https://") for name in names], fontsize=SMALL)
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _days(seconds: Numbers) -> Numbers:
    """As matplotlib has dates."""
    return seconds / 86_400


def _bound(le: str) -> str:
    return "more" if le == "+Inf" else in_unit("s", float(le))


def _by_threshold(defaults: Panel, value: float) -> str:
    steps = defaults["thresholds"]["steps"]
    return COLOURS[[step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]]


def _mapped(defaults: Panel, value: float) -> str | None:
    options = (mapping["options"] for mapping in defaults.get("mappings", []))
    return next((str(one[f"{value:g}"]["text"]) for one in options if f"{value:g}" in one), None)
