"""The database's address (`FRONTDOOR_DATABASE`): which database it names, and how it may be said aloud."""

from __future__ import annotations

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from handoff.errors import FrontdoorError

MEND = "Mend: use sqlite:///<path of a file> or postgresql://<user>@<host>/<database> as FRONTDOOR_DATABASE."


class UnknownDatabase(FrontdoorError):
    code = "unknown_database"


def address(url: str) -> URL:
    """`url` as an address of one of the two databases, with the driver we use. Raises UnknownDatabase.

    Nothing of `url` is repeated in what is raised: it may hold a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UnknownDatabase(f"FRONTDOOR_DATABASE is no address of a database. {MEND}") from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
            if parsed.database in (None, "", ":memory:"):
                raise UnknownDatabase(f"The database must be a file, or nothing is kept. {MEND}")
            return parsed
        case "postgresql" | "postgres" if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
            return parsed.set(drivername="postgresql+psycopg")
    raise UnknownDatabase(f"There is no store for that kind of database. {MEND}")


def is_sqlite(url: str) -> bool:
    return address(url).get_backend_name() == "sqlite"


def spoken(url: str) -> str:
    """The address for people: without user, password, or anything else that may be a secret."""
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite":
        return "SQLite"
    where = f" at {parsed.host}" if parsed.host else ""
    return f"PostgreSQL{where}"
