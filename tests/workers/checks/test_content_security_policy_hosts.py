"""Content-Security-Policy: the hosts that it trusts with scripts."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy_hosts import CHECK

BY_HOST = "csp-scripts-trusted-by-host"
BYPASS = ("csp-scripts-bypass-host", BY_HOST)
SHARED = ("csp-scripts-from-shared-hosting", BY_HOST)
BY_PATH = (BY_HOST, "csp-scripts-kept-by-path-alone")


def page(name: str, *policies: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Content-Security-Policy", policy) for policy in policies)), finds, url=url)


CASES = (
    page("no policy"),
    page("the site itself", "script-src 'self'"),
    page("a host", "script-src cdn.example", finds=(BY_HOST,)),
    page("hosts set aside", "script-src 'nonce-a' 'strict-dynamic' cdn.example www.google.com"),
    page("hosts set aside by default", "default-src 'nonce-a' 'strict-dynamic' cdn.example"),
    page("hosts of pictures", "script-src 'self'; img-src www.google.com"),
    page("any host", "script-src * cdn.example"),
    page("a host that one policy forbids", "script-src cdn.example", "script-src 'self'"),
    page("JSONP", "script-src https://accounts.google.com", finds=BYPASS),
    page("JSONP under a wildcard", "default-src *.google.com", finds=BYPASS),
    page("JSONP beside any host", "script-src * *.google.com", finds=("csp-scripts-bypass-host",)),
    page("a wildcard is not the domain itself", "script-src *.graph.facebook.com", finds=(BY_HOST,)),
    page("a host whose name ends alike", "script-src notgraph.facebook.com", finds=(BY_HOST,)),
    page(
        "AngularJS", "script-src ajax.googleapis.com/ajax/libs/angularjs/1.8.2/angular.min.js", finds=BYPASS
    ),
    page("AngularJS below the path", "script-src ajax.googleapis.com/ajax/", finds=BYPASS),
    page("AngularJS by an escape", "script-src ajax.googleapis.com/%61jax/", finds=BYPASS),
    page("a registry", "script-src https://cdn.jsdelivr.net", finds=BYPASS),
    page("one package of a registry", "script-src https://cdn.jsdelivr.net/npm/vue@3/vue.js", finds=BY_PATH),
    page("another path", "script-src ajax.googleapis.com/ajax/libs/jquery/", finds=BY_PATH),
    page("the port of https", "script-src accounts.google.com:443", finds=BYPASS),
    page("any port", "script-src accounts.google.com:*", finds=BYPASS),
    page("another port", "script-src accounts.google.com:8443", finds=(BY_HOST,)),
    page("another scheme", "script-src app://accounts.google.com", finds=(BY_HOST,)),
    page("plain http, which https matches too", "script-src http://accounts.google.com", finds=BYPASS),
    page("eval needed", "script-src www.googletagmanager.com", finds=(BY_HOST,)),
    page("eval allowed", "script-src www.googletagmanager.com 'unsafe-eval'", finds=BYPASS),
    page("in both policies", "script-src *.google.com", "script-src accounts.google.com", finds=BYPASS),
    page("in both, but not the same", "script-src cse.google.com", "script-src unpkg.com", finds=(BY_HOST,)),
    page("in one, and any host in the other", "script-src *", "script-src unpkg.com", finds=BYPASS),
    page("in one, and any https in the other", "script-src unpkg.com", "script-src https:", finds=BYPASS),
    page("shared hosting", "script-src *.github.io", finds=SHARED),
    page("shared hosting by region", "script-src *.s3.eu-west-1.amazonaws.com", finds=SHARED),
    page("shared hosting of a CDN's customers", "script-src *.akamaihd.net", finds=SHARED),
    page("buckets by their path", "script-src s3-eu-west-1.amazonaws.com", finds=BYPASS),
    page("a public suffix of two labels", "script-src *.co.uk", finds=SHARED),
    page("one name of shared hosting", "script-src mine.github.io", finds=(BY_HOST,)),
    page(
        "the visitor's machine", "script-src localhost:3000", finds=(BY_HOST, "csp-scripts-from-local-host")
    ),
    page("its address", "script-src 127.0.0.1:*", finds=(BY_HOST, "csp-scripts-from-local-host")),
    Case("on JSON", (("Content-Type", "application/json"), ("Content-Security-Policy", "script-src *.com"))),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_a_whole_top_level_domain_is_for_anybody_and_reaches_known_hosts() -> None:
    assert found_ids(CHECK, page("all", "script-src https://*.com")) == (SHARED[0], *BYPASS)


def test_the_endpoint_is_told_and_the_fix_keeps_the_other_hosts() -> None:
    case = page("known", "default-src 'self'; script-src cdn.example unpkg.com www.google.com/jsapi")
    bypass, *_ = findings(CHECK, case)
    assert bypass.evidence == "unpkg.com"
    assert "unpkg.com/ there serves whatever anybody publishes there" in bypass.message
    assert bypass.fix == "Content-Security-Policy: default-src 'self'; script-src cdn.example"


def test_many_hosts_are_looked_up_and_not_compared() -> None:
    many = page("many", "script-src " + " ".join(f"*.com:443/{n}" for n in range(400)))
    assert found_ids(CHECK, many)[0] == SHARED[0]
