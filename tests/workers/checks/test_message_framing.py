"""Where a message ends (RFC 9112 section 6, RFC 9110 sections 8.6 and 14.4)."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.message_framing import CHECK


def length(name: str, *values: str, finds: tuple[str, ...] = (), status: int = 200) -> Case:
    return Case(name, tuple(("Content-Length", value) for value in values), finds, status=status)


def coding(name: str, *values: str, finds: tuple[str, ...] = (), status: int = 200) -> Case:
    return Case(name, tuple(("Transfer-Encoding", value) for value in values), finds, status=status)


MALFORMED, UNKNOWN = ("content-length-malformed",), ("transfer-encoding-unknown",)
CASES = (
    Case("neither", ()),
    length("a length", "42"),
    length("nothing", "0"),
    length("a length of what is not sent again", "42", status=304),
    length("in words", "many", finds=MALFORMED),
    length("negative", "-1", finds=MALFORMED),
    length("signed", "+1", finds=MALFORMED),
    length("hexadecimal", "0x10", finds=MALFORMED),
    length("nothing at all", "", finds=MALFORMED),
    length("a digit of another script", "\xb2", finds=MALFORMED),
    length("two", "42", "43", finds=("content-length-conflicting",)),
    length("two in a line", "42, 43", finds=("content-length-conflicting",)),
    length("twice the same", "42", "42", finds=("content-length-repeated",)),
    length("of no content", "0", finds=("content-length-without-content",), status=204),
    coding("chunked", "chunked"),
    coding("in capitals", "Chunked"),
    coding("coded and chunked", "gzip, chunked"),
    coding("on two lines", "gzip", "chunked"),
    coding("identity", "identity", finds=UNKNOWN),
    coding("misspelt", "xchunked", finds=UNKNOWN),
    coding("nothing named", "", finds=UNKNOWN),
    coding("twice", "chunked, chunked", finds=("transfer-encoding-chunked-twice",)),
    coding("not last", "chunked, gzip", finds=("transfer-encoding-not-chunked-last",)),
    coding("chunks of nothing", "chunked", finds=("transfer-encoding-without-content",), status=204),
    Case(
        "both",
        (("Content-Length", "5"), ("Transfer-Encoding", "chunked")),
        ("content-length-with-transfer-encoding",),
    ),
    Case("a part", (("Content-Range", "bytes 0-9/10"),), status=206),
    Case("several parts", (("Content-Type", "multipart/byteranges; boundary=b"),), status=206),
    Case("a part of what", (), ("partial-content-without-range",), status=206),
    Case("the length of what has no such part", (("Content-Range", "bytes */10"),), status=416),
    Case("a part that is the whole", (("Content-Range", "bytes 0-9/10"),), ("content-range-without-part",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
