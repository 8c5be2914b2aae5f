"""What an advisor may do with a contact they hold. Every write is fenced by the lease's number (promise 5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from handoff import events
from handoff.desk import marks, transfer, waits
from handoff.desk.duty import forget_declined, may_take
from handoff.desk.happen import happen
from handoff.desk.lease import Lease, lease_length, must_hold
from handoff.desk.office import Unit
from handoff.desk.record import Record, raise_alarm
from handoff.desk.staff import must_have_acknowledged
from handoff.desk.views import open_place
from handoff.errors import AlreadyClaimed, Illegal, LeaseLost, NotAllowed, NotFound
from handoff.store.hold import hold, hold_staff
from handoff.store.tables import EntryRow, Note, QueueEntry, Staff


def claim(unit: Unit, staff: Staff, contact_id: str) -> Lease:
    """Take a waiting person. Two advisors at once: one gets the lease, the other `AlreadyClaimed` (promise 5)."""
    if staff.role not in ("advisor", "supervisor"):
        raise NotAllowed("Only advisors and supervisors talk with people.")
    must_have_acknowledged(unit, staff)  # R13
    hold(unit.session, contact_id)
    hold_staff(unit.session, staff.id)  # or two claims at once would each find room for one more
    place = unit.session.scalars(
        select(QueueEntry).where(QueueEntry.contact_id == contact_id, QueueEntry.state != "closed")
    ).one_or_none()
    if place is None:
        raise NotFound("That person is no longer waiting.")
    if place.state == "claimed" and place.staff_id == staff.id:
        return renew(unit, staff, contact_id, lease_no=place.lease_no)  # the answer to the first claim was lost
    may_take(unit, staff, place)
    until = unit.now + lease_length(unit, place.service)
    taken = unit.session.execute(
        update(QueueEntry)
        .where(QueueEntry.id == place.id, QueueEntry.state == "waiting")
        .values(
            state="claimed",
            staff_id=staff.id,
            claimed_at=unit.now,
            unanswered_since=unit.now,
            lease_until=until,
            lease_no=QueueEntry.lease_no + 1,
            returned=False,
        )
        .returning(QueueEntry.lease_no)
    ).one_or_none()
    if taken is None:
        raise AlreadyClaimed("Another advisor has this person.")
    forget_declined(unit.session, place)
    if taken[0] == 1:  # a later claim would count talking as waiting
        waits.note(unit, place)
    unit.session.expire(place)
    record = Record.load(unit, contact_id)
    happen(record, events.Claimed(), by=staff.id, name=staff.name)
    record.audit("claimed", actor=staff.id)
    unit.queue_touched = True
    return Lease(lease_no=taken[0], until=until)


def renew(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int) -> Lease:
    """The advisor is still there."""
    place = must_hold(unit, staff, contact_id, lease_no)
    place.lease_until = unit.now + lease_length(unit, place.service)
    return Lease(lease_no=lease_no, until=place.lease_until)


def say(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int, client_id: str, text: str) -> int:
    """Words to the person. Saying it again changes nothing."""
    known = unit.session.scalars(
        select(EntryRow.seq).where(
            EntryRow.contact_id == contact_id,
            EntryRow.author == "advisor",
            EntryRow.client_id == _own(staff, client_id),
        )
    ).one_or_none()
    if known is not None:
        return known
    place = must_hold(unit, staff, contact_id, lease_no)
    if not text.strip():
        raise Illegal("There were no words in that message.")
    if place.unanswered_since is not None:
        place.unanswered_since, unit.queue_touched = None, True
    record = Record.load(unit, contact_id)
    entry = record.append("advisor", "words", text, client_id=_own(staff, client_id), staff_id=staff.id)
    record.save()
    return entry.seq


def warn(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int) -> int:
    """The next rung, by a person: M15, then M16."""
    must_hold(unit, staff, contact_id, lease_no)
    record = Record.load(unit, contact_id)
    happen(record, events.StaffWarned(), by=staff.id)
    return record.row.last_seq


def close_flag(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int) -> None:
    """Only staff close a risk flag; the level that was found stays on the record."""
    must_hold(unit, staff, contact_id, lease_no)
    record = Record.load(unit, contact_id)
    happen(record, events.FlagClosed(), by=staff.id)
    record.audit("flag_closed", actor=staff.id)
    unit.queue_touched = True


def release(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int) -> None:
    """Give the person back, with their original age, at the front of their band."""
    must_hold(unit, staff, contact_id, lease_no)
    _give_back(unit, contact_id, by=staff.id, action="released")


def end(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int, reason: str, why: str) -> None:
    """End the contact. For abuse: the person is told why, and a moderator reviews it (promise 12)."""
    must_hold(unit, staff, contact_id, lease_no)
    if reason == "abuse" and not why.strip():
        raise Illegal("Say what happened, in a sentence: a moderator will review this ending.")
    record = Record.load(unit, contact_id)
    if reason == "abuse" and record.contact.risk_open and staff.role != "supervisor":
        raise NotAllowed(  # PRACTICE, "Ladder": with risk, the advisor and the supervisor
            "This person's risk flag is open, so you can't end this for abuse alone. You can close the flag if the "
            "risk is over, or release them and ask a supervisor to take over."
        )
    happen(record, events.StaffEnded(reason="abuse" if reason == "abuse" else "done"), by=staff.id, why=why)


def note(unit: Unit, staff: Staff, contact_id: str, *, lease_no: int | None, client_id: str, text: str) -> int:
    """Between staff (M10), by who holds the contact or is asked about it (`lease_no` None). Its number is its own, so
    that no gap tells the person of it."""
    if lease_no is not None:
        must_hold(unit, staff, contact_id, lease_no)
    elif hold(unit.session, contact_id) is None or not transfer.is_asked(unit.session, contact_id, staff.id):
        raise LeaseLost("You are no longer asked about this contact. Nothing was kept.")
    return _write_note(unit, staff, contact_id, kind="note", client_id=client_id, text=text)


def wrap_up(unit: Unit, staff: Staff, contact_id: str, *, client_id: str, text: str) -> int:
    """The note after the end (M11), by whoever held the contact last."""
    hold(unit.session, contact_id)
    last = unit.session.scalars(
        select(QueueEntry).where(QueueEntry.contact_id == contact_id).order_by(QueueEntry.id.desc()).limit(1)
    ).first()
    if last is None or last.staff_id != staff.id:
        raise NotAllowed("Only the advisor who held this contact writes its wrap-up.")
    return _write_note(unit, staff, contact_id, kind="wrap_up", client_id=client_id, text=text)


def seen(unit: Unit, staff: Staff, contact_id: str, *, seq: int) -> None:
    """How far staff have read; the person's page shows it."""
    if _is_theirs(unit, staff, contact_id):
        marks.read(unit, contact_id, "staff", seq=seq)


def got(unit: Unit, staff: Staff, contact_id: str, *, seq: int) -> None:
    """The page of whoever holds the contact has every entry up to `seq`."""
    if _is_theirs(unit, staff, contact_id):
        marks.got(unit, contact_id, "staff", seq=seq)


def _is_theirs(unit: Unit, staff: Staff, contact_id: str) -> bool:
    hold(unit.session, contact_id)
    place = open_place(unit.session, contact_id)
    return place is not None and place.staff_id == staff.id


def expired(session: Session, now: datetime) -> list[str]:
    """Contacts whose advisor has vanished: the lease ran out."""
    return list(
        session.scalars(
            select(QueueEntry.contact_id).where(QueueEntry.state == "claimed", QueueEntry.lease_until < now)
        )
    )


def give_back_if_expired(unit: Unit, contact_id: str) -> bool:
    """The person of a vanished advisor goes back to the queue; looked at again inside the transaction."""
    hold(unit.session, contact_id)
    place = open_place(unit.session, contact_id)
    if place is None or place.state != "claimed" or place.lease_until is None or place.lease_until >= unit.now:
        return False
    _give_back(unit, contact_id, by="software", action="lease_expired")
    return True


def put_back(unit: Unit, contact_id: str) -> None:
    """The record does not open, or does not agree with its place: the place alone goes back, and a supervisor looks."""
    hold(unit.session, contact_id)
    place = open_place(unit.session, contact_id)
    if place is not None and place.state == "claimed":
        place.state, place.returned = "waiting", True
        place.staff_id = place.lease_until = place.unanswered_since = None
        place.band_since = unit.now
    raise_alarm(unit, contact_id, "give_back_failed")


def _give_back(unit: Unit, contact_id: str, *, by: str, action: str) -> None:
    record = Record.load(unit, contact_id)
    happen(record, events.GivenBack(), by=by)
    record.audit(action, actor=by)


def _write_note(unit: Unit, staff: Staff, contact_id: str, *, kind: str, client_id: str, text: str) -> int:
    mine = select(Note.n).where(Note.contact_id == contact_id, Note.staff_id == staff.id, Note.client_id == client_id)
    known = unit.session.scalars(mine).one_or_none()
    if known is not None:
        return known
    record = Record.load(unit, contact_id)
    n = 1 + (unit.session.scalar(select(func.max(Note.n)).where(Note.contact_id == contact_id)) or 0)
    unit.session.add(
        Note(
            contact_id=contact_id,
            n=n,
            kind=kind,
            staff_id=staff.id,
            client_id=client_id,
            body_ct=record.seal.seal(text, where=f"note:{n}"),
            at=unit.now,
        )
    )
    record.audit(kind, actor=staff.id)
    record.save()
    return n


def _own(staff: Staff, client_id: str) -> str:
    """Two advisors' pages may make the same id; the database holds them apart."""
    return f"{staff.id}:{client_id}"
