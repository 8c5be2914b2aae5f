"""Units of work on their way to a database: one accepted unit, the line it waits in, and the session it runs in.

What both databases share. How a unit is carried out is in sqlite.py and postgresql.py.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition
from typing import Any, NoReturn, TypeVar

import structlog
from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable

T = TypeVar("T")
log = structlog.get_logger()

MOST_WAITING = 4096  # units; more than this is not a wait but a fault, and is refused at once

CLOSED = "The store is not open: this process is starting or stopping. Try again in a moment."
_BUSY = "The database is behind: too many units of work are waiting. Look at the disk's speed."


class UnitSession(Session):
    """The session of one unit. Only the store commits, or a unit could be half stored."""

    def commit(self) -> NoReturn:
        raise RuntimeError("a unit of work does not commit; the store does, when the unit returns")


class Whole(StoreUnavailable):
    """The database takes nothing now: not one unit's fault, and everyone who waits is told the same."""


@dataclass(slots=True)
class Work:
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


class Waiting:
    """Units in the order in which they were given. Any thread may take the next ones."""

    def __init__(self) -> None:
        self._waiting: deque[Work] = deque()
        self._changed = Condition()
        self.open = False

    async def hand_over(self, fn: Callable[[Session], T]) -> T:
        """Accepts `fn`, and gives its answer. Raises StoreUnavailable where the line is closed or far too long."""
        loop = asyncio.get_running_loop()
        work = Work(fn, loop, loop.create_future())
        with self._changed:
            if not self.open:
                raise StoreUnavailable(CLOSED)
            if len(self._waiting) >= MOST_WAITING:
                raise StoreUnavailable(_BUSY)
            self._waiting.append(work)
            self._changed.notify()
        value: T = await work.future
        return value

    def take(self, most: int) -> list[Work]:
        """Waits for work. Empty: closed, and nothing is left."""
        with self._changed:
            while self.open and not self._waiting:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def give_up(self, said: str) -> list[Work]:
        """Everyone who waits, to be told at once, not one time-out after another."""
        log.error("the store cannot write", why=said)  # our own words or a kind of error, never a person's
        with self._changed:
            others = list(self._waiting)
            self._waiting.clear()
        for work in others:
            work.error = Whole(said)
        return others

    def close(self) -> None:
        with self._changed:
            self.open = False
            self._changed.notify_all()


def carried(error: BaseException) -> Exception:
    """`error` as something that a future can hold; nothing a unit raises may stop the thread that runs it."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    return RuntimeError(f"a unit of work raised {type(error).__name__}")
