"""WWW-Authenticate."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.www_authenticate import CHECK

HTTP = "http://example.com/"


def asked(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, tuple(("WWW-Authenticate", value) for value in values), finds, url=url, status=401)


CASES = (
    Case("not asked", (), status=200),
    asked("Basic over https", 'Basic realm="shop", charset="UTF-8"'),
    asked("Bearer", 'Bearer realm="api", error="invalid_token"'),
    asked("Negotiate", "Negotiate"),
    asked("several", 'Digest realm="a", algorithm=SHA-256', 'Digest realm="a", algorithm=MD5'),
    asked("nothing", finds=("authenticate-missing",)),
    asked("Basic over http", 'Basic realm="x"', finds=("basic-authentication-over-http",), url=HTTP),
    asked("Basic over http, here", 'Basic realm="x"', url="http://localhost:8080/"),
    asked(
        "Digest over http",
        'Digest realm="x", algorithm=SHA-256',
        finds=("authentication-over-http",),
        url=HTTP,
    ),
    asked("single quotes", "Basic realm='/'", finds=("authenticate-malformed",)),
    asked("quotes within quotes", 'Basic realm="Admin "area""', finds=("authenticate-malformed",)),
    asked(
        "quotes within quotes, before the algorithm",
        'Digest realm="Admin "area"", algorithm=SHA-256',
        finds=("authenticate-malformed",),
    ),
    asked(
        "no realm before what is malformed",
        "Basic, Bearer realm='/'",
        finds=("authenticate-malformed", "authenticate-realm-missing"),
    ),
    asked("longer than is read", "Basic " + " " * 2_048 + 'realm="x"'),
    asked("no challenge", "NETGEAR Router R6100", finds=("authenticate-malformed",)),
    asked("no realm", "Basic", finds=("authenticate-realm-missing",)),
    asked("MD5 by name", 'digest realm="x", Algorithm=md5-sess', finds=("digest-authentication-md5",)),
    asked("MD5", 'Digest realm="x", nonce="1"', finds=("digest-authentication-md5",)),
    asked("NTLM", "Negotiate", "NTLM", finds=("ntlm-offered",)),
    asked("a version", 'Basic realm="TD-8840T 2.0"', finds=("realm-version-disclosed",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "evidence"),
    [
        ("bAsic", "bAsic"),
        ('digest realm="x", Algorithm = md5-sess', "Algorithm = md5-sess"),
        ('digest realm="x", nonce="1"', "digest"),
        ("ntlm", "ntlm"),
        ('BASIC Realm="TD-8840T 2.0"', 'Realm="TD-8840T 2.0"'),
    ],
)
def test_the_evidence_is_the_part_as_it_was_sent(value: str, evidence: str) -> None:
    assert [finding.evidence for finding in findings(CHECK, asked("any", value))] == [evidence]
