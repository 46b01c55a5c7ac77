"""Names: the list of `plain` once more, each host by a name of its own, asked of a DNS server on loopback.

masthead asks it through c-ares. Debian's curl has the system's resolver in a thread a name, the memo asks it
in the loop's pool of threads, and Go has a resolver of its own: they are run with an /etc/resolv.conf of
their own, in a mount namespace, which takes root. Where this machine has no way to IPv6, masthead asks one
question a name, and curl is told `--ipv4` to do the same; elsewhere both ask for both families.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from service.inspection.resolve import has_ipv6_route
from tests.benchmarks import peers
from tests.benchmarks.compare import ROUNDS, compare
from tests.benchmarks.measure import machine
from tests.benchmarks.options import Options
from tests.benchmarks.programs import compile_c, require, serving
from tests.benchmarks.table import Table
from tests.benchmarks.targets import address, nginx

HOSTS = 20_000
SERVER = "127.0.53.53"  # resolv.conf has no room for a port: it is 53, of an address that nobody else has
ZONE = "bench.example"


def measure(options: Options) -> Table:
    hosts, rounds = options.hosts or HOSTS, options.rounds or ROUNDS
    with (
        tempfile.TemporaryDirectory() as name,
        nginx(Path(name)) as port,
        name_server(Path(name), SERVER, first=address(0)),
    ):
        work = peers.Work(Path(name), Path(name, "urls"), hosts, within=_own_resolver(Path(name)))
        write_names(work.urls, hosts, port)
        resolver = ("--resolver", SERVER)
        measured = (
            peers.masthead(work, *resolver),
            peers.masthead(work, *resolver, name="masthead again"),
            peers.curl(work, *(() if has_ipv6_route() else ("--ipv4",))),
            peers.go(work),
            peers.memo(work),
        )
        title = f"HEAD to {hosts:,} names over plain HTTP, {work.concurrency} at once"
        return compare(
            f"{title}, {rounds} rounds, {machine()}", [peer for peer in measured if peer], hosts, rounds
        )


@contextmanager
def name_server(folder: Path, address: str, *, first: str, within: Sequence[str] = ()) -> Iterator[None]:
    """Serves the zone for the block's time: `hN` has the Nth address from `first`."""
    with serving([*within, compile_c("name_server.c", folder), address, "53", first]):
        yield


def write_names(path: Path, count: int, port: int) -> None:
    path.write_text("".join(f"http://h{n}.{ZONE}:{port}/\n" for n in range(count)))


def _own_resolver(folder: Path) -> Sequence[str]:
    """A command that runs another one where the system's name server is ours."""
    if os.geteuid() != 0:
        raise SystemExit("this benchmark needs root: port 53, and a mount namespace for its /etc/resolv.conf")
    configuration = folder / "resolv.conf"
    configuration.write_text(f"nameserver {SERVER}\n")
    script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    return (require("unshare", "util-linux"), "--mount", "sh", "-c", script, str(configuration))
