"""The words of a JSON request's faults."""

import pytest

from service.api.faults import fault_of, find_repeats


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("1", []),
        ('{"a": 1, "b": [{"a": 1}, {"a": 1}]}', []),
        ('{"a": 1, "a": 1}', ["/a"]),
        ('[{"a": {"b": 1, "b": 2}}, {"c": 1, "c": 2}]', ["/0/a/b", "/1/c"]),
        ('{"": 1, "": 2, "/": 1, "/": 2}', ["/", "/~1"]),
        ('{"a": {"b": 1, "b": 2}, "a": 3}', ["/a"]),
        ('{"a": ' + "1" * 5_000 + ', "a": 1e400}', ["/a"]),
    ],
)
def test_members_given_more_than_once_are_found_at_any_depth(text: str, pointers: list[str]) -> None:
    assert [fault.pointer for fault in find_repeats(text)] == pointers


def test_a_validator_s_words_are_not_passed_on_even_where_we_have_none() -> None:
    fault = fault_of({"type": "new_type", "loc": ("a",), "msg": "not a valid dict", "input": 1}, {"a": 1})
    assert (fault.pointer, fault.detail) == ("/a", "expected another value, got 1")
