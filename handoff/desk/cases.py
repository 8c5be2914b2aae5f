"""What moderators and supervisors see: cases, complaints, alarms, reviews due."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.cards import POLICY_CARDS
from handoff.desk.alarms import alarms
from handoff.desk.moderator import may_moderate
from handoff.desk.office import Office, Unit
from handoff.desk.sealed import read_state
from handoff.desk.summary import ladder_of
from handoff.desk.views import at, staff_entries
from handoff.errors import NotFound
from handoff.store import audit
from handoff.store.seal import seal_of
from handoff.store.tables import (
    Complaint,
    ContactRow,
    EntryRow,
    ModerationCase,
    QueueEntry,
    Staff,
)

SOFTWARE = "software"


def cases(session: Session, staff: Staff) -> list[dict[str, Any]]:
    """Every case, those still to decide first, those with risk before the others."""
    rows = session.execute(
        select(ModerationCase, ContactRow.service)
        .join(ContactRow, ContactRow.id == ModerationCase.contact_id)
        .order_by((ModerationCase.state == "decided"), ModerationCase.was_risk.desc(), ModerationCase.opened_at)
        .limit(200)
    ).all()
    return [
        {
            "id": case.id,
            "service": service,
            "opened_at": at(case.opened_at),
            "state": case.state,
            "mine": case.moderator_id == staff.id,
            "outcome": case.outcome,
            "due": "shift" if case.was_risk else "day",  # same shift if risk, else one working day
            "was_risk": case.was_risk,
        }
        for case, service in rows
    ]


def open_case(unit: Unit, staff: Staff, case_id: str) -> dict[str, Any]:
    """One case, with all a moderator needs to decide whether the ending was fair. Opening it is on the record."""
    session, office = unit.session, unit.office
    found = session.get(ModerationCase, case_id)
    if found is None:
        raise NotFound("There is no such case.")
    contact = session.get_one(ContactRow, found.contact_id)
    audit.record(session, now=unit.now, actor=staff.id, action="case_read", ref=contact.audit_ref)
    seal = seal_of(session, office.ring, contact.id)
    state = read_state(seal, contact.state_ct)
    steps = ladder_of(session, contact.id)
    views = _all_entries(session, office, contact.id, staff.id)
    ending = next(
        (v["entry"]["text"] for v in reversed(views) if (v["entry"]["card"] or {}).get("name") == "ending"), ""
    )
    why_not = may_moderate(staff, found)
    return {
        "id": found.id,
        "service": contact.service,
        "state": found.state,
        "mine": found.moderator_id == staff.id,
        "outcome": found.outcome,
        "reason": seal.open(found.reason_ct, where="case:reason") if found.reason_ct else "",
        "ended_by": _who(session, found.ended_by),
        "ended_at": at(contact.ended_at) if contact.ended_at else None,
        "why": seal.open(found.why_ct, where="case:why") if found.why_ct else "",
        "clause": steps[-1].clause if steps else "",
        "entries": views,
        "ladder": [
            {
                "step": step.step,
                "clause": step.clause,
                "seq": step.seq,
                "because_seq": step.because_seq,
                "by": _who(session, step.by),
                "sent_at": at(step.sent_at),
                "displayed_at": at(step.displayed_at) if step.displayed_at else None,
            }
            for step in steps
        ],
        "risk": [
            {"seq": row.seq, "at": at(row.at), "risk": row.risk}
            for row in session.scalars(
                select(EntryRow)
                .where(EntryRow.contact_id == contact.id, EntryRow.author == "person", EntryRow.risk != "none")
                .order_by(EntryRow.seq)
                .limit(200)
            )
        ],
        "ending_text": ending,
        "complaint": [
            seal.open(row.body_ct, where=f"complaint:{row.client_id}")
            for row in session.scalars(select(Complaint).where(Complaint.contact_id == contact.id))
        ],
        "language": contact.lang,
        "under_18": state.under_18,
        "mine_to_decide": not why_not,
        "why_not": why_not,
    }


def overview(session: Session, office: Office, *, at_desk: Collection[str]) -> dict[str, Any]:
    """The supervisor's page: who is at their desk (`at_desk`: staff ids) or holds somebody, what needs a look, which
    policies are due for review (R15)."""
    today = office.clock().date()
    return {
        "on_duty": at_their_desks(session, at_desk=at_desk),
        "reviews": [
            {
                "service": service.id,
                "kind": kind,
                "version": text.version,
                "next_review": text.next_review.isoformat(),
                "overdue": text.next_review <= today,
            }
            for service in office.services.values()
            for kind in sorted(POLICY_CARDS)
            for text in [service.text(kind)]
        ],
        "alarms": [row.model_dump() for row in alarms(session, office)],
        "complaints": [
            {
                "contact": row.contact_id,
                "at": at(row.at),
                "text": seal_of(session, office.ring, row.contact_id).open(
                    row.body_ct, where=f"complaint:{row.client_id}"
                ),
            }
            for row in session.scalars(select(Complaint).order_by(Complaint.at.desc()).limit(50))
        ],
    }


def at_their_desks(session: Session, *, at_desk: Collection[str], but: str = "") -> list[dict[str, Any]]:
    """Who has a room open or holds somebody, with how many; `but`: for whoever looks for a colleague."""
    held: dict[str, int] = {}
    for staff_id in session.scalars(select(QueueEntry.staff_id).where(QueueEntry.state == "claimed")):
        if staff_id is not None:
            held[staff_id] = held.get(staff_id, 0) + 1
    found = session.scalars(select(Staff).where(Staff.id.in_({*at_desk, *held})).order_by(Staff.role, Staff.name))
    return [
        {
            "id": staff.id,
            "name": staff.name,
            "role": staff.role,
            "contacts": held.get(staff.id, 0),
            "paused": staff.paused_at is not None,
        }
        for staff in found
        if staff.id != but
    ]


def _all_entries(session: Session, office: Office, contact_id: str, me: str) -> list[dict[str, Any]]:
    views: list[dict[str, Any]] = []
    after = 0
    while page := staff_entries(session, office, contact_id, after=after, me=me):
        views.extend(view.model_dump(mode="json") for view in page)
        after = page[-1].entry.seq
    return views


def _who(session: Session, who: str) -> str:
    if who == SOFTWARE:
        return SOFTWARE
    staff = session.get(Staff, who)
    return staff.name if staff is not None else "someone who has left"
