from workers.model import Hop, Timing, Tls
from workers.observatory import NOT_GATHERED, HttpEntry, HttpsAnswer, Step, read_hops

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
