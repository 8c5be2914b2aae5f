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
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from handoff.errors import FrontdoorError, StoreUnavailable
from handoff.store.sqlite_connect import connect, unavailable

BUSY_S = 30.0  # how long a running front door may hold the write lock


class CannotMigrate(FrontdoorError):
    code = "cannot_migrate"


def migrate(url: str) -> None:
    """All of it or nothing; two at once are safe. Makes the file and its folder, readable by us alone."""
    path = _file(url)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(path.parent):
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        engine = connect(url, busy_s=BUSY_S, begin="BEGIN IMMEDIATE")
        try:
            with engine.begin() as connection:
                config = alembic_config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError:
            raise CannotMigrate(
                "The database was made by a newer version of this program. Mend: start that version, or restore the "
                "backup made before it."
            ) from None
        except DBAPIError as error:
            known = unavailable(error)
            if known is None:
                raise
            raise known from None
        finally:
            engine.dispose()


def is_current(url: str) -> bool:
    """True if the tables are exactly this version's. Makes nothing. Raises StoreUnavailable."""
    if not _file(url).exists():
        return False
    engine = connect(url, busy_s=BUSY_S, begin="BEGIN", readers=1)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_heads()
    except DBAPIError as error:
        known = unavailable(error, reading=True)
        raise known or StoreUnavailable(f"The database cannot be read ({type(error.orig).__name__}).") from None
    finally:
        engine.dispose()
    return set(found) == set(ScriptDirectory.from_config(alembic_config()).get_heads())


def alembic_config() -> Config:
    """Finds the migrations inside the installed package; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", "handoff.store:migrations")
    return config


def _file(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise CannotMigrate(
            f"Cannot migrate {parsed.drivername!r}. Mend: use sqlite:///<path of a file> as FRONTDOOR_DATABASE."
        )
    return Path(str(parsed.database).removeprefix("file:"))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One migration at a time in this folder. The lock goes with the process, however that ends."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
