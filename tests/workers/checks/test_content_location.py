"""Content-Location (RFC 9110 section 8.7)."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.content_location import CHECK, is_private


def sent(name: str, value: str, *finds: str) -> Case:
    return Case(name, (("Content-Location", value),), finds)


INTERNAL, FOREIGN = "content-location-internal-address", "content-location-other-host"
CASES = (
    Case("none", ()),
    sent("relative", "index.en.html?a=%20#b"),
    sent("absolute", "HTTPS://Example.com/index.en.html"),
    sent("with www", "https://www.example.com/"),
    sent("a private address", "http://10.0.0.5/Default.htm", INTERNAL),
    sent("a private address of IPv6", "http://[fd00::5]:8080/", INTERNAL),
    sent("another host", "https://backend.example/a", FOREIGN),
    sent("a space", "/a b", "content-location-malformed"),
    sent("beyond ASCII", "/\xe9", "content-location-malformed"),
    sent("longer than anybody writes", "/" + "a" * 3_000),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_line_keeps_the_path_without_the_host() -> None:
    assert [finding.fix for finding in findings(CHECK, CASES[4])] == ["Content-Location: /Default.htm"]


@pytest.mark.parametrize(
    ("host", "private"),
    [("192.168.1.1", True), ("[::1]", True), ("9.9.9.9", False), ("999.1.1.1", False), ("intranet", False)],
)
def test_knows_private_addresses(host: str, private: bool) -> None:
    assert is_private(host) == private
