"""Hand a contact on, or ask a colleague about it (M10). Reasons come from a list; the audit holds no words.

Three ways to hand on. *queue*: back to the front of the band. *cold*: to a colleague at once, if they are there; if
their page does not take it up before the lease ends, the person goes to the front of the band as from any advisor who
vanished. *warm*: the colleague reads first, and the first advisor holds the person until the colleague accepts.
*consult*: a colleague reads, and writes notes between staff. An invitation is good only while the very lease lasts by
which it was made.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from handoff import events
from handoff.desk.duty import may_take, must_be_free
from handoff.desk.happen import happen
from handoff.desk.lease import Lease, lease_length, must_hold
from handoff.desk.office import Unit
from handoff.desk.presence import has_room_open
from handoff.desk.record import Record
from handoff.desk.staff import may_claim, must_have_acknowledged, signed_in
from handoff.desk.views import open_place
from handoff.errors import Full, Illegal, NotAllowed, NotFound, Paused
from handoff.store.hold import hold, hold_staff
from handoff.store.tables import Invited, QueueEntry, Staff

GONE = "You are no longer asked about this contact."


def hand_on(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int, how: str, to: str | None, reason: str) -> None:
    """Hand the contact on (`how`: queue, cold or warm). `to`: a staff id, except for the queue."""
    place = must_hold(unit, staff, contact_id, lease_no)
    if how == "queue":
        record = Record.load(unit, contact_id)
        happen(record, events.GivenBack(), by=staff.id)
        record.audit("transferred", actor=staff.id, detail=f"how=queue reason={reason}")
        return
    other = _colleague(unit, staff, to)
    if how == "warm":
        _invite(unit, place, other, how="transfer", reason=reason, by=staff)
        return
    _must_be_there(unit, other, place)
    _move(unit, place, other, how="cold", reason=reason, by=staff)
    _invite(unit, place, other, how="handed", reason=reason, by=staff)


def consult(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int, to: str) -> None:
    """Ask a colleague. The person is told so, once."""
    place = must_hold(unit, staff, contact_id, lease_no)
    other = _colleague(unit, staff, to)
    happen(Record.load(unit, contact_id), events.Consulted(), by=staff.id)
    _invite(unit, place, other, how="consult", reason=None, by=staff)


def withdraw(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int, to: str) -> None:
    """The colleague is not asked any more, and reads no further."""
    must_hold(unit, staff, contact_id, lease_no)
    _uninvite(unit, contact_id, to, by=staff)


def accept(unit: Unit, staff: Staff, contact_id: str) -> Lease:
    """Take over whom one was offered. From now on the first advisor's writes are late ones, and refused."""
    must_have_acknowledged(unit, staff)  # R13
    hold(unit.session, contact_id)
    hold_staff(unit.session, staff.id)
    asked = unit.session.scalars(_valid().where(Invited.contact_id == contact_id, Invited.staff_id == staff.id)).first()
    place = open_place(unit.session, contact_id)
    if asked is None or asked.how != "transfer" or place is None:
        raise NotFound(GONE)
    may_take(unit, staff, place)
    by = unit.session.get_one(Staff, asked.asker_id)
    return _move(unit, place, staff, how="warm", reason=asked.reason or "other", by=by)


def turn_down(unit: Unit, staff: Staff, contact_id: str) -> None:
    """Not me; or: I have said what I could. Whoever asked keeps the person."""
    hold(unit.session, contact_id)
    if not is_asked(unit.session, contact_id, staff.id):
        raise NotFound(GONE)
    _uninvite(unit, contact_id, staff.id, by=staff)


def is_asked(session: Session, contact_id: str, staff_id: str) -> bool:
    """Whether this colleague may read the contact now."""
    mine = _valid().where(Invited.contact_id == contact_id, Invited.staff_id == staff_id)
    return session.scalars(mine).first() is not None


def asked(session: Session) -> list[Any]:
    """Everybody who is asked about a contact, or was handed one: (Invited, QueueEntry, the name of who asked)."""
    rows = session.execute(
        _valid().add_columns(QueueEntry, Staff.name).join(Staff, Staff.id == Invited.asker_id).order_by(Invited.at)
    )
    return list(rows)


def asked_about(session: Session, contact_id: str) -> list[tuple[str, str, str]]:
    """(staff id, working name, how) of the colleagues asked about this contact, for who holds it."""
    rows = session.execute(
        _valid()
        .add_columns(Staff.name)
        .join(Staff, Staff.id == Invited.staff_id)
        .where(Invited.contact_id == contact_id, Invited.how != "handed")
        .order_by(Invited.at)
    )
    return [(row.staff_id, name, row.how) for row, name in rows]


def _valid() -> Select[Any]:
    """Invitations whose lease still lasts."""
    return select(Invited).join(
        QueueEntry,
        (QueueEntry.contact_id == Invited.contact_id)
        & (QueueEntry.state == "claimed")
        & (QueueEntry.lease_no == Invited.lease_no),
    )


def _colleague(unit: Unit, staff: Staff, to: str | None) -> Staff:
    other = unit.session.get(Staff, to) if to else None
    if other is None or not other.active or other.role == "moderator":
        raise NotFound("There is no such colleague.")
    if other.id == staff.id:
        raise Illegal("Choose somebody else: this contact is yours already.")
    hold_staff(unit.session, other.id)
    if not may_claim(unit.session, unit.office, other):
        raise NotAllowed(f"{other.name} has not acknowledged the current policies yet. You can ask somebody else.")
    return other


def _must_be_there(unit: Unit, other: Staff, place: QueueEntry) -> None:
    """A person is put only into hands that are there: signed in, at their desk, on, and with room. Their room cannot
    close, and nobody else can come to them, before this unit ends (`hold_staff`)."""
    at_desk = signed_in(unit.session, other.id, unit.now) and has_room_open(unit.session, other.id, unit.now)
    try:
        why = None if at_desk else "is not at their desk"
        if at_desk:
            must_be_free(unit, other, place)
    except Paused:
        why = "has paused"
    except Full:
        why = "has no room for one more"
    if why is not None:
        raise NotAllowed(
            f"{other.name} {why} just now, so nothing has changed and the person is still with you. You can choose "
            "somebody else, or give them back to the front of the queue."
        )


def _invite(unit: Unit, place: QueueEntry, other: Staff, *, how: str, reason: str | None, by: Staff) -> None:
    row = unit.session.get(Invited, (place.contact_id, other.id))
    if row is None:
        row = Invited(contact_id=place.contact_id, staff_id=other.id)
        unit.session.add(row)
    row.how, row.reason, row.asker_id, row.lease_no, row.at = how, reason, by.id, place.lease_no, unit.now
    if how != "handed":
        record = Record.load(unit, place.contact_id)
        action = "transfer_offered" if how == "transfer" else "consulted"
        record.audit(action, actor=by.id, detail=f"to={other.id}" + (f" reason={reason}" if reason else ""))
    _tell(unit, place.contact_id)


def _uninvite(unit: Unit, contact_id: str, staff_id: str, *, by: Staff) -> None:
    unit.session.execute(delete(Invited).where(Invited.contact_id == contact_id, Invited.staff_id == staff_id))
    Record.load(unit, contact_id).audit("asking_ended", actor=by.id, detail=f"of={staff_id}")
    _tell(unit, contact_id)


def _move(unit: Unit, place: QueueEntry, to: Staff, *, how: str, reason: str, by: Staff) -> Lease:
    """The place changes hands. Its number goes up: what the first advisor still sends is refused."""
    unit.session.execute(delete(Invited).where(Invited.contact_id == place.contact_id))
    place.staff_id, place.lease_no = to.id, place.lease_no + 1
    place.lease_until = unit.now + lease_length(unit, place.service)
    place.unanswered_since = unit.now
    unit.session.flush()
    record = Record.load(unit, place.contact_id)
    happen(record, events.HandedOn(), by=by.id, name=to.name)
    record.audit("transferred", actor=by.id, detail=f"how={how} to={to.id} reason={reason}")
    _tell(unit, place.contact_id)
    return Lease(lease_no=place.lease_no, until=place.lease_until)


def _tell(unit: Unit, contact_id: str) -> None:
    unit.queue_touched = True
    unit.touched.add(contact_id)
