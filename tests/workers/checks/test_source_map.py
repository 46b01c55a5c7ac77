"""SourceMap: a script that tells where its sources are."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.source_map import CHECK

CASES = (
    Case("none", (("Content-Type", "text/javascript"),)),
    Case("the field", (("SourceMap", "/app.js.map"),), ("source-map-exposed",)),
    Case("its old name", (("X-SourceMap", "/app.js.map"),), ("source-map-exposed",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
