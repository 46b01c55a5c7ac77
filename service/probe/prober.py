"""One probe: a target is asked as its module says, judged, and held to what the module expects.

Probes have a fetcher of their own: they are few and timed, so they wait for no list's turns, and what they
measure is theirs (no name, connection or session is used again). All of a probe lies within its timeout.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Final

from msgspec import structs

from service.errors import Code, FetchFailed
from service.inspection.chain import fetch_chain, give_up
from service.inspection.dispatch import Entry, read_entry
from service.inspection.fetch import Fetcher, FetchOptions
from service.inspection.idle import IdleConnections
from service.inspection.transport import Shortage
from service.model import RequestField, Target
from service.probe.expectations import compare
from service.probe.module import HttpProbe, Module
from service.probe.probed import Probed, find_answer
from service.probe.tls import ProbeTls
from service.probe.witness import Witness
from service.telemetry.events import Fetched, Hook, Inspected, ProbeEnded
from workers.model import Failure, Gathered, Verdict
from workers.record import record_only

Judge = Callable[[Gathered], Awaitable[Verdict]]

# What may stand in Host: nothing that could end the field, and be taken for another.
HOST_NAME: Final = re.compile(r"([A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?")
LEAST_JUDGING_S: Final = 0.1  # where fetching took all of the time, what came late is judged all the same


class Prober:
    """Probes by the modules that it has at the time; a probe under way keeps the one that it began with."""

    def __init__(
        self, fetcher: Fetcher, options: FetchOptions, judge: Judge, ca_file: Path | None, emit: Hook
    ) -> None:
        self._fetcher = fetcher
        self._options = options
        self._judge = judge
        self._ca_file = ca_file
        self._emit = emit
        self._modules: dict[str, tuple[Module, ProbeTls]] = {}

    def adopt(self, modules: Mapping[str, Module]) -> None:
        """From now on, these are the modules that there are."""
        self._modules = {
            name: (module, ProbeTls(module.http.tls_config, self._ca_file))
            for name, module in modules.items()
        }

    @property
    def modules(self) -> Mapping[str, Module]:
        return {name: module for name, (module, _) in self._modules.items()}

    async def probe(self, target: str, name: str, timeout_s: float, host: str | None = None) -> Probed:
        """Probe the target (a URL; without a scheme, http) by the module of that name: there must be one.
        `host` is what the target is called, in Host and to TLS, where that is not its own name."""
        module, tls = self._modules[name]
        began_at_s = monotonic()
        entry = _read_target(target, self._options.url_limit_bytes)
        witness = Witness(module.http, self._fetcher, tls, *_call(entry, host or module.http.host))
        gathered = await self._fetch(entry, witness, self._options_of(module.http, timeout_s))
        verdict = await self._conclude(gathered, began_at_s + timeout_s)
        answer = find_answer(gathered)
        probed = Probed(
            target=target,
            name=name,
            module=module,
            timeout_s=timeout_s,
            duration_s=monotonic() - began_at_s,
            gathered=gathered,
            verdict=verdict,
            seen=tuple(witness.seen),
            failures=tuple(_find_failures(gathered, verdict)),
            unmet=() if answer is None else tuple(compare(module.http, answer, verdict)),
        )
        self._emit(ProbeEnded(name, probed.success))
        return probed

    async def _fetch(self, entry: Entry, witness: Witness, options: FetchOptions) -> Gathered:
        idle = IdleConnections(self._fetcher.network.deadlines)
        try:
            gathered = await fetch_chain(witness.observed(idle), entry, options)
        except Shortage as error:  # to wait for descriptors would be to miss the scrape
            gathered = give_up(entry, str(error), "connect")
        finally:
            idle.close()
        self._emit(Fetched(gathered))
        return gathered

    async def _conclude(self, gathered: Gathered, ends_at_s: float) -> Verdict | None:
        if gathered.failure is not None:
            verdict = record_only(gathered)
            self._emit(Inspected(verdict))
            return verdict
        try:
            async with asyncio.timeout(max(LEAST_JUDGING_S, ends_at_s - monotonic())):
                return await self._judge(gathered)
        except TimeoutError:
            return None

    def _options_of(self, http: HttpProbe, timeout_s: float) -> FetchOptions:
        ours = self._options
        return structs.replace(
            ours,
            method="head" if http.method == "HEAD" else "get",
            fields=_join(ours.fields, http.fields),
            timeout_s=timeout_s,
            max_redirects=http.max_redirects,
            follow=http.follow_redirects,
            insecure=False,  # skipping verification is `tls`'s: it costs no second connection
            checks=http.checks or ours.checks,
            depth="headers",
            measures_content=True,
        )


def _read_target(target: str, limit_bytes: int) -> Entry:
    has_scheme = target.lower().startswith(("http://", "https://"))
    return read_entry(Target(1, target if has_scheme else f"http://{target}"), limit_bytes)


def _call(entry: Entry, host: str | None) -> tuple[str | None, str | None]:
    """Have the target called `host`. Returns what it is called, and what is looked up for that."""
    url = entry.url
    if url is None or host is None:
        return (None, None) if url is None else (url.host, url.host)
    name = HOST_NAME.fullmatch(host)
    called = (
        None
        if name is None
        else read_entry(Target(1, f"{url.scheme}://{name[1]}:{url.port}{url.target}")).url
    )
    if called is None:
        message = f"expected a host for Host, with a port or without, got {host[:100]!r}"
        entry.url, entry.failure = None, FetchFailed(Code.INVALID_URL, message).failure
        return None, None
    entry.url = structs.replace(called, authority=host)  # as it was given, not with the target's port
    return called.host, url.host


def _join(ours: tuple[RequestField, ...], theirs: tuple[RequestField, ...]) -> tuple[RequestField, ...]:
    """The module's fields take the place of the daemon's of the same name."""
    replaced = {name.lower() for name, _ in theirs}
    return tuple(entry for entry in ours if entry[0].lower() not in replaced) + theirs


def _find_failures(gathered: Gathered, verdict: Verdict | None) -> list[Failure]:
    if verdict is None:
        message = "no verdict within the probe's timeout"
        return [FetchFailed(Code.DEADLINE_EXCEEDED, message, stage="analyse").failure]
    failures = [] if verdict.failure is None else [verdict.failure]
    contents = (exchange.content for exchange in gathered.exchanges)
    failures += [
        content.failure for content in contents if content is not None and content.failure is not None
    ]
    return failures
