import pytest

from tests.workers.observatory.sites import HTML, gathered, headers_only
from workers.observatory import NOT_TESTED, grade, is_partial, refusal
from workers.observatory.scoring import grade_of, score_modifiers

GOOD = (
    HTML,
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Strict-Transport-Security", "max-age=31536000"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)


def test_a_bare_site() -> None:
    """CSP -25, HSTS -20, X-Frame-Options -20, X-Content-Type-Options -5."""
    observatory = grade(gathered(HTML))
    assert (observatory.algorithm, observatory.score, observatory.grade) == (6, 30, "D")


def test_a_good_site() -> None:
    observatory = grade(gathered(*GOOD))
    assert (observatory.score, observatory.grade) == (120, "A+")


def test_there_are_twelve_tests() -> None:
    assert len(grade(gathered()).tests) == 12


def test_extra_credit_from_90_points() -> None:
    assert score_modifiers([-10, 5, 10]) == 105


def test_no_extra_credit_below() -> None:
    assert score_modifiers([-15, 5, 10]) == 85


def test_no_score_below_nothing() -> None:
    assert score_modifiers([-50, -50, -20]) == 0


@pytest.mark.parametrize(
    ("score", "letter"), [(135, "A+"), (100, "A+"), (99, "A"), (89, "A-"), (25, "D-"), (24, "F")]
)
def test_grade_of(score: int, letter: str) -> None:
    assert grade_of(score) == letter


def test_what_was_not_tested_costs_nothing_and_neither_passes_nor_fails() -> None:
    test = grade(headers_only(HTML)).tests["redirection"]
    assert (test.result, test.modifier, test.passed) == (NOT_TESTED, 0, None)


def test_headers_of_a_page_leave_three_tests_out() -> None:
    tests = grade(headers_only(*GOOD)).tests
    assert {name for name, test in tests.items() if test.passed is None} == {
        "cross-origin-resource-sharing",
        "redirection",
        "subresource-integrity",
    }


def test_a_grade_with_tests_left_out_is_partial() -> None:
    assert is_partial(grade(headers_only(HTML)))
    assert not is_partial(grade(gathered(HTML)))


@pytest.mark.parametrize("status", [200, 204, 301, 399, 401, 403])
def test_graded(status: int) -> None:
    assert refusal(status) is None


@pytest.mark.parametrize("status", [101, 400, 404, 429, 500])
def test_refused(status: int) -> None:
    assert refusal(status) == f"the Observatory grades no page with status {status}"
