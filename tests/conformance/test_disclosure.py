"""What fields give away, against recog and the OWASP Secure Headers Project's list of headers to remove."""

import pytest

from tests.conformance.cases import folder, rows, table
from workers.checks.information_disclosure import SERVER_RELEASE, SERVER_VERSION
from workers.registry import all_checks
from workers.response import Response
from workers.syntax.head import Field

# Values whose version recog reads and no finding tells, by the reason why not.
NO_NUMBER = "what it takes for the version is a branch's name"
NO_MARK = "a number alone, without a slash or a word before it that says that it is a version"
UNTOLD = {
    "Crow/master": NO_NUMBER,
    "SAP NetWeaver Application Server / ABAP 731": NO_MARK,
    "thin 1 codename Flaming Astroboy": NO_MARK,
    "Mongrel 1": NO_MARK,
}


@pytest.fixture(autouse=True)
def _needs_the_sets() -> None:
    folder()


def found(*fields: Field) -> list[tuple[str, str, str | None]]:
    response = Response(url="https://example.com/", status=200, fields=fields)
    return [(f.id, f.field, f.evidence) for check in all_checks() for f in check.run(response)]


def test_a_version_that_recog_reads_is_in_our_evidence() -> None:
    ids = {SERVER_VERSION.id, SERVER_RELEASE.id}
    read, untold = 0, set()
    for row in rows("real_header_values"):
        version = row["expected"].get("service.version")
        if row["header"] != "Server" or not version or "{" in version:
            continue
        read += 1
        evidence = [told or "" for rule, _, told in found(("Server", row["value"])) if rule in ids]
        if not any(version in told for told in evidence):
            untold.add(row["value"])
    assert read > 0
    assert untold <= UNTOLD.keys(), untold - UNTOLD.keys()


def test_every_header_to_remove_is_found() -> None:
    """Server only where it tells more than a name: "Server: nginx" alone is no finding."""
    names = table("oshp_headers_remove")["headers"]
    assert len(names) > 0
    missed = [name for name in names if name not in {field for _, field, _ in found((name, "x/1.2.3"))}]
    assert missed == []


def test_real_responses_from_outside_have_few_inner_addresses_and_no_errors() -> None:
    """Each was looked at: fields of proxies, and one CORS field that mirrors a developer's host."""
    named = set()
    for row in rows("real_headers"):
        fields = tuple((name, value) for name, value in row["headers"])
        response = Response(url=row["url"] or "https://example.com/", status=row["status"], fields=fields)
        for check in all_checks():
            if check.id in ("internal-addresses", "disclosure-errors"):
                named.update((f.id, f.field.lower()) for f in check.run(response))
    assert named <= {
        ("internal-host-disclosed", "x-pal-host"),
        ("internal-address-disclosed", "x-server"),
        ("internal-address-disclosed", "x-sername"),
        ("internal-address-disclosed", "x-dm-upstream"),
        ("internal-address-disclosed", "x-google-backends"),
        ("internal-address-disclosed", "access-control-allow-origin"),
    }
