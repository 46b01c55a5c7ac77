"""httplint's notes beside our own, where it is installed."""

import subprocess
import sys

import pytest

from workers import lint
from workers.registry import UnknownCheckError, all_checks, select_checks
from workers.response import Response


def linted(*fields: tuple[str, str], status: int = 200) -> list[tuple[str, str, str]]:
    response = Response(url="https://example.com/", status=status, fields=fields)
    return [(found.id, found.severity, found.field) for found in lint.run(response)]


def test_its_notes_are_findings() -> None:
    assert ("httplint-cc-bad-value-type", "low", "Cache-Control") in linted(
        ("Date", "Tue, 24 Nov 2026 12:00:00 GMT"), ("Cache-Control", "max-age=abc")
    )


def test_the_length_of_content_that_is_not_looked_at_is_right() -> None:
    assert "httplint-cl-incorrect" not in {found[0] for found in linted(("Content-Length", "5"))}


@pytest.mark.parametrize("value", ["a=," * 1_300, "a=," * 20_000])
def test_a_kind_of_note_is_told_once_a_field(value: str) -> None:
    found = linted(("Cache-Control", value))
    assert len(found) == len(set(found)) < lint.NOTES_LIMIT


def test_bytes_that_are_no_text_are_linted_too() -> None:
    assert linted(("Server", "\x80\xff\x00"), ("\xe4", "b"), status=999)


def test_it_is_one_of_the_checks_only_where_it_is_named() -> None:
    assert lint.CHECK not in select_checks("all")
    assert select_checks("all,httplint") == (*all_checks(), lint.CHECK)


def test_without_it_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint, "is_installed", lambda: False)
    select_checks.cache_clear()
    assert select_checks("all") == all_checks()
    with pytest.raises(UnknownCheckError, match="got httplint"):
        select_checks("httplint")
    select_checks.cache_clear()


def test_it_is_not_loaded_unless_it_is_asked_for() -> None:
    code = "import sys, workers.entry; workers.entry.all_checks(); print('httplint' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
