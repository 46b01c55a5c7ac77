"""One URL in all: its chain of hops, over http where a bare host has no https, and what lies around it.

All of it lies within one deadline, which starts here.
"""

import asyncio
from time import monotonic, time
from typing import Final

from msgspec.structs import replace

from service.errors import Code, FetchFailed
from service.inspection.cut import CutShort
from service.inspection.deadline import Deadline
from service.inspection.dispatch import Entry
from service.inspection.fetch import Fetcher, FetchOptions, Request
from service.inspection.redirects import follow
from service.inspection.surroundings import gather_surroundings
from service.inspection.transport import Shortage
from service.inspection.url import DEFAULT_PORTS, Url
from workers.model import Chain, Exchange, Failure, Gathered, Stage

SHORTAGE_PAUSE_S: Final = 0.05  # doubled each time
SHORTAGE_PAUSE_LIMIT_S: Final = 1.0  # however long that lasts
PORT_PAUSE_LIMIT_S: Final = 60.0  # the last pause: a port can be kept for a minute; then it is `internal`
_NO_TLS: Final = frozenset({Code.TLS_FAILED, Code.TLS_TIMEOUT})
_UNREACHED: Final = frozenset({Code.CONNECT_REFUSED, Code.CONNECT_UNREACHABLE, Code.CONNECT_TIMEOUT})


async def fetch_patiently(fetcher: Fetcher, entry: Entry, options: FetchOptions) -> Gathered:
    """`fetch_chain`, begun again with its whole deadline where this machine has no descriptor or port left.
    That is no verdict on the URL: what is waited for are the connections that others close."""
    pause_s = SHORTAGE_PAUSE_S
    while True:
        try:
            return await fetch_chain(fetcher, entry, options)
        except Shortage as error:
            if not error.may_last:
                pause_s = min(pause_s, SHORTAGE_PAUSE_LIMIT_S)
            elif pause_s > PORT_PAUSE_LIMIT_S:
                return give_up(entry, str(error), "connect")
            await asyncio.sleep(pause_s)
            pause_s *= 2


async def fetch_chain(fetcher: Fetcher, entry: Entry, options: FetchOptions) -> Gathered:
    """All hops of one URL, whose host's turn the caller has taken. An expected failure is in the result; what
    raises is Shortage (nothing was learnt: to be begun again), bugs and cancelling."""
    started_at, began_at_s = time(), monotonic()
    deadline = Deadline(began_at_s + options.timeout_s, options.timeout_s)
    url, failure = entry.url, entry.failure
    exchanges: list[Exchange] = []
    surroundings = refused = unanswered = cut = None
    if url is not None:
        request = Request(
            "HEAD" if options.depth == "headers" and options.method != "get" else _first_method(options),
            url,
            options.fields,
            options,
            deadline,
            takes_page=options.depth == "full",
        )
        try:
            try:
                await follow(fetcher, entry, request, exchanges)
            except FetchFailed as error:
                if exchanges or not _may_fall_back(url, error):
                    raise
                if url.port == DEFAULT_PORTS["https"]:
                    refused = Chain((), error.failure, error.unanswered)
                url = url.as_http()
                request = replace(request, url=url, fields=())
                await follow(fetcher, entry, request, exchanges)
            if request.takes_page:
                surroundings = await gather_surroundings(fetcher, entry, request, exchanges, refused)
        except FetchFailed as error:
            failure, unanswered = error.failure, error.unanswered
        except asyncio.CancelledError as error:
            # Else it was another host's turn that was waited for, or an address's.
            cut = error if isinstance(error, CutShort) else CutShort("redirect" if exchanges else "connect")
            failure, unanswered = cut.failure, cut.unanswered
    waited_s = deadline.at_s - options.timeout_s - began_at_s
    gathered = Gathered(
        entry.target.seq,
        entry.target.input,
        url.href if url else None,
        tuple(exchanges),
        failure,
        started_at,
        (monotonic() - began_at_s - waited_s) * 1e6 // 1 / 1e3,  # to the microsecond
        entry.attempts,
        options.depth,
        options.checks,
        surroundings,
        unanswered,
    )
    if cut is not None:
        cut.gathered = gathered
        raise cut
    return gathered


def _first_method(options: FetchOptions) -> str:
    """A page comes with GET only."""
    is_head = options.method == "head" or (options.method == "auto" and options.depth == "headers")
    return "HEAD" if is_head else "GET"


def _may_fall_back(url: Url, error: FetchFailed) -> bool:
    """A bare host means https; and http where its port cannot be reached, or where a port that was given
    answers, but not with TLS."""
    if not url.bare or url.scheme != "https":
        return False
    return error.code in _UNREACHED or (error.code in _NO_TLS and url.port != 443)


def give_up(entry: Entry, message: str, stage: Stage) -> Gathered:
    """What is recorded of a URL that a fault of ours has kept from being fetched."""
    failure = Failure(Code.INTERNAL.value, stage, message)
    return Gathered(entry.target.seq, entry.target.input, None, (), failure, time(), 0.0, entry.attempts)
