"""As much of the fields as is searched."""

from workers.syntax.excerpt import TOTAL_LIMIT, VALUE_LIMIT, excerpt


def test_a_usual_response_is_searched_whole() -> None:
    fields = (("Server", "nginx"), ("A", ""))
    assert excerpt(fields) == (list(fields), "nginx\n")


def test_a_long_value_is_cut() -> None:
    cut = "x" * VALUE_LIMIT
    assert excerpt((("A", "x" * 100_000),)) == ([("A", cut)], cut)


def test_no_more_fields_than_fit() -> None:
    found, _ = excerpt((("A", "x" * 1_000),) * 1_000)
    assert 0 < sum(len(name) + len(value) for name, value in found) <= TOTAL_LIMIT
    assert len(found) == TOTAL_LIMIT // 1_001
