"""`masthead config`: the settings in force, as a TOML file that says them again, and where each came from."""

import json
from pathlib import Path
from typing import Any, Final

import click

from service.commands.command import SettingsCommand, say
from service.commands.options import ALL
from service.configuration import Loaded
from service.values import Secret

MASK: Final = "********"
ORIGIN_COLUMN: Final = 44


@click.command(cls=SettingsCommand, settings=ALL, tells_strangers=True)
def command(loaded: Loaded) -> None:
    """Show each setting's value and where it came from: default, file, environment, or command line.

    The output is TOML that --config takes. Secrets are masked, and therefore commented out; so is what is
    not set. MASTHEAD_ variables that are no settings are told on stderr.
    """
    for name in ALL:
        line = _line(name, getattr(loaded.settings, name))
        say(f"{line:<{ORIGIN_COLUMN}} # {loaded.origins[name]}")


def _line(name: str, value: Any) -> str:
    if value is None:
        return f"# {name} ="
    if name == "header" and value:
        # What -H adds is often a credential, and nothing but its name tells.
        return f"# {name} = {_toml(tuple(_mask_field(text) for text in value))}"
    if isinstance(value, tuple) and any(isinstance(part, Secret) for part in value):
        return f"# {name} = {_toml((MASK,) * len(value))}"
    return f"{name} = {_toml(value)}"


def _mask_field(text: str) -> str:
    return f"{text.partition(':')[0]}: {MASK}"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    # A JSON string, number or boolean is a TOML one too, but for DEL, which TOML wants escaped.
    return json.dumps(str(value) if isinstance(value, Path) else value).replace("\x7f", "\\u007f")
