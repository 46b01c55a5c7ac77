"""SQLite's errors as reasons: real ones, where a file alone brings them about."""

import errno
import sqlite3
from pathlib import Path

import pytest

from service.jobs.fault import Fault, fault_of


def error_of(path: Path, *statements: str) -> sqlite3.Error:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        for statement in statements[:-1]:
            connection.execute(statement)
        with pytest.raises(sqlite3.Error) as caught:
            connection.execute(statements[-1])
    finally:
        connection.close()
    return caught.value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "database"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()
    return path


def test_a_lock_of_another_is_one(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    fault = fault_of(error_of(path, "BEGIN IMMEDIATE"), path)
    other.close()
    assert fault == Fault("locked", "database is locked")
    assert (str(fault), fault.can_pass) == ("locked: database is locked", True)


def test_what_is_no_database_is_corrupt_for_as_long_as_it_is_open(path: Path) -> None:
    path.write_bytes(b"x" * 4_096)
    fault = fault_of(error_of(path, "SELECT 1 FROM t"), path)
    assert (fault.reason, fault.can_pass) == ("corrupt", False)


def test_a_file_that_only_may_be_read_is_read_only(path: Path) -> None:
    assert fault_of(error_of(path, "PRAGMA query_only = ON", "DELETE FROM t"), path).reason == "read_only"


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("unable to open database file")
    detail = f"unable to open database file: {tmp_path / 'none'}: No such file or directory"
    assert fault_of(error, tmp_path / "none") == Fault("io_error", detail)


def test_an_error_of_the_system_s_is_what_it_says(path: Path) -> None:
    for number, reason in ((errno.EROFS, "read_only"), (errno.ENOSPC, "disk_full"), (errno.EIO, "io_error")):
        assert fault_of(OSError(number, "so"), path) == Fault(reason, f"{path}: so")


def test_an_error_that_says_no_more_is_told_as_it_is(path: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    assert fault_of(error, path) == Fault("io_error", "disk I/O error")
