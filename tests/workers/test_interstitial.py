"""Answers that are not the site's, recognised from status and headers."""

import pytest

from tests.workers.checks.cases import Case, response_of
from workers.interstitial import recognise
from workers.syntax.head import Field


def told(status: int, *fields: Field, url: str = "https://a.test/", via: tuple[str, ...] = ()) -> str | None:
    return recognise(response_of(Case("any", fields, url=url, status=status, via=via)))


@pytest.mark.parametrize(
    ("status", "fields", "reason"),
    [
        (403, (("cf-mitigated", "challenge"),), "Cloudflare answered with a challenge in the site's place"),
        (503, (("Server", "cloudflare"), ("cf-chl-out", "x")), "Cloudflare answered with a challenge"),
        (
            403,
            (("Server", "cloudflare"), ("Expires", "Thu, 01 Jan 1970 00:00:01 GMT")),
            "Cloudflare refused the request",
        ),
        (522, (("Server", "cloudflare"),), "an error page of Cloudflare"),
        (202, (("x-amzn-waf-action", "challenge"),), "AWS WAF answered with a challenge"),
        (405, (("x-amzn-waf-action", "captcha"),), "AWS WAF answered with a challenge"),
        (403, (("X-Vercel-Mitigated", "deny"),), "Vercel refused the request"),
        (403, (("X-Sucuri-Block", "1"),), "Sucuri refused the request"),
        (403, (("Server", "AkamaiGHost"),), "Akamai refused the request"),
        (403, (("Server", "CloudFront"),), "CloudFront refused the request"),
        (403, (("X-DataDome", "protected"),), "DataDome refused the request"),
        (503, (("Server", "awselb/2.0"),), "an error page of AWS's load balancer"),
        (503, (("Server", "Varnish"),), "an error page of Varnish"),
        (404, (("X-Squid-Error", "ERR_DNS_FAIL 0"),), "an error page of Squid"),
        (502, (("Server", "nginx"),), "an error page of a gateway"),
        (503, (("Proxy-Status", "edge; error=destination_timeout"),), "an error page of a proxy (edge: dest"),
        (429, (), "the server asks to come back later"),
        (511, (), "the network asks to log in first"),
        (200, (("X-Adblock-Key", "MFwwDQ"),), "the domain is parked"),
        (200, (("X-Buckets", "bucket011"), ("X-Template", "tpl")), "the domain is parked"),
        (200, (("Server", "Parking/1.0"),), "the domain is parked"),
    ],
)
def test_what_is_not_the_sites_is_told(status: int, fields: tuple[Field, ...], reason: str) -> None:
    assert (told(status, *fields) or "").startswith(reason)


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (200, ()),
        (403, (("Server", "nginx"),)),
        (403, (("Server", "cloudflare"), ("CF-RAY", "1-LHR"))),
        (403, (("Server", "cloudflare"), ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"))),
        (200, (("Server", "cloudflare"), ("Expires", "Thu, 01 Jan 1970 00:00:01 GMT"))),
        (200, (("X-DataDome", "protected"), ("Server", "DataDome"))),
        (301, (("Server", "AkamaiGHost"), ("Location", "https://www.a.test/"))),
        (301, (("Server", "awselb/2.0"), ("Location", "https://a.test/"))),
        (200, (("X-Vercel-Mitigated", "allow"), ("X-Buckets", "1"))),
        (200, (("Proxy-Status", "edge; error=http_protocol_error"),)),
        (503, (("Proxy-Status", "edge; received-status=503; error=x"),)),
        (404, (("X-Squid-Error", "ERR_NONE 0"),)),
        (503, (("Server", "Apache"),)),
        (500, (("Via", "1.1 varnish"),)),
    ],
)
def test_what_is_the_sites_own_is_left_alone(status: int, fields: tuple[Field, ...]) -> None:
    assert told(status, *fields) is None


def test_a_domain_that_leads_to_a_market_is_parked_and_the_market_is_not() -> None:
    market = "https://www.hugedomains.com/domain_profile.cfm?d=a.test"
    assert told(200, url=market, via=("http://a.test/",)) == (
        "the domain is parked: it leads to www.hugedomains.com, which sells domains"
    )
    assert told(200, url=market) is None
    assert told(200, url="https://www.hugedomains.com/", via=("http://a.test/",)) is None


@pytest.mark.parametrize("page", ["suspendedpage", "defaultwebpage"])
def test_pages_of_the_hosting_are_told_by_where_they_are(page: str) -> None:
    assert told(200, url=f"https://a.test/cgi-sys/{page}.cgi") is not None
