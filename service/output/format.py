"""What a format is: how a stream of records begins, each record's bytes, how it ends, how it is read back."""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from workers.model import Depth, Verdict


class Held(Struct, frozen=True):
    """A record that an output holds already: what counts and gates need of it, its `input` as the format
    spells it, and whether it has a report. `depth` is None where the format does not tell."""

    input: str
    verdict: Verdict
    is_judged: bool
    depth: Depth | None = None


class Inverse(Struct, frozen=True):
    """How what was written is read back. `read` raises ValueError for what is no record, saying why.

    `is_whole` tells whether lines, the last one's end included, are a whole record or part of a longer one;
    `spell` gives an input of the list as the format spells it.
    """

    read: Callable[[bytes], Held]
    is_whole: Callable[[bytes], bool]
    spell: Callable[[str], str]


def _no_end(_: str | None) -> Iterable[bytes]:
    return ()


class Format(Struct, frozen=True):
    """`begin` comes once before all records; `write` gives one record's lines, line ends included. `end`
    gives what comes behind the last, in pieces; it is told what kept the run from its list's end, None where
    nothing did. `inverse` is None where an output that was cut short cannot be gone on with.

    A format whose `write` and `end` share a state is made anew for each run.
    """

    write: Callable[[Verdict], bytes]
    begin: bytes = b""
    end: Callable[[str | None], Iterable[bytes]] = _no_end
    inverse: Inverse | None = None

    @property
    def is_lines(self) -> bool:
        """Whether what was written of it is of use without its end."""
        return self.end is _no_end


def for_terminal(plain: Format) -> Format:
    """The same with all that could act on a terminal escaped as JSON has it: JSON still says the same."""

    def write(verdict: Verdict) -> bytes:
        return _escape(plain.write(verdict))

    def end(cut: str | None) -> Iterator[bytes]:
        return map(_escape, plain.end(cut))

    return Format(write, _escape(plain.begin), _no_end if plain.is_lines else end)


def _escape(plain: bytes) -> bytes:
    return "".join(map(_shown, plain.decode())).encode()


def _shown(char: str) -> str:
    if char.isprintable() or char in "\r\n":
        return char
    import json  # only here, and seldom: a start does without

    return json.dumps(char)[1:-1]
