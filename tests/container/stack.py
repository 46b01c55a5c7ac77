"""What README's section on the container starts, by its own words, and ways to ask it."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tests.container.commands import attempt, run
from tests.container.engine import Engine

API: Final = "http://127.0.0.1:8080"
PROMETHEUS: Final = "http://127.0.0.1:9090"
FILES: Final = ("-f", "docker-compose.yml", "-f", "deploy/compose.demo.yml")
SECTION: Final = re.compile(r"^### In a container\n.*?^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE_S: Final = 60  # for what comes by itself in a quarter of that: a scrape, an alert, a job's end


@dataclass(frozen=True, slots=True)
class Stack:
    """`told` is what README's commands printed, in `took_s` seconds."""

    engine: Engine
    tree: Path
    told: str
    took_s: float

    def compose(self, *arguments: str) -> str:
        return run("docker", "compose", *FILES, *arguments, cwd=self.tree, env=self.engine.environment)

    def execute(self, service: str, *command: str) -> tuple[int, str]:
        """The exit status of a command in a service's container, and what it said."""
        done = attempt(
            *("docker", "compose", *FILES, "exec", "-T", service, *command),
            cwd=self.tree,
            env=self.engine.environment,
        )
        return done.returncode, done.stdout + done.stderr

    def follow(self, commands: str) -> str:
        """Run a box of a page, where its reader would: what it printed."""
        environment = {**self.engine.environment, "COMPOSE_FILE": ":".join(FILES[1::2])}
        return run(*self.engine.inside, "bash", "-euc", commands, cwd=self.tree, env=environment)

    def inspect(self, service: str) -> dict[str, Any]:
        container = self.compose("ps", "--all", "--quiet", service).strip()
        (found,) = json.loads(self.engine.docker("inspect", container))
        assert isinstance(found, dict)
        return found

    def ask(self, path: str, *options: str) -> Any:
        """A call of the API, with the token; None for an empty answer."""
        answer = self._curl(*self._bearer(), *options, f"{API}{path}")
        return json.loads(answer) if answer else None

    def status_of(self, path: str, *options: str) -> int:
        """The status of the answer to such a call."""
        command = ("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}")
        return int(attempt(*self.engine.inside, *command, *self._bearer(), *options, f"{API}{path}").stdout)

    def scrape(self, name: str) -> float:
        """The sum of a metric's samples, as the daemon tells it now."""
        lines = self._curl(f"{API}/metrics").splitlines()
        return sum(float(line.split()[-1]) for line in lines if re.match(rf"{name}[ {{]", line))

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The result of a query now."""
        answer = self._curl(f"{PROMETHEUS}/api/v1/query?{urlencode({'query': expression})}")
        result = json.loads(answer)["data"]["result"]
        assert isinstance(result, list)
        return result

    def _bearer(self) -> tuple[str, str]:
        token = (self.tree / "deploy/secrets/token").read_text()
        return ("--header", f"Authorization: Bearer {token}")

    def _curl(self, *arguments: str) -> str:
        return run(*self.engine.inside, "curl", "--silent", "--show-error", "--fail-with-body", *arguments)


@contextmanager
def start_stack(engine: Engine, tree: Path) -> Iterator[Stack]:
    """Follow README's words in a clean copy of the tree; all of it is gone after the block."""
    section = SECTION.search((tree / "README.md").read_text(encoding="utf-8"))
    assert section is not None
    try:
        began_s = time.monotonic()
        told = run(*engine.inside, "bash", "-euc", section[1], cwd=tree, env=engine.environment)
        stack = Stack(engine, tree, told, time.monotonic() - began_s)
        _hasten(tree / "deploy/prometheus")
        stack.compose("kill", "--signal", "HUP", "prometheus")
        yield stack
    finally:
        run("docker", "compose", *FILES, "down", "--volumes", cwd=tree, env=engine.environment)


def wait_for(what: str, ask: Callable[[], Any]) -> Any:
    """What `ask` answers once that is true. Nothing tells when: others' clocks are waited for."""
    last = None
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        last = ask()
        if last:
            return last
        time.sleep(0.5)
    raise AssertionError(f"{what}: not within {PATIENCE_S} s; the last answer was {last!r}")


def _hasten(prometheus: Path) -> None:
    """Let Prometheus' clock run faster: alerts wait minutes for their causes to last."""
    for file, long, short in (
        ("prometheus.yml", r"_interval: 15s$", "_interval: 1s"),
        ("rules/alerts.yml", r"^( +for): \d+m$", r"\1: 2s"),
    ):
        text, count = re.subn(long, short, (prometheus / file).read_text(), flags=re.MULTILINE)
        assert count
        (prometheus / file).write_text(text)
