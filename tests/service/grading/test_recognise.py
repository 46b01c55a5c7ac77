"""What a text is, told by its content."""

from io import BufferedReader, BytesIO

import pytest

from service.errors import UsageError
from service.grading.recognise import cut_pieces
from service.grading.text import Text

HEADS = "HTTP/1.1 200 OK\r\n\r\n"


def cut(text: str) -> list[tuple[str, str]]:
    file = BufferedReader(BytesIO(text.encode()))  # type: ignore[arg-type]
    blocks = cut_pieces(Text(file, "the file"), None)
    return [(piece.form, piece.where) for block in blocks for piece in block]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"url": "x"}\n', [("line", "line 1")]),
        ('\n# c\n{"url": "x"}\n\n{"url": "y"}', [("line", "line 3"), ("line", "line 5")]),
        ('garbage\n{"url": "x"}\n', [("line", "line 1"), ("line", "line 2")]),
        ('{\n{"url": "x"}\n', [("line", "line 1"), ("line", "line 2")]),
        (' {\n "log" : {"entries": [{}, {}]}}', [("entry", "entry 1"), ("entry", "entry 2")]),
        ('{"log":{"entries":[{}]}}', [("entry", "entry 1")]),
        ('{"comment": "x", "log": {"entries": [{}]}}\n', [("entry", "entry 1")]),
        (
            '{"comment":"x",\n"log":{"entries":[\n{}\n,\n{}\n]}}\n',
            [("entry", "entry 1"), ("entry", "entry 2")],
        ),
        ('{"x": "%s",\n"log":{"entries":[{}]}}' % ("x" * 60_000), [("entry", "entry 1")]),
        ('{"id": 1, "url": "x", "log": {}}\n{"url": "x"}', [("line", "line 1"), ("line", "line 2")]),
        (
            '{"id": 1, "x": [\n{"url": "x"}\n{"url": "x"}',
            [("line", f"line {number}") for number in (1, 2, 3)],
        ),
        ('{"id": "%s", "url": "x"}\n' % ("i" * 500_000), [("line", "line 1")]),
        ('{"logs": 1}\n', [("line", "line 1")]),
        ('{"url": \n{"url": "y"}', [("line", "line 1"), ("line", "line 2")]),
        ('{"url": "x", "body": "%s"}\n' % ("b" * 500_000), [("line", "line 1")]),
        ('{"url": "x", "body": "%s\n' % ("b" * 500_000), [("line", "line 1")]),
        ("# https://a.example/\n" + HEADS, [("dump", "line 2")]),
        ("HTTP/2 200 \n\n", [("dump", "line 1")]),
        ("", []),
        ("\n \n# nothing\n", []),
    ],
)
def test_the_first_line_that_is_like_an_input_decides(text: str, expected: list[tuple[str, str]]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\n# c\nexample.com\nexample.org\n", "line 3: "),
        ("[1]", "line 1: "),
        ("{\n", "line 1: "),
        ("x" * 100_000, "line 1: "),
    ],
)
def test_what_is_like_none_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(UsageError, match=rf"the file: {place}expected JSON lines of header sets"):
        cut(text)


def test_an_object_over_lines_whose_log_is_too_far_is_not_read_as_lines() -> None:
    text = '{"comment": [\n{"name": "x"},\n' + '"x",\n' * 100_000 + '""], "log": {"entries": []}}'
    with pytest.raises(
        UsageError, match=r"the file: line 1, column \d+: expected JSON lines, .* or a HAR file"
    ):
        cut(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"server":["nginx"],\n"date":["x"]\n}\n', "the line ends before its object does"),
        ('{"url": "https://a.test/" "headers": []}\n', "expecting ',' delimiter"),
    ],
)
def test_an_object_that_is_broken_is_told_from_one_that_goes_on(text: str, reason: str) -> None:
    """The latter is what curl's `-w '%{header_json}'` prints."""
    with pytest.raises(UsageError) as refused:
        cut(text)
    (fault,) = refused.value.faults
    first = text.partition("\n")[0]
    assert "each a whole header set (`url`, `status`, `headers`) or record, or a HAR file" in fault
    assert fault.endswith(f"{reason} in {first!r}")
