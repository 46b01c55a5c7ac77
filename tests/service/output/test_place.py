"""Where a list and a URL are, as URIs."""

import os
from pathlib import Path

import pytest

from service.output.place import ListPlace, to_uri


def reference(name: str, *, is_file: bool = True) -> str:
    return ListPlace(name, lambda seq: seq, is_file=is_file).reference


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("urls.txt", "urls.txt"),
        ("./lists/urls.txt", "lists/urls.txt"),
        ("my list#1.txt", "my%20list%231.txt"),
        ("a:b", "a%3Ab"),
        (os.fsdecode(b"caf\xe9"), "caf%E9"),
    ],
)
def test_a_file_below_the_working_directory_is_relative(name: str, expected: str) -> None:
    assert reference(name) == expected


def test_an_absolute_path_below_it_is_relative_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert reference(str(tmp_path / "urls.txt")) == "urls.txt"
    assert reference(f"../{tmp_path.name}/urls.txt") == "urls.txt"


def test_a_file_elsewhere_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert reference("../urls.txt") == (tmp_path / "urls.txt").as_uri()


def test_what_is_no_file_has_its_name() -> None:
    assert reference("stdin", is_file=False) == "stdin"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://site.test/a?b=c#d", "https://site.test/a?b=c#d"),
        ("https://[2001:db8::1]:8443/[x]", "https://[2001:db8::1]:8443/%5Bx%5D"),
        ("http://site.test/%41%zz|^{}", "http://site.test/%41%25zz%7C%5E%7B%7D"),
        ("no such é", "no%20such%20%C3%A9"),
    ],
)
def test_a_url_is_a_uri(url: str, expected: str) -> None:
    assert to_uri(url) == expected
