"""The one way to the database: `await store.write(fn)`, `await store.read(fn)`.

`fn` gets a fresh `Session`, is plain synchronous, does no I/O of its own, and is safe to run again. What `write`
returns is true: it is committed. Which database stands behind it is decided by the URL alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable
from handoff.store.address import is_sqlite
from handoff.store.migrate import is_current
from handoff.store.postgresql import Postgresql
from handoff.store.sqlite import Sqlite

T = TypeVar("T")


class NotMigrated(StoreUnavailable):
    """The tables are not those this program was written for."""

    code = "not_migrated"
    retry = False


class Backend(Protocol):
    """What a database must be able to do for us; what differs between the two is said in postgresql.py."""

    def start(self) -> None: ...
    async def write(self, fn: Callable[[Session], T]) -> T: ...
    async def read(self, fn: Callable[[Session], T]) -> T: ...
    def close(self) -> None: ...


class Store:
    """Opens on `start`, and from then on takes units of work until `close`.

    Raises StoreUnavailable where the database cannot take or give words now: nothing was acknowledged then.
    `patience_s`: how many seconds somebody else may hold the database before callers are told so.
    """

    def __init__(self, url: str, *, patience_s: float = 5.0) -> None:
        self.url = url
        self._backend = _backend(url, patience_s)

    def start(self) -> None:
        """Opens the database; raises NotMigrated if its tables are older or newer than this program."""
        if not is_current(self.url):
            raise NotMigrated("The database is not at this version's tables. Mend: run `frontdoor migrate`.")
        self._backend.start()

    async def write(self, fn: Callable[[Session], T]) -> T:
        """Runs `fn` in a transaction; returns what it returned, after the commit.

        What `fn` raises reaches this caller alone, and nothing `fn` did remains. A caller who is cancelled meanwhile
        gives up the answer, not the work: words once taken in are stored.
        """
        return await self._backend.write(fn)

    async def read(self, fn: Callable[[Session], T]) -> T:
        """Runs `fn` over one snapshot that holds everything committed before; it can change nothing."""
        return await self._backend.read(fn)

    def close(self) -> None:
        """Finishes what was accepted, then stops. Later calls raise StoreUnavailable."""
        self._backend.close()


def _backend(url: str, patience_s: float) -> Backend:
    return Sqlite(url, patience_s=patience_s) if is_sqlite(url) else Postgresql(url, patience_s=patience_s)
