"""A block of lines read at once is what its lines are one by one."""

from hypothesis import given
from hypothesis import strategies as st

from service.inspection.lines import read_block, read_line
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
