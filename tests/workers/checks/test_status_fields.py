"""Fields that a status must come with."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.status_fields import CHECK

FETCHED = "192.0.2.1:443"
RANGE = ("Content-Range", "bytes 0-9/100")

CASES = (
    Case("nothing special", ()),
    Case("not allowed", (("Allow", "GET, HEAD"),), status=405),
    Case("nothing allowed", (("Allow", ""),), status=405),
    Case("not allowed, and what is", (), ("allow-missing",), status=405),
    Case("not allowed, by a field of CORS", (("Access-Control-Allow-Methods", "GET"),), ("allow-missing",),
         status=405),
    Case("Allow is wanted of no other error", (), status=501),
    Case("a proxy's login", (("Proxy-Authenticate", 'Basic realm="x"'),), status=407),
    Case("a proxy's login, and how", (), ("proxy-authenticate-missing",), status=407),
    Case("a proxy's login as a site's", (("WWW-Authenticate", "Basic"),), ("proxy-authenticate-missing",),
         status=407),
    Case("another protocol", (("Upgrade", "websocket"), ("Connection", "Upgrade")), status=426),
    Case("another protocol, and which", (), ("upgrade-missing",), status=426),
    Case("another protocol, and none named", (("Upgrade", ""),), ("upgrade-missing",), status=426),
    Case("another protocol than HTTP/2", (), status=426, http_version="2"),
    Case("a part", (RANGE,), ("partial-content-unasked",), status=206, address=FETCHED),
    Case("a part over IPv6", (RANGE,), ("partial-content-unasked",), status=206, address="[2001:db8::1]:80"),
    Case("a part of which nobody knows how it was asked for", (RANGE,), status=206, address=""),
    Case("a part that a HAR holds", (RANGE,), status=206, address="192.0.2.1"),
    Case("a part that a HAR holds, over IPv6", (RANGE,), status=206, address="2001:db8::1"),
    Case("a whole", (), address=FETCHED),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
