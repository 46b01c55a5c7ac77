"""The status line."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.status_line import CHECK
from workers.response import Response

CASES = (
    Case("usual", ()),
    Case("an odd one of a class that is", (), status=599),
    Case("HTTP/1.0", (), ("http-1-0-answered",), http_version="1.0"),
    Case("another's version", (), http_version="2"),
    Case("use a proxy", (), ("status-obsolete",), status=305),
    Case("switch proxies", (), ("status-obsolete",), status=306),
    Case("of no class", (), ("status-undefined",), status=999),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_a_response_whose_version_nobody_knows_is_judged_by_its_status() -> None:
    response = Response(url="https://a.test/", status=306, fields=())
    assert [finding.id for finding in CHECK.run(response)] == ["status-obsolete"]
