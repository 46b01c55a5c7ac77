"""What a module shows to who asks it who it is: blackbox_exporter's ways to write an Authorization header.

A file is read when the module is: what changes in it is there after a reload. Nothing of it is shown.
"""

from base64 import b64encode
from pathlib import Path
from typing import Annotated, Any, Final

from msgspec import Struct

from service.model import parse_request_field
from service.probe.document import Reads

FILE_LIMIT_BYTES: Final = 65_536  # no credential is longer, and no head could have it


def read_field_value(text: str) -> str:
    """What is sent for a header, without the white space around it."""
    try:
        return parse_request_field(f"X:{text}")[1]
    except ValueError as error:
        raise ValueError("expected Latin-1 text on one line") from error


def read_secret_file(path: str) -> str:
    """What is in the file, without the white space around it."""
    try:
        with Path(path).open("rb") as file:
            raw = file.read(FILE_LIMIT_BYTES + 1)
        text = raw.decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"expected a file of text, got {path!r}: {reason}") from error
    if not text or len(raw) > FILE_LIMIT_BYTES:
        raise ValueError(f"expected a file of 1 to {FILE_LIMIT_BYTES} bytes, got {path!r}")
    return text


def read_token_file(path: str) -> str:
    """A credential that is sent as it is."""
    return read_field_value(read_secret_file(path))


def _hide(_: Any) -> str:
    return "********"


# Not shown, in a fault or anywhere else. A file's reader tells the file, which is none.
HiddenValue = Annotated[str, Reads(read_field_value, _hide, is_secret=True)]
HiddenText = Annotated[str, Reads(str, _hide, is_secret=True)]
HiddenFile = Annotated[str, Reads(read_secret_file, _hide, is_secret=True)]
HiddenToken = Annotated[str, Reads(read_token_file, _hide, is_secret=True)]


class BasicAuth(Struct, frozen=True):
    """RFC 7617, its text in UTF-8."""

    username: str = ""
    password: HiddenText | None = None
    password_file: HiddenFile | None = None

    def find_fault(self) -> str | None:
        if ":" in self.username:
            return "expected a user's name without a colon (RFC 7617 section 2)"
        return _one_at_most(password=self.password, password_file=self.password_file)

    @property
    def value(self) -> str:
        text = f"{self.username}:{self.password or self.password_file or ''}"
        return f"Basic {b64encode(text.encode()).decode()}"


class Authorization(Struct, frozen=True):
    """Any other scheme, a bearer's token unless told."""

    type: HiddenValue = "Bearer"
    credentials: HiddenValue | None = None
    credentials_file: HiddenToken | None = None

    def find_fault(self) -> str | None:
        if self.credentials is None and self.credentials_file is None:
            return "expected `credentials` or `credentials_file`, got neither"
        return _one_at_most(credentials=self.credentials, credentials_file=self.credentials_file)

    @property
    def value(self) -> str:
        return f"{self.type} {self.credentials or self.credentials_file}"


def _one_at_most(**given: object) -> str | None:
    names = [name for name, value in given.items() if value is not None]
    return f"expected one of {', '.join(given)}, got {len(names)}" if len(names) > 1 else None
