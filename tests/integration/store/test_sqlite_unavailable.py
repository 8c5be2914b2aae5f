"""SQLite cannot: every caller is told in words that mend it, nothing is acknowledged, and it comes back."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable
from handoff.store.migrate import is_current
from handoff.store.store import NotMigrated, Store
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


@pytest.fixture
def hasty(database: Path) -> Iterator[Store]:
    """A store that waits only a moment for others."""
    store = Store(f"sqlite:///{database}", patience_s=0.05)
    store.start()
    yield store
    store.close()


async def refusals(store: Store, new_contact: NewContact, how_many: int = 200) -> set[str]:
    """What each of many writers is told; all of them must be told."""
    writes = (store.write(lambda session, n=n: session.add(new_contact(f"c{n}"))) for n in range(how_many))
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(answer, StoreUnavailable) for answer in answers), answers
    return {str(answer) for answer in answers}


async def test_locked_by_another_then_free_again(
    hasty: Store, raw: sqlite3.Connection, new_contact: NewContact
) -> None:
    raw.execute("BEGIN IMMEDIATE")
    told = await refusals(hasty, new_contact)
    assert all("locked" in words and "Mend: " in words for words in told)
    assert await hasty.read(lambda session: session.scalar(text("SELECT count(*) FROM contact"))) == 0
    raw.execute("ROLLBACK")
    await hasty.write(lambda session: session.add(new_contact("later")))
    assert raw.execute("SELECT id FROM contact").fetchall() == [("later",)]


async def test_everyone_who_waits_is_told_at_once_not_one_time_out_after_another(
    database: Path, raw: sqlite3.Connection, new_contact: NewContact
) -> None:
    store = Store(f"sqlite:///{database}", patience_s=0.5)
    store.start()
    raw.execute("BEGIN IMMEDIATE")

    async def write(n: int) -> None:
        try:
            await store.write(lambda session: session.add(new_contact(f"c{n}")))
        finally:
            if raw.in_transaction:  # free again as soon as the first is told: a second attempt would succeed
                raw.execute("ROLLBACK")

    answers = await asyncio.gather(*(write(n) for n in range(200)), return_exceptions=True)
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    store.close()


async def test_full_then_room_again(store: Store, raw: sqlite3.Connection, new_contact: NewContact) -> None:
    pages = raw.execute("PRAGMA page_count").fetchone()[0]

    def limit(session: Session) -> None:
        session.execute(text(f"PRAGMA max_page_count={pages}"))

    def much(session: Session) -> None:
        row = new_contact("much")
        row.state_ct = b"x" * 1_000_000
        session.add(row)

    await store.write(limit)
    with pytest.raises(StoreUnavailable, match=r"full.*Mend: "):
        await store.write(much)
    assert raw.execute("SELECT count(*) FROM contact").fetchone() == (0,)
    await store.write(lambda session: session.execute(text("PRAGMA max_page_count=1000000")))
    await store.write(much)
    assert raw.execute("SELECT id FROM contact").fetchall() == [("much",)]


def test_the_system_refuses_to_write_more_and_then_relents(database: Path, raw: sqlite3.Connection) -> None:
    largest = 400_000  # bytes a file may have: the write-ahead log soon reaches it
    program = [sys.executable, str(Path(__file__).with_name("keeps_writing.py")), f"sqlite:///{database}", str(largest)]
    lines: list[list[str]] = []
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        since_refused = 0
        for line in process.stdout:
            lines.append(line.split(maxsplit=2))
            since_refused += any(words[0] == "refused" for words in lines)
            if since_refused > 100:
                break
        process.kill()
    acknowledged = {words[1] for words in lines if words[0] == "ack"}
    refused = [words for words in lines if words[0] == "refused"]
    stored = {row[0] for row in raw.execute("SELECT id FROM staff")}
    assert refused and all("Mend: " in words[2] for words in refused)
    assert lines[-1][0] == "ack"
    assert acknowledged <= stored
    assert not {words[1] for words in refused} & stored


async def test_read_only_is_said_and_mended(store: Store, new_contact: NewContact) -> None:
    await store.write(lambda session: session.execute(text("PRAGMA query_only=ON")))
    told = await refusals(store, new_contact, 20)
    assert any("cannot be written" in words for words in told)
    await store.write(lambda session: session.add(new_contact("later")))


def test_a_read_only_database_is_refused_at_the_start(database: Path) -> None:
    store = Store(f"sqlite:///file:{database}?mode=ro&uri=true")
    with pytest.raises(StoreUnavailable, match=r"cannot be written.*Mend: "):
        store.start()
    store.close()


async def test_a_store_that_was_not_started_refuses(database: Path) -> None:
    store = Store(f"sqlite:///{database}")
    with pytest.raises(StoreUnavailable):
        await store.write(lambda session: None)
    store.close()


def test_a_database_that_was_never_migrated_is_refused_and_not_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    with pytest.raises(NotMigrated, match="frontdoor migrate"):
        Store(url).start()
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_version_is_refused(database: Path, raw: sqlite3.Connection) -> None:
    raw.execute("UPDATE alembic_version SET version_num = 'later'")
    assert not is_current(f"sqlite:///{database}")
    with pytest.raises(NotMigrated, match="frontdoor migrate"):
        Store(f"sqlite:///{database}").start()


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "frontdoor.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Store(f"sqlite:///{path}").start()
