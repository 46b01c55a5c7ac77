"""WWW-Authenticate."""

import pytest

from tests.workers.checks.cases import Case, found_ids
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
    asked("single quotes", "Basic realm='/'", finds=("authenticate-malformed", "authenticate-realm-missing")),
    asked("no challenge", "NETGEAR Router R6100", finds=("authenticate-malformed",)),
    asked("no realm", "Basic", finds=("authenticate-realm-missing",)),
    asked("MD5", 'Digest realm="x", nonce="1"', finds=("digest-authentication-md5",)),
    asked("NTLM", "Negotiate", "NTLM", finds=("ntlm-offered",)),
    asked("a version", 'Basic realm="TD-8840T 2.0"', finds=("realm-version-disclosed",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
