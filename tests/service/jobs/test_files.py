"""The store's files: how they are let go of, and what is refused when they are to be opened again."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from service.jobs.fault import Reason
from service.jobs.files import FILE, Files, Opening, make_files
from service.jobs.schema import MIGRATIONS
from service.jobs.store import StoreFailed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With one job of one chunk in it."""
    files = make_files(tmp_path)
    add_job(files, b'["a"]')
    files.close()
    return tmp_path


def add_job(files: Files, targets: bytes) -> int:
    cursor = files.writing.execute(
        "INSERT INTO jobs (id, state, total, created_at, options)"
        " VALUES (hex(randomblob(8)), 'queued', 1, 0, x'')"
    )
    number = int(cursor.lastrowid or 0)
    files.writing.execute(
        "INSERT INTO chunks (place, first_seq, targets, remaining) VALUES (? << 32, 1, ?, 1)",
        (number, targets),
    )
    return number


def refused(folder: Path) -> tuple[Reason, str]:
    with pytest.raises(StoreFailed) as caught:
        Opening(folder, 0).run()
    return caught.value.fault.reason, caught.value.fault.detail


def test_what_is_closed_has_its_log_in_the_database(tmp_path: Path) -> None:
    files = make_files(tmp_path)
    add_job(files, b'["a"]')
    files.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == [FILE, "lock"]


def test_what_is_let_go_of_stays_byte_for_byte(tmp_path: Path) -> None:
    files = make_files(tmp_path)
    add_job(files, b'["a"]')
    before = [Path(f"{tmp_path / FILE}{part}").read_bytes() for part in ("", "-wal")]
    files.let_go()
    assert [Path(f"{tmp_path / FILE}{part}").read_bytes() for part in ("", "-wal")] == before
    Opening(tmp_path, 0).run().close()


def test_nothing_is_made_where_no_database_is(tmp_path: Path) -> None:
    assert refused(tmp_path) == ("io_error", f"{tmp_path / FILE}: No such file or directory")
    assert list(tmp_path.iterdir()) == []


def test_what_is_sound_is_opened_and_can_be_written(folder: Path) -> None:
    files = Opening(folder, 0).run()
    assert files.counts[0]["queued"] == 1
    assert add_job(files, b'["b"]') == 2
    files.close()


def test_a_number_that_was_seen_is_given_to_no_other_job(folder: Path) -> None:
    files = Opening(folder, 7).run()
    assert add_job(files, b'["b"]') == 8
    files.close()


def test_a_store_that_never_had_a_job_skips_numbers_too(tmp_path: Path) -> None:
    make_files(tmp_path).close()
    files = Opening(tmp_path, 7).run()
    assert add_job(files, b'["b"]') == 8
    files.close()


def test_an_empty_file_is_no_store(folder: Path) -> None:
    (folder / FILE).write_bytes(b"")
    assert refused(folder) == ("corrupt", "expected a database of masthead's jobs, got an empty one")


def test_a_part_of_a_file_is_no_store(folder: Path) -> None:
    """As a copy is that somebody is making."""
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(whole[: len(whole) // 2])
    assert refused(folder)[0] == "corrupt"


def test_a_newer_one_is_refused_untouched(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as other:
        other.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = (folder / FILE).read_bytes()
    reason, detail = refused(folder)
    assert (reason, "a newer masthead wrote it" in detail) == ("newer", True)
    assert (folder / FILE).read_bytes() == before


def test_a_damaged_page_is_found_wherever_it_is(folder: Path) -> None:
    """Before anything meets it."""
    database = folder / FILE
    with database.open("r+b") as file:
        file.seek(-(database.stat().st_size // 4), 2)
        file.write(b"\xa5" * (database.stat().st_size // 4))
    assert refused(folder)[0] == "corrupt"


@pytest.mark.parametrize("targets", [b'["a', b'["\xff"]'])
def test_a_list_that_cannot_be_read_is_found_though_sqlite_has_no_complaint(
    folder: Path, targets: bytes
) -> None:
    files = Opening(folder, 0).run()
    add_job(files, targets)
    files.close()
    reason, detail = refused(folder)
    assert (reason, "what was kept cannot be read" in detail) == ("corrupt", True)


def test_another_daemon_s_are_refused_until_it_ends(folder: Path) -> None:
    files = Opening(folder, 0).run()
    assert refused(folder) == ("locked", "another daemon is running on it")
    files.close()
    Opening(folder, 0).run().close()


def test_a_check_that_is_stopped_opens_nothing(folder: Path) -> None:
    opening = Opening(folder, 0)
    opening.stop()
    with pytest.raises(StoreFailed, match="being stopped"):
        opening.run()
    Opening(folder, 0).run().close()  # nor is the lock held any more
