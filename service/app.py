"""The composition root: everything is built here, from settings, and handed to what uses it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from service.errors import UsageError
from service.inspection.analyse import Analyst
from service.inspection.descriptors import raise_descriptor_limit
from service.inspection.fetch import Fetcher, FetchOptions
from service.inspection.flow import Inspector
from service.inspection.guard import Guard
from service.inspection.resolve import Resolver, read_hosts
from service.inspection.stream import Network
from service.inspection.tls import TlsPolicy
from service.inspection.wire import HeadLimits
from service.model import parse_request_field
from service.settings import Settings
from service.telemetry.events import Hook


@asynccontextmanager
async def open_fetcher(settings: Settings) -> AsyncIterator[Fetcher]:
    """A fetcher on the running loop. Raises UsageError where the roots' file cannot be read."""
    network = Network(asyncio.get_running_loop())
    async with AsyncExitStack() as stack:
        stack.callback(network.close)
        resolver = Resolver(network, settings.resolver, settings.dns_timeout, read_hosts())
        stack.push_async_callback(resolver.close)
        guard = Guard.of(settings.allow_net, settings.deny_net, settings.allow_port)
        yield Fetcher(network, resolver, guard, _load_tls(settings))


@asynccontextmanager
async def open_inspector(settings: Settings, emit: Hook) -> AsyncIterator[Inspector]:
    """The whole flow, its worker processes started before the first fetch (none for `--checks none`)."""
    concurrency = min(settings.concurrency, raise_descriptor_limit(settings.concurrency))
    workers = 0 if settings.checks == "none" else settings.workers
    async with Analyst(workers, emit) as analyst, open_fetcher(settings) as fetcher:
        yield Inspector(fetcher, analyst, concurrency, emit)


def fetch_options(settings: Settings) -> FetchOptions:
    """What the settings say of each fetch."""
    return FetchOptions(
        method=settings.method,
        fields=tuple(map(parse_request_field, settings.header)),
        user_agent=settings.user_agent,
        timeout_s=settings.timeout,
        connect_timeout_s=settings.connect_timeout,
        tls_timeout_s=settings.tls_timeout,
        response_timeout_s=settings.response_timeout,
        max_redirects=settings.max_redirects,
        insecure=settings.insecure,
        checks=settings.checks,
        url_limit_bytes=settings.url_limit,
        limits=HeadLimits(
            head_bytes=settings.head_limit,
            line_bytes=settings.line_limit,
            fields=settings.field_limit,
            informational=settings.informational_limit,
        ),
    )


def _load_tls(settings: Settings) -> TlsPolicy:
    try:
        return TlsPolicy.load(settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"ca_file: {settings.ca_file}: expected a PEM file of certificates: {error}"
        ) from error
