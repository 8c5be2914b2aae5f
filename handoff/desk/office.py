"""What every use case needs, and the unit of work it runs in.

A use case is a plain function of a `Unit`. `Desk.do` runs it in one transaction and, only after the commit, tells
everybody who has to know: hints to sockets, wake-ups to the bot's turns. A unit may be run again after a conflict, so
it keeps no trace outside itself until then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from handoff.clock import Clock
from handoff.hints import QUEUE, Hints
from handoff.services.model import Service, Text
from handoff.store.hold import guard
from handoff.store.keys import KeyRing
from handoff.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Office:
    """Read once at the start; never changes while running."""

    services: dict[str, Service]
    text_ids: dict[tuple[str, str, int, str], int]  # (service, kind, version, lang) → policy_text.id
    ring: KeyRing
    clock: Clock

    def text_id(self, service: Service, text: Text) -> int:
        return self.text_ids[service.id, text.kind, text.version, text.lang]

    @cached_property
    def _by_id(self) -> dict[int, Text]:
        return {
            n: self.services[of].texts[kind, version, lang] for (of, kind, version, lang), n in self.text_ids.items()
        }

    def text_of(self, text_id: int) -> Text:
        """The text of which an entry's words were made, exactly as it was then."""
        return self._by_id[text_id]


@dataclass(kw_only=True)
class Unit:
    """One transaction's worth of work."""

    session: Session
    office: Office
    now: datetime
    day_key: str
    touched: set[str] = field(default_factory=set)  # contacts whose sockets have something to read
    queue_touched: bool = False
    bot_asked: set[str] = field(default_factory=set)
    flagged: list[tuple[str, int]] = field(default_factory=list)


class Desk:
    """Runs use cases; the only way in for the gateway."""

    def __init__(self, store: Store, office: Office, hints: Hints) -> None:
        self.store = store
        self.office = office
        self.hints = hints
        self._working: set[asyncio.Task[Any]] = set()
        self.on_bot_asked: Callable[[str], None] = lambda contact_id: None

    async def do(self, use_case: Callable[[Unit], T]) -> T:
        """Run `use_case` in one transaction. What it returns is true: it is committed.

        A caller who is cancelled meanwhile gives up the answer, never the work or what has to follow from it: the words
        of somebody whose page closed a moment later still raise their alert.
        """
        work = asyncio.create_task(self._do(use_case))
        self._working.add(work)
        work.add_done_callback(self._done)
        return await asyncio.shield(work)

    def _done(self, work: asyncio.Task[Any]) -> None:
        self._working.discard(work)
        if not work.cancelled():
            work.exception()  # the caller has it; if the caller is gone, nobody has to hear of it twice

    async def _do(self, use_case: Callable[[Unit], T]) -> T:
        now = self.office.clock()
        day_key = self.office.ring.today(now)
        latest: list[Unit] = []

        def work(session: Session) -> T:
            guard(session)
            latest.clear()
            latest.append(Unit(session=session, office=self.office, now=now, day_key=day_key))
            return use_case(latest[0])

        result = await self.store.write(work)
        unit = latest[0]
        for contact_id, seq in unit.flagged:
            self.hints.flagged(contact_id, seq)
        for contact_id in unit.touched:
            self.hints.poke(contact_id)
        if unit.queue_touched:
            self.hints.poke(QUEUE)
        for contact_id in unit.bot_asked:
            self.on_bot_asked(contact_id)
        return result

    async def see(self, view: Callable[[Session], T]) -> T:
        """Read in one snapshot; changes nothing."""
        return await self.store.read(view)
