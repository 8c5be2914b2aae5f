"""How a move of the state machine of whole contacts is made, on a real database. What people do, and what staff do, is
in the two modules beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import contact_model as model
import pytest
from contact_model import ENDED, Crew, One
from contact_pages import OpenPage
from databases import BEGUN, Databases, with_texts
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.desk import turns
from handoff.desk.office import Desk, Office, Unit
from handoff.hints import InProcess
from handoff.services.hours import admits
from handoff.services.model import Service
from handoff.store import audit
from handoff.store.keys import KeyRing
from handoff.store.store import Store
from handoff.store.tables import Base, BotTurn, ContactRow, Staff
from handoff.store.texts import register

CREW = {
    "Ash": "advisor", "Bo": "advisor", "Cy": "advisor", "New": "advisor", "Sam": "supervisor", "Mo": "moderator",
    "Mia": "moderator",
}  # fmt: skip
WHO = st.integers(0, 5)  # one of the contacts there are
STAFF = st.sampled_from(sorted(CREW))


@dataclass(kw_only=True)
class World:
    """What all runs of one test share; each has a database of its own."""

    kind: str
    databases: Databases
    folder: Path
    services: dict[str, Service]
    ring: KeyRing
    count: Iterator[int]


class Moves(RuleBasedStateMachine):
    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.now = world, BEGUN
        self.loop = asyncio.Runner()
        self.url = world.databases.fresh(world.kind, with_texts, world.folder / str(next(world.count)))
        self.store = Store(self.url)
        self.store.start()
        text_ids = self.wait(self.store.write(lambda s: register(s, world.services, BEGUN)))
        office = Office(services=world.services, text_ids=text_ids, ring=world.ring, clock=lambda: self.now)
        self.desk = Desk(self.store, office, InProcess())
        self.contacts: list[One] = []
        self.pages: dict[str, OpenPage] = {}
        self.turns: dict[str, turns.Leased] = {}
        self.ids = count(1)

    def teardown(self) -> None:
        try:
            for page in self.pages.values():
                self.see(page.holds_what_is_there)
            self.nothing_of_the_audit_is_missing()
        finally:
            self.store.close()
            self.loop.close()
            self.world.databases.drop(self.url)

    def nothing_of_the_audit_is_missing(self) -> None:
        verified = self.see(audit.verify)
        assert verified.broken_at is None, verified

    # ── how a move is made ───────────────────────────────────────────────────────────────────────────────────────────

    def wait(self, work: Any) -> Any:
        async def whole() -> Any:
            return await work

        return self.loop.run(whole())

    def see(self, view: Callable[[Session], Any]) -> Any:
        return self.wait(self.desk.see(view))

    def move(self, use_case: Callable[[Unit], Any], error: model.Error = None) -> Any:
        """Make the move. If it has to be refused: by this error, and nothing at all is different afterwards."""
        if error is None:
            return self.wait(self.desk.do(use_case))
        before = self.see(everything)
        with pytest.raises(error) as refused:
            self.wait(self.desk.do(use_case))
        assert refused.type is error, refused.value
        assert self.see(everything) == before, "a refused move changed something"
        return None

    def as_staff(self, name: str, work: Callable[[Unit, Staff], Any], error: model.Error = None) -> Any:
        return self.move(lambda u: work(u, u.session.get_one(Staff, name)), error)

    def one(self, n: int) -> One:
        return self.contacts[n % len(self.contacts)]

    def admits(self, one: One) -> bool:
        return admits(self.desk.office.services[one.service].file.hours, self.now)

    def id(self) -> str:
        return f"c{next(self.ids)}"

    def stands(self, one: One, right: set[str]) -> None:
        """The phase is one of those, and from now on that very one."""
        place = self.see(lambda s: s.get(ContactRow, one.id).phase)
        assert place in right, f"{one.phase} → {place}, where {sorted(right)} is right"
        if place == ENDED and one.phase != ENDED:
            Crew.ended(one)
        one.phase = place


def row_of(session: Session, contact: str) -> ContactRow:
    return session.get_one(ContactRow, contact)


def epoch_of(session: Session, contact: str) -> int | None:
    turn = session.get(BotTurn, contact)
    return None if turn is None else turn.epoch


def everything(session: Session) -> dict[str, set[Any]]:
    """Every row of every table."""
    return {
        table.name: {tuple(row) for row in session.execute(select(table))}
        for table in Base.metadata.sorted_tables
        if table.name not in ("policy_text", "staff_ack")
    }
