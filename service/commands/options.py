"""The settings as options. Names, help, types and defaults are read off `Settings`: nothing is said twice.

Nothing is judged here: values go raw to `load_settings`, which tells the faults of all sources at once.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import click
from msgspec import NODEFAULT

from service.configuration import option_of
from service.settings import Field, Settings
from service.values import take_apart

# `Settings` has its fields in this order: what is fetched, how it is judged (from `checks` on), what a run
# has to meet (from `fail_under` on), the daemon (from `listen` on), where a list is sent (from `to` on), and
# what is told.
ALL: Final = tuple(Settings.model_fields)
FETCHING: Final = ALL[: ALL.index("checks")]
INSPECTING: Final = ALL[: ALL.index("fail_under")]
GATES: Final = ALL[ALL.index("fail_under") : ALL.index("listen")]
SENDING: Final = ALL[ALL.index("to") : ALL.index("log_format")]
SERVING: Final = tuple(name for name in ALL if name not in (*GATES, *SENDING))

_SHORT: Final = {"header": "-H"}
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


def setting_options(names: Iterable[str]) -> list[click.Parameter]:
    """An option for each of the settings."""
    return [_option(name, Settings.model_fields[name]) for name in names]


def read_given(params: dict[str, Any], names: Iterable[str]) -> dict[str, object]:
    """Take the settings' options out of `params`; return those that were given on the command line."""
    values = {name: params.pop(name) for name in names}
    return {name: value for name, value in values.items() if value is not None and value != ()}


def _option(name: str, field: Field) -> click.Option:
    spelt = option_of(name)
    kind, _ = take_apart(field.annotation)
    help_text = f"{field.description}{_shown_default(field.default)}"
    if kind is bool:
        # Both ways, since the command line must be able to beat the environment.
        return click.Option([f"{spelt}/--no-{spelt[2:]}", name], default=None, help=help_text)
    return click.Option(
        [spelt, name, *([_SHORT[name]] if name in _SHORT else [])],
        type=str,
        multiple=get_origin(kind) is tuple,
        default=None,
        metavar=_metavar(name, kind),
        help=help_text,
    )


def _metavar(name: str, kind: Any) -> str:
    if name in _METAVARS:
        return _METAVARS[name]
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    return _METAVARS_BY_TYPE.get(kind, "TEXT")


def _shown_default(default: object) -> str:
    return "" if default in (None, (), False, NODEFAULT) else f" [default: {default}]"
