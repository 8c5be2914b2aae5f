"""SQLite behind the store: one writer thread with group commit, and a few threads that read.

Theory. SQLite lets one transaction write at a time, and a commit waits for the disk. So one thread writes, and while
the disk was busy with the last commit, units gathered; it takes up to 64 of them into the next transaction, each in a
SAVEPOINT of its own, and tells their callers only after COMMIT (promise 4). A unit that raises is undone alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Thread
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable
from handoff.store.sqlite_connect import connect, unavailable
from handoff.store.work import CLOSED, UnitSession, Waiting, Whole, Work, carried

T = TypeVar("T")

GROUP = 64  # units in one commit
READERS = 4


class Sqlite:
    """See `store.Store`. `group`: the most units in one commit."""

    def __init__(self, url: str, *, patience_s: float, group: int = GROUP) -> None:
        self._group = group
        self._writing = connect(url, busy_s=patience_s, begin="BEGIN IMMEDIATE")
        self._reading = connect(url, busy_s=patience_s, begin="BEGIN", readers=READERS)
        self._waiting = Waiting()
        self._writer = Thread(target=self._write_until_closed, name="store-writer", daemon=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    def start(self) -> None:
        try:
            with self._writing.connect() as connection:  # can it be written? Said now rather than to the first person
                connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
                connection.rollback()
        except DBAPIError as error:
            raise unavailable(error) or error from None
        self._waiting.open = True
        self._writer.start()

    async def write(self, fn: Callable[[Session], T]) -> T:
        return await self._waiting.hand_over(fn)

    async def read(self, fn: Callable[[Session], T]) -> T:
        if not self._waiting.open:
            raise StoreUnavailable(CLOSED)
        try:
            future = asyncio.get_running_loop().run_in_executor(self._readers, partial(_read, self._reading, fn))
        except RuntimeError:  # closed between the question and the hand-over
            raise StoreUnavailable(CLOSED) from None
        return await future

    def close(self) -> None:
        self._waiting.close()
        if self._writer.is_alive():
            self._writer.join()
        self._readers.shutdown(wait=True)
        self._writing.dispose()
        self._reading.dispose()

    # ── the writer thread ────────────────────────────────────────────────────────────────────────────────────────────

    def _write_until_closed(self) -> None:
        while group := self._waiting.take(self._group):
            _commit_together(self._writing, group)
            whole = next((work.error for work in group if isinstance(work.error, Whole)), None)
            if whole is not None:
                group += self._waiting.give_up(str(whole))
            for work in group:
                work.tell()


def _commit_together(engine: Engine, group: list[Work]) -> None:
    """Runs every unit of `group` in one transaction and commits. Afterwards each has its value or its error."""
    try:
        with engine.connect() as connection:
            try:
                with connection.begin():
                    for work in group:
                        _run(connection, work)
            except BaseException:
                connection.invalidate()  # begin anew on a fresh connection, whatever state this one is in
                raise
    except BaseException as error:
        said = str(unavailable(error) or f"The database did not commit ({type(error).__name__}). Nothing was stored.")
        for work in group:
            work.value, work.error = None, Whole(said)


def _run(connection: Connection, work: Work) -> None:
    """One unit in its SAVEPOINT. Raises only where the whole transaction is lost."""
    try:
        with UnitSession(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            work.value = work.fn(session)
            Session.commit(session)
    except BaseException as error:
        work.value = None
        if not getattr(connection.connection.dbapi_connection, "in_transaction", False):
            raise  # SQLite has undone everything: a full disk, an I/O error
        work.error = unavailable(error) or carried(error)


def _read(engine: Engine, fn: Callable[[Session], T]) -> T:
    try:
        with engine.connect() as connection, Session(connection, expire_on_commit=False) as session:
            return fn(session)
    except DBAPIError as error:
        known = unavailable(error, reading=True)
        if known is None:
            raise
        raise known from None
