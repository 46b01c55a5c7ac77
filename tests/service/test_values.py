"""Values of settings: how each kind may be written, and what it becomes."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from service.values import (
    Count,
    Days,
    Networks,
    Port,
    Ports,
    Printable,
    Rate,
    Seconds,
    Secret,
    Secrets,
    read_value,
)

Word = Annotated[Literal["auto", "head"], "a word"]


@pytest.mark.parametrize(
    ("annotation", "written", "value"),
    [
        (Count, "5", 5),
        (Count, " 1_000 ", 1_000),
        (Count, 5.0, 5),
        (Seconds, "2.5", 2.5),
        (Seconds, 2, 2.0),
        (bool, "1", True),
        (bool, "Yes", True),
        (bool, "on", True),
        (bool, "off", False),
        (bool, "FALSE", False),
        (bool, True, True),
        (Word, "HEAD", "head"),
        (Path, "null", Path("null")),
        (Path, Path("a"), Path("a")),
        (Ports, "80, 443\n8080", (80, 443, 8080)),
        (Ports, [80, "443"], (80, 443)),
        (Networks, ("10.0.0.1",), ("10.0.0.1/32",)),
    ],
)
def test_a_value_may_be_written_so(annotation: Any, written: object, value: object) -> None:
    read, faults = read_value(annotation, written)
    assert (read, type(read), faults) == (value, type(value), [])


@pytest.mark.parametrize(
    ("annotation", "written", "message"),
    [
        (Count, "0", "expected a whole number, at least 1"),
        (Count, "1e3", "expected a whole number, at least 1"),
        (Count, True, "expected a whole number, at least 1"),
        (Port, "65536", "expected a whole number, at least 1 and at most 65535"),
        (Seconds, "nan", "expected a number of seconds, more than 0 and at most 3600"),
        (Seconds, "inf", "expected a number of seconds, more than 0 and at most 3600"),
        (Days, "soon", "expected a number of days, more than 0 and at most 36500"),
        (Rate, "-1", "expected a number of requests a second, at least 0 and at most 1000000"),
        (bool, "maybe", "expected true or false"),
        (Word, "get", "expected auto or head"),
        (Path, 5, "expected a path"),
        (Secret, 5, "expected a string"),
        (Ports, 80, "expected a list"),
        (Printable, "", "expected printable ASCII characters"),
        (Printable, "a\n", "expected printable ASCII characters"),
        (Printable, "é", "expected printable ASCII characters"),
    ],
)
def test_a_value_that_is_none_is_told_what_is_expected(
    annotation: Any, written: object, message: str
) -> None:
    _, faults = read_value(annotation, written)
    assert faults == [(message, written)]


def test_each_wrong_part_of_a_list_is_told() -> None:
    _, faults = read_value(Ports, "0 80 x")
    assert [fault.value for fault in faults] == ["0", "x"]


def test_a_secret_is_shown_only_where_it_is_asked_for() -> None:
    (secret,), _ = read_value(Secrets, "hunter2")
    assert "hunter2" not in f"{secret} {secret!r}"
    assert secret.get_secret_value() == "hunter2"
