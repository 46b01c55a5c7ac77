"""Fields of the connection and the trailer."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.connection_fields import CHECK
from workers.syntax.head import Field


def sent(
    name: str, *fields: Field, finds: tuple[str, ...] = (), status: int = 200, url: str = "https://a.test/"
) -> Case:
    return Case(name, fields, finds, status=status, url=url)


UPGRADE = ("Connection", "Upgrade")
CASES = (
    sent("close", ("Connection", "close")),
    sent("kept alive", ("Connection", "keep-alive"), ("Keep-Alive", "timeout=5")),
    sent("an upgrade that is offered", UPGRADE, ("Upgrade", "h2"), url="http://a.test/"),
    sent("h2c over http", UPGRADE, ("Upgrade", "h2,h2c"), url="http://a.test/"),
    sent("an upgrade that was taken", UPGRADE, ("Upgrade", "websocket"), status=101),
    sent("a trailer", ("Trailer", "Server-Timing, Expires")),
    sent("a proxy's question", ("Proxy-Authenticate", 'Basic realm="p"'), status=407),
    sent("taken off", ("Connection", "close, Strict-Transport-Security"), finds=("connection-strips-field",)),
    sent("h2c over https", UPGRADE, ("Upgrade", "h2,h2c"), finds=("upgrade-h2c-over-tls",)),
    sent("unlisted", ("Upgrade", "h2"), finds=("upgrade-unlisted",)),
    sent("Proxy-Connection", ("Proxy-Connection", "keep-alive"), finds=("proxy-connection-sent",)),
    sent(
        "a proxy's question in a page",
        ("Proxy-Authenticate", 'Basic realm="p"'),
        finds=("proxy-authenticate-misplaced",),
    ),
    sent("too late", ("Trailer", "Content-Security-Policy, ETag"), finds=("trailer-forbidden-field",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
