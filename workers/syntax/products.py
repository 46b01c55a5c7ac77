"""Products and their versions (RFC 9110 sections 10.1.5 and 10.2.4), as servers write them rather than as the
grammar has it: "nginx/1.18.0", "Jetty(9.4.43)", "monit 5.6", "JBoss-4.0.4.GA", "Release 753", "R4_01".
"""

import re
from functools import lru_cache
from typing import Final

# How much of a value is judged: no server's configuration names itself at such length.
LIMIT: Final = 1_024
_VALUES_KEPT: Final = 512  # a fleet's servers are few

# A version in detail has at least one dot. Each run of digits is entered once only, at its beginning.
_DETAILED = re.compile(
    r"(?<![\d.])\d++(?:\.\d\w*+)++(?:[.\-+~]\w++)*+(?:[ ](?:SP|patch[ ])\d++)?+", re.ASCII | re.IGNORECASE
)
# What some write in place of one: "/R4_01", "/V5R3M0", "/2011-09-25", "release 753".
_ODD = re.compile(
    r"/(?:[a-z]{1,3}[-_]?)?\d++(?:[-_]\d++)++(?![\w.])|/v\d++r\d++m\d++"
    r"|\b(?:release|version|ver)[ ]\d++(?![\w.])",
    re.ASCII | re.IGNORECASE,
)
# A number alone fits years of releases. What looks like it in a comment is a node's name ("dcb/7F84").
_MAJOR = re.compile(r"/(?:[a-z]{1,3}-?)?\d++(?![\w.\-])", re.ASCII | re.IGNORECASE)
_COMMENT = re.compile(r"(?<![ \t])[ \t]*+\([^()]*+\)")  # RFC 9110 section 5.6.5, without nesting
_SEPARATORS = re.compile(r"[()/\[\]]")
_NAME_LENGTH: Final = 40
# An address in place of a name is another finding's; no version begins with 192.168.
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?", re.ASCII)
_PRIVATE_ADDRESS = re.compile(r"192\.168\.\d{1,3}\.\d{1,3}", re.ASCII)
_BARE = re.compile(r"[A-Za-z][\w+\-]*+(?:[ ][A-Za-z][\w+\-]*+)*+", re.ASCII)
_VERSION_WORDS: Final = frozenset({"", "v", "r", "e", "p", "ver", "version", "release"})
# Of these a version is the protocol's, which says nothing of the product that speaks it.
_PROTOCOLS: Final = frozenset({"http", "upnp", "dlnadoc"})


def detailed_versions(value: str) -> tuple[str, ...]:
    """Each version in detail with the name before it, "nginx 1.18.0", in order; comments are read too."""
    return _detailed_versions(value[:LIMIT])


def major_versions(value: str) -> tuple[str, ...]:
    """Each product that is named with one number only, "Apache 2"."""
    return _major_versions(value[:LIMIT])


@lru_cache(maxsize=_VALUES_KEPT)
def _detailed_versions(value: str) -> tuple[str, ...]:
    if _ADDRESS.fullmatch(value):
        return ()
    matches = [*_DETAILED.finditer(value), *_ODD.finditer(value)]
    named = [(_name_before(value, match.start()), match[0].strip("/")) for match in matches]
    return tuple(
        [
            f"{name} {version}".strip()
            for name, version in named
            if name.lower() not in _PROTOCOLS and not _PRIVATE_ADDRESS.fullmatch(version)
        ]
    )


@lru_cache(maxsize=_VALUES_KEPT)
def _major_versions(value: str) -> tuple[str, ...]:
    value = _COMMENT.sub("", value)
    found = [(_name_before(value, match.start()), match[0][1:]) for match in _MAJOR.finditer(value)]
    return tuple([f"{name} {number}" for name, number in found if name and name.lower() not in _PROTOCOLS])


def without_versions(value: str) -> str | None:
    """The products' names alone, comments left out; None where what is left is no list of names."""
    value = _COMMENT.sub(_kept_version, value[:LIMIT])
    for pattern in (_DETAILED, _ODD, _MAJOR):
        value = pattern.sub("", value)
    words = (word.strip("/()-_,;") for word in value.split())
    bare = " ".join(word for word in words if word not in ("", "v", "V"))
    return bare if _BARE.fullmatch(bare) else None


def _name_before(value: str, position: int) -> str:
    start = max(0, position - _NAME_LENGTH)
    words = _SEPARATORS.sub(" ", value[start:position]).split()
    while words and words[-1].strip("-_.,:").lower() in _VERSION_WORDS:
        words.pop()
    return words[-1].rstrip("-_,;:") if words else ""


def _kept_version(comment: re.Match[str]) -> str:
    """A comment is free text and dropped; a version in brackets ("Jetty(9.4.43)") is not a comment."""
    return comment[0] if comment[0].startswith("(") and _DETAILED.search(comment[0]) else ""
