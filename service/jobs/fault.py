"""What keeps a store from working now: a closed set of reasons, and how SQLite's errors fall into it."""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from service.errors import reason_of

# SQLite knows its own pages, only we what we keep in them, and the system whether the files are there.
StoreError = sqlite3.Error | msgspec.DecodeError | UnicodeDecodeError | OSError
STORE_ERRORS: Final = (sqlite3.Error, msgspec.DecodeError, UnicodeDecodeError, OSError)
Reason = Literal["disk_full", "read_only", "locked", "corrupt", "newer", "io_error"]

# By the primary result code (https://www.sqlite.org/rescode.html).
_REASONS: Final[dict[int, Reason]] = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
}
_PRIMARY: Final = 0xFF
_OF_THE_SYSTEM: Final[dict[int | None, Reason]] = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
}


class Fault(Struct, frozen=True):
    """`reason` is for programs, `detail` for people."""

    reason: Reason
    detail: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"

    @property
    def can_pass(self) -> bool:
        """While the files stay open. Any other may be mended only by what needs them closed: another file in
        their place, or their disk mounted anew."""
        return self.reason in ("disk_full", "locked")


def fault_of(error: StoreError, path: Path) -> Fault:
    """What an error of the database at `path` means."""
    if isinstance(error, msgspec.DecodeError | UnicodeDecodeError):
        return Fault("corrupt", f"what was kept cannot be read: {error}")
    if isinstance(error, OSError):
        place = path if error.filename is None else error.filename
        return Fault(_OF_THE_SYSTEM.get(error.errno, "io_error"), f"{place}: {reason_of(error)}")
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    reason = _REASONS.get(code)
    return _look(error, path) if reason is None else Fault(reason, str(error))


def _look(error: StoreError, path: Path) -> Fault:
    """SQLite says no more than that it could not read or write. The file is not opened to find out more:
    closing it would end the locks that this process has on it (https://www.sqlite.org/howtocorrupt.html)."""
    try:
        path.stat()
        if not os.access(path, os.W_OK):
            return Fault("read_only", f"{error}: {path} may not be written to")
        if not os.statvfs(path).f_bavail:
            return Fault("disk_full", f"{error}: nothing is left on its disk")
        os.utime(path.parent)  # a system that has made its disk read-only after an error says so only of this
    except OSError as other:
        fault = fault_of(other, path)
        return Fault(fault.reason, f"{error}: {fault.detail}")
    return Fault("io_error", str(error))
