"""Where the command begins: quickly."""

import subprocess
import sys

from service import __version__
from workers.memory import YOUNG_OBJECTS


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout


def test_the_main_module_imports_nothing() -> None:
    """Each worker process imports it again."""
    code = "import sys; was = {*sys.modules}; import service.__main__; print(sorted({*sys.modules} - was))"
    assert run(code) == "['service', 'service.__main__', 'service.cli']\n"


def test_garbage_is_looked_for_rarely_from_the_beginning() -> None:
    code = (
        "import atexit, gc, sys, service.cli; sys.argv[1:] = ['--version'];"
        "atexit.register(lambda: print(gc.get_threshold()[0])); service.cli.main()"
    )
    assert run(code) == f"masthead {__version__}\n{YOUNG_OBJECTS}\n"
