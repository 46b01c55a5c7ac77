"""The egress guard through the real path: what is refused is never sent a packet, what is allowed answers.

The real command runs in a network where every address is ours (`any_ip`), so that a forbidden connection
would be seen, and an allowed one is answered.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from itertools import cycle, islice
from typing import Any

import pytest

from tests.integration.any_ip import STALLING_PORT, AnyIp, Ran, any_ip
from tests.integration.authority import Certificate
from tests.integration.egress_cases import (
    ALLOWED,
    ALLOWED_FORMS,
    BAD_PORTS,
    BLOCKS,
    NEWLINES,
    OPTIONS,
    OTHER_PUBLIC,
    PRIVATE,
    PROXY,
    PUBLIC,
    PUBLIC_6,
    REFUSED,
    is_sent_by_tcp,
    led,
    url_of,
)

ATTEMPTS = 10_000
LED_BY = {PUBLIC, OTHER_PUBLIC, PUBLIC_6}
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
SECRET = "Bearer only-for-the-first-origin"


@pytest.fixture(scope="module")
def network(certificate: Certificate) -> Iterator[AnyIp]:
    """Skips loudly: without namespaces nothing of this file is shown."""
    try:
        with any_ip(certificate.certificate, certificate.key) as made:
            yield made
    except OSError as error:
        pytest.skip(f"the egress guard is NOT tested: no network namespace can be made here: {error}")


@pytest.fixture(scope="module")
def refused(network: AnyIp) -> Ran:
    return network.batch([url for listed in REFUSED.values() for url in listed.urls])


def codes(ran: Ran) -> list[str | None]:
    return [record["error"]["code"] if record["error"] else None for record in ran.records]


def heads_to(ran: Ran, address: str) -> list[str]:
    return [head for peer, _, head in ran.seen.requests if peer.startswith((f"{address}:", f"[{address}]:"))]


def test_the_tables_are_as_long_as_they_are_to_be() -> None:
    assert len({url for listed in REFUSED.values() for url in listed.urls}) >= 200
    assert len({*(a for listed in ALLOWED.values() for a in listed), *dict(ALLOWED_FORMS)}) >= 60


@pytest.mark.parametrize("category", REFUSED)
def test_what_is_to_be_refused_ends_with_its_code(category: str, refused: Ran) -> None:
    listed = REFUSED[category]
    ended = {record["input"]: record for record in refused.records}
    got = {url: (ended[url.strip()] if url not in ended else ended[url]) for url in listed.urls}
    wrong = {url: record["error"] for url, record in got.items() if not _is(record, listed.code)}
    assert wrong == {}
    for url, record in got.items():
        assert bool(record["hops"]) == listed.is_led, url


def _is(record: dict[str, Any], code: str) -> bool:
    return bool(record["error"]) and record["error"]["code"] == code


def test_of_all_that_is_refused_no_address_is_tried(refused: Ran) -> None:
    assert refused.seen.addresses <= LED_BY
    assert refused.seen.lost == 0
    assert {port for _, _, port in refused.seen.tried} == {80}


def test_the_canaries_would_sing(network: AnyIp) -> None:
    """The same blocks and ports, let through: each address is seen to be tried. Without this the others would
    pass in a network that sees nothing."""
    edges = [url for url in REFUSED["edges of special blocks"].urls if is_sent_by_tcp(url)]
    ports = sorted(BAD_PORTS - {0})
    loosened = [word for port in ports for word in ("--allow-port", str(port))]
    ran = network.batch(
        [*edges, *(url_of(PUBLIC, port) for port in ports)],
        *("--allow-net", "0.0.0.0/0", "--allow-net", "::/0", *loosened),
    )
    tried = {url_of(address) for _, address, port in ran.seen.tried if port == 80}
    assert set(edges) - {url_of("0.0.0.0")} <= tried  # which the system takes to be this host
    assert {port for _, address, port in ran.seen.tried if address == PUBLIC} == set(ports)
    assert ran.seen.lost == 0
    assert len(edges) > len(BLOCKS)


def test_a_canary_is_never_touched_in_ten_thousand_attempts(network: AnyIp) -> None:
    table = [url for listed in REFUSED.values() for url in listed.urls]
    ran = network.batch(list(islice(cycle(table), ATTEMPTS)))
    assert len(ran.records) == ATTEMPTS
    assert [record["input"] for record in ran.records if record["outcome"] == "ok"] == []
    assert [kind for kind in ran.seen.tried if kind[1] not in LED_BY] == []
    assert ran.seen.lost == 0


def test_line_ends_within_a_url_join_no_host(network: AnyIp) -> None:
    ran = network.inspect(*NEWLINES)
    assert codes(ran) == ["invalid_url"] * len(NEWLINES)
    assert ran.seen.tried == ()


@pytest.mark.parametrize("category", ALLOWED)
def test_what_is_public_is_answered_by_just_that_address(category: str, network: AnyIp) -> None:
    addresses = ALLOWED[category]
    ran = network.batch([url_of(address) for address in addresses])
    assert codes(ran) == [None] * len(addresses)
    assert sorted(ran.seen.tried) == sorted(("tcp", address, 80) for address in map(_shortest, addresses))
    for address, record in zip(addresses, ran.records, strict=True):
        host = url_of(address).removeprefix("http://").removesuffix("/")
        peer = record["hops"][0]["address"]
        (head,) = heads_to(ran, peer.rpartition(":")[0].strip("[]"))
        assert head.startswith("HEAD / HTTP/1.1\r\nHost: ")
        assert ":" in address or f"\r\nHost: {host}\r\n" in head


def _shortest(address: str) -> str:
    return str(ip_address(address))


def test_odd_forms_of_public_hosts_lead_to_the_address_that_they_mean(network: AnyIp) -> None:
    ran = network.batch([url for url, _ in ALLOWED_FORMS])
    assert codes(ran) == [None] * len(ALLOWED_FORMS)
    got = [record["hops"][-1]["address"].rpartition(":")[0].strip("[]") for record in ran.records]
    assert got == [address for _, address in ALLOWED_FORMS]
    assert ran.seen.addresses == {PUBLIC, PUBLIC_6, OTHER_PUBLIC}


@pytest.mark.parametrize("options", dict.fromkeys(options for options, _, _ in OPTIONS), ids=" ".join)
def test_what_options_let_through_and_refuse(options: tuple[str, ...], network: AnyIp) -> None:
    listed = [(url, code) for given, url, code in OPTIONS if given == options]
    ran = network.batch([url for url, _ in listed], *options)
    assert list(zip([url for url, _ in listed], codes(ran), strict=True)) == listed


def test_a_name_that_changes_to_a_private_address_is_refused_at_the_next_hop(network: AnyIp) -> None:
    """The server takes its time to redirect, and the name, of TTL 0, answers otherwise when it is due."""
    ran = network.batch(["http://rebinding-redirect.test/late/to/302?%2Fnext"])
    assert codes(ran) == ["blocked_address"]
    assert [hop["status"] for hop in ran.records[0]["hops"]] == [302]
    assert ran.seen.addresses == {PUBLIC}
    assert ran.seen.questions.count(("rebinding-redirect.test", "A")) == 2


def test_a_name_that_changes_back_and_forth_is_only_connected_to_as_it_was_judged(network: AnyIp) -> None:
    urls = [f"http://flux.test/late/{n}" for n in range(6)]
    ran = network.batch(urls, "--concurrency", "1")
    assert set(codes(ran)) == {None, "blocked_address"}
    assert ran.seen.addresses == {PUBLIC}
    assert len(ran.seen.tried) == codes(ran).count(None)


def test_a_name_that_changes_before_the_fallback_to_http_is_refused(network: AnyIp) -> None:
    ran = network.batch([f"rebinding-fallback.test:{STALLING_PORT}/"])
    assert codes(ran) == ["blocked_address"]
    assert ran.seen.tried == (("tcp", PUBLIC, STALLING_PORT),)


def test_a_name_that_changes_before_the_preflight_is_refused_there(network: AnyIp) -> None:
    ran = network.inspect("http://rebinding-preflight.test/late")
    assert codes(ran) == [None]
    assert ran.records[0]["preflight"]["error"]["code"] == "blocked_address"
    assert ran.seen.tried == (("tcp", PUBLIC, 80),)


def test_a_name_that_changes_before_the_http_entry_is_refused_there(network: AnyIp) -> None:
    ran = network.inspect("https://rebinding-entry.test/late")
    assert codes(ran) == [None]
    assert ran.records[0]["http_entry"]["error"]["code"] == "blocked_address"
    assert ran.seen.addresses == {PUBLIC}


def test_a_name_that_changes_before_the_https_entry_is_refused_there(network: AnyIp) -> None:
    ran = network.inspect("http://rebinding-https-entry.test/late")
    assert codes(ran) == [None]
    assert ran.records[0]["https_entry"]["error"]["code"] == "blocked_address"
    assert ran.seen.tried == (("tcp", PUBLIC, 80),)


def test_the_http_entry_and_the_preflight_lead_into_no_private_network(network: AnyIp) -> None:
    ran = network.inspect("https://public4.test/entry", "https://public4.test/preflight")
    entry, preflight = ran.records
    assert entry["http_entry"]["error"]["code"] == "blocked_address"
    assert [hop["status"] for hop in preflight["preflight"]["hops"]] == [302]
    assert preflight["preflight"]["error"]["code"] == "blocked_address"
    assert ran.seen.addresses == {PUBLIC}


def test_the_name_is_kept_in_sni_and_host(network: AnyIp) -> None:
    ran = network.batch(["https://public4.test/"])
    ((peer, sni, head),) = ran.seen.requests
    assert (peer, sni) == (f"{PUBLIC}:443", "public4.test")
    assert "\r\nHost: public4.test\r\n" in head


def test_what_a_response_tempts_to_opens_no_connection(network: AnyIp) -> None:
    """Alt-Svc, Link, Refresh, endpoints of reports, what a page names; HTTPS records are not asked for."""
    ran = network.inspect("https://public4.test/tempting", "http://public4.test/tempting")
    assert codes(ran) == [None, None]
    assert {(kind, address) for kind, address, _ in ran.seen.tried} == {("tcp", PUBLIC)}
    assert {kind for _, kind in ran.seen.questions} <= {"A", "AAAA"}


def test_no_proxy_is_taken_from_the_environment(network: AnyIp) -> None:
    env = {**dict.fromkeys(PROXY_VARIABLES, PROXY), "no_proxy": "", "NO_PROXY": ""}
    ran = network.batch(["http://public4.test/", "https://public4.test/", "http://10.0.0.1/"], env=env)
    assert codes(ran) == [None, None, "blocked_address"]
    assert ran.seen.addresses == {PUBLIC}


@pytest.mark.parametrize(
    "away",
    [
        "http://other.test/",
        "http://sub.public4.test/",
        "http://public4.test:8080/",
        "https://public4.test/",
        f"http://{PUBLIC}/",
        led("http://public4.test/back", by="other.test"),
    ],
)
def test_credentials_go_to_their_own_origin_alone(away: str, network: AnyIp) -> None:
    """The first request has them, and one within its origin; none after that origin has been left."""
    inside = led(led(away, by="public4.test"), 307, by="public4.test")
    ran = network.batch([inside], "-H", f"Authorization: {SECRET}", "-H", "Cookie: a=1")
    assert codes(ran) == [None]
    has = ["authorization" in head.lower() or "cookie" in head.lower() for _, _, head in ran.seen.requests]
    assert has[:2] == [True, True]
    assert len(has) > 2
    assert not any(has[2:])


@pytest.mark.parametrize(
    "url",
    [
        "http://public4.test/a%0d%0aX-Injected:%201",
        "http://public4.test/a\r\nX-Injected: 1",
        "http://public4.test/ HTTP/1.1\r\nX-Injected: 1\r\n\r\nGET /",
        "http://public4.test/?a\nX-Injected: 1",
        "http://public4.test/a\x00\x0bb X-Injected: 1",
        "http://a%0d%0aX-Injected:1@public4.test/",
        "http://public4.test/é\u2028X-Injected: 1",
        led("/x\rX-Injected: 1", by="public4.test"),
        led("http://public4.test/\x00\tX-Injected: 1", by="public4.test"),
    ],
)
def test_no_url_injects_a_field_or_a_request(url: str, network: AnyIp) -> None:
    ran = network.inspect("--depth", "headers", url.replace("\x00", "%00"))
    assert ran.seen.addresses <= {PUBLIC}
    assert ran.seen.requests or codes(ran) == ["invalid_url"]
    for _, _, head in ran.seen.requests:
        first, *fields = head.split("\r\n")
        assert first.count(" ") == 2
        assert [field.partition(":")[0] for field in fields if field][:1] == ["Host"]
        assert not any(field.lower().startswith("x-injected") for field in fields)
        assert "\n" not in "".join(fields)


@pytest.mark.parametrize(
    "option",
    [
        ("-H", "X-One: a\r\nX-Injected: 1"),
        ("-H", "X-One: a\nX-Injected: 1"),
        ("-H", "X-One\r\nX-Injected: 1"),
        ("-H", "X One: a"),
        ("-H", "Host: 10.0.0.1"),
        ("-H", "Transfer-Encoding: chunked"),
        ("-H", "Content-Length: 5"),
        ("--user-agent", "a\r\nX-Injected: 1"),
        ("--user-agent", "a\nX-Injected: 1"),
    ],
)
def test_no_option_injects_a_field(option: tuple[str, str], network: AnyIp) -> None:
    ran = network.batch(["http://public4.test/"], *option)
    assert ran.status == 2, ran.told
    assert ran.seen.tried == ()


def test_a_private_address_is_not_raced_beside_a_public_one(network: AnyIp) -> None:
    names = ("mixed-first", "mixed-last", "mixed-late", "mixed-6", "mixed-families", "mixed-families-6")
    ran = network.batch([f"http://{name}.test/" for name in names])
    assert codes(ran) == ["blocked_address"] * len(names)
    assert ran.seen.tried == ()
    assert all(
        PRIVATE in record["error"]["message"] or "fd00::1" in record["error"]["message"]
        for record in ran.records
    )
