"""A probe as metrics, where its figures come from what was seen."""

import pytest

from service.errors import Code, FetchFailed
from service.probe.families import make_families
from service.probe.probed import Probed
from service.probe.witness import Lookup
from service.telemetry.gauges import Family
from tests.service.probe.answers import OK, exchange, gathered, probed, verdict
from workers.model import Content

MOVED = b"HTTP/1.1 301 Moved Permanently\r\nLocation: /\r\n\r\n"


def values(found: Probed) -> dict[str, float]:
    """Each sample by its name and its labels' values."""
    return {
        ":".join((family.name, *labels)): value
        for family in make_families(found)
        for labels, value in family.samples
    }


def test_phases_are_added_up_over_all_hops() -> None:
    content = Content(5, 6.0)
    told = values(probed(gathered(exchange(MOVED), exchange(OK, content=content))))
    assert told["probe_http_duration_seconds:resolve"] == 0.001
    assert told["probe_http_duration_seconds:connect"] == pytest.approx(0.004)
    assert told["probe_http_duration_seconds:processing"] == pytest.approx(0.008)
    assert told["probe_http_duration_seconds:transfer"] == pytest.approx(0.006)
    assert told["probe_http_uncompressed_body_length"] == 5
    assert told["probe_http_redirects"] == 1


def test_a_name_that_is_not_found_has_its_lookup_s_time_and_no_other() -> None:
    failure = FetchFailed(Code.DNS_NOT_FOUND, "no").failure
    told = values(probed(gathered(failure=failure), lookups=(Lookup("a.test", (), (), 0.5),)))
    assert {name for name in told if name.startswith("probe_http_duration")} == {
        "probe_http_duration_seconds:resolve"
    }
    assert told["probe_dns_lookup_time_seconds"] == 0.5
    assert told["probe_ip_protocol"] == told["probe_ip_addr_hash"] == told["probe_http_status_code"] == 0
    assert told["probe_success"] == 0
    assert told["probe_failure_info:resolve:dns_not_found"] == 1


def test_one_redirect_too_many_is_an_answer_and_one_to_nowhere_is_none() -> None:
    for code, status, redirects in ((Code.TOO_MANY_REDIRECTS, 301, 2), (Code.REDIRECT_INVALID, 0, 1)):
        failure = FetchFailed(code, "no").failure
        told = values(probed(gathered(exchange(MOVED), exchange(MOVED), failure=failure)))
        assert (told["probe_http_status_code"], told["probe_http_redirects"]) == (status, redirects)


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (OK, -1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", 7),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7, 7\r\n\r\n", 7),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 8\r\n\r\n", -1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", -1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n", -1),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 0),
    ],
)
def test_the_content_s_length_is_the_head_s(head: bytes, length: int) -> None:
    assert values(probed(gathered(exchange(head))))["probe_http_content_length"] == length


def test_an_address_is_told_by_its_family_and_its_hash() -> None:
    """The hash is FNV-1a of the address's bytes, as 32 bits."""
    hashes = set()
    for address, protocol in (("127.0.0.1", 4), ("127.0.0.2", 4), ("2001:db8::1", 6)):
        lookup = Lookup("a.test", (address,), (address,), 0.0)
        told = values(probed(gathered(exchange()), lookups=(lookup,)))
        assert told["probe_ip_protocol"] == protocol
        hashes.add(told["probe_ip_addr_hash"])
    assert len(hashes) == 3
    assert 3668918509 in hashes  # what blackbox_exporter says of 127.0.0.1


def test_headers_are_graded_and_their_findings_counted() -> None:
    told = values(
        probed(gathered(exchange()), judged=verdict(findings=(("a", "high"), ("b", "high")), score=35))
    )
    assert told["probe_header_grade_score"] == 35
    assert told["probe_header_findings:high"] == 2
    assert told["probe_header_findings:info"] == 0


def test_a_success_has_no_reason() -> None:
    families: list[Family] = make_families(probed(gathered(exchange())))
    assert [family.samples for family in families if family.name == "probe_failure_info"] == [[]]
