"""Copying a SQLite database while it is written to."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from service.domain.errors import Conflict, Invalid, Unavailable
from service.store.engine import Store


def back_up(store: Store, path: Path) -> int:
    """Copy the database to a new file of mode 600, checked and on the disk; its size in bytes.

    The copy is the database at one moment: all that was committed before this was called is in it. Writers are not held up; what
    they write meanwhile stays in the write-ahead log until the copy is made. The file has its name only once it is whole.

    Raises: Invalid, for a database that is not SQLite; Conflict, when there is such a file; Unavailable, when the copy can't be
    made or is not sound.
    """
    url = sa.make_url(store.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Invalid("only a SQLite file is copied so; back PostgreSQL up with pg_dump, as docs/operate.md says")
    partial = path.with_name(path.name + ".partial")
    try:
        _create(path, partial)
        try:
            _copy(Path(url.database), partial)
            # unlike a rename, a link never replaces what is there
            os.link(partial, path)
        finally:
            partial.unlink(missing_ok=True)
        _sync(path.parent)
    except FileExistsError as error:
        raise Conflict(
            f"{error.filename2 or error.filename} is there already: choose another name, or remove it"
        ) from None
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"{_trouble(error)}: {error}") from error
    return path.stat().st_size


def _trouble(error: Exception) -> str:
    # the lowest byte is the code proper (https://www.sqlite.org/rescode.html); where the damage lies decides whether SQLite's
    # check finds it or can't even begin
    damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT
    return "the database is damaged, and the backup can't be made" if damaged else "the backup can't be made"


def _create(path: Path, partial: Path) -> None:
    if path.exists():
        raise FileExistsError(0, "is there already", str(path))
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _copy(database: Path, partial: Path) -> None:
    """Fill the file with the database. Raises: Unavailable, when what was copied is not sound; OSError; sqlite3.Error."""
    # read only, so that a database that isn't there is an error and not an empty backup
    with (
        closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as source,
        closing(sqlite3.connect(partial)) as target,
    ):
        # in one step: in several it would begin anew whenever another process writes
        source.backup(target, pages=-1)
        # one file, with no log beside it
        target.execute("PRAGMA journal_mode = DELETE")
        [(found,)] = target.execute("PRAGMA integrity_check(1)")
        if found != "ok":
            raise Unavailable(f"the database is damaged, and so is its copy: {found}")
    _sync(partial)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
