"""A unit of the desk changes only contacts that it holds: forgetting it is an error at once, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from handoff.desk.record import Record
from handoff.store import audit
from handoff.store.hold import NotHeld, hold
from handoff.store.tables import Alarm, BotTurn, ContactRow, NoticeRecord, QueueEntry, Staff


async def test_writing_about_a_contact_that_is_not_held_is_an_error(house) -> None:
    one, other = await house.opens(), await house.opens()

    def changes(unit) -> None:
        hold(unit.session, other)
        unit.session.get_one(ContactRow, one).last_seq += 1

    def adds(unit) -> None:
        unit.session.add(Alarm(contact_id=one, what="x", at=unit.now))

    def updates(unit) -> None:
        unit.session.execute(update(NoticeRecord).where(NoticeRecord.contact_id == one).values(displayed_at=unit.now))

    def deletes(unit) -> None:
        unit.session.execute(delete(BotTurn).where(BotTurn.contact_id == one))

    before = await house.entries(one)
    for forgets in (changes, adds, updates, deletes):
        with pytest.raises(NotHeld):
            await house.do(lambda u, forgets=forgets: (forgets(u), u.session.flush()))
    assert await house.entries(one) == before
    assert await house.all(Alarm) == []


async def test_looking_at_what_is_not_held_is_no_error_nor_is_a_contact_that_is_new(house) -> None:
    one = await house.opens()  # makes a new one, which nobody else knows
    await house.asks_for_person(one)
    await house.do(lambda u: u.session.get_one(ContactRow, one).phase)
    await house.do(lambda u: u.session.query(QueueEntry).all())


async def test_no_contact_is_taken_hold_of_after_an_audit_record(house) -> None:
    """Two units could wait for each other: one with the audit's head, the other with the contact."""
    one, other = await house.opens(), await house.opens()

    def late(unit) -> None:
        Record.load(unit, one).audit("claimed", actor="s1")
        hold(unit.session, one)  # it is ours already
        hold(unit.session, other)

    with pytest.raises(NotHeld):
        await house.do(late)
    assert (await house.see(audit.verify)).broken_at is None


async def test_what_was_not_yet_written_is_not_lost_by_taking_hold(house) -> None:
    contact = await house.opens()

    def unit(u) -> None:
        u.session.add(Staff(id="s9", name="Nine", role="advisor", password_hash="-", created_at=u.now))
        hold(u.session, contact)

    await house.do(unit)
    assert "Nine" in [staff.name for staff in await house.all(Staff)]
