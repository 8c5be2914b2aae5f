"""What is PostgreSQL's own: many writers at once, others in the way, and a server that goes away and comes back."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from databases import migrated
from plain import Plain
from running import free_port
from servers import PASSWORD, Postgres
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable
from handoff.store.hold import hold
from handoff.store.postgresql import TRIES, WRITERS, InTheWay
from handoff.store.store import Store
from handoff.store.tables import ContactRow, EntryRow

NewContact = Callable[[str], ContactRow]


@pytest.fixture
def kind() -> str:
    return "postgresql"


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """For tests that stop it. A commit lasts, as on a server that people use."""
    server = Postgres(lasting=True)
    yield server
    server.remove()


async def two_contacts(store: Store, new_contact: NewContact) -> None:
    await store.write(lambda session: session.add_all([new_contact("a"), new_contact("b")]))


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_units_about_different_contacts_run_beside_each_other(store: Store, new_contact: NewContact) -> None:
    await two_contacts(store, new_contact)
    both = threading.Barrier(2, timeout=30)

    def unit(session: Session, contact_id: str) -> None:
        hold(session, contact_id)
        both.wait()  # one alone would wait for ever

    await asyncio.gather(*(store.write(lambda session, c=c: unit(session, c)) for c in ("a", "b")))


async def test_units_about_one_contact_follow_each_other(store: Store, new_contact: NewContact, raw: Plain) -> None:
    await two_contacts(store, new_contact)

    def next_entry(session: Session) -> int:
        row = hold(session, "a")
        assert row
        row.last_seq += 1
        session.add(
            EntryRow(contact_id="a", seq=row.last_seq, author="service", kind="event", body_ct=b"", at=row.opened_at)
        )
        return row.last_seq

    seqs = await asyncio.gather(*(store.write(next_entry) for _ in range(100)))
    assert sorted(seqs) == list(range(1, 101)) == [n for (n,) in raw.execute("SELECT seq FROM entry ORDER BY seq")]


async def test_what_a_unit_read_before_it_held_the_contact_is_read_anew(store: Store, new_contact: NewContact) -> None:
    await two_contacts(store, new_contact)
    looked, changed = threading.Event(), threading.Event()

    def slow(session: Session) -> int:
        row = session.get_one(ContactRow, "a")
        assert row.last_seq == 0
        looked.set()
        changed.wait(30)
        hold(session, "a")
        return row.last_seq

    def quick(session: Session) -> None:
        row = hold(session, "a")
        assert row
        row.last_seq = 7

    slowly = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(looked.wait, 30)
    await store.write(quick)
    changed.set()
    assert await slowly == 7


# ── others in the way ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_two_units_that_wait_for_each_other_are_both_carried_out(
    store: Store, new_contact: NewContact, raw: Plain
) -> None:
    await two_contacts(store, new_contact)
    both, tries = threading.Barrier(2, timeout=30), []

    def unit(session: Session, first: str, second: str) -> None:
        tries.append(first)
        hold(session, first)
        if len(tries) <= 2:
            both.wait()
        for contact_id in (first, second):
            row = hold(session, contact_id)
            assert row
            row.last_seq += 1

    orders = (("a", "b"), ("b", "a"))
    await asyncio.gather(*(store.write(lambda session, o=o: unit(session, *o)) for o in orders))
    assert len(tries) == 3, "one was undone, and run again"
    assert raw.execute("SELECT last_seq FROM contact") == [(2,), (2,)]


async def test_two_units_that_both_found_nothing_make_one_row(
    store: Store, new_contact: NewContact, raw: Plain
) -> None:
    both, tries = threading.Barrier(2, timeout=30), []

    def make_if_there_is_none(session: Session) -> str:
        tries.append(1)
        known = session.scalar(select(ContactRow.id).where(ContactRow.token_hash == b"token"))
        if len(tries) <= 2:
            both.wait()
        if known is not None:
            return known
        row = new_contact(f"c{len(tries)}")
        row.id, row.audit_ref, row.token_hash = f"c{id(row)}", f"r{id(row)}", b"token"
        session.add(row)
        session.flush()
        return row.id

    first, second = await asyncio.gather(*(store.write(make_if_there_is_none) for _ in range(2)))
    assert first == second == raw.one("SELECT id FROM contact")


@pytest.mark.parametrize("code", ["40001", "40P01"])
async def test_a_unit_that_is_always_in_others_way_is_given_up_after_some_tries(
    store: Store, new_contact: NewContact, raw: Plain, code: str
) -> None:
    tries = []

    def unit(session: Session) -> None:
        tries.append(1)
        session.add(new_contact("half"))
        session.flush()
        session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))

    with pytest.raises(InTheWay) as refusal:
        await store.write(unit)
    assert (len(tries), refusal.value.retry) == (TRIES, True)
    assert raw.execute("SELECT id FROM contact") == []


async def test_a_contact_locked_by_another_program_holds_up_nobody_else(
    url: str, raw: Plain, new_contact: NewContact
) -> None:
    store = Store(url, patience_s=0.2)
    store.start()
    await two_contacts(store, new_contact)
    raw.begin()
    raw.execute("SELECT 1 FROM contact WHERE id = 'a' FOR UPDATE")
    locked = [asyncio.create_task(store.write(lambda session: hold(session, "a"))) for _ in range(WRITERS - 1)]
    await store.write(lambda session: hold(session, "b"))
    for answer in await asyncio.gather(*locked, return_exceptions=True):
        assert isinstance(answer, StoreUnavailable)
        assert "locked by another program" in str(answer)
    raw.rollback()
    await store.write(lambda session: hold(session, "a"))
    store.close()


# ── away and back ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_every_acknowledged_unit_outlives_a_killed_server(own_server: Postgres, new_contact: NewContact) -> None:
    url = own_server.create("frontdoor")
    migrated(url)
    store = Store(url)
    store.start()
    acknowledged: list[str] = []
    enough = asyncio.Event()

    async def keep_writing(writer: int) -> str:
        for n in range(10_000):
            name = f"w{writer}n{n}"
            try:
                await store.write(lambda session, name=name: session.add(new_contact(name)))
            except StoreUnavailable as error:
                return str(error)
            acknowledged.append(name)
            if len(acknowledged) > 300:
                enough.set()
        raise AssertionError("the server was not killed")

    writers = [asyncio.create_task(keep_writing(n)) for n in range(20)]
    await enough.wait()
    own_server.kill()
    said = set(await asyncio.gather(*writers))
    assert all("Mend: " in words and PASSWORD not in words for words in said)
    with pytest.raises(StoreUnavailable):
        await store.read(lambda session: session.execute(text("SELECT 1")))
    await asyncio.to_thread(own_server.start)
    await store.write(lambda session: session.add(new_contact("later")))  # the same store, nothing was restarted
    there = set(await store.read(lambda session: session.scalars(select(ContactRow.id)).all()))
    assert {*acknowledged, "later"} <= there
    store.close()


async def test_everyone_who_waits_is_told_at_once_when_the_server_is_away(
    own_server: Postgres, new_contact: NewContact
) -> None:
    url = own_server.create("frontdoor")
    migrated(url)
    store = Store(url)
    store.start()
    own_server.stop()
    writes = (store.write(lambda session, n=n: session.add(new_contact(f"c{n}"))) for n in range(500))
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(answer, StoreUnavailable) and answer.retry for answer in answers)
    assert {str(answer).split(". ")[0] for answer in answers} == {"The database server cannot be reached"}
    store.close()


async def test_connections_that_were_cut_meanwhile_cost_nobody_anything(
    store: Store, raw: Plain, new_contact: NewContact
) -> None:
    await asyncio.gather(*(store.write(lambda session, n=n: session.add(new_contact(f"c{n}"))) for n in range(50)))
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    assert raw.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    for n in range(50, 100):
        await store.write(lambda session, n=n: session.add(new_contact(f"c{n}")))
    assert raw.one("SELECT count(*) FROM contact") == 100


async def test_a_connection_that_is_cut_in_a_unit_costs_that_unit_alone(
    store: Store, raw: Plain, new_contact: NewContact
) -> None:
    def cut(session: Session) -> None:
        session.add(new_contact("half"))
        session.flush()
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailable):
        await store.write(cut)
    await store.write(lambda session: session.add(new_contact("later")))
    assert raw.execute("SELECT id FROM contact") == [("later",)]


# ── at the start ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"password": "wrong"}, "does not let us in"),
        ({"user": "nobody_here"}, "does not let us in"),
        ({"database": "none"}, "There is no such database"),
        ({"port": "free"}, "cannot be reached"),
        ({"host": "nowhere.invalid"}, "cannot be reached"),
    ],
)
def test_a_server_that_cannot_be_used_is_said_with_its_mend_and_without_the_password(
    url: str, change: dict[str, str], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    values = {"user": "frontdoor", "password": PASSWORD, "host": "127.0.0.1", "database": url.rsplit("/", 1)[1]}
    port = str(free_port()) if "port" in change else url.rsplit(":", 1)[1].split("/")[0]
    values |= {name: value for name, value in change.items() if name != "port"}
    wrong = "postgresql://{user}:{password}@{host}:{port}/{database}".format(**values, port=port)
    with caplog.at_level(logging.DEBUG), pytest.raises(StoreUnavailable, match=rf"{says}.*Mend: ") as refusal:
        Store(wrong).start()
    for said in (str(refusal.value), repr(refusal.value), caplog.text):
        assert values["password"] not in said


def test_a_database_that_only_reads_is_refused_at_the_start(url: str, raw: Plain) -> None:
    raw.execute(f"ALTER DATABASE {url.rsplit('/', 1)[1]} SET default_transaction_read_only = on")
    with pytest.raises(StoreUnavailable, match=r"cannot be written.*Mend: "):
        Store(url).start()


async def test_every_connection_has_the_settings_that_the_promises_stand_on(store: Store) -> None:
    def settings(session: Session) -> dict[str, object]:
        names = ("synchronous_commit", "transaction_isolation", "transaction_read_only", "TimeZone")
        return {name: session.execute(text(f"SHOW {name}")).scalar() for name in names}

    writes = {"synchronous_commit": "on", "transaction_isolation": "read committed", "transaction_read_only": "off"}
    reads = {"synchronous_commit": "on", "transaction_isolation": "repeatable read", "transaction_read_only": "on"}
    for found in await asyncio.gather(*(store.write(settings) for _ in range(20))):
        assert found == writes | {"TimeZone": "UTC"}
    for found in await asyncio.gather(*(store.read(settings) for _ in range(20))):
        assert found == reads | {"TimeZone": "UTC"}
