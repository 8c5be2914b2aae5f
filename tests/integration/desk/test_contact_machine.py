"""Whole contacts, thousands of ways: whatever people, staff, the bot and the clock do, in any order, the promises hold.

Hypothesis chooses the moves; `contact_model` says which must be refused and where each may lead; the real use cases run
on a real database. After every move everything that must always be true is read from the database anew.

A failure prints its moves and its seed; `TEST_SEED=… pytest …` runs the same again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from contact_model import ADVISOR, BOT, ENDED, WAITING, One
from contact_moves import World
from contact_moves_of_people import PeopleMoves
from contact_moves_of_staff import StaffMoves
from databases import Databases
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from seeds import seed_of_this_run
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from handoff.desk.sealed import read_state
from handoff.services.model import Hours, OpenHours, Service
from handoff.store.keys import KeyRing
from handoff.store.seal import seal_of
from handoff.store.tables import ContactRow, EntryRow, NoticeRecord, QueueEntry

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE_HOURS = Hours(timezone="UTC", week={day: (OpenHours(opens=time(1), closes=time(3)),) for day in DAYS})


class ContactMachine(PeopleMoves, StaffMoves):
    """All the moves together, and what is always true."""

    @invariant()
    def every_promise_holds(self) -> None:
        if self.contacts:
            self.see(self.promises)

    def promises(self, session: Session) -> None:
        for one in self.contacts:
            row = session.get_one(ContactRow, one.id)
            state = read_state(seal_of(session, self.desk.office.ring, one.id), row.state_ct)
            places = session.scalars(select(QueueEntry).where(QueueEntry.contact_id == one.id)).all()
            held_in_one_place(one, row, places)
            assert (row.phase, row.risk, row.risk_open, row.uncertain, row.ladder, row.epoch) == (
                state.phase, state.risk.word, state.risk_open, state.uncertain, state.rung, state.epoch
            )  # fmt: skip
            # Risk is never lowered by software, and the ladder is as the model has it.
            assert (int(state.risk), state.risk_open, state.uncertain) == (one.risk, one.flag, one.uncertain)
            assert (int(state.rung), state.rung_displayed) == (one.rung, one.displayed)
            # Notice first.
            notices = session.scalars(select(NoticeRecord).where(NoticeRecord.contact_id == one.id)).all()
            sent = {notice.id: notice.sent_at for notice in notices}
            assert all(place.notice_id in sent and sent[place.notice_id] <= place.entered_at for place in places)
            # Somebody in the queue only ever moves up.
            for place in places:
                if place.state != "closed":
                    assert state.band == place.band
                    assert one.band is None or place.band <= one.band
                    assert one.risk < 2 or place.band == 0
                    one.band = place.band
        self.entries_are_whole(session)

    def entries_are_whole(self, session: Session) -> None:
        """In order without gaps (no two have one number: that is their key), a person's never without a verdict."""
        lacking = or_(*(column.is_(None) for column in (EntryRow.risk, EntryRow.abuse, EntryRow.uncertain)))
        without = func.count().filter(EntryRow.author == "person", or_(lacking, EntryRow.verdict_ct.is_(None)))
        each = select(EntryRow.contact_id, func.min(EntryRow.seq), func.max(EntryRow.seq), func.count(), without)
        found = {row[0]: tuple(row[1:]) for row in session.execute(each.group_by(EntryRow.contact_id))}
        heads = {row.id: row.last_seq for row in session.execute(select(ContactRow.id, ContactRow.last_seq))}
        assert found == {contact: (1, head, head, 0) for contact, head in heads.items()}

    @invariant()
    def every_page_holds_what_is_there(self) -> None:
        for contact, page in list(self.pages.items()):
            self.wait(page.look())
            self.see(lambda s, page=page: page.holds_what_is_there(s, all_of_it=next(self.ids) % 8 == 0))
            if page.closed:
                del self.pages[contact]


def held_in_one_place(one: One, row: ContactRow, places: Any) -> None:
    """With the bot, in the queue, with one advisor, or at its end: one of them, and everything says the same."""
    assert row.phase == one.phase
    standing = [(p.state, p.staff_id, p.lease_no) for p in places if p.state != "closed"]
    right = {BOT: [], WAITING: [("waiting", None, one.lease)], ADVISOR: [("claimed", one.holder, one.lease)], ENDED: []}
    assert standing == right[one.phase]
    assert (row.ended_at is not None) == (one.phase == ENDED) == (row.end_reason is not None)


@pytest.fixture(scope="session")
def office_hours(services: dict[str, Service]) -> dict[str, Service]:
    """The phoneline keeps hours, and closes while the clock moves; the other two never do."""
    phoneline = services["phoneline"]
    return {**services, "phoneline": replace(phoneline, file=phoneline.file.model_copy(update={"hours": OFFICE_HOURS}))}


def holds(
    kind: str, databases: Databases, folder: Path, services: dict[str, Service], *, runs: int, moves: int
) -> None:
    world = World(
        kind=kind, databases=databases, folder=folder, services=services, ring=KeyRing(folder / "keys"), count=count()
    )
    chosen = settings(
        max_examples=runs, stateful_step_count=moves, deadline=None, suppress_health_check=list(HealthCheck),
        print_blob=True,
    )  # fmt: skip
    run_state_machine_as_test(seed(seed_of_this_run())(lambda: ContactMachine(world)), settings=chosen)


def test_whatever_happens_in_whichever_order_a_contact_keeps_every_promise(kind, databases, tmp_path, office_hours):
    holds(kind, databases, tmp_path, office_hours, runs=3, moves=40)


@pytest.mark.full
def test_the_same_of_many_contacts_for_long(kind, databases, tmp_path, office_hours):
    holds(kind, databases, tmp_path, office_hours, runs=200 if kind == "sqlite" else 60, moves=80)
