"""Accept, as RFC 9110 section 12.5.1 has it."""

import pytest

from service.api.negotiation import choose

OFFERS = ("application/json", "application/x-ndjson")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ([], OFFERS[0]),
        ([""], OFFERS[0]),
        (["*/*"], OFFERS[0]),
        (["application/*"], OFFERS[0]),
        (["application/x-ndjson"], OFFERS[1]),
        (["APPLICATION/X-NDJSON ; charset=utf-8"], OFFERS[1]),
        (["text/html, application/x-ndjson;q=0.1"], OFFERS[1]),
        (["text/html", "application/x-ndjson;q=0.1"], OFFERS[1]),
        (["application/json;q=0.5, application/x-ndjson;q=0.6"], OFFERS[1]),
        (["application/json;q=0.5, */*"], OFFERS[1]),
        (["application/json;q=0, */*;q=0.1"], OFFERS[1]),
        (["application/json;q=0"], None),
        (["text/html"], None),
        (["*/*;q=0"], None),
        (["application/json;q=often, application/x-ndjson"], OFFERS[1]),
        (["nonsense"], OFFERS[0]),
        (["application/json;q=nan, application/x-ndjson;q=0.1"], OFFERS[1]),
    ],
)
def test_the_best_that_is_accepted_is_chosen(accept: list[str], chosen: str | None) -> None:
    assert choose(accept, OFFERS) == chosen
