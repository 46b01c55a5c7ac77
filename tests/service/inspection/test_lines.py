"""A block of lines read at once is what its lines are one by one."""

from io import BufferedReader, BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.inspection.lines import read_block, read_line, read_targets
from service.model import Target

PIECES = st.sampled_from(
    [
        b"\n",
        b"\r\n",
        b"\n\n\n",
        b" ",
        b"\t",
        b"\f",
        b"\x0b",
        b"#",
        b"a",
        b"http://a.test/",
        b"\xff",
        "é".encode(),
    ]
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("http://a.test/ # ours", "http://a.test/"),
        ("a.test\t\t#\tours # and theirs\r", "a.test"),
        ("http://a.test/#top", "http://a.test/#top"),
        ("http://a.test/#top # a fragment before it", "http://a.test/#top"),
        ("http://a.test/?q=a b", "http://a.test/?q=a b"),
        ("  # a whole line", None),
        ("#http://a.test/", None),
    ],
)
def test_a_hash_begins_a_comment_behind_white_space_and_a_fragment_elsewhere(
    line: str, expected: str | None
) -> None:
    # In a block that is text, in one that is not, and far from the file's beginning: three ways to read it.
    data = f"{line}\nhttp://b.test/\n".encode()
    inputs = ["http://b.test/"] if expected is None else [expected, "http://b.test/"]
    for block in (data, data + b"\xff # no text"):
        more = ["\\xff"] if block is not data else []
        assert [target.input for target in read_block(block, 1, 2, 0)] == inputs + more
        whole = [
            target for targets in read_targets(BufferedReader(BytesIO(block)), "x") for target in targets
        ]
        assert [target.input for target in whole] == inputs + more
    again = read_targets(BufferedReader(BytesIO(b"http://first.test/\n" * 1_000 + data)), "x")
    assert [target.input for targets in again for target in targets][1_000:] == inputs


@given(
    st.lists(PIECES).map(b"".join),
    st.integers(1, 3),
    st.integers(0, 99),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_a_block_is_its_lines(block: bytes, number: int, offset: int, begin: bytes) -> None:
    block, offset = begin + block, 0 if number == 1 else offset
    expected: list[Target] = []
    place = offset
    for before, line in enumerate(block.split(b"\n")):
        target = read_line(line, len(expected) + 7, number + before, place)
        if target is not None:
            expected.append(target)
        place += len(line) + 1
    assert read_block(block, 7, number, offset) == expected
