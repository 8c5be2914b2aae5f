"""Words are sealed: they are nowhere in the files, and open only where they belong, under their contact's key."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from databases import Databases
from hypothesis import given
from hypothesis import strategies as st
from plain import Plain
from sqlalchemy.orm import Session

from handoff.store.keys import KeyMissing, KeyRing
from handoff.store.seal import Seal, SealBroken, make_seal, seal_of
from handoff.store.store import Store
from handoff.store.tables import ContactKey, ContactRow, EntryRow, Fact

CANARY = "Kanarienvogel he's at the back door Zażółć"
ANY_TEXT = st.text(st.characters(exclude_categories=()))  # half characters too
PLACES = st.text(st.characters(codec="ascii"), max_size=30)


@given(words=ANY_TEXT, where=PLACES)
def test_what_was_sealed_opens_to_the_same_words(words: str, where: str) -> None:
    seal = Seal("contact", bytes(32))
    assert seal.open(seal.seal(words, where=where), where=where) == words


@given(words=ANY_TEXT, where=PLACES, elsewhere=PLACES)
def test_a_sealed_value_opens_nowhere_else(words: str, where: str, elsewhere: str) -> None:
    sealed = Seal("contact", bytes(32)).seal(words, where=where)
    for contact, key, place in (
        ("contact", bytes(32), elsewhere),
        ("another", bytes(32), where),
        ("contact", bytes([1]) + bytes(31), where),
    ):
        if (contact, key[0], place) != ("contact", 0, where):
            with pytest.raises(SealBroken):
                Seal(contact, key).open(sealed, where=place)


@given(data=st.binary(max_size=60))
def test_garbage_is_refused_without_being_repeated(data: bytes) -> None:
    with pytest.raises(SealBroken) as refusal:
        Seal("contact", bytes(32)).open(data, where="entry:1:body")
    assert refusal.value.__cause__ is None
    assert str(data) not in str(refusal.value)


def test_sealing_twice_gives_two_different_values() -> None:
    seal = Seal("contact", bytes(32))
    assert len({seal.seal(CANARY, where="x") for _ in range(100)}) == 100


async def test_the_words_are_in_no_byte_of_database_journal_log_or_key_ring(
    store: Store,
    kind: str,
    raw: Plain,
    ring: KeyRing,
    databases: Databases,
    tmp_path: Path,
    now: datetime,
    new_contact: Callable[[str], ContactRow],
) -> None:
    day = ring.today(now)

    def unit(session: Session) -> None:
        session.add(new_contact("a"))
        session.flush()
        seal = make_seal(session, ring, "a", day)
        for seq in range(1, 50):
            sealed = seal.seal(CANARY, where=f"entry:{seq}:body")
            session.add(
                EntryRow(contact_id="a", seq=seq, author="service", kind="words", body_ct=sealed, at=now),
            )
        session.add(Fact(contact_id="a", name="need", seq=1, value_ct=seal.seal(CANARY, where="fact:need")))

    await store.write(unit)
    if kind == "postgresql":
        raw.execute("CHECKPOINT")  # what is in the server's memory, in its files
        places = [tmp_path, databases.postgres.folder]
    else:
        places = [tmp_path]
    files = {path: found for place in places for path, found in _files(place)}
    assert any("pg_wal" in path.parts or path.name == "frontdoor.db-wal" for path in files)
    sealed = raw.one("SELECT body_ct FROM entry WHERE seq = 1")
    assert any(bytes(sealed) in found for found in files.values()), "we look where they would be"
    canaries = [CANARY.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    canaries += [word.encode() for word in CANARY.split() if len(word) > 4]
    for path, found in files.items():
        assert not any(canary in found for canary in canaries), path.name

    def back(session: Session) -> set[str]:
        seal = seal_of(session, ring, "a")
        rows = session.query(EntryRow).all()
        return {seal.open(row.body_ct, where=f"entry:{row.seq}:body") for row in rows}

    assert await store.read(back) == {CANARY}
    key = ring.key(day)
    assert not any(key in found for path, found in files.items() if "keys" not in path.parts)


def _files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file under a folder, with its bytes; a server at work takes files of its own away while we look."""
    for inside, _, names in os.walk(folder):
        for path in (Path(inside, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file():
                    yield path, path.read_bytes()


@pytest.fixture
async def two(store: Store, ring: KeyRing, now: datetime, new_contact: Callable[[str], ContactRow]) -> Store:
    def unit(session: Session) -> None:
        session.add_all([new_contact("a"), new_contact("b")])
        session.flush()
        for contact_id in ("a", "b"):
            make_seal(session, ring, contact_id, ring.today(now))

    await store.write(unit)
    return store


async def test_each_contact_has_a_key_of_its_own(two: Store, ring: KeyRing) -> None:
    a, b = await two.read(lambda session: [seal_of(session, ring, c) for c in ("a", "b")])
    with pytest.raises(SealBroken):
        b.open(a.seal(CANARY, where="x"), where="x")


async def test_a_key_that_was_moved_to_another_contact_does_not_open(two: Store, ring: KeyRing, raw: Plain) -> None:
    raw.execute("UPDATE contact_key SET wrapped = (SELECT wrapped FROM contact_key WHERE contact_id = 'a')")
    with pytest.raises(SealBroken):
        await two.read(lambda session: seal_of(session, ring, "b"))


async def test_without_its_day_key_a_contact_is_closed_for_ever(
    two: Store, ring: KeyRing, now: datetime, tmp_path: Path
) -> None:
    (tmp_path / "keys" / ring.today(now)).unlink()
    with pytest.raises(KeyMissing, match=r"2026-11-22.*Mend: "):
        await two.read(lambda session: seal_of(session, KeyRing(tmp_path / "keys"), "a"))


async def test_the_key_ring_of_another_database_is_said(two: Store, tmp_path: Path, now: datetime) -> None:
    other = KeyRing(tmp_path / "other")
    other.today(now)
    with pytest.raises(SealBroken, match="Mend: "):
        await two.read(lambda session: seal_of(session, other, "a"))


async def test_a_contact_without_a_key_is_said(two: Store, ring: KeyRing) -> None:
    def unit(session: Session) -> None:
        session.delete(session.get_one(ContactKey, "a"))
        session.flush()
        seal_of(session, ring, "a")

    with pytest.raises(KeyMissing):
        await two.write(unit)
