"""The settings as options. Names, help, types and defaults are read off `Settings`: nothing is said twice.

Nothing is judged here: values go raw to `load_settings`, which tells the faults of all sources at once.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import click
from msgspec import NODEFAULT

from service.configuration import option_of
from service.settings import Field, Settings
from service.values import take_apart

# `Settings` has its fields in this order: what is fetched, how it is judged (from `checks` on), what a run
# has to meet (from `fail_under` on), how it is shown (from `format` on), the daemon (from `listen` on), where
# a list is sent (from `to` on), and what is told.
ALL: Final = tuple(Settings.model_fields)
FETCHING: Final = ALL[: ALL.index("checks")]
INSPECTING: Final = ALL[: ALL.index("fail_under")]
GATES: Final = ALL[ALL.index("fail_under") : ALL.index("format")]
SHOWING: Final = ALL[ALL.index("format") : ALL.index("listen")]
SENDING: Final = ALL[ALL.index("to") : ALL.index("log_format")]
SERVING: Final = tuple(name for name in ALL if name not in (*GATES, *SHOWING, *SENDING))

_SHORT: Final = {"header": "-H", "quiet": "-q"}
_FORMATS: Final = {
    "table": "a report to read",
    "jsonl": "the records as JSON lines",
    "csv": "the main columns",
    "markdown": "a report for an issue or a pull request",
    "sarif": "findings for code scanning (SARIF 2.1.0)",
    "junit": "a test case a URL, for CI",
}
_METAVARS: Final = {
    "header": "'NAME: VALUE'",
    "allow_net": "CIDR",
    "deny_net": "CIDR",
    "allow_port": "PORT",
    "resolver": "ADDR[:PORT]",
    "checks": "all|none|ID,…",
    "fail_under": "GRADE",
    "token_rate": "N",
    "address_rate": "N",
    "retention_age": "DAYS",
    "listen": "HOST:PORT",
    "data": "DIR",
    "to": "URL",
}
_METAVARS_BY_TYPE: Final = {int: "N", float: "SECONDS", Path: "FILE", str: "TEXT"}


def setting_options(names: Iterable[str], formats: Sequence[str] = ()) -> list[click.Parameter]:
    """An option for each of the settings; `formats` are those that the command has, the default first."""
    return [_option(name, Settings.model_fields[name], formats if name == "format" else ()) for name in names]


def read_given(params: dict[str, Any], names: Iterable[str]) -> dict[str, object]:
    """Take the settings' options out of `params`; return those that were given on the command line."""
    values = {name: params.pop(name) for name in names}
    return {name: value for name, value in values.items() if value is not None and value != ()}


def _option(name: str, field: Field, formats: Sequence[str]) -> click.Option:
    spelt, short = option_of(name), [_SHORT[name]] if name in _SHORT else []
    kind, _ = take_apart(field.annotation)
    help_text = f"{field.description}{_shown_default(field.default)}"
    if kind is bool:
        # Both ways, since the command line must be able to beat the environment.
        return click.Option([*short, f"{spelt}/--no-{spelt[2:]}", name], default=None, help=help_text)
    choices = formats or (get_args(kind) if get_origin(kind) is Literal else ())
    if formats:
        words = (f"{one}: {_FORMATS[one]}" for one in formats)
        help_text = f"{'; '.join(words)}{_shown_default(formats[0])}"
    return click.Option(
        [*short, spelt, name],
        type=str,
        multiple=get_origin(kind) is tuple,
        default=None,
        metavar="|".join(choices) or _METAVARS.get(name) or _METAVARS_BY_TYPE.get(kind, "TEXT"),
        help=help_text,
        shell_complete=lambda _, __, typed: [one for one in choices if one.startswith(typed.lower())],
    )


def _shown_default(default: object) -> str:
    return "" if default in (None, (), False, NODEFAULT) else f" [default: {default}]"
