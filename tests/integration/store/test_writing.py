"""Acknowledged means stored, once, in order (promise 4)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from held import Held
from plain import Plain
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable
from handoff.store.address import UnknownDatabase
from handoff.store.store import Store
from handoff.store.tables import ContactRow

NewContact = Callable[[str], ContactRow]


def ids(raw: Plain) -> list[str]:
    return [row[0] for row in raw.execute("SELECT id FROM contact ORDER BY id")]


async def test_what_write_returned_another_connection_can_read(
    store: Store, raw: Plain, new_contact: NewContact
) -> None:
    for n in range(20):
        await store.write(lambda session, n=n: session.add(new_contact(f"c{n}")))
        assert f"c{n}" in ids(raw)


async def test_a_failing_unit_is_undone_alone_and_only_its_caller_hears(
    store: Store, raw: Plain, new_contact: NewContact
) -> None:
    held = Held(store)
    await held.begun()

    def good(name: str) -> Callable[[Session], str]:
        def unit(session: Session) -> str:
            session.add(new_contact(name))
            return name

        return unit

    def raises(session: Session) -> str:
        session.add(new_contact("half"))
        session.flush()
        raise ZeroDivisionError

    def refused(session: Session) -> str:
        session.add(new_contact("half"))
        session.flush()
        session.execute(text("INSERT INTO fact VALUES ('nobody', 'need', 1, '')"))
        return "never"

    def stops(session: Session) -> str:
        session.add(new_contact("half"))
        session.flush()
        raise StopIteration

    def leaves(session: Session) -> str:
        session.add(new_contact("half"))
        session.flush()
        raise SystemExit

    def commits(session: Session) -> str:
        session.add(new_contact("half"))
        session.commit()
        return "never"

    units = [good("a"), raises, good("b"), refused, good("c"), stops, good("d"), leaves, good("e"), commits, good("f")]
    writes = asyncio.gather(*(store.write(unit) for unit in units), return_exceptions=True)
    await held.let_go()
    a, division, b, integrity, c, stop, d, leave, e, commit, f = await writes
    assert [a, b, c, d, e, f] == ["a", "b", "c", "d", "e", "f"] == ids(raw)
    assert isinstance(division, ZeroDivisionError)
    assert isinstance(integrity, IntegrityError)
    assert [type(x) for x in (stop, leave, commit)] == [RuntimeError] * 3


async def test_a_caller_who_gives_up_loses_no_words_and_harms_nobody(
    store: Store, raw: Plain, new_contact: NewContact
) -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
    held = Held(store)
    await held.begun()
    writes = [
        asyncio.create_task(store.write(lambda session, n=n: session.add(new_contact(f"c{n}")))) for n in range(10)
    ]
    await asyncio.sleep(0)
    for write in writes[::2]:
        write.cancel()
    await held.let_go()
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert [isinstance(answer, asyncio.CancelledError) for answer in answers] == [True, False] * 5
    store.close()  # those whose callers gave up may be carried out last
    assert ids(raw) == [f"c{n}" for n in range(10)]
    assert complaints == []


async def test_close_finishes_what_was_accepted_and_then_refuses(
    store: Store, raw: Plain, new_contact: NewContact
) -> None:
    writes = [
        asyncio.create_task(store.write(lambda session, n=n: session.add(new_contact(f"c{n}")))) for n in range(200)
    ]
    await asyncio.sleep(0)
    store.close()
    await asyncio.gather(*writes)
    assert len(ids(raw)) == 200
    with pytest.raises(StoreUnavailable):
        await store.write(lambda session: None)
    with pytest.raises(StoreUnavailable):
        await store.read(lambda session: None)
    store.close()


async def test_a_reader_sees_one_moment_while_others_write(store: Store, new_contact: NewContact) -> None:
    loop, looked, written = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    how_many = select(func.count()).select_from(ContactRow)

    def look_twice(session: Session) -> tuple[int | None, int | None]:
        before = session.scalar(how_many)
        loop.call_soon_threadsafe(looked.set)
        written.wait(30)
        return before, session.scalar(how_many)

    reading = asyncio.create_task(store.read(look_twice))
    await looked.wait()
    await store.write(lambda session: session.add(new_contact("a")))
    written.set()
    assert await reading == (0, 0)
    assert await store.read(lambda session: session.scalar(how_many)) == 1


async def test_a_reader_can_change_nothing(store: Store, raw: Plain, new_contact: NewContact) -> None:
    def change(session: Session) -> None:
        session.add(new_contact("a"))
        session.flush()

    with pytest.raises(DBAPIError):
        await store.read(change)
    assert ids(raw) == []


async def test_rows_that_a_unit_returns_can_still_be_read(store: Store, new_contact: NewContact) -> None:
    def unit(session: Session) -> ContactRow:
        row = new_contact("a")
        session.add(row)
        return row

    assert (await store.write(unit)).audit_ref == "ref-a"


def test_every_acknowledged_unit_outlives_a_killed_process(url: str, raw: Plain) -> None:
    """The process, not the machine: against a power cut stands synchronous=FULL, and no test here pulls the plug."""
    program = [sys.executable, str(Path(__file__).with_name("keeps_writing.py")), url, "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [next(process.stdout) for _ in range(300)]
        process.kill()
        acknowledged += [line for line in process.stdout if line.endswith("\n")]
    stored = {row[0] for row in raw.execute("SELECT id FROM staff")}
    assert {line.split()[1] for line in acknowledged} <= stored


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/frontdoor"])
def test_a_database_that_keeps_nothing_or_that_we_do_not_know_is_refused(address: str) -> None:
    with pytest.raises(UnknownDatabase, match="Mend: "):
        Store(address)
