"""Plain HTTP, one HEAD to each of very many hosts: masthead beside the limit in C and beside curl.

nginx answers on every address of 127.0.0.0/8 with a head of eleven lines. masthead records each head as a
line of JSON (`--checks none`: it judges nothing and starts no worker). The limit counts heads and writes
nothing. curl gets its best form: parallel, in chunks of 500, since its connection cache is quadratic over
many hosts; it prints the status alone, no headers.
"""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.measure import Run, machine, ratios, run_command, run_masthead, spread

ROUNDS = 7
HOSTS = 20_000
CONCURRENCY = 256
CHUNK = 500
NGINX_CONFIGURATION = """
daemon off; pid {folder}/nginx.pid; error_log stderr crit; worker_processes 1; worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    server {{
        listen {port} backlog=8192;
        add_header Strict-Transport-Security "max-age=31536000";
        add_header Content-Security-Policy "default-src 'self'; script-src 'self' 'unsafe-inline'";
        add_header X-Frame-Options DENY;
        add_header Set-Cookie "a=1; HttpOnly";
        add_header Cache-Control no-store;
        return 200 "hello";
    }}
}}
"""
PORT = 18_080


def main() -> None:
    print(
        f"HEAD to {HOSTS} hosts over plain HTTP, {CONCURRENCY} at once, {ROUNDS} rounds in turn, {machine()}"
    )
    with tempfile.TemporaryDirectory() as name, _nginx(Path(name)):
        runners = _runners(Path(name))
        runs: dict[str, list[Run]] = {name: [] for name in runners}
        for turn in range(ROUNDS):
            names = list(runners)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                runs[name].append(runners[name]())
    cpu = {name: [run.cpu_s / HOSTS * 1e6 for run in done] for name, done in runs.items()}
    for name, done in runs.items():
        walls = [run.wall_s for run in done]
        print(f"  {name:<16} CPU {spread(cpu[name], ' µs', 0)} a URL, wall {spread(walls, ' s')}")
    for name in runners:
        if name != "masthead":
            print(f"  masthead ÷ {name:<16} CPU {spread(ratios(cpu['masthead'], cpu[name]))}")


def _runners(folder: Path) -> dict[str, Callable[[], Run]]:
    urls = [f"http://127.{1 + n // 65_536}.{n // 256 % 256}.{n % 256}:{PORT}/" for n in range(HOSTS)]
    listed, output, limit = folder / "urls", folder / "records", folder / "limit"
    listed.write_text("\n".join(urls) + "\n")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise SystemExit("the limit needs a C compiler (Debian: apt-get install gcc libc6-dev)")
    source = Path(__file__).with_name("limit.c")
    subprocess.run([compiler, "-O2", "-Wall", "-o", str(limit), str(source)], check=True)

    def run_limit() -> Run:
        return _expect(
            run_command([str(limit), str(CONCURRENCY)], standard_input=listed), "limit", r"(\d+) heads"
        )

    def masthead() -> Run:
        options = (
            "--checks",
            "none",
            "--concurrency",
            str(CONCURRENCY),
            "--allow-net",
            "127.0.0.0/8",
            "--quiet",
        )
        return run_masthead(str(listed), *options, records=HOSTS, output=output)

    runners = {"masthead": masthead, "masthead again": masthead, "limit in C": run_limit}
    if curl := shutil.which("curl"):
        script = _curl_script(folder, urls, curl)
        runners["curl"] = lambda: _expect(run_command(["sh", str(script)]), "curl", r"^200$")
    return runners


def _curl_script(folder: Path, urls: list[str], curl: str) -> Path:
    lines = []
    for begin in range(0, len(urls), CHUNK):
        chunk = folder / f"curl.{begin}"
        chunk.write_text(
            "".join(f'url = "{url}"\noutput = /dev/null\n' for url in urls[begin : begin + CHUNK])
        )
        lines.append(
            f"{curl} --disable --silent --head --parallel --parallel-immediate --parallel-max {CONCURRENCY}"
            f" --write-out '%{{http_code}}\\n' --config {chunk}\n"
        )
    script = folder / "curl.sh"
    script.write_text("".join(lines))
    return script


def _expect(run: Run, who: str, pattern: str) -> Run:
    found = re.findall(pattern, run.told, flags=re.MULTILINE)
    count = int(found[0]) if len(found) == 1 and found[0].isdigit() else len(found)
    if count != HOSTS:
        raise SystemExit(f"{who} was to see {HOSTS} heads and saw {count}:\n{run.told[-1_000:]}")
    return run


@contextmanager
def _nginx(folder: Path) -> Iterator[None]:
    binary = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if binary is None:
        raise SystemExit("the benchmark's target is nginx (Debian: apt-get install nginx-light)")
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX_CONFIGURATION.format(folder=folder, port=PORT))
    process = subprocess.Popen([binary, "-c", str(configuration), "-p", str(folder)])
    try:
        _wait_for(process)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(server: "subprocess.Popen[bytes]") -> None:
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", PORT)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit(f"nginx did not start: is port {PORT} taken?")
