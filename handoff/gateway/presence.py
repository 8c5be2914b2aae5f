"""Who is here: pages and rooms connected to this process, at once; those of other gateways, from the database."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from handoff.desk import presence
from handoff.desk.office import Desk
from handoff.errors import FrontdoorError
from handoff.hints import QUEUE


@dataclass(slots=True)
class Connected:
    """One connection of a page. `closed`: the page said goodbye; otherwise its line was lost."""

    closed: bool = False


class Presence:
    """`me`: this gateway's id."""

    def __init__(self, desk: Desk, me: str) -> None:
        self._desk = desk
        self._me = me
        self._pages: Counter[str] = Counter()  # contact → its pages connected to this process
        self._rooms: Counter[str] = Counter()  # staff → their open rooms, likewise
        self.ending = False  # this process ends: whose line goes now has not lost it
        self._elsewhere: frozenset[str] = frozenset()  # contacts with a page at another gateway, as last looked up

    async def nobody(self) -> None:
        """Return once no page and no room is connected to this process."""
        while self._pages or self._rooms:  # noqa: ASYNC110 - only while everything ends
            await asyncio.sleep(0.02)

    def __contains__(self, contact_id: str) -> bool:
        return contact_id in self._pages or contact_id in self._elsewhere

    async def look(self) -> frozenset[str]:
        """Contacts with a page connected anywhere, as far as somebody waits for them or talks with them."""
        now = self._desk.office.clock()
        self._elsewhere = await self._desk.see(partial(presence.pages_elsewhere, gateway_id=self._me, now=now))
        return self._elsewhere | frozenset(self._pages)

    async def at_desk(self) -> frozenset[str]:
        """Staff with a room open anywhere."""
        now = self._desk.office.clock()
        rooms = await self._desk.see(partial(presence.rooms_elsewhere, gateway_id=self._me, now=now))
        return rooms | frozenset(self._rooms)

    async def beat(self) -> None:
        """Say that this gateway is alive, and whom it has."""
        await self._desk.do(
            lambda u: presence.beat(
                u, self._me, pages=lambda: frozenset(self._pages), rooms=lambda: frozenset(self._rooms)
            )
        )

    async def end(self) -> None:
        with contextlib.suppress(FrontdoorError):  # others find out by themselves
            await self._desk.do(lambda u: presence.gateway_ends(u, self._me))

    @contextlib.asynccontextmanager
    async def page_of(self, contact_id: str) -> AsyncIterator[Connected]:
        """A page of this contact is connected. What it gives is told how the page went."""
        connected = Connected()
        self._pages[contact_id] += 1
        self._desk.hints.poke_here(QUEUE)
        try:
            if self._pages[contact_id] == 1:
                with contextlib.suppress(FrontdoorError):  # the next beat says it
                    await self._desk.do(lambda u: presence.page_came(u, self._me, contact_id))
            yield connected
        finally:
            self._pages[contact_id] -= 1
            if self._pages[contact_id] <= 0:
                del self._pages[contact_id]
                with contextlib.suppress(FrontdoorError):
                    goes = partial(presence.page_went, gateway_id=self._me, contact_id=contact_id)
                    await asyncio.shield(self._desk.do(partial(goes, closed=connected.closed, ours=self.ending)))

    @contextlib.asynccontextmanager
    async def room_of(self, staff_id: str) -> AsyncIterator[None]:
        """A room of this member of staff is open, and written down before anything else happens in it."""
        self._rooms[staff_id] += 1
        try:
            await self._write_room(staff_id)
            yield
        finally:
            self._rooms[staff_id] -= 1
            if self._rooms[staff_id] <= 0:
                del self._rooms[staff_id]
                await asyncio.shield(self._write_room(staff_id))

    async def _write_room(self, staff_id: str) -> None:
        write = partial(presence.write_room, gateway_id=self._me, staff_id=staff_id)
        with contextlib.suppress(FrontdoorError):  # the next beat says it
            await self._desk.do(partial(write, rooms=lambda: frozenset(self._rooms)))
