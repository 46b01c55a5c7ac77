"""The composition root: everything is built here, from settings, and handed to what uses it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from service.errors import UsageError, reason_of
from service.inspection.analyse import Analyst
from service.inspection.deadline import Timeouts
from service.inspection.descriptors import raise_descriptor_limit
from service.inspection.fetch import Fetcher, FetchOptions
from service.inspection.flow import Inspector
from service.inspection.guard import Guard
from service.inspection.hosts_file import read_hosts
from service.inspection.idle import IdleConnections
from service.inspection.inspects import Inspects
from service.inspection.own_addresses import OwnAddresses
from service.inspection.pace import Pace
from service.inspection.readiness import Network
from service.inspection.resolve import NAMES_KEPT, Resolver
from service.inspection.tls import TlsPolicy
from service.inspection.wire import HeadLimits
from service.lifecycle import in_background
from service.model import parse_request_field
from service.settings import Settings
from service.telemetry.events import Hook

if TYPE_CHECKING:
    from service.jobs.model import Job
    from service.jobs.runner import Runner
    from service.probe.prober import Prober


@asynccontextmanager
async def open_fetcher(settings: Settings, names_kept: int = NAMES_KEPT) -> AsyncIterator[Fetcher]:
    """A fetcher on the running loop. Raises UsageError where the roots' file cannot be read."""
    network = Network(asyncio.get_running_loop())
    async with AsyncExitStack() as stack:
        stack.callback(network.close)
        resolver = Resolver(network, settings.resolver, settings.dns_timeout, read_hosts(), names_kept)
        stack.push_async_callback(resolver.close)
        guard = Guard.of(settings.allow_net, settings.deny_net, settings.allow_port)
        stack.callback(OwnAddresses(network.loop, guard).close)
        hosts = Pace(network.loop, settings.per_host, settings.host_gap)
        addresses = Pace(network.loop, settings.per_address, 0.0)
        idle = IdleConnections(network.deadlines)
        stack.callback(idle.close)
        yield Fetcher(network, resolver, guard, _load_tls(settings), hosts, addresses, idle)


@asynccontextmanager
async def open_inspector(settings: Settings, emit: Hook) -> AsyncIterator[Inspects]:
    """The whole flow, its worker processes started before the first fetch (none for `--checks none`)."""
    opened = _open_loops(settings, emit) if settings.loops > 1 else _open_loop(settings, emit)
    async with opened as inspector:
        yield inspector


@asynccontextmanager
async def _open_loop(settings: Settings, emit: Hook) -> AsyncIterator[Inspects]:
    concurrency = min(settings.concurrency, raise_descriptor_limit(settings.concurrency))
    workers = 0 if settings.checks == "none" else settings.workers
    async with Analyst(workers, emit) as analyst, open_fetcher(settings) as fetcher:
        yield Inspector(fetcher, analyst, concurrency, emit)


@asynccontextmanager
async def _open_loops(settings: Settings, emit: Hook) -> AsyncIterator[Inspects]:
    """Several loops, each in a process that opens its part of the settings. One loop needs none of this."""
    from service.loops.child import run_loop
    from service.loops.many import ManyLoops
    from service.loops.process import start_process

    count = min(settings.loops, settings.concurrency)
    starts = [
        partial(
            start_process,
            partial(run_loop, open_inspector=partial(_open_loop, _part(settings, number, count))),
            f"loop {number}",
        )
        for number in range(count)
    ]
    async with ManyLoops(starts, emit) as loops:
        yield loops


def _part(settings: Settings, number: int, count: int) -> Settings:
    """What one of `count` loops gets of what all may use together; at least one of each. A host has one loop,
    so `per_host` is not divided; an address may have hosts of several. The daemon's secrets stay here."""
    divided = {
        name: max(1, (value + number) // count)
        for name in ("concurrency", "workers", "per_address")
        for value in (getattr(settings, name),)
    }
    return settings.model_copy(update={**divided, "token": (), "token_file": None, "webhook_secret": ()})


@asynccontextmanager
async def open_prober(
    settings: Settings, options: FetchOptions, inspector: Inspects, emit: Hook
) -> AsyncIterator["Prober"]:
    """Probes have a fetcher of their own, without turns and without a memory of names. With several loops,
    whose workers are their own, they have a worker too."""
    from service.probe.prober import Prober

    at_once = settings.request_concurrency
    own = settings.model_copy(update={"per_host": at_once, "per_address": at_once, "host_gap": 0.0})
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(open_fetcher(own, names_kept=0))
        if isinstance(inspector, Inspector):
            judge = inspector.judge
        else:
            analyst = await stack.enter_async_context(Analyst(settings.checks != "none", emit))
            judge = Inspector(fetcher, analyst, at_once, emit).judge
        yield Prober(fetcher, options, judge, settings.ca_file, emit)


@asynccontextmanager
async def open_jobs(
    settings: Settings, inspector: Inspects, describe: "Callable[[Job], bytes]", emit: Hook
) -> AsyncIterator["Runner | None"]:
    """The store in `data` and what runs its jobs; None without a folder. `describe` gives a job as webhooks
    tell it. Raises UsageError where the store cannot be opened."""
    if settings.data is None:
        yield None
        return
    # SQLite and the daemon's logs: a list's start is not to wait for them.
    from service.jobs.runner import Runner
    from service.jobs.sqlite import open_store

    async with (
        open_store(settings.data) as store,
        Runner(store, inspector, emit) as runner,
        _open_retention(settings, runner, emit),
        _open_webhooks(settings, runner, describe, emit),
    ):
        yield runner


@asynccontextmanager
async def _open_retention(settings: Settings, runner: "Runner", emit: Hook) -> AsyncIterator[None]:
    if settings.retention_age is None and settings.retention_size is None:
        yield
        return
    from service.jobs.retention import Limits, expire_jobs

    age_s = None if settings.retention_age is None else settings.retention_age * 86_400
    limits = Limits(age_s, settings.retention_size)
    async with in_background(expire_jobs(runner.store, runner.watch, limits, emit), "expire jobs"):
        yield


@asynccontextmanager
async def _open_webhooks(
    settings: Settings, runner: "Runner", describe: "Callable[[Job], bytes]", emit: Hook
) -> AsyncIterator[None]:
    """By a fetcher of its own, under the same guard: the inspector's may be in other processes."""
    if not settings.webhook_secret:
        yield
        return
    from service.jobs.webhooks import Sender, send_webhooks
    from service.signature import read_secret

    async with open_fetcher(settings) as fetcher:
        keys = [read_secret(secret.get_secret_value()) for secret in settings.webhook_secret]
        sender = Sender(fetcher, keys, describe, emit)
        async with in_background(send_webhooks(runner.store, runner.watch, sender), "send webhooks"):
            yield


def fetch_options(settings: Settings) -> FetchOptions:
    """What the settings say of each fetch. Raises UsageError for `--lint` without httplint."""
    return FetchOptions(
        method=settings.method,
        fields=tuple(map(parse_request_field, settings.header)),
        user_agent=settings.user_agent,
        timeout_s=settings.timeout,
        timeouts=Timeouts(settings.connect_timeout, settings.tls_timeout, settings.response_timeout),
        max_redirects=settings.max_redirects,
        retries=settings.retries,
        retry_wait_s=settings.retry_wait,
        insecure=settings.insecure,
        checks=_checks(settings),
        depth=settings.depth or "headers",
        page_limit_bytes=settings.page_limit,
        url_limit_bytes=settings.url_limit,
        limits=HeadLimits(
            head_bytes=settings.head_limit,
            line_bytes=settings.line_limit,
            fields=settings.field_limit,
            informational=settings.informational_limit,
        ),
    )


def _checks(settings: Settings) -> str:
    if not settings.lint or settings.checks == "none":
        return settings.checks
    from workers import lint

    if not lint.is_installed():
        raise UsageError("lint: httplint is not installed: pip install 'masthead[lint]'")
    return f"{settings.checks},{lint.NAME}"


def _load_tls(settings: Settings) -> TlsPolicy:
    try:
        return TlsPolicy.load(settings.ca_file)
    except OSError as error:
        raise UsageError(
            f"ca_file: {settings.ca_file}: expected a PEM file of certificates: {reason_of(error)}"
        ) from error
