"""The settings in force, and where the value of each came from.

Command line beats environment (`MASTHEAD_…`) beats file (TOML) beats default. All faults of all sources are
told at once, each with the source that it came from.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from service.errors import UsageError
from service.settings import Settings, SettingsError

PREFIX: Final = "MASTHEAD_"
ALIKE: Final = 0.8  # difflib's ratio: a letter more, less or wrong of five
# OpenSSL's own variables for what is trusted where there is no `ca_file`.
ROOTS_FILE: Final = "SSL_CERT_FILE"
ROOTS_DIRECTORY: Final = "SSL_CERT_DIR"  # or several, as in PATH


class Loaded(Struct, frozen=True):
    """The settings in force, and for each one a name for where its value came from."""

    settings: Settings
    origins: Mapping[str, str]


def load_settings(
    command_line: Mapping[str, object],
    environ: Mapping[str, str],
    file: Path | None = None,
    formats: Sequence[str] = (),
) -> Loaded:
    """Join the sources; `formats` are those that the command has, the default first, where it has fewer than
    there are. Raises UsageError with every fault, one line each, by source."""
    values: dict[str, object] = {"format": formats[0]} if formats else {}
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
        return Loaded(Settings.model_validate(values, formats), origins)
    except SettingsError as error:
        raise UsageError(*(_tell(name, message, origins[name]) for name, message in error.faults)) from error


def check_roots(environ: Mapping[str, str]) -> None:
    """Raises UsageError where the environment names roots that are not there: OpenSSL passes over those
    without a word, and every certificate fails then."""
    faults: list[str] = []
    file, directories = environ.get(ROOTS_FILE), environ.get(ROOTS_DIRECTORY)
    if file and not (Path(file).is_file() and os.access(file, os.R_OK)):
        faults.append(f"environment: {ROOTS_FILE}: expected a PEM file that can be read, got {file!r}")
    if directories and not any(Path(one).is_dir() for one in directories.split(os.pathsep)):
        faults.append(f"environment: {ROOTS_DIRECTORY}: expected a directory, got {directories!r}")
    if faults:
        raise UsageError(*faults)


def option_of(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def variable_of(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def strange_variables(environ: Mapping[str, str], options: Sequence[str] = ()) -> dict[str, str]:
    """The MASTHEAD_… variables that are no settings, each with a hint at what may be meant: the one of the
    `options`, which are no settings, that it is named after, else the setting that it is most like; empty
    where it is like none."""
    known = {variable_of(name): name for name in Settings.model_fields}
    strange = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    no_settings = {variable_of(name): f"{option_of(name)} is an option only" for name in options}
    return {name: no_settings.get(name) or _hint_of_setting(name, known.values()) for name in strange}


def _read_environment(environ: Mapping[str, str]) -> dict[str, object]:
    # Other programs' MASTHEAD_… variables are not ours to refuse; `strange_variables` tells of misspelt ones.
    return {name: environ[key] for name in Settings.model_fields if (key := variable_of(name)) in environ}


def _read_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected TOML: {error}") from error


def _hint_of_setting(variable: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    # Without the prefix, which makes everything alike: Kubernetes sets MASTHEAD_PORT for a service's pods.
    near = get_close_matches(variable.removeprefix(PREFIX).lower(), names, n=1, cutoff=ALIKE)
    return f"did you mean {variable_of(near[0])}?" if near else ""


def _tell(name: str, message: str, origin: str) -> str:
    spelt = {"command line": option_of(name), "environment": variable_of(name)}.get(origin, name)
    return f"{origin}: {spelt}: {message}"
