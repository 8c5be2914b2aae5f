"""What must be true once everybody has come to rest: a whole database, and on every screen what a new page would show.

`acknowledged` looks into the database and opens the sealed words; `screens` opens a new page beside each.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

from crowd import AtDesk, Broken, Frame, Somebody
from running import LONG, Door
from sqlalchemy import select
from sqlalchemy.orm import Session
from websockets.asyncio.client import connect

from handoff.settings import Settings
from handoff.store import audit
from handoff.store.keys import KeyRing
from handoff.store.seal import seal_of
from handoff.store.store import Store
from handoff.store.tables import BotTurn, ContactRow, EntryRow, Note, QueueEntry

PLACES = {"with_bot": [], "waiting": ["waiting"], "with_advisor": ["claimed"], "ended": []}


# ── the database ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def acknowledged(settings: Settings, people: Sequence[Somebody], desks: Sequence[AtDesk]) -> int:
    """No acknowledged message is lost or doubled, their order is kept, every contact stands in exactly one place, and
    the audit is whole. Raises `Broken`; gives the number of acknowledged messages, presses and notes."""
    store = Store(settings.database_url)
    await asyncio.to_thread(store.start)
    try:
        return await store.read(lambda session: _whole(session, KeyRing(settings.key_ring_folder), people, desks))
    finally:
        await asyncio.to_thread(store.close)


def _whole(session: Session, ring: KeyRing, people: Sequence[Somebody], desks: Sequence[AtDesk]) -> int:
    contacts = {row.id: row for row in session.scalars(select(ContactRow))}
    _must(set(contacts) == {person.contact for person in people}, "a contact without a page, or twice the same")
    for row in contacts.values():
        _in_one_place(session, row)
    found = 0
    for person in people:
        assert person.contact
        rows = _rows(session, person.contact)
        seqs = [row.seq for row in rows]
        _must(seqs == list(range(1, contacts[person.contact].last_seq + 1)), f"{person.contact}: entries {seqs}")
        words = _opened(session, ring, person.contact, rows)
        found += _once_and_in_order(person, rows, words)
        shown = [(e["seq"], e["author"], e["text"]) for e in person.transcript]
        stored = [(row.seq, row.author, text) for row, text in zip(rows, words, strict=True)]
        _must(shown == stored[: len(shown)], f"{person.contact}: {_differ(shown, stored)}")
    found += sum(_staff_once(session, desk) for desk in desks)
    _must(not session.scalars(select(BotTurn)).all(), "a turn that nobody asks")
    chain = audit.verify(session)
    _must(chain.broken_at is None, f"the audit: {chain}")
    return found


def _in_one_place(session: Session, row: ContactRow) -> None:
    places = session.scalars(select(QueueEntry.state).where(QueueEntry.contact_id == row.id)).all()
    standing = [state for state in places if state != "closed"]
    _must(standing == PLACES[row.phase], f"{row.id} is {row.phase}, and in the queue {places}")
    _must(row.phase != "ended" or row.end_reason is not None, f"{row.id} has ended, and nobody knows why")


def _rows(session: Session, contact: str) -> Sequence[EntryRow]:
    return session.scalars(select(EntryRow).where(EntryRow.contact_id == contact).order_by(EntryRow.seq)).all()


def _opened(session: Session, ring: KeyRing, contact: str, rows: Iterable[EntryRow]) -> list[str]:
    seal = seal_of(session, ring, contact)
    return [seal.open(row.body_ct, where=f"entry:{row.seq}:body") for row in rows]


def _once_and_in_order(person: Somebody, rows: Sequence[EntryRow], words: Sequence[str]) -> int:
    theirs = [(row, text) for row, text in zip(rows, words, strict=True) if row.author == "person" and row.client_id]
    ids = [row.client_id for row, _ in theirs]
    order = [client_id for client_id in person.sent if client_id in ids]
    _must(ids == order, f"{person.contact}: said {list(person.sent)}, stored {ids}")
    by_id = {row.client_id: (row.seq, text) for row, text in theirs}
    found = 0
    for client_id, sent in person.sent.items():
        if sent.refused is not None:
            _must(client_id not in by_id, f"{person.contact}: refused and stored: {sent}")
        elif sent.answered:
            _must(client_id in by_id, f"{person.contact}: acknowledged and lost: {sent}")
            seq, text = by_id[client_id]
            _must(seq == sent.seq, f"{person.contact}: acknowledged as {sent.seq}, stored as {seq}")
            _must(sent.frame.get("text", text) == text, f"{person.contact}: other words are stored for {sent}")
            found += 1
        else:
            _must(person.over, f"{person.contact}: never answered: {sent}")
    return found


def _staff_once(session: Session, desk: AtDesk) -> int:
    said = select(EntryRow.client_id, EntryRow.seq, EntryRow.contact_id).where(EntryRow.staff_id == desk.staff_id)
    entries = {row[0]: (row[1], row[2]) for row in session.execute(said.where(EntryRow.author == "advisor"))}
    kept = select(Note.client_id, Note.n, Note.contact_id).where(Note.staff_id == desk.staff_id)
    notes = {row[0]: (row[1], row[2]) for row in session.execute(kept)}
    found = 0
    for client_id, sent in desk.sent.items():
        if sent.frame["t"] == "say":
            stored = entries.get(f"{desk.staff_id}:{client_id}")
        elif sent.frame["t"] in ("note", "wrap_up"):
            stored = notes.get(client_id)
        else:
            continue
        _must(sent.answered, f"{desk.staff_id}: never answered: {sent}")
        expected = None if sent.refused else (sent.seq, sent.frame["contact"])
        _must(stored == expected, f"{desk.staff_id}: {sent}, stored as {stored}")
        found += stored is not None
    return found


async def no_turn_left(door: Door) -> None:
    """The bot is asked nothing any more: what dead gateways had leased, living ones have taken over."""
    async with asyncio.timeout(LONG):
        while door.rows("SELECT contact_id FROM bot_turn"):  # noqa: ASYNC110 - another process's work is no event of ours
            await asyncio.sleep(0.1)


# ── the screens ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def screens(url: str, people: Sequence[Somebody], desks: Sequence[AtDesk]) -> None:
    """Every page shows what a new one would. Raises `Broken` where it still doesn't after a long while."""
    here = [person for person in people if not person.over]
    await asyncio.gather(*(_same_person(url, person) for person in here), *(_same_desk(url, desk) for desk in desks))


async def _same_person(url: str, person: Somebody) -> None:
    async def differs() -> str | None:
        frames = await _new_page(
            url, person, "state", {"t": "hello", "v": 1, "service": person.service, "token": person.token}
        )
        entries = [frame for frame in frames if frame["t"] == "entry"]
        states = [frame for frame in frames if frame["t"] == "state"]
        if entries != person.transcript:
            return f"transcript: {_differ(entries, person.transcript)}"
        return None if states[-1:] == [person.state] else f"state {states[-1:]}, on screen {person.state}"

    await _until_none(f"{person.contact}", differs)


async def _same_desk(url: str, desk: AtDesk) -> None:
    async def differs() -> str | None:
        opens = [{"t": "open", "contact": contact, "after": 0, "reason": ""} for contact in desk.held]
        frames = await _new_page(url, desk, "queue", desk.hello(), {"t": "watch"}, *opens)
        rows = next(frame["rows"] for frame in reversed(frames) if frame["t"] == "queue")
        if rows != desk.rows:
            return f"queue {rows}, on screen {desk.rows}"
        if {row["contact"] for row in rows if row["mine"]} != set(desk.held):
            return f"holds {[row for row in rows if row['mine']]}, on screen {list(desk.held)}"
        for contact, held in desk.held.items():
            of_it = [frame for frame in frames if frame.get("contact") == contact]
            entries = [frame for frame in of_it if frame["t"] == "entry"]
            if entries != held.transcript:
                return f"transcript of {contact}: {_differ(entries, held.transcript)}"
            summaries = [frame for frame in of_it if frame["t"] == "summary"]
            if summaries[-1:] != [held.summary]:
                return f"summary {summaries[-1:]}, on screen {held.summary}"
        return None

    await _until_none(desk.staff_id, differs)


async def _new_page(url: str, like: Somebody | AtDesk, at_least: str, *first: Frame) -> list[Frame]:
    """All that a new page is sent until it has had one such frame, and then quiet for a moment."""
    frames: list[Frame] = []
    async with connect(
        url.replace("http", "ws") + like.path, origin=url, compression=None, additional_headers=like.headers  # type: ignore[arg-type]
    ) as socket:  # fmt: skip
        for frame in first:
            await socket.send(json.dumps(frame))
        while not any(frame["t"] == at_least for frame in frames):
            frames.append(json.loads(await socket.recv()))
        try:
            while True:
                async with asyncio.timeout(0.4):
                    frames.append(json.loads(await socket.recv()))
        except TimeoutError:
            return frames


async def _until_none(whose: str, differs: Any) -> None:
    """Time goes on (waits grow, a dead gateway's pages are away after ten seconds): they agree in the end, or never."""
    said: str | None = "nothing"
    try:
        async with asyncio.timeout(LONG):
            while (said := await differs()) is not None:  # noqa: ASYNC110 - it asks other processes
                await asyncio.sleep(0.5)
    except TimeoutError:
        raise Broken(f"{whose}: a new page shows {said}") from None


def _differ(one: Sequence[object], other: Sequence[object]) -> str:
    """Where two transcripts part."""
    for at, (left, right) in enumerate(zip_longest(one, other), 1):
        if left != right:
            return f"at {at} of {len(one)} and {len(other)}: {left} and {right}"
    return "the same"


def _must(true: bool, otherwise: str) -> None:
    if not true:
        raise Broken(otherwise)
