"""Probing real servers: what is seen of them, and what is never sent to them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.app import fetch_options, open_inspector, open_prober
from service.probe.module import HttpProbe, Module, TlsConfig
from service.probe.probed import Probed
from service.probe.prober import Prober
from service.probe.story import tell_story
from service.settings import Settings
from service.telemetry.events import Event, Fetched, Inspected, ProbeEnded
from tests.service.inspection.certificates import Authority, make_authority
from tests.service.inspection.servers import HELLO, serve

TIMEOUT_S = 5.0


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path)


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
async def prober(authority: Authority, events: list[Event]) -> AsyncIterator[Prober]:
    settings = Settings.model_validate(
        {"checks": "none", "allow_net": ["127.0.0.0/8", "::1/128"], "ca_file": str(authority.ca_file)}
    )
    async with (
        open_inspector(settings, events.append) as inspector,
        open_prober(settings, fetch_options(settings), inspector, events.append) as prober,
    ):
        yield prober


async def probe(prober: Prober, target: str, http: HttpProbe | None = None) -> Probed:
    prober.adopt({"m": Module(prober="http", http=http or HttpProbe())})
    return await prober.probe(target, "m", TIMEOUT_S)


def failures(probed: Probed) -> list[tuple[str, str]]:
    return [(failure.stage, failure.code) for failure in probed.failures]


async def test_a_server_that_is_not_trusted_shows_its_certificate_and_is_sent_nothing(
    prober: Prober, authority: Authority
) -> None:
    asked = []

    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(head)
        writer.write(HELLO)

    async with serve(answer, tls=authority.server_context("other.test")) as port:
        url = f"https://127.0.0.1:{port}/"
        refused = await probe(prober, url, HttpProbe(headers={"Authorization": "Bearer secret"}))
        assert asked == []
        skipping = HttpProbe(tls_config=TlsConfig(insecure_skip_verify=True))
        taken = await probe(prober, url, skipping)
    assert failures(refused) == [("tls", "tls_certificate")]
    assert "mismatch" in refused.failures[0].message
    assert refused.shown is not None
    assert taken.shown is not None
    assert refused.shown.doubt == taken.shown.doubt
    assert refused.shown.presented
    assert not refused.shown.verified
    assert taken.success
    assert len(asked) == 1
    tls = taken.gathered.exchanges[0].tls
    assert tls is not None
    assert not tls.verified


async def test_each_probe_shakes_hands_anew_and_sees_the_whole_chain(
    prober: Prober, authority: Authority
) -> None:
    async with serve(HELLO, tls=authority.server_context("127.0.0.1")) as port:
        for _ in range(3):
            probed = await probe(prober, f"https://127.0.0.1:{port}/")
            assert probed.success, probed.failures
            shown = probed.shown
            assert shown is not None
            assert shown.doubt is None
            assert len(shown.presented) == 1
            assert len(shown.verified) == 2  # the root, which the server does not send


@pytest.mark.parametrize(
    ("config", "ok"),
    [
        (TlsConfig(server_name="one.test"), True),
        (TlsConfig(), False),
        (TlsConfig(ca_file=Path("/etc/ssl/certs/ca-certificates.crt"), server_name="one.test"), False),
    ],
)
async def test_a_module_s_own_name_and_roots_decide(
    config: TlsConfig, ok: bool, prober: Prober, authority: Authority
) -> None:
    if config.ca_file is not None and not config.ca_file.exists():
        pytest.skip("this system has its roots elsewhere")
    async with serve(HELLO, tls=authority.server_context("one.test")) as port:
        probed = await probe(prober, f"https://127.0.0.1:{port}/", HttpProbe(tls_config=config))
    assert probed.success is ok
    assert failures(probed) == ([] if ok else [("tls", "tls_certificate")])


async def test_the_egress_guard_holds_for_probes(prober: Prober) -> None:
    probed = await probe(prober, "http://10.0.0.1/")
    assert failures(probed) == [("policy", "blocked_address")]


async def test_what_is_no_url_is_told_as_a_failure_of_the_input(prober: Prober) -> None:
    probed = await probe(prober, "http://[::1/")
    assert failures(probed) == [("input", "invalid_url")]
    assert not probed.success


async def test_content_that_ends_early_fails_the_probe_and_is_measured(prober: Prober) -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nnot fifty"
    async with serve(cut) as port:
        probed = await probe(prober, f"127.0.0.1:{port}")
    content = probed.gathered.exchanges[0].content
    assert content is not None
    assert content.length == 9
    assert failures(probed) == [("exchange", "connection_closed")]


async def test_a_probe_is_an_inspection_like_any_other_and_counts_for_its_module(
    prober: Prober, events: list[Event]
) -> None:
    async with serve(HELLO) as port:
        await probe(prober, f"127.0.0.1:{port}")
    assert [type(event) for event in events if not isinstance(event, Fetched | Inspected)] == [ProbeEnded]
    assert len(events) == 3


async def test_a_target_can_be_called_by_another_name(prober: Prober, authority: Authority) -> None:
    asked = []

    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(head)
        moved = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
        writer.write(moved if b"GET / " in head else HELLO)

    async with serve(answer, tls=authority.server_context("one.test")) as port:
        named = HttpProbe(headers={"host": "one.test", "X-A": "b"})
        probed = await probe(prober, f"https://127.0.0.1:{port}/", named)
        by_request = await prober.probe(f"https://127.0.0.1:{port}/", "m", TIMEOUT_S, "one.test")
    assert (failures(probed), failures(by_request)) == ([], [])
    assert asked[0].startswith(b"GET / HTTP/1.1\r\nHost: one.test\r\n")
    assert asked[0].lower().count(b"host:") == 1
    assert b"X-A: b\r\n" in asked[0]
    assert f"Host: one.test:{port}\r\n".encode() in asked[1]  # a redirect to a path stays at the target
    assert [lookup.host for lookup in probed.lookups] == ["127.0.0.1", "127.0.0.1"]


@pytest.mark.parametrize("host", ["a\r\nX: y", "a/b", "a@b", "a b", "", "a:b", "[::1]", "caf\xe9"])
async def test_a_name_that_could_end_the_field_is_not_sent(host: str, prober: Prober) -> None:
    async with serve(HELLO) as port:
        prober.adopt({"m": Module(prober="http", http=HttpProbe(headers={"Host": host}))})
        probed = await prober.probe(f"127.0.0.1:{port}", "m", TIMEOUT_S)
    assert failures(probed) == [("input", "invalid_url")]


async def test_what_an_earlier_hop_has_shown_is_not_the_last_one_s(
    prober: Prober, authority: Authority
) -> None:
    async with serve(HELLO) as plain:
        moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\n\r\n" % plain
        async with serve(moved, tls=authority.server_context("127.0.0.1")) as port:
            probed = await probe(prober, f"https://127.0.0.1:{port}/")
    assert probed.success
    assert probed.shown is None
    story = tell_story(probed)
    order = [
        story.index(part) for part in ("TLS with 127.0.0.1", f"GET https://127.0.0.1:{port}/", "GET http://")
    ]
    assert order == sorted(order)
