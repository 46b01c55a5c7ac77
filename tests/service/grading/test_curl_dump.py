"""Dumps in pieces: which heads belong together, where bodies end, and what names a URL."""

from io import BufferedReader, BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.grading.recognise import cut_pieces
from service.grading.text import Text
from tests.workers.growth import is_linear
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
BARE = OK.replace("\r", "")
CONNECTED = "HTTP/1.1 200 Connection established\r\n\r\n"


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
        (OK + BARE, [LONE, LONE]),  # a server that ends its lines with LF alone, behind another
        (MOVED.replace("\r", "") + OK, [(["HTTP/2 301", "HTTP/1.1 200 OK"], "")]),
        (OK + BARE.rstrip(), [LONE, LONE]),
        (OK + BARE.rstrip() + "\n<p>\n", [(LONE[0], BARE.rstrip() + "\n<p>\n")]),  # an example in a page
        (MOVED + BARE, [(["HTTP/2 301", "HTTP/1.1 200 OK"], "")]),
        ("HTTP/1.1 200 Connection established\r\nVia: p\r\n\r\n" + OK, [LONE]),
        ("HTTP/1.0 407 No\r\nProxy-Authenticate: Basic\r\n\r\n" + CONNECTED + OK, [LONE]),
        ("HTTP/1.1 407 No\r\n\r\n" + OK, [(["HTTP/1.1 407 No"], ""), LONE]),
        ("HTTP/1.1 200 OK\r\n\r\n" + MOVED, [(["HTTP/2 301"], "")]),  # what another proxy says to CONNECT
        ("HTTP/1.1 200 OK\r\n\r\n" + OK, [LONE, LONE]),  # which a site may have sent as well
        (CONNECTED, [(["HTTP/1.1 200 Connection established"], "")]),
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


def sized(body: str, shown: str = "", size: int = 0) -> str:
    """A head that tells the body's length, and what is shown behind it."""
    return f"HTTP/1.1 200 OK\r\nContent-Length: {size or len(body)}\r\n\r\n{shown or body}"


ROBOTS = "# https://a.example/robots.txt\nUser-agent: *\nDisallow: /x"
LIST = "https://a.example/\nhttps://b.example/\n"
EXAMPLE = f"<pre>\r\n{OK}Server: x\r\n</pre>\r\n"


@pytest.mark.parametrize("body", [ROBOTS, f"{ROBOTS}\n", LIST, LIST.rstrip(), EXAMPLE, f"a\n{OK}", "\n\nb"])
@pytest.mark.parametrize("behind", ["", OK, f"# https://n.example/\n{OK}", f"https://e.example/\n{OK}", "\n"])
def test_a_body_ends_as_its_length_says(body: str, behind: str) -> None:
    text = sized(body) + behind
    assert shape(text)[0] == (["HTTP/1.1 200 OK"], body)
    assert shape(text)[1:] == ([LONE] if OK in behind else [])
    first, *others = pieces(text, "https://given.example/")
    effective = "https://e.example/" if "e.example" in behind else None
    assert (first.url, first.final_url) == (None if effective else "https://given.example/", effective)
    assert [other.url for other in others if "#" in behind] == ["https://n.example/"] * ("#" in behind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (sized("", OK, 4_000), [LONE, LONE]),  # the body is not shown
        (sized("", f"# https://a.example/\n{OK}", len(OK)), [LONE, LONE]),
        (sized("", f"https://a.example/\n{OK}", 4_000), [LONE, LONE]),
        (sized("", f"0.123\n{OK}{OK}", 4_000), [(LONE[0], "0.123\n"), LONE, LONE]),  # … but words of `-w`
        (sized("", f"0.123\n{OK}{OK}", len(OK)), [(LONE[0], "0.123\n"), LONE, LONE]),
        (sized("", f"<p>{OK}", 2), [(LONE[0], "<p>"), LONE]),  # it is shown without its coding, say
        (sized("", f"<p>\n{OK}", 5_000), [(LONE[0], "<p>\n"), LONE]),
        (sized("", "<p>", 5_000), [(LONE[0], "<p>")]),
        (sized("", f"<p>{OK}", 99_999_999), [(LONE[0], "<p>"), LONE]),
        (sized("", f"<p>{OK}", 2_000_000), [(LONE[0], "<p>"), LONE]),
    ],
)
def test_a_length_that_is_not_that_of_what_is_shown_counts_for_nothing(
    text: str, expected: list[tuple[list[str], str]]
) -> None:
    assert shape(text) == expected


LINES = st.sampled_from(
    ["<p>", "text", "A: b", "HTTP/1.1 200 OK", "# https://a.example/", "https://a.example/", ""]
)
BODIES = st.tuples(st.sampled_from(["<p>", "text"]), LINES, LINES, st.sampled_from(["", "text"]))


@given(st.lists(st.tuples(BODIES, st.sampled_from(["\n", "\r\n"])), min_size=1, max_size=4))
def test_bodies_that_tell_their_lengths_are_kept_apart(shown: list[tuple[tuple[str, ...], str]]) -> None:
    bodies = [ending.join(lines) for lines, ending in shown]
    assert shape("".join(map(sized, bodies))) == [(LONE[0], body) for body in bodies]


def test_a_response_that_nothing_led_to_is_of_the_url_that_was_asked_for() -> None:
    text = (
        f"# https://a.example/\n{OK}https://b.example/\n# https://a.example/\n{MOVED}{OK}https://b.example/\n"
    )
    lone, led = pieces(text)
    assert (lone.url, lone.final_url) == ("https://a.example/", None)
    assert (led.url, led.final_url) == ("https://a.example/", "https://b.example/")


def test_lines_are_measured_once() -> None:
    """Heads whose bodies are not shown, each of which tells a length that spans all others behind it."""
    one = sized("", "0.1\n", 900_000)
    assert is_linear(lambda size: pieces(one * size), 8_000)


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
