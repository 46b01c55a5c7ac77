"""What heads have in common that differ only in what passes: dates, ages, tags.

Owns which fields those are. What a field means is for others: here a value is the same as another, or not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, overload

import msgspec

from workers.syntax.head import Field

# Fields that differ between responses that are alike in all else.
PASSING: Final = frozenset({"age", "date", "etag", "expires", "last-modified"})
DATES: Final = frozenset({"date", "expires", "last-modified"})  # among these
EXPIRES: Final = "expires"
# But for an Expires that says "already" by a number, or by a date of long ago: that is the same each time.
LONG_AGO: Final = r"(?:-?\d|\w{3}, \d\d \w{3} (?:19\d\d|200\d) \d\d:\d\d:\d\d GMT)"
_IS_LONG_AGO: Final = re.compile(LONG_AGO, re.ASCII)

REPEATED: Final = -1  # in the place of a field that was sent more than once

# Values that pass are few, short and in ASCII, as a rule.
PLAIN_LENGTH, PLAIN_FIELDS = 512, 10  # characters of all, and fields

_NONE: Final[Mapping[str, tuple[str, ...]]] = {}

_to_json: Final = msgspec.json.Encoder().encode


class Outline:
    """A response's fields as far as they last, and the names of the others in their places: equal where these
    are.

    `lasting` has those fields; `passing` the names of the others, in their order, and `places` where in it
    each is, or `REPEATED`; `dated` the same of those that are dates; `names` all names; `by_name` the values
    of each, None of those that pass (names are in lower case but in `alike` and `lasting`).
    """

    __slots__ = ("_hash", "_json", "alike", "by_name", "dated", "lasting", "names", "passing", "places")

    def __init__(
        self,
        alike: tuple[Field | str, ...],
        lasting: tuple[Field, ...],
        passing: Sequence[str],
        sent: Mapping[str, tuple[str, ...]],
    ) -> None:
        """`sent` has the values of all fields. Where one Expires of several passes, all of them do."""
        self.alike, self.lasting, self.passing = alike, lasting, passing
        self.places = {
            name: place if len(sent[name]) == 1 else REPEATED for place, name in enumerate(passing)
        }
        self.dated = [(name, place) for name, place in self.places.items() if name in DATES]
        self.names = frozenset(sent)
        self.by_name: dict[str, tuple[str, ...] | None] = {**sent, **dict.fromkeys(passing)}
        self._hash = hash(alike)
        self._json: list[bytes] | None = None

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outline) and self.alike == other.alike

    def complete(self, values: Iterable[str]) -> Iterator[Field]:
        """The fields, with the values of those that pass."""
        anew = iter(values)
        for each in self.alike:
            yield (each, next(anew)) if isinstance(each, str) else each

    def write(self, values: Iterable[str]) -> bytes:
        """The same as JSON, of which what lasts is written once."""
        if self._json is None:
            self._json = list(_split(self.alike))
        pieces = self._json.copy()
        pieces[1::2] = map(_to_json, values)
        return b"".join(pieces)


class Fields(Sequence[Field]):
    """A head's fields that know what lasts of them, and what passes. They are made where they are asked for:
    heads that were met before are mostly judged, and written, without."""

    __slots__ = ("_made", "outline", "pass_plainly", "passing", "repeated")

    def __init__(
        self,
        outline: Outline,
        passing: Sequence[str],
        made: tuple[Field, ...] | None = None,
        repeated: Mapping[str, tuple[str, ...]] = _NONE,
    ) -> None:
        """`passing` are the values of what passes, in the outline's order; `repeated` those of each name that
        is `REPEATED`. `made` may be left out where none is, and they are plain."""
        self.outline, self.passing, self.repeated, self._made = outline, passing, repeated, made
        self.pass_plainly = made is None or _are_plain(passing)

    def values(self, name: str) -> tuple[str, ...]:
        """All that was sent for a field, in wire order; its name is in lower case."""
        values = self.outline.by_name.get(name, ())
        if values is not None:
            return values
        place = self.outline.places[name]
        return (self.passing[place],) if place != REPEATED else self.repeated[name]

    def all(self) -> tuple[Field, ...]:
        if self._made is None:
            self._made = tuple(self.outline.complete(self.passing))
        return self._made

    def write(self) -> bytes:
        """As JSON."""
        return self.outline.write(self.passing) if self._made is None else _to_json(self._made)

    def __len__(self) -> int:
        return len(self.outline.alike)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.all())

    @overload
    def __getitem__(self, index: int) -> Field: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Field]: ...
    def __getitem__(self, index: int | slice) -> Field | Sequence[Field]:
        return self.all()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fields | tuple) and self.all() == tuple(other)

    def __hash__(self) -> int:
        return hash(self.all())


def with_outline(fields: Sequence[Field]) -> Fields:
    """The fields, whose outline is then not read again."""
    return fields if isinstance(fields, Fields) else _read(fields)


def _read(fields: Sequence[Field]) -> Fields:
    alike: list[Field | str] = []
    lasting: list[Field] = []
    passing: list[str] = []
    values: list[str] = []
    sent: dict[str, tuple[str, ...]] = {}
    for field in fields:
        name, value = field
        key = name.lower()
        sent[key] = (*sent[key], value) if key in sent else (value,)
        if key not in PASSING or (key == EXPIRES and _IS_LONG_AGO.fullmatch(value)):
            alike.append(field)
            lasting.append(field)
        else:
            alike.append(name)
            passing.append(key)
            values.append(value)
    outline = Outline(tuple(alike), tuple(lasting), passing, sent)
    repeated = {name: sent[name] for name, place in outline.places.items() if place == REPEATED}
    return Fields(outline, values, tuple(fields), repeated)


def _are_plain(passing: Sequence[str]) -> bool:
    text = "".join(passing)
    return len(text) <= PLAIN_LENGTH and text.isascii() and len(passing) <= PLAIN_FIELDS


def _split(alike: tuple[Field | str, ...]) -> Iterator[bytes]:
    """The fields as JSON in parts: every second one is where a value passes."""
    text = b"["
    for place, each in enumerate(alike):
        comma = b"," if place else b""
        if isinstance(each, str):
            yield b"%b%b[%b," % (text, comma, _to_json(each))
            yield b""
            text = b"]"
        else:
            text = b"%b%b%b" % (text, comma, _to_json(each))
    yield text + b"]"
