"""Hosts that are spelt oddly are names or addresses, or are told to be neither; none is a fault of ours."""

import ssl

import pytest

from service.inspection.resolve import has_ipv6_route
from tests.integration.authority import Authority
from tests.integration.broken_server import says, serve
from tests.integration.inspecting import inspect, inspect_one
from tests.integration.name_server import Reply, answering, hosts

OK = says(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.mark.parametrize("name", ["web1", "a.k8s1", "node-0", "x1.test2"])
async def test_a_name_that_ends_in_a_digit_is_a_name(name: str) -> None:
    async with answering() as names, serve({"": OK}) as server:
        names.table[name] = hosts("127.0.0.1")
        record = await inspect_one(f"http://{name}:{server.port}/", resolver=names.resolver)
    assert record.outcome == "ok", record.error


@pytest.mark.parametrize(
    "host",
    [
        "a" * 64 + ".test",
        ".".join(["a" * 60] * 5),
        "a..test",
        ".",
        "..",
        "a!b.test",
        'a"b.test',
        "_.test",
        "*.test",
    ],
)
async def test_a_name_that_no_resolver_could_know_is_not_found(host: str) -> None:
    async with answering() as names:
        record = await inspect_one(f"http://{host}/", resolver=names.resolver)
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("dns_not_found", "resolve")


async def test_a_trailing_dot_is_not_part_of_the_certificate_s_name(
    server_tls: ssl.SSLContext, authority: Authority
) -> None:
    async with serve({"": OK}, server_tls) as server, answering(one=hosts("127.0.0.1")) as names:
        record = await inspect_one(
            f"https://one.test.:{server.port}/", resolver=names.resolver, ca_file=authority.file
        )
    assert record.outcome == "ok", record.error


async def test_an_ipv4_address_in_an_ipv6_one_is_judged_as_the_address_it_is() -> None:
    async with serve({"": OK}) as server:
        allowed, refused = await inspect(
            f"http://[::ffff:127.0.0.1]:{server.port}/", "http://[::ffff:10.0.0.1]/"
        )
    assert allowed.outcome == "ok"
    assert refused.error is not None
    assert refused.error.code == "blocked_address"


@pytest.mark.parametrize("url", ["http://\udc80.test/", "http://127.0.0.1/\udcff", "\ud800"])
async def test_an_argument_that_is_no_text_is_one_invalid_url_among_others(url: str) -> None:
    """The system hands undecodable bytes of an argument over as lone surrogates."""
    async with serve({"": OK}) as server:
        good = f"http://127.0.0.1:{server.port}/"
        records = await inspect(good, url, good)
    assert [record.outcome for record in records] == ["ok", "error", "ok"]
    assert records[1].error is not None
    assert (records[1].error.code, records[1].error.stage) == ("invalid_url", "input")


@pytest.mark.skipif(not has_ipv6_route(), reason="without a route for IPv6 no AAAA is asked for")
async def test_an_ipv6_question_without_an_answer_does_not_hide_the_ipv4_one() -> None:
    """RFC 4074 section 4.1: name servers that ignore AAAA exist; RFC 8305 section 3 waits for none."""
    deaf = Reply((("A", "127.0.0.1"),), deaf_to=("AAAA",))
    async with answering(one=deaf) as names, serve({"": OK}) as server:
        url = f"http://one.test:{server.port}/"
        record = await inspect_one(url, resolver=names.resolver, dns_timeout=2.0)
    assert record.outcome == "ok", record.error
    assert record.elapsed_ms < 1_000
