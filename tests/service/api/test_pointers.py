"""JSON pointers to faults."""

import pytest

from service.api.pointers import pointer_to

DOCUMENT = {"a": [{"b/c~d": 1}], "h": {"(list)": 1, "x": 2}, "": 0}


@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        ((), ""),
        (("a", 0, "b/c~d"), "/a/0/b~1c~0d"),
        (("a", 0, "missing"), "/a/0/missing"),
        (("h", "(dict)", "x"), "/h/x"),
        (("h", "(dict)", "x", "[key]"), "/h/x"),
        (("a", "(list)", 0), "/a/0"),
        (("",), "/"),
    ],
)
def test_the_place_is_found_in_the_document(place: tuple[int | str, ...], pointer: str) -> None:
    assert pointer_to(place, DOCUMENT) == pointer
