"""Connections to PostgreSQL with the settings that our promises stand on, and its errors in an operator's words."""

from __future__ import annotations

from math import ceil
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolEmpty

from handoff.errors import StoreUnavailable
from handoff.store.address import address

STEP_S = 30  # one statement; a server whose disk hangs is a fault, and is said
IDLE_S = 15  # a gateway that stopped inside a transaction holds others up so long, and no longer

AWAY = (
    "The database server cannot be reached. Mend: start it, and see that FRONTDOOR_DATABASE names its host, port, "
    "database and user."
)
_NOT_OURS = (
    "The database does not let us in. Mend: look at the user, password and database in FRONTDOOR_DATABASE, and at "
    "the server's pg_hba.conf."
)
_MENDS = {
    "28": _NOT_OURS,  # invalid authorization
    "3D000": "There is no such database. Mend: createdb with the name in FRONTDOOR_DATABASE, then frontdoor migrate.",
    "42501": "The database's user may not do this. Mend: grant it the tables (docs/operations.md, PostgreSQL).",
    "08": AWAY,  # connection lost
    "57P": AWAY,  # the server is shutting down, has crashed, or is starting
    "25P03": "The database ended a unit that stood still too long. Mend: look at this machine's load.",
    "25006": "The database cannot be written: it is a standby, or read-only. Mend: name the primary server.",
    "53100": "The server's disk is full. Mend: make room; nothing that was acknowledged is lost.",
    "53200": "The server has no memory left. Mend: free some.",
    "53300": "The server takes no more connections. Mend: raise max_connections, or run fewer gateways.",
    "55P03": "The database is locked by another program. Mend: end its transaction (see pg_locks).",
    "57014": "The database took too long over one step. Mend: look at the server's load and its locks.",
    "58": "The server's disk failed. Mend: look at the disk and the server's log.",
    "XX001": "The database is damaged. Mend: stop, keep its files, restore the newest backup.",
    "XX002": "The database is damaged. Mend: stop, keep its files, restore the newest backup.",
}
AGAIN = frozenset({"40001", "40P01"})  # another unit was in the way: the same work, once more, is likely to do
TAKEN = "23505"  # unique: another unit may have put in meanwhile what this one had looked for in vain


def connect(url: str, *, patience_s: float, connections: int, reading: bool = False) -> Engine:
    """An engine of so many connections. `reading`: each transaction is one snapshot, and cannot write.

    Writing is READ COMMITTED: units take the row of what they change first (`hold.py`), and see what others
    committed before they got it. `patience_s`: how long to wait for a lock, or for the server to answer.
    """
    patience = max(ceil(patience_s * 1000), 1)
    settings = {
        "synchronous_commit": "on",  # a commit is on the disk before it is acknowledged (promise 4)
        "lock_timeout": patience,
        "statement_timeout": STEP_S * 1000,
        "idle_in_transaction_session_timeout": IDLE_S * 1000,
        "timezone": "UTC",
    }
    engine = create_engine(
        address(url),
        isolation_level="REPEATABLE READ" if reading else "READ COMMITTED",
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,  # a server that was restarted meanwhile costs one look, not one person's words
        pool_timeout=patience_s + 1,
        hide_parameters=True,  # an error's text may end in a log
        connect_args={
            "connect_timeout": max(ceil(patience_s), 2),  # seconds; fewer than two are not known to the driver
            "tcp_user_timeout": max(patience, 2000),  # a server that vanished without a word
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "application_name": "frontdoor",
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )
    if reading:

        @event.listens_for(engine, "connect")
        def only_reads(connection: Any, _record: object) -> None:
            connection.read_only = True

    return engine


def code_of(error: BaseException) -> str:
    """The SQLSTATE of `error` ("" if it has none)."""
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None) or ""


def unavailable(error: BaseException, *, reading: bool = False) -> StoreUnavailable | None:
    """`error` as StoreUnavailable if the database cannot do its work now; None if the unit itself was wrong.

    `reading`: a refusal to write is then the unit's own fault.
    """
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, PoolEmpty):
            return StoreUnavailable(_MENDS["53300"])
        code = code_of(link)
        for known, words in _MENDS.items():
            if code.startswith(known) and not (reading and code == "25006"):
                return StoreUnavailable(words)
        if isinstance(link, DBAPIError) and not code and _lost(link):
            return StoreUnavailable(_refused(str(link.orig)))
        link = link.__cause__ or link.__context__
    return None


def _lost(error: DBAPIError) -> bool:
    """No connection, or none any more: the driver says so without a code."""
    return error.connection_invalidated or type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout")


def _refused(said: str) -> str:
    """Why there is no connection, by the words of the driver; none of them is repeated, for they name the user."""
    if "does not exist" in said and "database" in said:
        return _MENDS["3D000"]
    if "too many clients" in said or "remaining connection slots" in said:
        return _MENDS["53300"]
    if any(words in said for words in ("authentication", "password", "pg_hba.conf", "role")):
        return _NOT_OURS
    return AWAY
