"""What is SQLite's own: one writer thread, which commits what gathered meanwhile together (promise 4)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from held import Held
from sqlalchemy import text
from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable
from handoff.store.store import Store
from handoff.store.tables import ContactRow

NewContact = Callable[[str], ContactRow]


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def database(url: str) -> Path:
    """The file."""
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
def raw(database: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    yield connection
    connection.close()


def ids(raw: sqlite3.Connection) -> list[str]:
    return [row[0] for row in raw.execute("SELECT id FROM contact ORDER BY rowid")]


async def test_nothing_is_acknowledged_before_the_commit_of_the_whole_group(
    store: Store, raw: sqlite3.Connection, new_contact: NewContact
) -> None:
    held = Held(store)
    await held.begun()
    told: list[list[str]] = []

    async def write(name: str) -> None:
        await store.write(lambda session: session.add(new_contact(name)))
        told.append(ids(raw))

    writers = [asyncio.create_task(write(f"c{n}")) for n in range(10)]
    await held.let_go()
    await asyncio.gather(*writers)
    # Whoever was told first already found the whole group in the file.
    assert all(len(seen) == 10 for seen in told)


async def test_units_are_carried_out_in_the_order_in_which_they_were_given(
    store: Store, raw: sqlite3.Connection, new_contact: NewContact
) -> None:
    names = [f"c{n}" for n in range(300)]
    await asyncio.gather(*(store.write(lambda session, n=n: session.add(new_contact(n))) for n in names))
    assert ids(raw) == names


async def test_a_commit_that_fails_acknowledges_nothing_and_the_store_goes_on(
    store: Store, raw: sqlite3.Connection, new_contact: NewContact
) -> None:
    held = Held(store)
    await held.begun()

    def breaks_the_commit(session: Session) -> None:
        session.execute(text("PRAGMA defer_foreign_keys=ON"))
        session.execute(text("INSERT INTO fact VALUES ('nobody', 'need', 1, x'')"))

    innocent = asyncio.create_task(store.write(lambda session: session.add(new_contact("innocent"))))
    guilty = asyncio.create_task(store.write(breaks_the_commit))
    await held.let_go()
    for write in (innocent, guilty):
        with pytest.raises(StoreUnavailable):
            await write
    assert ids(raw) == []
    await store.write(lambda session: session.add(new_contact("later")))
    assert ids(raw) == ["later"]


async def test_when_the_database_undoes_everything_nobody_of_the_group_is_told_otherwise(
    store: Store, raw: sqlite3.Connection, new_contact: NewContact
) -> None:
    held = Held(store)
    await held.begun()

    def undoes_everything(session: Session) -> None:
        session.execute(text("INSERT OR ROLLBACK INTO read_mark VALUES ('before', NULL, 0, 0)"))

    before = asyncio.create_task(store.write(lambda session: session.add(new_contact("before"))))
    guilty = asyncio.create_task(store.write(undoes_everything))
    after = asyncio.create_task(store.write(lambda session: session.add(new_contact("after"))))
    await held.let_go()
    for write in (before, guilty, after):
        with pytest.raises(StoreUnavailable):
            await write
    assert ids(raw) == []
    await store.write(lambda session: session.add(new_contact("later")))
    assert ids(raw) == ["later"]


async def test_every_connection_has_the_settings_that_the_promises_stand_on(store: Store) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "recursive_triggers": 1}

    def settings(session: Session) -> dict[str, object]:
        return {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}

    assert await store.write(settings) == wanted
    for found in await asyncio.gather(*(store.read(settings) for _ in range(20))):
        assert found == wanted
