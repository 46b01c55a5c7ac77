"""Reads the conformance sets: cases that nobody here wrote, read in place and never committed.

`MASTHEAD_CONFORMANCE` names their folder; without it a test that asks for rows is skipped, not passed.
"""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ENVIRONMENT = "MASTHEAD_CONFORMANCE"


def folder() -> Path:
    """The folder of the sets; skips the test, or the module, that asks where there is none."""
    named = os.environ.get(ENVIRONMENT)
    if not named:
        pytest.skip(
            f"{ENVIRONMENT} does not name the folder of the conformance sets", allow_module_level=True
        )
    path = Path(named)
    if not path.is_dir():
        pytest.skip(f"{ENVIRONMENT} names no folder: {named}", allow_module_level=True)
    return path


def rows(name: str) -> Iterator[Any]:
    """Every row of `<name>.jsonl.gz`, in the file's order; skips where the set is not there."""
    path = folder() / f"{name}.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not there", allow_module_level=True)
    return _rows(path)


def table(name: str) -> Any:
    """What `<name>.json` holds; skips where the set is not there."""
    path = folder() / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there", allow_module_level=True)
    return json.loads(path.read_text(encoding="utf-8"))


def _rows(path: Path) -> Iterator[Any]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
