"""What the headers give away."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.information_disclosure import CHECK
from workers.syntax.head import Field

VERSION = ("server-version-disclosed",)
TECHNOLOGY_VERSION = ("technology-version-disclosed",)


def sent(name: str, *fields: Field, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, fields, finds)


CASES = (
    sent("nothing"),
    sent("a name alone", ("Server", "nginx")),
    sent("a name and a platform", ("Server", "Apache (Ubuntu)")),
    sent("a major version", ("Server", "Apache/2"), finds=("server-release-disclosed",)),
    sent("a protocol's version", ("Server", "UPnP/1.0 HTTP/1.1")),
    sent("an address for a name", ("Server", "192.168.0.4:9999")),
    sent("a version after a space", ("Server", "monit 5.6"), finds=VERSION),
    sent("a version after a dash", ("Server", "JBoss-4.0.4.GA"), finds=VERSION),
    sent("a version in a comment", ("Server", "nginx (Ubuntu 18.04.5)"), finds=VERSION),
    sent("a version of another spelling", ("Server", "Virata-EmWeb/R6_2_1"), finds=VERSION),
    sent("a comment with a node's name", ("Server", "ECS (dcb/7F84)")),
    sent("a version", ("Server", "nginx/1.18.0"), finds=VERSION),
    sent("several versions", ("Server", "Apache/2.4.41 (Ubuntu) OpenSSL/1.1.1f PHP/7.4.3"), finds=VERSION),
    sent("a version in brackets", ("Server", "Jetty(9.4.43.v20210629)"), finds=VERSION),
    sent("what made it", ("X-Powered-By", "Express"), finds=("technology-disclosed",)),
    sent("what made it, to the version", ("X-Powered-By", "PHP/7.4.3"), finds=TECHNOLOGY_VERSION),
    sent("what its name tells", ("X-Drupal-Cache", "HIT"), finds=("technology-disclosed",)),
    sent(
        "what its name tells, not its value", ("SPRequestGuid", "2bd0.1.2"), finds=("technology-disclosed",)
    ),
    *(
        sent(f"no patch's: {server}", ("Server", server), finds=("server-release-disclosed",))
        for server in ("awselb/2.0", "Microsoft-IIS/10.0", "Microsoft-HTTPAPI/2.0", "Apache-Coyote/1.1")
    ),
    sent("a release of IIS that is patched no more", ("Server", "Microsoft-IIS/8.5"), finds=VERSION),
    sent("an empty one", ("X-Powered-By", "")),
    sent("the release of a framework", ("x-aspnet-version", "4.0.30319"), finds=TECHNOLOGY_VERSION),
    sent("a proxy's version", ("Via", "1.1 www (squid/2.7.STABLE9)"), finds=("via-version-disclosed",)),
    sent("a proxy's protocol and name", ("Via", "1.1 varnish, HTTP/2.0 cache.example.com (CloudFront)")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("server", "mended"),
    [
        ("nginx/1.18.0", "nginx"),
        ("Apache/2.4.41 (Ubuntu) OpenSSL/1.1.1f PHP/7.4.3", "Apache"),
        ("Jetty(9.4.43.v20210629)", "Jetty"),
        ("Apache/2", "Apache"),
        ("NYTD App Buddy 2.15.0", "NYTD App Buddy"),
        ("h2o/2.2.0-beta2", "h2o"),
    ],
)
def test_the_fix_keeps_the_product_and_drops_versions_and_modules(server: str, mended: str) -> None:
    assert [finding.fix for finding in findings(CHECK, sent("server", ("Server", server)))] == [
        f"Server: {mended}"
    ]


def test_where_no_names_are_left_the_field_is_to_go() -> None:
    (finding,) = findings(CHECK, sent("server", ("Server", "WebLogic 8.1 SP3 Tue Jun 29 23:11:19 2004")))
    assert finding.fix == "Remove the field Server"


def test_several_server_fields_are_given_one_line() -> None:
    found = findings(CHECK, sent("servers", ("Server", "nginx/1.18.0"), ("Server", "Apache/2.4.41")))
    assert [finding.fix for finding in found] == ["Server: nginx"] * 2


def test_a_finding_is_about_the_field_as_it_was_spelt() -> None:
    (finding,) = findings(CHECK, sent("php", ("x-powered-by", "PHP/8.1.2")))
    assert (finding.field, finding.fix) == ("x-powered-by", "Remove the field x-powered-by")


def test_a_field_that_tells_by_its_name_is_not_quoted_for_what_it_tells() -> None:
    (finding,) = findings(CHECK, sent("drupal", ("X-Drupal-Cache", "HIT")))
    assert finding.message == "X-Drupal-Cache tells what the site is made with: Drupal."
    assert finding.evidence == "HIT"


def test_a_version_beside_a_number_without_patches_is_the_one_that_is_told() -> None:
    (finding,) = findings(CHECK, sent("two", ("Server", "Microsoft-IIS/10.0 PHP/7.4.3")))
    assert (finding.severity, finding.message) == ("low", "Server names PHP 7.4.3 to the version.")
