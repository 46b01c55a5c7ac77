"""What heads have in common that differ only in what passes: dates, ages, tags. It is read once for them all.

Owns which fields those are. What a field means is for others: here a value is the same as another, or not.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from workers.syntax.head import Field, Head, parse_head

# Fields that differ between responses that are alike in all else.
PASSING: Final = frozenset({"age", "date", "etag", "expires", "last-modified"})
EXPIRES: Final = "expires"
# But for an Expires that says "already" by a number, or by a date of long ago: that is the same each time.
_LONG_AGO: Final = r"(?:-?\d|\w{3}, \d\d \w{3} (?:19\d\d|200\d) \d\d:\d\d:\d\d GMT)"
_IS_LONG_AGO: Final = re.compile(_LONG_AGO, re.ASCII)
_LINE: Final = re.compile(
    rf"\r\n(age|date|etag|last-modified|expires(?!:[ \t]*+{_LONG_AGO}\r)):[ \t]*+"
    r"([^\x00-\x08\x0a-\x1f\x7f]*+)(?<![ \t])(?=\r\n)",
    re.ASCII | re.IGNORECASE,
)

HEADS_KEPT: Final = 2_048  # some 12 MiB a worker, 50 of the largest; when there are more, it is begun anew
KEPT_LENGTH: Final = 4_096  # octets of one head: a usual one has 600
KEPT_FIELDS: Final = 50  # … and 15 fields, of some 300 octets each besides what was sent

Passing = Mapping[str, tuple[str, ...]]
"""The values of fields that pass, by their names in lower case."""


class Outline:
    """A response's fields as far as they last, and the names of the others in their places: equal where these
    are. `lasting` has those fields, `by_name` their values, and `names` all names (in lower case both);
    `places` are those of what passes."""

    __slots__ = ("_hash", "alike", "by_name", "lasting", "names", "places")

    def __init__(
        self,
        alike: tuple[Field | str, ...],
        lasting: tuple[Field, ...],
        by_name: Mapping[str, tuple[str, ...]],
        names: frozenset[str],
        places: list[int],
    ) -> None:
        self.alike, self.lasting, self.places = alike, lasting, places
        self.by_name, self.names = by_name, names
        self._hash = hash(alike)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outline) and self.alike == other.alike


class Fields(tuple[Field, ...]):
    """A head's fields that know what lasts of them, and what passes."""

    read: tuple[Outline, Passing]


class _Known(NamedTuple):
    """A head that was met: `fields` has anything in the places of those that pass."""

    head: Head
    fields: list[Field]
    outline: Outline
    places: list[int]
    names: list[str]
    keys: list[str]


_known: Final[dict[tuple[str, ...], _Known]] = {}


def read_head(raw: bytes) -> Head:
    """`parse_head`, which reads the lines that pass alone where it has met the others."""
    parts = _LINE.split(raw.decode("latin-1"))
    values = parts[2::3]
    del parts[2::3]
    key = tuple(parts)
    known = _known.get(key)
    if known is None:
        return _learn(raw, key, values)
    head, fields, outline, places, names, keys = known
    fields = fields.copy()
    passing = {}
    for place, name, lower, value in zip(places, names, keys, values, strict=True):
        fields[place] = name, value
        passing[lower] = (value,)
    return _replace(head, _with(fields, outline, passing))


def outline_of(fields: tuple[Field, ...]) -> tuple[Outline, Passing]:
    """What lasts of a response's fields, and what passes.

    Where one Expires of several passes, all their values do.
    """
    if isinstance(fields, Fields):
        return fields.read
    alike: list[Field | str] = []
    lasting: list[Field] = []
    by_name: dict[str, tuple[str, ...]] = {}
    places: list[int] = []
    for place, field in enumerate(fields):
        name, value = field
        key = name.lower()
        by_name[key] = (*by_name[key], value) if key in by_name else (value,)
        if key not in PASSING or (key == EXPIRES and _IS_LONG_AGO.fullmatch(value)):
            alike.append(field)
            lasting.append(field)
        else:
            alike.append(name)
            places.append(place)
    names = frozenset(by_name)
    passing = {key: by_name.pop(key) for key in dict.fromkeys([fields[place][0].lower() for place in places])}
    return Outline(tuple(alike), tuple(lasting), by_name, names, places), passing


def with_outline(fields: tuple[Field, ...]) -> Fields:
    """The fields, whose outline is then not read again."""
    return fields if isinstance(fields, Fields) else _with(fields, *outline_of(fields))


def forget() -> None:
    """Begin as a new worker does."""
    _known.clear()


def _with(fields: Iterable[Field], outline: Outline, passing: Passing) -> Fields:
    found = Fields(fields)
    found.read = outline, passing
    return found


def _replace(head: Head, fields: Fields) -> Head:
    return Head(head.version, head.status, head.reason, fields, head.defects)


def _learn(raw: bytes, parts: tuple[str, ...], values: list[str]) -> Head:
    head = parse_head(raw)
    outline, passing = outline_of(head.fields)
    places = outline.places
    names = [head.fields[place][0] for place in places]
    keys = [name.lower() for name in names]
    # A name that is there twice, and whatever a line means besides itself, is read anew each time.
    is_plain = not head.defects and list(passing) == keys and list(passing.values()) == [(v,) for v in values]
    if is_plain and len(raw) <= KEPT_LENGTH and len(head.fields) <= KEPT_FIELDS:
        if len(_known) >= HEADS_KEPT:
            _known.clear()
        _known[parts] = _Known(head, list(head.fields), outline, places, names, keys)
    return _replace(head, _with(head.fields, outline, passing))
