"""Fields of requests that come back in a response."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.request_fields import CHECK

CASES = (
    Case("none", (("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),), status=101),
    Case("an origin", (("Origin", "https://a.example"),), ("request-field-in-response",)),
    Case(
        "a preflight's",
        (("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x")),
        ("request-field-in-response",),
    ),
    Case("fetch metadata", (("sec-fetch-site", "none"),), ("request-field-in-response",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
