"""A client of a daemon's jobs, by its API (`GET /openapi.json`): what `masthead submit` talks through.

A daemon may be stopped and started while its jobs go on, so nothing that it does not answer, or answers with
"later", ends anything before `PATIENCE_S` is over: a list is sent again under the same `Idempotency-Key`,
which makes it no second job, and events go on behind the last that came. Redirects are not followed: the
token is for the daemon that was named.
"""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, Literal, NamedTuple, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec
from msgspec import Struct

from service.patience import Later, Patience

T = TypeVar("T")

FIRST_PATIENCE_S: Final = 10.0  # before the first answer: a name or a port may be mistyped
PATIENCE_S: Final = 300.0  # a restart takes a drain (25 s) and a start; where an image is pulled, minutes
CONNECT_S: Final = 10.0
SILENCE_S: Final = 60.0  # events are never silent for longer than 15 s
PIECE_BYTES: Final = 64 * 1024
ANSWER_BYTES: Final = 1024 * 1024  # of a problem or a job
EVENT_BYTES: Final = 64 * 1024 * 1024  # a record with the largest heads of all hops has some ten
LATER: Final = frozenset({408, 425, 429, 502, 503, 504})
KEY_IN_USE: Final = "urn:problem-type:masthead:idempotency-key-in-use"


class Job(Struct, frozen=True):
    """What is needed of a job."""

    id: str
    state: Literal["queued", "running", "done", "cancelled"]
    total: int
    done: int


class Event(NamedTuple):
    """`data` is a record's line, or a job as JSON (`progress`, `end`)."""

    kind: str
    data: bytes


class DaemonRefused(Exception):  # noqa: N818 - an expected answer
    """The daemon says no, for good. `status` is the answer's; `faults` has each thing that it calls wrong."""

    def __init__(self, status: int, message: str, faults: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.faults = faults


class _Problem(Struct):
    type: str = "about:blank"
    title: str = ""
    detail: str = ""
    errors: tuple[dict[str, str], ...] = ()


class Client:
    """One daemon. Used as an asynchronous context manager; `tell` hears of each outage once. Every method may
    raise DaemonRefused and DaemonAway."""

    def __init__(self, url: str, token: str | None, tls: ssl.SSLContext, tell: Callable[[str], None]) -> None:
        self.url: Final = url.rstrip("/")
        headers = {"User-Agent": "masthead"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self._tell = tell
        self._patience_s = FIRST_PATIENCE_S
        self._session = aiohttp.ClientSession(
            headers=headers,
            connector=aiohttp.TCPConnector(ssl=tls),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S),
            read_bufsize=4 * PIECE_BYTES,
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def greet(self) -> None:
        """Find out early whether it is there, takes our token and keeps jobs."""
        await self._insist(lambda: self._ask("GET", "/v1/jobs?limit=1"))
        self._patience_s = PATIENCE_S

    async def submit(self, read: Callable[[], AsyncIterator[bytes]], media_type: str, key: str) -> Job:
        """Send a list, gzipped. `read` is called for each try, and gives the same each time."""
        headers = {"Content-Type": media_type, "Content-Encoding": "gzip", "Idempotency-Key": key}
        answer = await self._insist(lambda: self._ask("POST", "/v1/jobs", headers, read()))
        return read_job(answer)

    async def show(self, job_id: str) -> Job:
        return read_job(await self._insist(lambda: self._ask("GET", f"/v1/jobs/{quote(job_id, safe='')}")))

    async def follow(self, job_id: str) -> AsyncIterator[Event]:
        """Each record once, and how far the job is, until `end`."""
        position = ""
        patience = Patience(self.url, self._patience_s, self._tell)
        while True:
            fault: Exception = Later("the stream ended before the job")
            try:
                async for place, event in self._listen(job_id, position):
                    patience.renew()
                    position = place or position
                    if event is not None:
                        yield event
                        if event.kind == "end":
                            return
            except (Later, aiohttp.ClientError, TimeoutError, OSError) as error:
                fault = error
            await patience.wait(fault)

    async def _listen(self, job_id: str, position: str) -> AsyncIterator[tuple[str, Event | None]]:
        """Events and their ids; None is a sign of life."""
        headers = {"Accept": "text/event-stream", "Last-Event-ID": position}
        path = f"/v1/jobs/{quote(job_id, safe='')}/events"
        async with self._session.get(self.url + path, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                raise await _refusal(response)
            buffer = b""
            async for chunk in response.content.iter_any():
                *blocks, buffer = (buffer + chunk).split(b"\n\n")
                for block in blocks:
                    fields = dict(_read_field(line) for line in block.split(b"\n"))
                    if b"data" in fields:
                        event = Event(fields.get(b"event", b"").decode(), fields[b"data"])
                        yield fields.get(b"id", b"").decode(), event
                    elif b"" in fields:  # a comment
                        yield "", None
                if len(buffer) > EVENT_BYTES:
                    raise DaemonRefused(200, f"{self.url}: expected an event of at most {EVENT_BYTES} bytes")

    async def _ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: AsyncIterator[bytes] | None = None,
    ) -> bytes:
        async with self._session.request(
            method, self.url + path, headers=headers, data=body, allow_redirects=False
        ) as response:
            if response.status >= 300:
                raise await _refusal(response)
            return await _read(response)

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        patience = Patience(self.url, self._patience_s, self._tell)
        while True:
            try:
                return await ask()
            except (Later, aiohttp.ClientError, TimeoutError, OSError) as error:
                await patience.wait(error)


async def _refusal(response: aiohttp.ClientResponse) -> Exception:
    """What an answer that is no success comes to."""
    body = await _read(response)
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.DecodeError:
        problem = _Problem()
    said = problem.detail or response.reason or "no reason"
    if response.status in LATER or problem.type == KEY_IN_USE:
        after = response.headers.get("Retry-After", "")
        return Later(f"{response.status}: {said}", float(after) if after.isdecimal() else 0.0)
    message = f"{response.url.origin()}: {response.status}: {said}"
    faults = [_tell_fault(fault) for fault in problem.errors if fault != {"detail": problem.detail}]
    return DaemonRefused(response.status, message, faults)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The answer's body, cut where it is larger than any that we ask for."""
    body = b""
    while len(body) <= ANSWER_BYTES and (chunk := await response.content.readany()):
        body += chunk
    return body


def _tell_fault(fault: dict[str, str]) -> str:
    place = fault.get("pointer") or fault.get("location")
    return f"{place}: {fault.get('detail', '')}" if place else fault.get("detail", "")


def read_job(answer: bytes) -> Job:
    """A job as JSON. Raises DaemonRefused for anything else."""
    try:
        return msgspec.json.decode(answer, type=Job)
    except msgspec.DecodeError as error:
        raise DaemonRefused(200, f"expected a masthead daemon's job, got something else: {error}") from error


def _read_field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name, value.removeprefix(b" ")
