"""The HSTS preload list: whether a host is to be reached by https only.

The list is the one that the package `hstspreload` ships. Its own look-up opens the file and walks it in
Python (190 µs a host), so the file is read once, when first needed, into buckets that are searched in C
(3 MB a process, a microsecond a host; a frozenset of the names would take 16 MB).
"""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final
from zlib import crc32

_BUCKETS: Final = 16_384  # of some ten names each
_PARENTS_KEPT: Final = (
    4_096  # most hosts are right below a public suffix, or a domain that is asked for often
)
_HOST_LIMIT: Final = 253  # of DNS; a length has one byte in the list
# Of the package's file: flags (1 byte), length (1 byte), name. Between them are labels on the way to one.
_ENTRY: Final = re.compile(rb"[\x80-\xff].[a-z0-9._-]+", re.DOTALL)
_LEAF: Final = 0x80  # the entry is a whole name; no byte of a name, and no length of a label, has it
_SUBDOMAINS: Final = 0x40  # … and holds for what is below it, too


def is_preloaded(host: str) -> bool:
    """Whether the list names `host` itself, or a parent of it with its subdomains (hsts.js)."""
    name = host.encode("ascii", "replace")
    if len(name) > _HOST_LIMIT:
        return False
    return _flags_of(name) > 0 or _is_covered(name.partition(b".")[2])


@lru_cache(maxsize=_PARENTS_KEPT)
def _is_covered(name: bytes) -> bool:
    """Whether the list names `name`, or a parent of it, with its subdomains."""
    while name:
        if _flags_of(name) & _SUBDOMAINS:
            return True
        _, _, name = name.partition(b".")
    return False


def _flags_of(name: bytes) -> int:
    """Those of the name's entry; 0 where it has none."""
    bucket = _load()[crc32(name) % _BUCKETS]
    at = bucket.find(name, 2)  # behind flags and a length
    while at > 0:
        flags, length = bucket[at - 2 : at]
        if flags >= _LEAF and length == len(name):  # else it is a part of another name
            return flags
        at = bucket.find(name, at + 1)
    return 0


@cache
def _load() -> tuple[bytes, ...]:
    """Read the package's file into buckets of entries, back to back."""
    data = files("hstspreload").joinpath("hstspreload.bin").read_bytes()
    buckets = [b""] * _BUCKETS
    for entry in _ENTRY.findall(data):
        buckets[crc32(entry[2:]) % _BUCKETS] += entry
    return tuple(buckets)
