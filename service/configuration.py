"""The settings in force, and where the value of each came from.

Command line beats environment (`MASTHEAD_…`) beats file (TOML) beats default. All faults of all sources are
told at once, each with the source that it came from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from service.errors import UsageError
from service.settings import Settings, SettingsError

PREFIX: Final = "MASTHEAD_"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, and for each one a name for where its value came from."""

    settings: Settings
    origins: Mapping[str, str]


def load_settings(
    command_line: Mapping[str, object], environ: Mapping[str, str], file: Path | None = None
) -> Loaded:
    """Join the sources. Raises UsageError with every fault, one line each, by source."""
    values: dict[str, object] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for source, given in (
        (f"file {file}", _read_file(file)),
        ("environment", _read_environment(environ)),
        ("command line", command_line),
    ):
        for name, value in given.items():
            values[name] = value
            origins[name] = source
    try:
        return Loaded(Settings.model_validate(values), origins)
    except SettingsError as error:
        raise UsageError(*(_tell(name, message, origins[name]) for name, message in error.faults)) from error


def option_of(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def variable_of(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _read_environment(environ: Mapping[str, str]) -> dict[str, object]:
    # Other programs' MASTHEAD_… variables are not ours to refuse; a misspelt one shows in `masthead config`.
    return {name: environ[key] for name in Settings.model_fields if (key := variable_of(name)) in environ}


def _read_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected TOML: {error}") from error


def _tell(name: str, message: str, origin: str) -> str:
    spelt = {"command line": option_of(name), "environment": variable_of(name)}.get(origin, name)
    return f"{origin}: {spelt}: {message}"
