"""The words of a JSON request's faults."""

import pytest
from pydantic import ValidationError

from service.api.faults import fault_of, find_repeats
from service.api.request_model import JobBody
from service.settings import Settings


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


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"priority": 99}, "expected from 1 to 9, got 99"),
        ({"priority": 0}, "expected from 1 to 9, got 0"),
        ({"priority": 1.5}, "expected a whole number, got 1.5"),
        ({"max_redirects": -1}, "expected at least 0, got -1"),
        ({"timeout": 0}, "expected more than 0, got 0"),
    ],
)
def test_a_number_out_of_its_bounds_is_told_them(options: dict[str, float], detail: str) -> None:
    document = {"urls": ["a"], "options": options}
    with pytest.raises(ValidationError) as caught:
        JobBody.model_validate(document, context=Settings(workers=1))
    [error] = caught.value.errors(include_url=False)
    assert fault_of(error, document).detail == detail


def test_a_validator_s_words_are_not_passed_on_even_where_we_have_none() -> None:
    fault = fault_of({"type": "new_type", "loc": ("a",), "msg": "not a valid dict", "input": 1}, {"a": 1})
    assert (fault.pointer, fault.detail) == ("/a", "expected another value, got 1")
