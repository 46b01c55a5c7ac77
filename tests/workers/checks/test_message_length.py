"""Where the response ends."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.message_length import CHECK
from workers.syntax.head import Field


def sent(name: str, *fields: Field, finds: tuple[str, ...] = (), status: int = 200) -> Case:
    return Case(name, fields, finds, status=status)


def length(*values: str) -> tuple[Field, ...]:
    return tuple(("Content-Length", value) for value in values)


CHUNKED = ("Transfer-Encoding", "chunked")
CASES = (
    sent("a length", *length("12")),
    sent("the same twice", *length("12", "12")),
    sent("the same as a list", *length("12, 12")),
    sent("chunked", CHUNKED),
    sent("compressed and chunked", ("Transfer-Encoding", "gzip, Chunked")),
    sent("a length of what a HEAD would have", *length("12"), status=304),
    sent("two lengths", *length("12", "13"), finds=("content-length-conflicting",)),
    sent("less than nothing", *length("-1"), finds=("content-length-invalid",)),
    sent("with a sign", *length("+12"), finds=("content-length-invalid",)),
    sent("empty", *length(""), finds=("content-length-invalid",)),
    sent("both", *length("12"), CHUNKED, finds=("content-length-beside-transfer-encoding",)),
    sent("not chunked", ("Transfer-Encoding", "gzip"), finds=("transfer-encoding-not-chunked",)),
    sent("identity", ("Transfer-Encoding", "identity"), finds=("transfer-encoding-not-chunked",)),
    sent("chunked twice", CHUNKED, CHUNKED, finds=("transfer-encoding-repeated",)),
    sent("chunks of nothing", CHUNKED, finds=("transfer-encoding-without-content",), status=204),
    sent("the length of nothing", *length("0"), finds=("content-length-without-content",), status=204),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
