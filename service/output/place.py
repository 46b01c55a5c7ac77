"""Where a URL stands for whoever is shown its findings: on a line of its list, or nowhere but at itself."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

from msgspec import Struct

_LONE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AUTHORITY: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_RESERVED: Final = "%:/?#@!$&'()*+,;=~"  # RFC 3986 section 2.2 without brackets, which are an address's alone


class ListPlace(Struct, frozen=True):
    """A list of URLs: its `name` as it was given, and the line, from 1, of its `seq`th URL."""

    name: str
    line_of: Callable[[int], int]
    is_file: bool = True

    @property
    def reference(self) -> str:
        """The list as a URI reference (RFC 3986): relative where it is a file below the working directory."""
        if not self.is_file:
            return quote(self.name)
        path = Path(os.path.normpath(self.name))
        if path.is_absolute() or ".." in path.parts:
            path = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they were named
            cwd = Path.cwd()
            return quote(path.relative_to(cwd).as_posix()) if path.is_relative_to(cwd) else path.as_uri()
        return quote(os.fsencode(path))


def to_uri(url: str) -> str:
    """A URL as WHATWG's standard leaves it, or a line that is none, as RFC 3986 wants it: what that does not
    allow is percent-encoded."""
    authority = match[0] if (match := _AUTHORITY.match(url)) else ""
    rest = _LONE_PERCENT.sub("%25", url[len(authority) :])
    return quote(authority, safe=f"{_RESERVED}[]") + quote(rest, safe=_RESERVED)
