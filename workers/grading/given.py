"""What of `masthead grade`'s input crosses to a worker: pieces of text, each of which becomes one record."""

from typing import Literal

from msgspec import Struct

from workers.model import Gathered

Form = Literal["line", "entry", "dump"]


class Piece(Struct, frozen=True, array_like=True):
    """One response as it was given, not read yet; `where` is its place in the input.

    `form` says what `parts` are: "line" is one line of JSON, "entry" one entry of a HAR, and "dump" the heads
    that curl printed, redirects first, and behind them what it printed of the body (b"" for nothing).
    `url` is the first request's and `final_url` the last's, where something beside the text tells. `fault`
    says why the piece cannot be read, where that was seen while it was cut out. `line` is the one on which it
    begins; entries of a HAR, which has no lines to speak of, are all on the first.
    """

    form: Form
    where: str
    parts: tuple[bytes, ...]
    url: str | None = None
    final_url: str | None = None
    fault: str | None = None
    line: int = 1


class Given(Gathered, frozen=True, array_like=True):
    """A piece on its way through the pool, which takes what was gathered. `input` is the piece's place until
    it has been read."""

    piece: Piece = Piece("line", "", ())
