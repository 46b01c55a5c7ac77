"""Inner addresses and host names in fields."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.internal_addresses import CHECK

ADDRESS, NAME = ("internal-address-disclosed",), ("internal-host-disclosed",)


def sent(
    title: str,
    value: str,
    finds: tuple[str, ...] = (),
    *,
    name: str = "X-Served-By",
    url: str = "https://a.test/",
) -> Case:
    return Case(title, ((name, value),), finds, url=url)


CASES = (
    sent("a private address", "10.195.21.4:8080", ADDRESS),
    sent("the last private block", "web at 172.31.0.7", ADDRESS),
    sent("a home network's", "192.168.0.4", ADDRESS, name="Server"),
    sent("link-local", "http://169.254.169.254/latest", ADDRESS),
    sent("in a redirect", "http://10.0.0.8/login", ADDRESS, name="Location"),
    sent("loopback", "127.0.0.1:3000", ADDRESS),
    sent("a unique local address", "[fd12:3456::1]:443", ADDRESS),
    sent("link-local, IPv6", "fe80::1ff:fe23:4567:890a", ADDRESS),
    sent("a public address", "8.8.8.8, 172.32.0.1, 11.0.0.1, 2001:db8::1"),
    sent("a version", "Tomcat/10.0.1.2"),
    sent("a version after a word", "release 10.0.1.2"),
    sent("a version with a letter", "v10.0.1.2"),
    sent("part of a longer number", "1.10.0.1.2.10.0.0.1.5"),
    sent("no octets", "10.0.0.256"),
    sent("a date", "10.12.2024"),
    sent("a hash", "fd00:zz, fe8012:34"),
    sent("five octets", "10.0.0.1.7"),
    sent("loopback in a policy", "default-src 'self' 127.0.0.1:*", name="Content-Security-Policy"),
    sent("a server in a policy", "connect-src http://10.1.2.3", ADDRESS, name="Content-Security-Policy"),
    sent("a host of .local", "pal009.back.live.cwwtf.local:80", NAME),
    sent("a host of EC2", "ip-10-0-1-5.eu-west-1.compute.internal", NAME),
    sent("a host of EC2, alone", "ip-172-31-4-9", NAME),
    sent("a service of Kubernetes", "http://api.default.svc.cluster.local/", NAME, name="Location"),
    sent("a service of Kubernetes, short", "api.default.svc:8080", NAME),
    sent("a pod", "web-7d9f8b6c5d-x2x7k", NAME),
    sent("a Windows host", "WIN-3K8F0A2B4C6", NAME),
    sent("a Windows host of EC2", "EC2AMAZ-1A2B3C4", NAME),
    sent("a public name", "cache-lhr7332-LHR, web.internal.example.com, my-own-web"),
    sent("an address of mail", "admin@corp.lan"),
    sent("a file", "settings.localized"),
    sent("words with dashes", "strict-origin-when-cross-origin"),
    sent("an ID", "0af7651916cd43dd-8448eb211c80319c-7332b"),
    sent("of a site inside", "10.0.0.9 web.corp", url="http://10.0.0.8/"),
    sent("of a site by its inner name", "10.0.0.9 web.corp", url="https://wiki.corp/"),
    sent("of a site on this host", "10.0.0.9", url="http://localhost:8080/"),
    sent(
        "a load balancer's cookie",
        "BIGipServerpool_web=1677787402.36895.0000; path=/",
        ("load-balancer-cookie-address",),
        name="Set-Cookie",
    ),
    sent("a load balancer's cookie, encrypted", "BIGipServerpool_web=!h7Lq0==; path=/", name="Set-Cookie"),
    sent("a cookie that looks alike", "BIGipServerpool_web=9999999999.36895.0000", name="Set-Cookie"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_a_field_that_does_nothing_else_is_to_go_and_any_other_to_be_mended() -> None:
    case = Case("both", (("X-Upstream", "10.1.2.3"), ("Location", "http://10.1.2.3/")))
    assert [(finding.field, finding.fix) for finding in findings(CHECK, case)] == [
        ("X-Upstream", "Remove the field X-Upstream"),
        ("Location", "Leave inner addresses out"),
    ]


def test_the_cookie_is_read_as_f5_writes_it() -> None:
    """F5's article K6917 has this value for 10.1.1.100 and port 8080."""
    (finding,) = findings(CHECK, sent("cookie", "BIGipServerp=1677787402.36895.0000", name="Set-Cookie"))
    assert finding.message.endswith("10.1.1.100:8080.")
