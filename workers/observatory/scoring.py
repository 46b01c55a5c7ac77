"""From results to a score and a grade: charts.js, grader.js and scanner/index.js of the Observatory."""

from functools import lru_cache
from typing import Final

from workers.model import Observatory, TestResult
from workers.observatory import (
    content_security_policy,
    cookies,
    cross_origin_embedder_policy,
    cross_origin_opener_policy,
    cross_origin_resource_policy,
    cross_origin_resource_sharing,
    redirection,
    referrer_policy,
    strict_transport_security,
    subresource_integrity,
    x_content_type_options,
    x_frame_options,
)
from workers.observatory.evidence import Evidence
from workers.observatory.result import NOT_TESTED
from workers.observatory.score_table import ALGORITHM, GRADES, SCORES

BASE_SCORE: Final = 100
_SCORES_KEPT: Final = 1_024  # most sites have the results that another has
EXTRA_CREDIT_FROM: Final = 90  # points before any are added: better sites only are paid for more

# In the order in which the Observatory runs and shows them (constants.js).
_TESTS: Final = (
    (content_security_policy.NAME, content_security_policy.judge),
    (cookies.NAME, cookies.judge),
    (cross_origin_embedder_policy.NAME, cross_origin_embedder_policy.judge),
    (cross_origin_opener_policy.NAME, cross_origin_opener_policy.judge),
    (cross_origin_resource_sharing.NAME, cross_origin_resource_sharing.judge),
    (redirection.NAME, redirection.judge),
    (referrer_policy.NAME, referrer_policy.judge),
    (strict_transport_security.NAME, strict_transport_security.judge),
    (subresource_integrity.NAME, subresource_integrity.judge),
    (x_content_type_options.NAME, x_content_type_options.judge),
    (x_frame_options.NAME, x_frame_options.judge),
    (cross_origin_resource_policy.NAME, cross_origin_resource_policy.judge),
)
_RESULTS: Final = {
    result: TestResult(result, modifier, passed) for result, (modifier, passed) in SCORES.items()
} | {NOT_TESTED: TestResult(NOT_TESTED, 0, passed=None)}


def grade(evidence: Evidence) -> Observatory:
    """Run all twelve tests and score them. Scores whatever status: ask `refusal` first."""
    return score_results(run_tests(evidence))


def run_tests(evidence: Evidence) -> tuple[str, ...]:
    """Each test's result, by name and in the tests' order."""
    return tuple([judge(evidence) for _, judge in _TESTS])


@lru_cache(maxsize=_SCORES_KEPT)
def score_results(results: tuple[str, ...]) -> Observatory:
    """Score what `run_tests` gave."""
    tests = {name: _RESULTS[result] for (name, _), result in zip(_TESTS, results, strict=True)}
    score = score_modifiers([test.modifier for test in tests.values()])
    return Observatory(algorithm=ALGORITHM, grade=grade_of(score), score=score, tests=tests)


def is_partial(observatory: Observatory) -> bool:
    """Whether some test was left out for want of evidence."""
    return any(test.result == NOT_TESTED for test in observatory.tests.values())


def refusal(status: int) -> str | None:
    """Why the Observatory would refuse to grade a page of the status; None where it would not.

    Oddity (scanner/index.js): a redirect that leads nowhere is graded, and so are 401 and 403 but no other
    error.
    """
    if 200 <= status < 400 or status in (401, 403):
        return None
    return f"the Observatory grades no page with status {status}"


def score_modifiers(modifiers: list[int]) -> int:
    """The score, never below 0. What a test adds counts only where what tests take leaves 90 or more."""
    uncurved = BASE_SCORE + sum(modifier for modifier in modifiers if modifier < 0)
    return max(BASE_SCORE + sum(modifiers) if uncurved >= EXTRA_CREDIT_FROM else uncurved, 0)


def grade_of(score: int) -> str:
    """The grade of a score, rounded down to a multiple of five; above 100 there is nothing to gain."""
    return GRADES[min(max(score, 0), BASE_SCORE) // 5 * 5]
