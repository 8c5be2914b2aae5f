"""A database of a test's own, of either kind, in a moment: copied from one that was made ready once."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from servers import Postgres

from handoff.services.load import load_services
from handoff.store.migrate import migrate
from handoff.store.store import Store
from handoff.store.texts import register

SQLITE, POSTGRESQL = "sqlite", "postgresql"
KINDS = (SQLITE, POSTGRESQL)
BEGUN = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def migrated(url: str) -> None:
    """Every table and nothing in it."""
    migrate(url)


def with_texts(url: str) -> None:
    """The texts of the three services that ship are registered."""
    migrate(url)
    store, services = Store(url), load_services(None)
    store.start()
    try:
        asyncio.run(store.write(lambda session: register(session, services, BEGUN)))
    finally:
        store.close()


Ready = Callable[[str], None]


class Databases:
    """All databases of one test run. PostgreSQL is started when the first test asks for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._postgres: Postgres | None = None
        self._templates: dict[tuple[str, Ready], str] = {}
        self._count = itertools.count(1)

    @property
    def postgres(self) -> Postgres:
        if self._postgres is None:
            self._postgres = Postgres()
        return self._postgres

    def fresh(self, kind: str, ready: Ready, into: Path) -> str:
        """The address of a new database that is as `ready` makes it. SQLite: a file in the folder `into`."""
        template = self._template(kind, ready)
        if kind == POSTGRESQL:
            return self.postgres.create(f"test{next(self._count)}", template)
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy(template, into / "frontdoor.db")
        return f"sqlite:///{into / 'frontdoor.db'}"

    def drop(self, url: str) -> None:
        if url.startswith(POSTGRESQL):
            self.postgres.drop(url)

    def stop(self) -> None:
        if self._postgres is not None:
            self._postgres.remove()

    def _template(self, kind: str, ready: Ready) -> str:
        """A file, or a database's name."""
        known = self._templates.get((kind, ready))
        if known is None:
            name = f"template{len(self._templates)}_{ready.__name__}"  # several folders have a function of this name
            known = name if kind == POSTGRESQL else str(self._folder / f"{name}.db")
            ready(self.postgres.create(name) if kind == POSTGRESQL else f"sqlite:///{known}")
            self._templates[kind, ready] = known
        return known
