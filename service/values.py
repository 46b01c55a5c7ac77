"""What may be written for a setting, and what it becomes. Owns the wording of what is wrong with a value.

A setting's annotation says it all: its type, its bounds (msgspec's), its description, and a function, which
splits the string that is given for a list, and checks any other value further.
"""

import types
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from msgspec import Meta, convert

from service.errors import reason_of
from service.model import parse_request_field
from service.places import LAST_PORT, check_daemon, check_endpoint, check_listen, check_name, check_network


class Secret:
    """A text that is printed nowhere: it must be asked for."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(********)"

    def get_secret_value(self) -> str:
        return self._text


_TRUE: Final = frozenset({"1", "true", "t", "yes", "y", "on"})
_FALSE: Final = frozenset({"0", "false", "f", "no", "n", "off"})
_NOUNS: Final = {
    bool: "true or false",
    int: "a whole number",
    float: "a number of seconds",  # but where a title says another
    str: "a string",
    Path: "a path",
    Secret: "a string",
}


class Fault(NamedTuple):
    """What is wrong with a value, in words, and the value."""

    message: str
    value: object


def read_value(annotation: Any, value: object) -> tuple[Any, list[Fault]]:
    """A value as the annotation wants it, from a string or from what TOML has; or all that is wrong."""
    kind, marks = take_apart(annotation)
    if get_origin(kind) is tuple:
        return _read_list(kind, marks, value)
    try:
        return _function(marks)(_convert(annotation, value)), []
    except ValueError as error:
        return None, [Fault(str(error), value)]


def take_apart(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type that is annotated, and what is annotated to it."""
    if get_origin(annotation) is Annotated:
        return annotation.__origin__, annotation.__metadata__
    return annotation, ()


def strip_optional(annotation: Any) -> Any:
    """`X | None` means X to whoever gives a value: not giving it is the None."""
    kind, _ = take_apart(annotation)
    if get_origin(kind) in (Union, types.UnionType):
        return next(part for part in get_args(kind) if part is not type(None))
    return annotation


def _read_list(kind: Any, marks: tuple[Any, ...], value: object) -> tuple[Any, list[Fault]]:
    if isinstance(value, str):
        value = _function(marks)(value)
    if not isinstance(value, list | tuple):
        return (), [Fault("expected a list", value)]
    member, _ = get_args(kind)
    read = [read_value(member, part) for part in value]
    return tuple(part for part, _ in read), [fault for _, faults in read for fault in faults]


def _function(marks: tuple[Any, ...]) -> Callable[[Any], Any]:
    return next(filter(callable, marks), lambda value: value)


def _convert(annotation: Any, value: object) -> Any:
    kind, marks = take_apart(annotation)
    try:
        if kind in (Path, Secret):
            return value if isinstance(value, kind) else kind(convert(value, str))
        return convert(_plain(kind, value), annotation, strict=False)
    except ValueError as error:  # msgspec's is one, and Python's of a number
        raise ValueError(f"expected {_describe(kind, marks)}") from error


def _plain(kind: Any, value: object) -> object:
    """The spellings that a string may have and msgspec does not know. Raises ValueError for no number."""
    if not isinstance(value, str):
        return value
    if kind is bool:
        word = value.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else value
    if kind in (int, float):
        return kind(value)  # 1_000, as in TOML
    return value.lower() if get_origin(kind) is Literal else value


def _describe(kind: Any, marks: tuple[Any, ...]) -> str:
    if get_origin(kind) is Literal:
        *words, last = get_args(kind)
        return f"{', '.join(words)} or {last}"
    metas = [meta for meta in marks if isinstance(meta, Meta)]
    noun = next((meta.title for meta in metas if meta.title), _NOUNS[kind])
    limits = " and ".join(
        f"{words} {limit}"
        for meta in metas
        for words, limit in (("more than", meta.gt), ("at least", meta.ge), ("at most", meta.le))
        if limit is not None
    )
    return f"{noun}, {limits}" if limits else noun


def _split(value: str) -> list[str]:
    """In the environment a list is one string, with commas, white space or line ends between."""
    return value.replace(",", " ").split()


def _split_lines(value: str) -> list[str]:
    return [line for line in value.splitlines() if line.strip()]


def _check_webhook_secret(value: Secret) -> Secret:
    from service.signature import read_secret

    read_secret(value.get_secret_value())
    return value


def _check_header(value: str) -> str:
    parse_request_field(value)
    return value


def _check_printable(value: str) -> str:
    if not (value and value.isascii() and value.isprintable()):
        raise ValueError("expected printable ASCII characters")
    return value


def _check_checks(value: str) -> str:
    if value not in ("all", "none"):
        from workers.registry import select_checks

        select_checks(value)  # imports them all: only for who names some
    return value


def _check_grade(value: str) -> str:
    from workers.observatory.score_table import GRADES

    grade = value.strip().upper()
    if grade not in GRADES.values():
        raise ValueError(f"expected a grade: {', '.join(dict.fromkeys(GRADES.values()))}")
    return grade


def _check_roots(value: Path) -> Path:
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(value)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"expected a PEM file of certificates: {reason_of(error)}") from error
    return value


Seconds = Annotated[float, Meta(gt=0, le=3_600)]
Days = Annotated[float, Meta(gt=0, le=36_500, title="a number of days")]
Rate = Annotated[float, Meta(ge=0, le=1_000_000, title="a number of requests a second")]
Count = Annotated[int, Meta(ge=1)]
Bytes = Annotated[int, Meta(ge=1_024)]
Port = Annotated[int, Meta(ge=1, le=LAST_PORT)]
Ports = Annotated[tuple[Port, ...], _split]
Networks = Annotated[tuple[Annotated[str, check_network], ...], _split]
Headers = Annotated[tuple[Annotated[str, _check_header], ...], _split_lines]
Names = Annotated[tuple[Annotated[str, check_name], ...], _split]
Secrets = Annotated[tuple[Secret, ...], _split]
WebhookSecrets = Annotated[tuple[Annotated[Secret, _check_webhook_secret], ...], _split]
Endpoint = Annotated[str, check_endpoint]
Listen = Annotated[str, check_listen]
Daemon = Annotated[str, check_daemon]
Printable = Annotated[str, _check_printable]
Checks = Annotated[str, _check_checks]
Grade = Annotated[str, _check_grade]
Roots = Annotated[Path, _check_roots]
