"""PostgreSQL behind the store: a few threads that write, a few that read, each with a connection from a pool.

Theory. PostgreSQL lets many transactions write at a time, so units of one process and of several run beside each
other. Each is a transaction of its own, READ COMMITTED, and takes the row of the contact it is about before it looks
(`hold.py`): of one contact there is only ever one writer, and what a unit has read is still so when it commits. Two
units in each other's way (deadlock, or both found nothing and put in the same) are settled by the database refusing
one, which is then run again; that is why a unit must be safe to run again.

What differs from SQLite, all of it: units of different callers may be committed in another order than they were given
(one caller who awaits each answer keeps its order), and a failed commit concerns one unit alone.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Thread
from typing import TypeVar

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolEmpty
from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable
from handoff.store.postgresql_connect import AGAIN, TAKEN, code_of, connect, unavailable
from handoff.store.work import CLOSED, UnitSession, Waiting, Whole, Work, carried

T = TypeVar("T")
log = structlog.get_logger()

WRITERS = 6
READERS = 4
TRIES = 8  # of one unit; deadlocks and races are rare, and more than this is a fault
TRIES_TAKEN = 3  # a second look finds what another unit had put in; a third is for a third one
PAUSE_S = 0.01  # after the first try, doubled for each; how much of it is chance, so that two do not meet again


class InTheWay(StoreUnavailable):
    """Others were in the way each time. Nothing was stored; the caller may try again."""


class Postgresql:
    """See `store.Store`."""

    def __init__(self, url: str, *, patience_s: float) -> None:
        self._writing = connect(url, patience_s=patience_s, connections=WRITERS)
        self._reading = connect(url, patience_s=patience_s, connections=READERS, reading=True)
        self._waiting = Waiting()
        self._writers = [
            Thread(target=self._write_until_closed, name=f"store-writer-{n}", daemon=True) for n in range(WRITERS)
        ]
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    def start(self) -> None:
        try:
            with self._writing.connect() as connection:  # can it be written? Said now rather than to the first person
                connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
                connection.rollback()
        except (DBAPIError, PoolEmpty) as error:
            raise unavailable(error) or error from None
        self._waiting.open = True
        for writer in self._writers:
            writer.start()

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
        for writer in self._writers:
            if writer.is_alive():
                writer.join()
        self._readers.shutdown(wait=True)
        self._writing.dispose()
        self._reading.dispose()

    def _write_until_closed(self) -> None:
        while taken := self._waiting.take(1):
            (work,) = taken
            _carry_out(self._writing, work)
            told = [work]
            if isinstance(work.error, Whole):
                told += self._waiting.give_up(str(work.error))
            for one in told:
                one.tell()


def _carry_out(engine: Engine, work: Work) -> None:
    """One unit in a transaction of its own, again where others were in its way. Then it has its value or its error."""
    for tried in range(1, TRIES + 1):
        try:
            with UnitSession(engine, expire_on_commit=False) as session:
                work.value = work.fn(session)
                Session.commit(session)
        except BaseException as error:
            work.value, work.error = None, _named(error)
            code = code_of(error)
            if code not in AGAIN and (code != TAKEN or tried >= TRIES_TAKEN):
                return
        else:
            work.error = None
            return
        if tried < TRIES:
            time.sleep(PAUSE_S * 2 ** (tried - 1) * random.uniform(0.5, 1))  # noqa: S311 - no secret
    work.error = InTheWay("Others were changing the same just now. Nothing was stored. Try again in a moment.")
    log.error("a unit was in others' way each time", tries=TRIES)


def _named(error: BaseException) -> Exception:
    """What the caller is told: `error`, or what an operator can mend. Whole: nobody's unit can be stored just now."""
    known = unavailable(error)
    if known is None:
        return carried(error)
    return known if code_of(error) in _ONE_ONLY else Whole(str(known))


_ONE_ONLY = frozenset({"55P03", "57014", "25P03", "42501"})  # one unit's rows are locked; others' may be free


def _read(engine: Engine, fn: Callable[[Session], T]) -> T:
    try:
        with Session(engine, expire_on_commit=False) as session:
            return fn(session)
    except (DBAPIError, PoolEmpty) as error:
        known = unavailable(error, reading=True)
        if known is None:
            raise
        raise known from None
