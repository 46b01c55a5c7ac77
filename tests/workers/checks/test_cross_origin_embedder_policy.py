"""Cross-Origin-Embedder-Policy, as WHATWG HTML has it."""

import pytest

from tests.workers.checks.cases import PAGE, Case, found_ids
from workers.checks.cross_origin_embedder_policy import CHECK
from workers.syntax.head import Field

OPENER = ("Cross-Origin-Opener-Policy", "same-origin")


def page(name: str, value: str, *more: Field, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, (PAGE, ("Cross-Origin-Embedder-Policy", value), *more), finds)


CASES = (
    Case("missing", (PAGE,)),
    page("isolated", "require-corp", OPENER),
    page("isolated, with a report", 'credentialless; report-to="coep"', OPENER),
    page("the default, said aloud", "unsafe-none"),
    page("unknown", "require_corp", finds=("embedder-policy-invalid",)),
    page("quoted", '"require-corp"', OPENER, finds=("embedder-policy-invalid",)),
    page("without an opener policy", "require-corp", finds=("embedder-policy-without-opener-policy",)),
    page(
        "with a weaker opener policy",
        "credentialless",
        ("Cross-Origin-Opener-Policy", "same-origin-allow-popups"),
        finds=("embedder-policy-without-opener-policy",),
    ),
    Case(
        "over http",
        (PAGE, ("Cross-Origin-Embedder-Policy", "require-corp")),
        ("embedder-policy-over-http",),
        url="http://example.com/",
    ),
    Case(
        "on a worker's script",
        (("Content-Type", "text/javascript"), ("Cross-Origin-Embedder-Policy", "require-corp")),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
