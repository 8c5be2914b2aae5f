"""A person's page as `gateway/person_socket.py` feeds it: it looks again when a hint says so, and otherwise believes
what it has. So what it holds is what somebody sees, and a change that nobody hinted at is a page that lies."""

from __future__ import annotations

from contextlib import ExitStack

from sqlalchemy.orm import Session

from handoff import frames as f
from handoff.desk import person, views
from handoff.desk.office import Desk
from handoff.hints import Subscription


class OpenPage:
    """One tab. `contact` is the one its token opens; `closed` once the front door said that it was left."""

    def __init__(self, desk: Desk, contact: str, token: bytes) -> None:
        self.desk, self.contact, self.token = desk, contact, token
        self.entries: dict[int, f.Entry] = {}
        self.state: f.State | None = None
        self.closed = False
        self._leaving = ExitStack()
        self._changes = self._listen()

    def _listen(self) -> Subscription:
        changes = self._leaving.enter_context(self.desk.hints.subscribe(self.contact))
        changes.poke()  # a new connection looks at once
        return changes

    async def look(self, *, poll: bool = False) -> None:
        """Only if there was a hint, or by the slow poll."""
        if self.closed or not (self._changes._event.is_set() or poll):
            return
        self._changes._event.clear()
        await self.desk.see(self._take)

    def _take(self, session: Session) -> None:
        place = person.find(session, self.token)
        if place is None:
            self.close()
            return
        if place.contact_id != self.contact:  # an ending was overturned: the page starts on what continues it
            self.close()
            self.contact, self.closed, self.entries = place.contact_id, False, {}
            self._changes = self._listen()
        for entry in fresh_entries(session, self.desk, self.contact, after=max(self.entries, default=0)):
            assert entry.seq == max(self.entries, default=0) + 1, "a gap"
            self.entries[entry.seq] = entry
        self.state = fresh_state(session, self.desk, self.contact)

    def holds_what_is_there(self, session: Session, *, all_of_it: bool = True) -> None:
        """The page against the database, read anew; `all_of_it` False: of the entries only those it lacks."""
        if self.closed:
            return
        place = person.find(session, self.token)
        assert place is not None, "its token is revoked, and the page was not told"
        assert place.contact_id == self.contact, "the contact goes on in another, and the page was not told"
        after = 0 if all_of_it else max(self.entries, default=0)
        held = [entry for seq, entry in self.entries.items() if seq > after]
        assert held == fresh_entries(session, self.desk, self.contact, after=after)
        assert self.state == fresh_state(session, self.desk, self.contact)

    def close(self) -> None:
        self.closed = True
        self._leaving.close()


def fresh_entries(session: Session, desk: Desk, contact: str, *, after: int) -> list[f.Entry]:
    found: list[f.Entry] = []
    while page := views.entries(session, desk.office, contact, after=found[-1].seq if found else after):
        found.extend(page)
    return found


def fresh_state(session: Session, desk: Desk, contact: str) -> f.State | None:
    return views.person_state(session, desk.office, contact, bot_here=True, position=None, wait_min=None)
