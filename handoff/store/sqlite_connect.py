"""Connections to SQLite with the settings that our promises stand on, and its errors in an operator's words."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from handoff.errors import StoreUnavailable

_SETTINGS = (
    "PRAGMA journal_mode=WAL",  # readers never wait for the writer
    "PRAGMA synchronous=FULL",  # a commit is on the disk before it is acknowledged (promise 4)
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # INSERT OR REPLACE fires the triggers that forbid deleting
    "PRAGMA secure_delete=ON",  # R11: what is deleted is overwritten
)

_MENDS = {
    sqlite3.SQLITE_BUSY: "The database is locked by another process. Mend: stop what else has it open for writing.",
    sqlite3.SQLITE_LOCKED: "The database is locked by another process. Mend: stop what else has it open for writing.",
    sqlite3.SQLITE_READONLY: "The database cannot be written. Mend: give this user write access to file and folder.",
    sqlite3.SQLITE_PERM: "The database may not be opened. Mend: give this user access to file and folder.",
    sqlite3.SQLITE_AUTH: "The database may not be opened. Mend: give this user access to file and folder.",
    sqlite3.SQLITE_FULL: "The disk is full. Mend: make room; nothing that was acknowledged is lost.",
    sqlite3.SQLITE_IOERR: "The disk failed. Mend: look at the disk and the system's journal, then start again.",
    sqlite3.SQLITE_CANTOPEN: "The database cannot be opened. Mend: see that file and folder exist and are ours.",
    sqlite3.SQLITE_CORRUPT: "The database is damaged. Mend: stop, keep the file, restore the newest backup.",
    sqlite3.SQLITE_NOTADB: "The database file is not a database. Mend: restore the newest backup.",
    sqlite3.SQLITE_NOMEM: "There is no memory left. Mend: free some, then start again.",
    sqlite3.SQLITE_PROTOCOL: "The database's locks do not work here. Mend: keep it on a local disk.",
}


def connect(url: str, *, busy_s: float, begin: str, readers: int = 0) -> Engine:
    """An engine whose transactions start with `begin`. `readers` > 0: that many connections, which cannot write."""
    pool: dict[str, Any] = {"poolclass": StaticPool}
    if readers:
        pool = {"poolclass": QueuePool, "pool_size": readers, "max_overflow": 0}
    engine = create_engine(
        url,
        connect_args={"timeout": busy_s, "check_same_thread": False},
        hide_parameters=True,  # an error's text may end in a log
        **pool,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions are ours to begin
        for setting in _SETTINGS:
            connection.execute(setting)
        if readers:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def start_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def unavailable(error: BaseException, *, reading: bool = False) -> StoreUnavailable | None:
    """`error` as StoreUnavailable if the database cannot do its work now; None if the unit itself was wrong.

    Looks at what it followed from too: after a full disk, undoing the unit fails in another way.
    `reading`: a refusal to write is then the unit's own fault, not the disk's.
    """
    link: BaseException | None = error
    while link is not None:
        driver = link.orig if isinstance(link, DBAPIError) else link
        code = getattr(driver, "sqlite_errorcode", 0) & 0xFF  # extended codes refine the primary one
        if code in _MENDS and not (reading and code == sqlite3.SQLITE_READONLY):
            return StoreUnavailable(_MENDS[code])
        link = link.__cause__ or link.__context__
    return None
