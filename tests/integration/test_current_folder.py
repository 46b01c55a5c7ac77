"""The command is used in other people's folders, which have modules of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("masthead")
HELLO = "HTTP/1.1 200 OK\nServer: nginx\n\n"


@pytest.mark.parametrize(
    "stranger", ["workers/__init__.py", "service/__init__.py", "multiprocessing.py", "queue.py"]
)
@pytest.mark.parametrize("loops", ["1", "2"])
def test_no_module_of_the_current_folder_is_run(tmp_path: Path, stranger: str, loops: str) -> None:
    path = tmp_path / stranger
    path.parent.mkdir(exist_ok=True)
    path.write_text("raise SystemExit('a stranger')")
    (tmp_path / "urls").write_text("http://127.0.0.1:9/\n")
    batch = [COMMAND, "batch", "urls", "--workers", "1", "--loops", loops, "--retries", "0", "--quiet"]
    graded = [COMMAND, "grade", "-"]
    for command, given in ((batch, ""), (graded, HELLO)):
        done = subprocess.run(command, cwd=tmp_path, input=given, capture_output=True, text=True, timeout=120)
        assert "a stranger" not in done.stderr
        assert json.loads(done.stdout)["seq"] == 1
