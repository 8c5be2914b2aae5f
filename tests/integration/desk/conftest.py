"""A desk over a real store of either kind, the three services, a key ring and a clock that a test moves."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from databases import BEGUN, Databases, with_texts
from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.desk import advisor, person, presence, staff, turns, views
from handoff.desk.office import Desk, Office, Unit
from handoff.desk.record import Record
from handoff.hints import InProcess
from handoff.services.load import load_services
from handoff.services.model import Service
from handoff.standing import Contact
from handoff.store.keys import KeyRing
from handoff.store.store import Store
from handoff.store.tables import QueueEntry, Staff
from handoff.store.texts import register
from handoff.turn import Command, Reply, TurnAnswer
from handoff.verdict import Abuse, Risk, Target, Verdict

pytest.register_assert_rewrite("contact_moves", "contact_moves_of_people", "contact_moves_of_staff")

T = TypeVar("T")
ABUSE = Verdict(abuse=Abuse.ABUSIVE, target=Target.STAFF, abuse_categories=frozenset({"insult"}))
IMMEDIATE = Verdict(risk=Risk.IMMEDIATE, risk_categories=frozenset({"violence"}))


class House:
    """What people and staff do, in few words. `now` is the clock; `asked` the contacts whose turn was called for."""

    def __init__(self, store: Store, office: Office) -> None:
        self.store, self.office = store, office
        self.now = BEGUN
        self.desk = Desk(store, office, InProcess())
        self.asked: list[str] = []
        self.desk.on_bot_asked = self.asked.append

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def do(self, use_case: Callable[[Unit], T]) -> T:
        return await self.desk.do(use_case)

    async def see(self, view: Callable[[Session], T]) -> T:
        return await self.desk.see(view)

    # ── the person ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def opens(self, service: str = "survivors") -> str:
        self.token = person.hash_of(secrets.token_urlsafe(32))
        place = await self.do(lambda u: person.open_contact(u, service=service, lang="en", token_hash=self.token))
        return place.contact_id

    async def says(self, contact: str, text: str = "hello", verdict: Verdict = Verdict(), client_id: str = "") -> int:  # noqa: B008
        client_id = client_id or secrets.token_hex(6)
        return await self.do(lambda u: person.say(u, contact, client_id=client_id, text=text, verdict=verdict))

    async def presses(self, contact: str, card: str, option: str) -> int:
        seq = next(e.seq for e in reversed(await self.entries(contact)) if e.card and e.card.name == card)
        client_id = secrets.token_hex(6)
        return await self.do(lambda u: person.choose(u, contact, client_id=client_id, card_seq=seq, option=option))

    async def asks_for_person(self, contact: str) -> None:
        await self.do(lambda u: person.ask_for_person(u, contact, client_id=secrets.token_hex(6)))

    async def sees(self, contact: str, card: str) -> None:
        """The newest of these cards comes on screen."""
        seq = next(e.seq for e in reversed(await self.entries(contact)) if e.card and e.card.name == card)
        await self.do(lambda u: person.shown(u, contact, seq=seq))

    async def is_ended_for_abuse(self, contact: str) -> None:
        for card in ("boundary", "final_warning"):
            await self.says(contact, "rude", ABUSE)
            await self.sees(contact, card)
        await self.says(contact, "rude", ABUSE)

    # ── what is there ────────────────────────────────────────────────────────────────────────────────────────────────

    async def entries(self, contact: str) -> list[Any]:
        return await self.see(lambda s: views.entries(s, self.office, contact, after=0))

    async def cards(self, contact: str) -> list[str]:
        return [entry.card.name for entry in await self.entries(contact) if entry.card and entry.author == "service"]

    async def state(self, contact: str) -> Contact:
        return await self.do(lambda u: Record.load(u, contact).contact)

    async def place(self, contact: str) -> QueueEntry | None:
        return await self.see(lambda s: views.open_place(s, contact))

    # ── staff, and the bot ───────────────────────────────────────────────────────────────────────────────────────────

    async def hires(self, name: str, role: str = "advisor", *, reads: bool = True) -> Staff:
        made = await self.do(lambda u: staff.create(u, name=name, role=role, password="a long enough password"))
        if reads:
            for policy in await self.see(lambda s: staff.policies(s, self.office, made)):
                await self.do(lambda u, text_id=policy.text_id: staff.acknowledge(u, made, text_id))  # type: ignore[misc]
        return made

    async def sits_down(self, who: Staff, *, hours: int = 12) -> str:
        """Signed in, with a room open at a gateway that lives; the session's token."""
        await self.do(lambda u: presence.write_room(u, "gateway", who.id, rooms=lambda: {who.id}))
        return await self.do(lambda u: staff.begin_session(u, who.id, hours=hours))

    async def gets_up(self, who: Staff) -> None:
        await self.do(lambda u: presence.write_room(u, "gateway", who.id, rooms=lambda: ()))

    async def claims(self, who: Staff, contact: str) -> advisor.Lease:
        return await self.do(lambda u: advisor.claim(u, who, contact))

    async def leases(self, contact: str, by: str = "gateway") -> turns.Leased | None:
        return await self.do(lambda u: turns.lease(u, contact, by=by))

    async def closes(
        self, leased: turns.Leased, *commands: Command, words: str | None = None, failed: bool = False
    ) -> bool:
        replies = (Reply(name="utter_x", text=words),) if words else ()
        answer = None if failed else TurnAnswer(turn=leased.request.turn, replies=replies, commands=commands)
        return await self.do(lambda u: turns.close(u, leased.contact_id, turn_id=leased.request.turn, answer=answer))

    async def all(self, table: type[T]) -> list[T]:
        return await self.see(lambda s: list(s.scalars(select(table)).all()))


@pytest.fixture
def url(kind: str, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """As everywhere, and the texts are registered already."""
    url = databases.fresh(kind, with_texts, tmp_path / "store")
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
def services() -> dict[str, Service]:
    """Slow to read, and never changed."""
    return load_services(None)


@pytest.fixture
async def house(store: Store, ring: KeyRing, services: dict[str, Service]) -> AsyncIterator[House]:
    text_ids = await store.write(lambda session: register(session, services, BEGUN))
    holder: list[House] = []
    office = Office(services=services, text_ids=text_ids, ring=ring, clock=lambda: holder[0].now if holder else BEGUN)
    holder.append(House(store, office))
    yield holder[0]


@pytest.fixture
def abuse() -> Verdict:
    return ABUSE


@pytest.fixture
def immediate() -> Verdict:
    return IMMEDIATE
