"""Who is here, across gateways: each writes down whose pages and rooms it has, and every few seconds that it is alive.

Presence is not a phase (promise 6): it says who is shown as away, and is out of the positions that count. A gateway
that dies says nothing more, and after `ALIVE_S` what it had is away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from handoff import events
from handoff.desk.happen import happen
from handoff.desk.office import Unit
from handoff.desk.record import Record
from handoff.standing import Phase
from handoff.store.hold import hold, hold_staff
from handoff.store.tables import ContactRow, GatewayRow, Page, QueueEntry, Room

BEAT_S = 3.0  # how often a gateway says that it is alive
ALIVE_S = 10.0  # how long it is believed
FORGOTTEN_S = 60.0  # after so long without a word its rows go

Now = Callable[[], Collection[str]]  # who is here just now; asked inside the unit, after looking at the database


def beat(unit: Unit, gateway_id: str, *, pages: Now, rooms: Now) -> None:
    """This gateway is alive, and has exactly these pages and rooms; the dead are forgotten."""
    session = unit.session
    written = set(session.scalars(select(Page.contact_id).where(Page.gateway_id == gateway_id)))
    here = set(pages())
    for contact_id in sorted(written ^ here):
        hold(session, contact_id)
    _alive(unit, gateway_id)
    for contact_id in written - here:
        _page_goes(session, gateway_id, contact_id)
    for contact_id in here - written:
        _page_comes(session, gateway_id, contact_id)
    unit.queue_touched = written != here
    open_rooms = set(session.scalars(select(Room.staff_id).where(Room.gateway_id == gateway_id)))
    for staff_id in sorted(open_rooms ^ set(rooms())):
        write_room(unit, gateway_id, staff_id, rooms=rooms)
    session.execute(delete(GatewayRow).where(GatewayRow.until < unit.now - timedelta(seconds=FORGOTTEN_S)))


def page_came(unit: Unit, gateway_id: str, contact_id: str) -> None:
    """The first page of this contact has connected to this gateway."""
    row = hold(unit.session, contact_id)
    if row is None:
        return
    dropped = _dropped(unit, row)
    if row.left_how is not None and row.back_at is None:
        row.back_at = unit.now  # how they had left stays: of two kinds of coming back, staff are told which
    if dropped:
        happen(Record.load(unit, contact_id), events.CameBack(), by="person")
    if unit.session.get(GatewayRow, gateway_id) is None:
        _alive(unit, gateway_id)
    _page_comes(unit.session, gateway_id, contact_id)
    unit.queue_touched = True


def page_went(unit: Unit, gateway_id: str, contact_id: str, *, closed: bool = False, ours: bool = False) -> None:
    """The last page of this contact went from this gateway: when and how, for the desks. Nothing else changes (promise
    6). `closed`: the page said goodbye, as browsers do when a tab is closed; `ours`: we ended the line, and everybody's
    (coming back from that is no drop of theirs); otherwise the line was lost."""
    row = hold(unit.session, contact_id)
    if row is None:
        return
    row.last_seen, row.back_at = unit.now, None
    if row.token_hash is not None:  # otherwise quick exit: said already, and nobody can come back
        row.left_how = None if ours else "closed" if closed else "lost"
    _page_goes(unit.session, gateway_id, contact_id)
    unit.queue_touched = True


def write_room(unit: Unit, gateway_id: str, staff_id: str, *, rooms: Now) -> None:
    """Whether this member of staff has a room open at this gateway, as it is now; at once, so that whoever hands them
    somebody knows it in the same transaction."""
    session = unit.session
    hold_staff(session, staff_id)
    row, is_open = session.get(Room, (staff_id, gateway_id), populate_existing=True), staff_id in rooms()
    if is_open and row is None:
        if session.get(GatewayRow, gateway_id) is None:
            _alive(unit, gateway_id)
        session.add(Room(staff_id=staff_id, gateway_id=gateway_id))
    elif row is not None and not is_open:
        session.delete(row)


def has_room_open(session: Session, staff_id: str, now: datetime) -> bool:
    """Whether this member of staff has a room open at a gateway that lives."""
    found = (
        select(Room.staff_id)
        .join(GatewayRow, GatewayRow.id == Room.gateway_id)
        .where(Room.staff_id == staff_id, GatewayRow.until > now)
    )
    return session.scalars(found.limit(1)).first() is not None


def gateway_ends(unit: Unit, gateway_id: str) -> None:
    """It goes in good order: what it had is away at once."""
    unit.session.execute(delete(GatewayRow).where(GatewayRow.id == gateway_id))
    unit.queue_touched = True


def pages_elsewhere(session: Session, gateway_id: str, now: datetime) -> frozenset[str]:
    """Contacts in a queue, or held, whose page is connected to another gateway that lives."""
    found = (
        select(Page.contact_id)
        .join(GatewayRow, GatewayRow.id == Page.gateway_id)
        .join(QueueEntry, QueueEntry.contact_id == Page.contact_id)
        .where(GatewayRow.id != gateway_id, GatewayRow.until > now, QueueEntry.state != "closed")
    )
    return frozenset(session.scalars(found))


def rooms_elsewhere(session: Session, gateway_id: str, now: datetime) -> frozenset[str]:
    """Staff whose room is open at another gateway that lives."""
    found = (
        select(Room.staff_id)
        .join(GatewayRow, GatewayRow.id == Room.gateway_id)
        .where(GatewayRow.id != gateway_id, GatewayRow.until > now)
    )
    return frozenset(session.scalars(found))


def _dropped(unit: Unit, row: ContactRow) -> bool:
    """Whoever comes back now had dropped: their line was lost, for as long as makes somebody away, while they waited or
    talked. A blink is none, or a bad line would pass everybody; nor is a page that went while another was here."""
    if row.left_how != "lost" or row.back_at is not None or row.phase not in (Phase.WAITING, Phase.WITH_ADVISOR):
        return False
    away_after = timedelta(seconds=unit.office.services[row.service].file.clocks.away_after_s)
    if unit.now - row.last_seen < away_after:
        return False
    others = (
        select(Page)
        .join(GatewayRow, GatewayRow.id == Page.gateway_id)
        .where(Page.contact_id == row.id, GatewayRow.until > unit.now)
    )
    return unit.session.scalars(others.limit(1)).first() is None


def _alive(unit: Unit, gateway_id: str) -> None:
    until = unit.now + timedelta(seconds=ALIVE_S)
    row = unit.session.get(GatewayRow, gateway_id)
    if row is None:
        unit.session.add(GatewayRow(id=gateway_id, until=until))
    else:
        row.until = until
    unit.session.flush()


def _page_comes(session: Session, gateway_id: str, contact_id: str) -> None:
    if session.get(Page, (contact_id, gateway_id)) is None:
        session.add(Page(contact_id=contact_id, gateway_id=gateway_id))


def _page_goes(session: Session, gateway_id: str, contact_id: str) -> None:
    session.execute(delete(Page).where(Page.contact_id == contact_id, Page.gateway_id == gateway_id))
