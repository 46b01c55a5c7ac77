"""Databases of earlier versions: opened, brought up to this one, and gone on with."""

import sqlite3
from pathlib import Path

from service.jobs.model import PRIORITY, Written
from service.jobs.schema import MIGRATIONS
from service.jobs.sqlite import FILE, open_store

# As version 1 wrote it, kept here word for word: a job of which one record is on the disk, one that is done,
# and one whose list was being received when the daemon was killed.
VERSION_1 = """
    PRAGMA journal_mode = WAL;
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
        total INTEGER NOT NULL DEFAULT 0, ok INTEGER NOT NULL DEFAULT 0, error INTEGER NOT NULL DEFAULT 0,
        created_at REAL NOT NULL, finished_at REAL, options BLOB NOT NULL
    );
    CREATE TABLE chunks (
        place INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
        owner TEXT, targets BLOB NOT NULL, remaining INTEGER NOT NULL
    );
    CREATE INDEX waiting_chunks ON chunks (place) WHERE state = 'waiting';
    CREATE INDEX leased_chunks ON chunks (owner) WHERE state = 'leased';
    CREATE TABLE records (place INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, line BLOB NOT NULL);
    CREATE TABLE keys (key TEXT PRIMARY KEY, job INTEGER NOT NULL, digest BLOB, created_at REAL NOT NULL);
    INSERT INTO jobs VALUES (1, 'running', 'running', 2, 1, 0, 1.0, NULL, '{}');
    INSERT INTO jobs VALUES (2, 'done', 'done', 1, 1, 0, 2.0, 3.0, '{}');
    INSERT INTO jobs VALUES (3, 'received', 'receiving', 0, 0, 0, 4.0, NULL, '{}');
    INSERT INTO chunks VALUES (1 << 32, 1, 'leased', 'dead', CAST('["one", "two"]' AS BLOB), 1);
    INSERT INTO chunks VALUES (2 << 32, 1, 'done', 'dead', CAST('["three"]' AS BLOB), 0);
    INSERT INTO records VALUES (1 << 32 | 1, 1 << 32 | 1, CAST('{"seq":1}' AS BLOB));
    INSERT INTO records VALUES (2 << 32 | 1, 2 << 32 | 1, CAST('{"seq":1}' AS BLOB));
    INSERT INTO keys VALUES ('key', 2, x'00', 2.0);
    PRAGMA user_version = 1;
"""


async def test_a_database_of_version_1_is_gone_on_with(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript(VERSION_1)
    connection.close()
    async with open_store(tmp_path) as store:
        done, running, received = [await store.find(id_) for id_ in ("done", "running", "received")]
        assert received is None
        assert done is not None
        assert (done.state, done.finished_at, done.priority) == ("done", 3.0, PRIORITY)
        assert await store.find_key("key") == (done, b"\0")
        assert [job.id for job in await store.open_jobs()] == ["running"]
        assert running is not None
        chunk = await store.lease(running.number)
        assert chunk is not None
        assert [target.input for target in chunk.targets] == ["two"]
        assert await store.write([Written(1, chunk.number, 2, b'{"seq":2}', False)]) == {1}
        lines = await store.read(running, 0, 10, 1 << 20)
        assert [line.line for line in lines] == [b'{"seq":1}', b'{"seq":2}']


async def test_a_database_is_of_the_newest_version_once_it_is_opened(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript(VERSION_1)
    connection.close()
    async with open_store(tmp_path):
        pass
    async with open_store(tmp_path / "new"):
        pass
    schemas = []
    for folder in (tmp_path, tmp_path / "new"):
        connection = sqlite3.connect(folder / FILE)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        tables = connection.execute("SELECT name FROM sqlite_schema ORDER BY name").fetchall()
        schemas.append(
            {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for (name,) in tables}
        )
        connection.close()
    assert schemas[0] == schemas[1]
