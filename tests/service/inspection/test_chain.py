"""One URL's chain of hops, on real servers; nothing of it raises."""

import asyncio
from contextlib import suppress
from time import monotonic

import pytest
from msgspec.structs import replace

from service.inspection import chain
from service.inspection.chain import fetch_chain, fetch_patiently
from service.inspection.deadline import Timeouts
from service.inspection.dispatch import Entry, read_entry
from service.inspection.fetch import Fetcher, FetchOptions
from service.inspection.transport import Shortage
from service.model import Target
from tests.service.inspection.servers import HELLO, Answer, respond, serve
from workers.model import Gathered

OPTIONS = FetchOptions(timeout_s=10)


def redirect(location: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\n\r\n".encode()


def by_path(pages: dict[str, bytes], seen: list[bytes] | None = None) -> Answer:
    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if seen is not None:
            seen.append(head)
        writer.write(pages[head.split(b" ", 2)[1].decode()])
        await writer.drain()

    return answer


async def fetch(fetcher: Fetcher, text: str, options: FetchOptions = OPTIONS) -> Gathered:
    return await fetch_chain(fetcher, read_entry(Target(1, text)), options)


def code(gathered: Gathered) -> str | None:
    return gathered.failure.code if gathered.failure else None


async def test_one_hop_is_recorded_as_it_was_sent(fetcher: Fetcher) -> None:
    async with serve(HELLO) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}/a?b=c")
    (exchange,) = gathered.exchanges
    assert gathered.failure is None
    assert gathered.url == exchange.url == f"http://127.0.0.1:{port}/a?b=c"
    assert (exchange.method, exchange.address, exchange.head) == ("HEAD", f"127.0.0.1:{port}", HELLO)
    assert exchange.tls is None
    assert exchange.timing_ms.tls is None
    assert None not in (exchange.timing_ms.connect, exchange.timing_ms.response)
    assert gathered.elapsed_ms > 0


async def test_redirects_are_followed_and_each_hop_is_kept(fetcher: Fetcher) -> None:
    pages = {"/": redirect("/b"), "/b": redirect("c?d", 308), "/c?d": HELLO}
    async with serve(by_path(pages)) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}")
    assert [hop.url.partition(str(port))[2] for hop in gathered.exchanges] == ["/", "/b", "/c?d"]
    assert code(gathered) is None


async def test_redirects_are_shown_and_not_followed_where_that_is_asked_for(fetcher: Fetcher) -> None:
    async with serve(redirect("/b")) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}", replace(OPTIONS, follow=False))
    assert (len(gathered.exchanges), code(gathered)) == (1, None)


async def test_a_loop_ends_at_the_bound_with_its_hops(fetcher: Fetcher) -> None:
    async with serve(redirect("/")) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}", replace(OPTIONS, max_redirects=3))
    assert (len(gathered.exchanges), code(gathered)) == (4, "too_many_redirects")


@pytest.mark.parametrize("location", ["http://", "mailto:a@b", "ftp://a/", "http://a b/", "/" + "x" * 9_000])
async def test_a_redirect_that_leads_nowhere_is_invalid(fetcher: Fetcher, location: str) -> None:
    async with serve(redirect(location)) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}")
    assert (len(gathered.exchanges), code(gathered)) == (1, "redirect_invalid")


async def test_a_redirect_into_refused_space_is_blocked(fetcher: Fetcher) -> None:
    async with serve(redirect("http://169.254.169.254/latest/meta-data")) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}")
    assert (len(gathered.exchanges), code(gathered)) == (1, "blocked_address")


async def test_a_location_in_utf8_is_read_as_such(fetcher: Fetcher) -> None:
    pages = {"/": redirect("/ü"), "/%C3%BC": HELLO}
    async with serve(by_path(pages)) as port:
        assert code(await fetch(fetcher, f"http://127.0.0.1:{port}")) is None


async def test_a_3xx_without_location_is_an_answer(fetcher: Fetcher) -> None:
    async with serve(b"HTTP/1.1 302 Found\r\n\r\n") as port:
        assert code(await fetch(fetcher, f"http://127.0.0.1:{port}")) is None


@pytest.mark.parametrize("refusal", [b"HTTP/1.1 405 No\r\n\r\n", b"HTTP/1.1 501 No\r\n\r\n", b""])
async def test_auto_falls_back_to_get_where_head_is_refused(fetcher: Fetcher, refusal: bytes) -> None:
    async with serve(respond(refusal, HELLO)) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}")
    assert [hop.method for hop in gathered.exchanges] == ["GET"]
    assert gathered.exchanges[0].head == HELLO


async def test_head_alone_does_not_fall_back(fetcher: Fetcher) -> None:
    async with serve(respond(b"", HELLO)) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}", replace(OPTIONS, method="head"))
    assert code(gathered) == "connection_closed"


async def test_a_bare_host_falls_back_to_http_where_its_port_speaks_no_tls(fetcher: Fetcher) -> None:
    async with serve(HELLO, hasty=True) as port:
        gathered = await fetch(fetcher, f"one.test:{port}")
    assert (gathered.url, code(gathered)) == (f"http://one.test:{port}/", None)


async def test_a_url_with_a_scheme_does_not_fall_back(fetcher: Fetcher) -> None:
    async with serve(HELLO, hasty=True) as port:
        gathered = await fetch(fetcher, f"https://one.test:{port}")
    assert (gathered.url, code(gathered)) == (f"https://one.test:{port}/", "tls_failed")


async def test_given_headers_go_to_their_origin_and_to_no_other(fetcher: Fetcher) -> None:
    here: list[bytes] = []
    there: list[bytes] = []
    async with serve(by_path({"/": HELLO}, there)) as other:
        pages = {"/": redirect("/again"), "/again": redirect(f"http://127.0.0.1:{other}/")}
        async with serve(by_path(pages, here)) as port:
            options = replace(OPTIONS, fields=(("Authorization", "Bearer x"),))
            assert code(await fetch(fetcher, f"http://127.0.0.1:{port}", options)) is None
    assert [b"Authorization: Bearer x" in head for head in here] == [True, True]
    assert [b"Authorization" in head for head in there] == [False]


async def test_the_second_address_is_connected_to_where_the_first_refuses(fetcher: Fetcher) -> None:
    async with serve(HELLO, "127.0.0.1") as port:
        gathered = await fetch(fetcher, f"http://two.test:{port}")
    assert gathered.exchanges[0].address == f"127.0.0.1:{port}"


async def test_one_refused_address_blocks_a_host_with_others(fetcher: Fetcher) -> None:
    assert code(await fetch(fetcher, "http://mixed.test/")) == "blocked_address"


async def test_the_whole_deadline_covers_all_hops_and_the_connection_is_gone(fetcher: Fetcher) -> None:
    gone = asyncio.get_running_loop().create_future()

    async def answer(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if head.startswith(b"HEAD / "):
            writer.write(redirect("/silent"))
            await writer.drain()
        else:
            with suppress(ConnectionResetError):
                await reader.read()
            gone.set_result(None)

    began = monotonic()
    async with serve(answer) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}", replace(OPTIONS, timeout_s=0.2))
        await gone
    assert (len(gathered.exchanges), code(gathered)) == (1, "deadline_exceeded")
    assert 0.2 <= monotonic() - began < 5


async def test_a_phase_s_own_limit_names_the_timeout(fetcher: Fetcher) -> None:
    async def keep_silent(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve(keep_silent) as port:
        options = replace(OPTIONS, timeouts=Timeouts(response_s=0.1))
        assert code(await fetch(fetcher, f"http://127.0.0.1:{port}", options)) == "response_timeout"


async def test_a_name_whose_resolver_is_down_is_not_a_name_that_does_not_exist(fetcher: Fetcher) -> None:
    assert code(await fetch(fetcher, "http://nowhere.test/")) in {"dns_failed", "dns_timeout"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("http://", "invalid_url"), ("ftp://x", "unsupported_scheme"), ("http://127.0.0.1:25", "blocked_port")],
)
async def test_what_needs_no_connection_fails_at_once(fetcher: Fetcher, text: str, expected: str) -> None:
    assert code(await fetch(fetcher, text)) == expected


async def test_a_fault_seen_while_reading_the_list_is_the_record_s(fetcher: Fetcher) -> None:
    gathered = await fetch_chain(
        fetcher, read_entry(Target(7, "\\xff", "line 3, byte 9: expected UTF-8")), OPTIONS
    )
    assert (gathered.seq, code(gathered), gathered.url) == (7, "invalid_url", None)


async def test_cancelling_closes_the_connection(fetcher: Fetcher) -> None:
    asked = asyncio.Event()
    gone = asyncio.get_running_loop().create_future()

    async def keep_silent(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        asked.set()
        with suppress(ConnectionResetError):
            await reader.read()
        gone.set_result(None)

    async with serve(keep_silent) as port:
        fetching = asyncio.create_task(fetch(fetcher, f"http://127.0.0.1:{port}"))
        await asked.wait()
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
        await gone


async def test_a_refused_head_is_the_answer_where_get_fails_too(fetcher: Fetcher) -> None:
    async with serve(respond(b"HTTP/1.1 405 No\r\n\r\n", b"")) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}")
    assert code(gathered) is None
    assert [hop.method for hop in gathered.exchanges] == ["HEAD"]


async def test_given_headers_do_not_go_out_in_clear_where_https_could_not_be_reached(
    fetcher: Fetcher,
) -> None:
    asked: list[bytes] = []

    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(head)
        writer.write(HELLO)

    async with serve(answer, hasty=True) as port:
        options = replace(OPTIONS, fields=(("Authorization", "Bearer x"),))
        assert code(await fetch(fetcher, f"one.test:{port}", options)) is None
    assert not any(b"Bearer" in head for head in asked)


async def test_given_headers_do_not_come_back_with_a_redirect_to_their_origin(fetcher: Fetcher) -> None:
    here: list[bytes] = []
    pages = {"/": b"", "/end": HELLO}
    there: dict[str, bytes] = {}
    async with serve(by_path(pages, here)) as port, serve(by_path(there)) as other:
        pages["/"] = redirect(f"http://127.0.0.1:{other}/")
        there["/"] = redirect(f"http://127.0.0.1:{port}/end")
        options = replace(OPTIONS, fields=(("Authorization", "Bearer x"),))
        assert code(await fetch(fetcher, f"http://127.0.0.1:{port}", options)) is None
    assert [b"Bearer" in head for head in here] == [True, False]


class Short:
    """A machine that has no room so many times."""

    def __init__(self, times: int, *, may_last: bool) -> None:
        self.left = times
        self._may_last = may_last

    async def __call__(self, fetcher: Fetcher, entry: Entry, options: FetchOptions) -> Gathered:
        if self.left:
            self.left -= 1
            raise Shortage("no room", may_last=self._may_last)
        return await fetch_chain(fetcher, entry, options)


@pytest.mark.parametrize(("may_last", "ends_as"), [(False, None), (True, "internal")])
async def test_only_what_may_be_missing_for_good_is_given_up(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, may_last: bool, ends_as: str | None
) -> None:
    monkeypatch.setattr(chain, "SHORTAGE_PAUSE_S", 1e-6)
    monkeypatch.setattr(chain, "SHORTAGE_PAUSE_LIMIT_S", 1e-3)
    monkeypatch.setattr(chain, "PORT_PAUSE_LIMIT_S", 1e-3)
    monkeypatch.setattr(chain, "fetch_chain", Short(30, may_last=may_last))
    async with serve(HELLO) as port:
        entry = read_entry(Target(1, f"http://127.0.0.1:{port}/"))
        assert code(await fetch_patiently(fetcher, entry, OPTIONS)) == ends_as
