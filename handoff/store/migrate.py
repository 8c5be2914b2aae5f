"""Brings a database to this version's tables, from nothing or from any earlier version. `frontdoor migrate`."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from handoff.errors import FrontdoorError, StoreUnavailable
from handoff.store import postgresql_connect, sqlite_connect
from handoff.store.address import address, is_sqlite

BUSY_S = 30.0  # how long a running front door may hold what a migration needs
_ALONE = 0x66726F6E74646F72  # "frontdor": PostgreSQL's number for "one migration at a time"


class CannotMigrate(FrontdoorError):
    code = "cannot_migrate"


def migrate(url: str) -> None:
    """All of it or nothing; two at once are safe. On SQLite: makes the file and its folder, readable by us alone."""
    if is_sqlite(url):
        with _file_alone(_file(url)):
            _upgrade(sqlite_connect.connect(url, busy_s=BUSY_S, begin="BEGIN IMMEDIATE"))
    else:
        _upgrade(postgresql_connect.connect(url, patience_s=BUSY_S, connections=1))


def is_current(url: str) -> bool:
    """True if the tables are exactly this version's. Makes nothing. Raises StoreUnavailable."""
    if is_sqlite(url):
        if not _file(url).exists():
            return False
        engine = sqlite_connect.connect(url, busy_s=BUSY_S, begin="BEGIN", readers=1)
    else:
        engine = postgresql_connect.connect(url, patience_s=5, connections=1, reading=True)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_heads()
    except DBAPIError as error:
        known = _unavailable(engine, error, reading=True)
        raise known or StoreUnavailable(f"The database cannot be read ({type(error.orig).__name__}).") from None
    finally:
        engine.dispose()
    return set(found) == set(ScriptDirectory.from_config(alembic_config()).get_heads())


def alembic_config() -> Config:
    """Finds the migrations inside the installed package; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", "handoff.store:migrations")
    return config


def _upgrade(engine: Engine) -> None:
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:alone)"), {"alone": _ALONE})
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table takes what it takes
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError:
        raise CannotMigrate(
            "The database was made by a newer version of this program. Mend: start that version, or restore the "
            "backup made before it."
        ) from None
    except DBAPIError as error:
        known = _unavailable(engine, error)
        if known is None:
            raise
        raise known from None
    finally:
        engine.dispose()


def _unavailable(engine: Engine, error: DBAPIError, *, reading: bool = False) -> StoreUnavailable | None:
    if engine.dialect.name == "postgresql":
        return postgresql_connect.unavailable(error, reading=reading)
    return sqlite_connect.unavailable(error, reading=reading)


def _file(url: str) -> Path:
    return Path(str(address(url).database).removeprefix("file:"))


@contextmanager
def _file_alone(path: Path) -> Iterator[None]:
    """One migration at a time in this folder. The lock goes with the process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield
    finally:
        os.close(held)
