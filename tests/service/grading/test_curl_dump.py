"""Dumps in pieces: which heads belong together, where bodies end, and what names a URL."""

from io import BufferedReader, BytesIO

import pytest

from service.grading.recognise import cut_pieces
from service.grading.text import Text
from workers.grading.given import Piece

OK = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"
MOVED = "HTTP/2 301 \r\nlocation: /x\r\n\r\n"


class Dribble(BytesIO):
    """Gives `size` bytes at once."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read1(self, _: int | None = -1, /) -> bytes:
        return self.read(self._size)

    def peek(self, size: int = 0) -> bytes:
        return self.getvalue()[:size]


def pieces(text: str, url: str | None = None) -> list[Piece]:
    file = BufferedReader(BytesIO(text.encode()))  # type: ignore[arg-type]
    return [piece for block in cut_pieces(Text(file, "dump"), url) for piece in block]


def shape(text: str) -> list[tuple[list[str], str]]:
    """Of each piece the status lines of its heads, and its body."""
    return [
        ([head.split(b"\n")[0].decode().strip() for head in piece.parts[:-1]], piece.parts[-1].decode())
        for piece in pieces(text)
    ]


LONE = (["HTTP/1.1 200 OK"], "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OK, [LONE]),
        (OK + OK, [LONE, LONE]),
        (OK.replace("\r", "") * 2, [LONE, LONE]),
        (OK.rstrip(), [LONE]),  # its blank line was lost
        (MOVED + OK, [(["HTTP/2 301", "HTTP/1.1 200 OK"], "")]),
        (MOVED + MOVED, [(["HTTP/2 301", "HTTP/2 301"], "")]),
        (MOVED + "# https://b.example/\n" + OK, [(["HTTP/2 301"], ""), LONE]),
        (
            "HTTP/1.1 304 Not Modified\r\nLocation: /\r\n\r\n" + OK,
            [(["HTTP/1.1 304 Not Modified"], ""), LONE],
        ),
        ("HTTP/1.1 301 Moved\r\n\r\n" + OK, [(["HTTP/1.1 301 Moved"], ""), LONE]),
        ("HTTP/1.1 100 Continue\r\n\r\n" + OK, [LONE]),
        ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, [LONE]),
        ("HTTP/1.1 200 Connection established\r\n\r\n" + OK, [LONE]),
        (MOVED + "bye" + OK, [(["HTTP/2 301"], "bye"), LONE]),  # curl prints no body that it follows on from
        (OK + "<p>\n" + OK, [(LONE[0], "<p>\n"), LONE]),
        (OK + "<p>" + OK, [(LONE[0], "<p>"), LONE]),
        (OK + "a\nHTTP/1.1 200 OK\nServer: x\n", [(LONE[0], "a\nHTTP/1.1 200 OK\nServer: x\n")]),
        (OK + "a\nHTTP/1.1 200 OK\r\nno field\n", [(LONE[0], "a\nHTTP/1.1 200 OK\r\nno field\n")]),
        (OK + "a HTTP/1.1 200 OK\r\n", [(LONE[0], "a HTTP/1.1 200 OK\r\n")]),
        (OK + "# Title\n", [(LONE[0], "# Title\n")]),
        (OK + "\n\ntext\n", [(LONE[0], "\n\ntext\n")]),
    ],
)
def test_heads_and_bodies(text: str, expected: list[tuple[list[str], str]]) -> None:
    assert shape(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OK, [("https://given.example/", None)]),
        ("# https://a.example/\n" + OK, [("https://a.example/", None)]),
        ("# a comment\n\n#https://a.example/ \r\n" + OK, [("https://a.example/", None)]),
        (OK + "https://a.example/\n", [(None, "https://a.example/")]),
        (OK + "<p></p>https://a.example/\n", [(None, "https://a.example/")]),
        (OK + "text https://a.example/\n", [("https://given.example/", None)]),
        (MOVED + OK + "\nhttps://a.example/", [(None, "https://a.example/")]),
        (
            "# https://a.example/\n" + OK + "<p></p># https://b.example/\n" + OK,
            [("https://a.example/", None), ("https://b.example/", None)],
        ),
    ],
)
def test_urls(text: str, expected: list[tuple[str | None, str | None]]) -> None:
    got = [(piece.url, piece.final_url) for piece in pieces(text, "https://given.example/")]
    assert got == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_it_does_not_matter_how_the_text_comes(size: int) -> None:
    text = f"# https://a.example/\n{MOVED}{OK}<p>{OK}\nhttps://b.example/\n{OK}"
    file = Dribble(text.encode(), size)
    got = [piece for block in cut_pieces(Text(file, "dump"), None) for piece in block]  # type: ignore[arg-type]
    assert got == pieces(text)
    assert [piece.where for piece in got] == ["line 2", "line 8", "line 13"]


def test_a_long_body_is_kept_to_its_bound_and_what_follows_is_found() -> None:
    text = OK + "<" + "x" * 3_000_000 + "\n" + OK
    got = pieces(text)
    assert len(got) == 2
    assert len(got[0].parts[-1]) <= 2 * 1024 * 1024
