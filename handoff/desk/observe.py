"""Looking at a contact: who may open one, and what the desks are told of it (R2: observing is an audit event)."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff import frames as f
from handoff.desk.office import Unit
from handoff.desk.transfer import is_asked
from handoff.errors import Illegal, NotAllowed, NotFound
from handoff.store import audit
from handoff.store.tables import ContactRow, EntryRow, QueueEntry, Staff


def open_contact(unit: Unit, staff: Staff, contact_id: str, *, reason: str) -> None:
    """An advisor opens what they hold or held, and what it continues; a supervisor any, on the record."""
    row = unit.session.get(ContactRow, contact_id)
    if row is None:
        raise NotFound("There is no such contact.")
    if _holds(unit.session, staff, contact_id) or _holds_what_continues(unit.session, staff, contact_id):
        return
    if is_asked(unit.session, contact_id, staff.id):  # M10; that they are asked is in the audit
        return
    if staff.role != "supervisor":
        raise NotAllowed("You can open the contacts that you hold, and those you are asked about.")
    if not reason.strip():
        raise Illegal("Say why you are observing: it is kept on the record.")
    audit.record(unit.session, now=unit.now, actor=staff.id, action="observed", ref=row.audit_ref)


def flag(session: Session, contact_id: str, seq: int) -> f.Flagged | None:
    row = session.get(EntryRow, (contact_id, seq))
    if row is None:
        return None
    return f.Flagged(
        contact=contact_id,
        seq=seq,
        risk=row.risk or "none",
        abuse=row.abuse or "none",
        uncertain=bool(row.uncertain),
    )


def held_by(session: Session, staff_id: str) -> dict[str, int]:
    """Contact → lease number, for everything this member of staff holds."""
    rows = session.execute(
        select(QueueEntry.contact_id, QueueEntry.lease_no).where(
            QueueEntry.staff_id == staff_id, QueueEntry.state == "claimed"
        )
    )
    return {row.contact_id: row.lease_no for row in rows}


def why_lost(session: Session, contact_id: str) -> Literal["ended", "handed_on", "lease"]:
    """What became of a contact that somebody no longer holds."""
    row = session.get(ContactRow, contact_id)
    if row is None or row.phase == "ended":
        return "ended"
    return "handed_on" if row.phase == "with_advisor" else "lease"


def may_go_on_reading(session: Session, staff: Staff, contact_id: str) -> bool:
    """Who was asked about a contact reads it while they are; who was handed it, while they hold it."""
    return is_asked(session, contact_id, staff.id) or _holds(session, staff, contact_id)


def _holds(session: Session, staff: Staff, contact_id: str) -> bool:
    last = session.scalars(
        select(QueueEntry).where(QueueEntry.contact_id == contact_id).order_by(QueueEntry.id.desc()).limit(1)
    ).first()
    return last is not None and last.staff_id == staff.id


def _holds_what_continues(session: Session, staff: Staff, contact_id: str) -> bool:
    return any(
        _holds(session, staff, newer)
        for newer in session.scalars(select(ContactRow.id).where(ContactRow.continues == contact_id))
    )
