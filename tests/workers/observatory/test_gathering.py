import gzip

import pytest

from workers.model import (
    FOREIGN_ORIGIN,
    Chain,
    Exchange,
    Failure,
    Gathered,
    Hop,
    Surroundings,
    Timing,
    Tls,
)
from workers.observatory import (
    NO_ANSWER,
    NOT_GATHERED,
    Evidence,
    HttpEntry,
    HttpsAnswer,
    Preflight,
    Step,
    read_gathered,
    read_hops,
)
from workers.record import read_hop

HEADERS = (("A", "b"),)


def hop(url: str, *, verified: bool = True) -> Hop:
    tls = Tls("TLSv1.3", "x", None, verified, "", "", "", (), "") if url.startswith("https:") else None
    return Hop(url, "HEAD", 200, "OK", "1.1", "192.0.2.1:443", HEADERS, (), tls, Timing())


def test_an_https_chain_is_the_https_answer() -> None:
    evidence = read_hops([hop("https://a.example/"), hop("https://b.example/")])
    assert evidence.https == HttpsAnswer(HEADERS)
    assert (evidence.site_url, evidence.url) == ("https://a.example/", "https://b.example/")


def test_an_https_chain_says_nothing_of_port_80() -> None:
    assert read_hops([hop("https://a.example/")]).http_entry is NOT_GATHERED


def test_an_http_chain_is_the_http_entry() -> None:
    assert read_hops([hop("http://a.example/")]).http_entry == HttpEntry((Step("http://a.example/", 200),))


def test_an_http_chain_that_stays_there_says_nothing_of_https() -> None:
    assert read_hops([hop("http://a.example/")]).https is NOT_GATHERED


def test_an_http_chain_to_its_own_https_holds_both() -> None:
    evidence = read_hops([hop("http://a.example/"), hop("https://a.example/"), hop("https://b.example/")])
    assert evidence.https == HttpsAnswer(HEADERS)
    assert evidence.site_url == "https://a.example/"
    assert evidence.earlier == (("https://a.example/", HEADERS),)


def test_an_http_chain_to_another_host_says_nothing_of_its_own_https() -> None:
    assert read_hops([hop("http://a.example/"), hop("https://www.a.example/")]).https is NOT_GATHERED


def test_one_certificate_that_is_not_valid_is_enough() -> None:
    evidence = read_hops([hop("https://a.example/", verified=False), hop("https://b.example/")])
    assert evidence.https == HttpsAnswer(HEADERS, verified=False)


def test_the_rest_was_not_gathered() -> None:
    evidence = read_hops([hop("https://a.example/")])
    assert (evidence.preflight, evidence.body) == (NOT_GATHERED, NOT_GATHERED)


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
MOVED = b"HTTP/1.1 301 Moved\r\nLocation: https://a.example/\r\n\r\n"
ALLOWED = b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n"


def exchange(url: str, head: bytes = PAGE, body: bytes | None = None, *, verified: bool = True) -> Exchange:
    tls = hop(url, verified=verified).tls
    return Exchange(url, "GET", "192.0.2.1:443", head, tls, Timing(), body)


def full(
    entry: Chain | None,
    preflight: Chain | None = None,
    body: bytes | None = gzip.compress(b"<p>"),
    *,
    https: Chain | None = None,
) -> Evidence:
    page = exchange("http://a.example/" if https else "https://a.example/", PAGE, body)
    gathered = Gathered(
        1,
        "a.example",
        page.url,
        (page,),
        None,
        0.0,
        1.0,
        1,
        "full",
        "all",
        Surroundings(entry, preflight or Chain(()), https),
    )
    return read_gathered(gathered, [read_hop(page)])


def test_full_depth_brings_the_page_the_entry_and_the_preflight() -> None:
    entry = Chain((exchange("http://a.example/", MOVED), exchange("https://a.example/")))
    evidence = full(entry, Chain((exchange("https://a.example/", ALLOWED),)))
    assert evidence.body == "<p>"
    assert evidence.http_entry == HttpEntry((Step("http://a.example/", 301), Step("https://a.example/", 200)))
    assert evidence.preflight == Preflight(204, (("Access-Control-Allow-Origin", "*"),), FOREIGN_ORIGIN)
    assert NOT_GATHERED not in (evidence.https, evidence.body)


def test_an_unverified_certificate_on_the_entrys_way_is_told() -> None:
    entry = Chain(
        (exchange("http://a.example/", MOVED), exchange("https://a.example/", verified=False)),
    )
    evidence = full(entry)
    assert isinstance(evidence.http_entry, HttpEntry)
    assert not evidence.http_entry.verified


@pytest.mark.parametrize(
    ("code", "stage", "absence"),
    [
        ("connect_refused", "connect", NO_ANSWER),
        ("connect_timeout", "connect", NO_ANSWER),
        ("response_malformed", "exchange", NO_ANSWER),
        ("blocked_address", "policy", NOT_GATHERED),
        ("deadline_exceeded", "connect", NOT_GATHERED),
    ],
)
def test_silence_is_an_answer_and_what_we_did_not_wait_for_is_none(code, stage, absence) -> None:
    chain = Chain((), Failure(code, stage, "…"))
    evidence = full(chain, chain)
    assert (evidence.http_entry, evidence.preflight) == (absence, absence)
    assert full(None, https=chain).https is absence


def test_an_https_entry_is_the_page_that_it_led_to() -> None:
    moved = exchange("https://a.example/", MOVED, verified=False)
    evidence = full(None, https=Chain((moved, exchange("https://b.example/", ALLOWED))))
    assert evidence.https == HttpsAnswer((("Access-Control-Allow-Origin", "*"),), verified=False)
    assert (evidence.url, evidence.site_url) == ("http://a.example/", "http://a.example/")
    assert evidence.http_entry == HttpEntry((Step("http://a.example/", 200),))


def test_an_entry_that_broke_off_is_no_answer() -> None:
    chain = Chain((exchange("http://a.example/", MOVED),), Failure("connect_refused", "connect", "…"))
    assert full(chain).http_entry is NO_ANSWER
    assert full(None, https=chain).https is NO_ANSWER


@pytest.mark.parametrize("body", [None, b"no gzip"])
def test_a_page_that_cannot_be_read_was_not_gathered(body: bytes | None) -> None:
    assert full(None, body=body).body is NOT_GATHERED
