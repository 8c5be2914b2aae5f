"""SQLite behind the store: one writer thread with group commit, and a few threads that read.

Theory. SQLite lets one transaction write at a time, and a commit waits for the disk. So one thread writes, and while
the disk was busy with the last commit, units gathered; it takes up to 64 of them into the next transaction, each in a
SAVEPOINT of its own, and tells their callers only after COMMIT (promise 4). A unit that raises is undone alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Condition, Thread
from typing import Any, NoReturn, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable
from handoff.store.sqlite_connect import connect, unavailable

T = TypeVar("T")
log = structlog.get_logger()

GROUP = 64  # units in one commit
MOST_WAITING = 4096  # units; more than this is not a wait but a fault, and is refused at once
READERS = 4

_CLOSED = "The store is not open: this process is starting or stopping. Try again in a moment."
_BUSY = "The database is behind: too many units of work are waiting. Look at the disk's speed."


class UnitSession(Session):
    """The session of one unit. Only the store commits, or a unit could be half stored."""

    def commit(self) -> NoReturn:
        raise RuntimeError("a unit of work does not commit; the store does, when the unit returns")


@dataclass(slots=True)
class _Work:
    """One accepted unit and the caller who waits for it."""

    fn: Callable[[Session], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    value: Any = None
    error: Exception | None = None

    def tell(self) -> None:
        with suppress(RuntimeError):  # the caller's loop is gone, and the caller with it
            self.loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        if self.future.done():
            return  # cancelled: the work stands, nobody asks for its answer
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


class Sqlite:
    """See `store.Store`. `group`: the most units in one commit."""

    def __init__(self, url: str, *, patience_s: float, group: int = GROUP) -> None:
        self._group = group
        self._writing = connect(url, busy_s=patience_s, begin="BEGIN IMMEDIATE")
        self._reading = connect(url, busy_s=patience_s, begin="BEGIN", readers=READERS)
        self._waiting: deque[_Work] = deque()
        self._changed = Condition()
        self._open = False
        self._writer = Thread(target=self._write_until_closed, name="store-writer", daemon=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    def start(self) -> None:
        try:
            with self._writing.connect() as connection:  # can it be written? Said now rather than to the first person
                connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
                connection.rollback()
        except DBAPIError as error:
            raise unavailable(error) or error from None
        self._open = True
        self._writer.start()

    async def write(self, fn: Callable[[Session], T]) -> T:
        loop = asyncio.get_running_loop()
        work = _Work(fn, loop, loop.create_future())
        with self._changed:
            if not self._open:
                raise StoreUnavailable(_CLOSED)
            if len(self._waiting) >= MOST_WAITING:
                raise StoreUnavailable(_BUSY)
            self._waiting.append(work)
            self._changed.notify()
        value: T = await work.future
        return value

    async def read(self, fn: Callable[[Session], T]) -> T:
        if not self._open:
            raise StoreUnavailable(_CLOSED)
        try:
            future = asyncio.get_running_loop().run_in_executor(self._readers, partial(_read, self._reading, fn))
        except RuntimeError:  # closed between the question and the hand-over
            raise StoreUnavailable(_CLOSED) from None
        return await future

    def close(self) -> None:
        with self._changed:
            self._open = False
            self._changed.notify()
        if self._writer.is_alive():
            self._writer.join()
        self._readers.shutdown(wait=True)
        self._writing.dispose()
        self._reading.dispose()

    # ── the writer thread ────────────────────────────────────────────────────────────────────────────────────────────

    def _write_until_closed(self) -> None:
        while group := self._next_group():
            _commit_together(self._writing, group)
            if any(isinstance(work.error, _Whole) for work in group):
                # The database takes nothing now. Everyone who waits is told at once, not one time-out after another.
                group += self._give_up(group)
            for work in group:
                work.tell()

    def _next_group(self) -> list[_Work]:
        """Waits for work. Empty: closed, and nothing is left."""
        with self._changed:
            while self._open and not self._waiting:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(self._group, len(self._waiting)))]

    def _give_up(self, group: list[_Work]) -> list[_Work]:
        said = next(str(work.error) for work in group if isinstance(work.error, _Whole))
        log.error("the store cannot write", why=said)  # our own words or a kind of error, never a person's
        with self._changed:
            others = list(self._waiting)
            self._waiting.clear()
        for work in others:
            work.error = _Whole(said)
        return others


class _Whole(StoreUnavailable):
    """The whole group failed, not one unit of it."""


def _commit_together(engine: Engine, group: list[_Work]) -> None:
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
            work.value, work.error = None, _Whole(said)


def _run(connection: Connection, work: _Work) -> None:
    """One unit in its SAVEPOINT. Raises only where the whole transaction is lost."""
    try:
        with UnitSession(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            work.value = work.fn(session)
            Session.commit(session)
    except BaseException as error:
        work.value = None
        if not getattr(connection.connection.dbapi_connection, "in_transaction", False):
            raise  # SQLite has undone everything: a full disk, an I/O error
        work.error = unavailable(error) or _carried(error)


def _carried(error: BaseException) -> Exception:
    """`error` as something that a future can hold; nothing a unit raises may stop the writer."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    return RuntimeError(f"a unit of work raised {type(error).__name__}")


def _read(engine: Engine, fn: Callable[[Session], T]) -> T:
    try:
        with engine.connect() as connection, Session(connection, expire_on_commit=False) as session:
            return fn(session)
    except DBAPIError as error:
        known = unavailable(error, reading=True)
        if known is None:
            raise
        raise known from None
