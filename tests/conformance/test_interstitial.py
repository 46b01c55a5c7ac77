"""No real site's answer is taken for somebody else's: the set has no challenge and no parked page."""

import pytest

from tests.conformance.cases import folder, rows
from workers.interstitial import recognise
from workers.response import Response

SOME_SITE = "https://example.com/"  # where a real row has no URL


@pytest.fixture(autouse=True)
def _needs_the_set() -> None:
    folder()


def test_no_real_answer_is_withheld_its_grade() -> None:
    read, told = 0, {}
    for row in rows("real_headers"):
        fields = tuple((name, value) for name, value in row["headers"])
        reason = recognise(Response(url=row["url"] or SOME_SITE, status=row["status"], fields=fields))
        read += 1
        if reason is not None:
            told[row["id"]] = reason
    assert read > 0
    assert told == {}
