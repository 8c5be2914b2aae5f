"""The chain shows what somebody did who got round the triggers (promise 10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from databases import Databases
from hypothesis import given
from hypothesis import strategies as st
from plain import Plain
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from handoff.store import audit
from handoff.store.address import address
from handoff.store.audit import Verified
from handoff.store.migrate import migrate
from handoff.store.store import Store

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LINKS = 2_500  # more than two batches of verify


def chained(url: str) -> None:
    """A chain of LINKS links, and the triggers dropped."""
    migrate(url)
    engine = create_engine(address(url))
    with Session(engine) as session:
        for n in range(LINKS):
            audit.record(session, now=START + timedelta(seconds=n), actor="s1", action="claimed", ref=f"r{n}")
            if n % 50 == 0:  # PostgreSQL is slow where one transaction changes one row thousands of times
                session.commit()
        session.commit()
    engine.dispose()
    plain = Plain(url)
    triggers = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if plain.sqlite
        else "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    )
    for name, table in plain.execute(triggers):
        plain.execute(f"DROP TRIGGER {name}" if plain.sqlite else f"DROP TRIGGER {name} ON {table}")
    plain.close()


@dataclass
class Chain:
    store: Store
    sql: Plain


@pytest.fixture
def chain(kind: str, databases: Databases, tmp_path: Path) -> Iterator[Chain]:
    url = databases.fresh(kind, chained, tmp_path / "chained")
    store, sql = Store(url), Plain(url)
    store.start()
    yield Chain(store, sql)
    store.close()
    sql.close()
    databases.drop(url)


async def test_a_whole_chain_is_found_whole(chain: Chain) -> None:
    assert await chain.store.read(audit.verify) == Verified(n=LINKS)


async def test_an_empty_chain_is_whole(store: Store) -> None:
    assert await store.read(audit.verify) == Verified(n=0)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-11-22 02:00:00.000001"),
        ("actor", "s2"),
        ("action", "released"),
        ("ref", "other"),
        ("ref", None),
        ("detail", "band=0"),
        ("hash", "0" * 64),
    ],
)
async def test_an_edit_shows(chain: Chain, column: str, value: str | None) -> None:
    chain.sql.execute(f"UPDATE audit SET {column} = :value WHERE n = 1700", {"value": value})
    found = await chain.store.read(audit.verify)
    assert (found.n, found.broken_at) == (1699, 1700)
    assert "changed" in found.why


async def test_a_removed_tail_shows(chain: Chain) -> None:
    chain.sql.execute("DELETE FROM audit WHERE n > 2000")
    found = await chain.store.read(audit.verify)
    assert (found.n, found.broken_at) == (2000, 2001)
    assert "cut" in found.why


async def test_a_removed_middle_shows_even_when_the_rest_is_renumbered(chain: Chain) -> None:
    chain.sql.execute("DELETE FROM audit WHERE n BETWEEN 100 AND 199")
    assert (await chain.store.read(audit.verify)).broken_at == 100
    chain.sql.execute("UPDATE audit SET n = n - 100 WHERE n >= 200")
    found = await chain.store.read(audit.verify)
    assert (found.n, found.broken_at) == (99, 100)
    assert "follow" in found.why


async def test_a_tail_that_was_rewritten_with_right_hashes_does_not_fit_the_head(chain: Chain, now: datetime) -> None:
    move = "UPDATE audit_head SET n = :n, hash = :hash"
    head = chain.sql.execute("SELECT n, hash FROM audit_head")[0]._asdict()
    chain.sql.execute("DELETE FROM audit WHERE n = :n", {"n": LINKS})
    last = chain.sql.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1")[0]._asdict()
    chain.sql.execute(move, last)
    await chain.store.write(lambda session: audit.record(session, now=now, actor="s2", action="claimed"))
    assert await chain.store.read(audit.verify) == Verified(n=LINKS)  # only a head noted elsewhere tells
    chain.sql.execute(move, head)
    assert "head" in (await chain.store.read(audit.verify)).why


async def test_a_missing_head_shows(chain: Chain) -> None:
    chain.sql.execute("DELETE FROM audit_head")
    found = await chain.store.read(audit.verify)
    assert (found.n, "head" in found.why) == (LINKS, True)


async def test_links_of_one_unit_and_of_many_make_one_chain_and_an_undone_one_leaves_no_gap(
    store: Store, now: datetime
) -> None:
    def two(session: Session) -> None:
        audit.record(session, now=now, actor="software", action="queued", detail="band=0")
        audit.record(session, now=now.astimezone(timezone(timedelta(hours=5))), actor="person", action="quick_exit")

    def undone(session: Session) -> None:
        two(session)
        raise ZeroDivisionError

    for _ in range(3):
        await store.write(two)
        with pytest.raises(ZeroDivisionError):
            await store.write(undone)
    assert await store.read(audit.verify) == Verified(n=6)


@pytest.mark.parametrize(
    "detail",
    [
        "he is outside my house",
        "he=is outside=my house",
        "words=he's",
        "need=please help",
        "a=b  c=d",
        "a=" + "x" * 41,
        "band=0\n",
        " ".join(f"k{chr(97 + n)}=v" for n in range(7)),
    ],
)
async def test_words_cannot_get_into_the_audit(store: Store, now: datetime, detail: str) -> None:
    with pytest.raises(ValueError) as refusal:
        await store.write(
            lambda session: audit.record(session, now=now, actor="software", action="queued", detail=detail)
        )
    assert detail.strip() not in str(refusal.value)
    assert await store.read(audit.verify) == Verified(n=0)


@given(st.text(min_size=1).filter(lambda words: " " in words or not words.isascii()))
def test_no_sentence_is_an_actor_an_action_or_a_ref(words: str) -> None:
    for name, allowed in (("actor", audit._NAME), ("action", audit._ACTION), ("ref", audit._NAME)):
        with pytest.raises(ValueError):
            audit._check(name, words, allowed)


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="zone"):
        await store.write(
            lambda session: audit.record(session, now=datetime(2026, 1, 1), actor="software", action="queued")
        )
