"""Whether an advisor takes a new person: how many they hold, whether they pause, whom they leave to others.

An immediate may always be claimed, whatever else somebody holds or has not finished writing (PRACTICE).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from handoff.desk.office import Office, Unit
from handoff.desk.staff import current_policies, must_have_acknowledged
from handoff.errors import Full, NotAllowed, NotFound, Paused
from handoff.queue import IMMEDIATE, load
from handoff.store import audit
from handoff.store.hold import hold, hold_staff
from handoff.store.tables import Declined, QueueEntry, Staff, StaffAck


def may_take(unit: Unit, staff: Staff, place: QueueEntry) -> None:
    """Raises `Paused` or `Full`. The capacity is that of the service whose person it is."""
    if place.band != IMMEDIATE:
        must_be_free(unit, staff, place)


def must_be_free(unit: Unit, staff: Staff, place: QueueEntry) -> None:
    """As `may_take`, also of an immediate: for whom it is not their own press that brings them somebody."""
    if unit.session.scalar(select(Staff.paused_at).where(Staff.id == staff.id)) is not None:
        raise Paused("You have paused, so nobody new comes to you. You can end your pause and claim again.")
    capacity = unit.office.services[place.service].file.capacity
    held = unit.session.scalars(
        select(QueueEntry.band).where(QueueEntry.staff_id == staff.id, QueueEntry.state == "claimed")
    ).all()
    if held and load([*held, place.band], danger=capacity.danger_counts) > capacity.contacts:
        raise Full(
            f"You hold as many people as one advisor can: {capacity.contacts}, where somebody in danger counts as "
            f"{capacity.danger_counts}. You can end or give back one first. Somebody in danger can always be claimed."
        )


def pause(unit: Unit, staff: Staff, *, on: bool) -> None:
    """No new people for now. Those already held stay, and the queue stays in sight."""
    hold_staff(unit.session, staff.id)
    me = unit.session.get_one(Staff, staff.id, populate_existing=True)
    if (me.paused_at is not None) == on:
        return
    me.paused_at = unit.now if on else None
    audit.record(unit.session, now=unit.now, actor=staff.id, action="paused" if on else "pause_ended")
    unit.queue_touched = True


@dataclass(frozen=True, kw_only=True, slots=True)
class OnDuty:
    """Who could claim somebody now, by id. `None` in the place of this: nobody has looked."""

    advisors: frozenset[str] = frozenset()  # at a desk, and not paused
    supervisors: frozenset[str] = frozenset()

    @property
    def somebody(self) -> bool:
        return bool(self.advisors or self.supervisors)


def on_duty(session: Session, office: Office, at_desk: Collection[str]) -> OnDuty:
    """Of those with a room open, who could claim: not who pauses, nor who has policies to acknowledge first (R13)."""
    current = current_policies(office)
    read = (
        select(StaffAck.staff_id)
        .where(StaffAck.staff_id.in_(at_desk), StaffAck.text_id.in_(current))
        .group_by(StaffAck.staff_id)
        .having(func.count() == len(current))
    )
    rows = session.execute(
        select(Staff.id, Staff.role)
        .where(Staff.id.in_(at_desk), Staff.active, Staff.paused_at.is_(None))
        .where(Staff.id.in_(read))
    ).all()
    return OnDuty(
        advisors=frozenset(row.id for row in rows if row.role == "advisor"),
        supervisors=frozenset(row.id for row in rows if row.role == "supervisor"),
    )


def decline(unit: Unit, staff: Staff, contact_id: str) -> None:
    """Leave somebody to the others. They keep their place, and whoever declined may still claim them."""
    if staff.role not in ("advisor", "supervisor"):
        raise NotAllowed("Only advisors and supervisors talk with people.")
    must_have_acknowledged(unit, staff)  # R13: who may not claim leaves nobody to others
    row = hold(unit.session, contact_id)
    place = unit.session.scalars(
        select(QueueEntry).where(QueueEntry.contact_id == contact_id, QueueEntry.state == "waiting")
    ).one_or_none()
    if row is None or place is None:
        raise NotFound("That person is no longer waiting.")
    if unit.session.get(Declined, (place.id, staff.id)) is None:
        unit.session.add(Declined(place_id=place.id, staff_id=staff.id, at=unit.now))
        unit.session.flush()
        audit.record(
            unit.session,
            now=unit.now,
            actor=staff.id,
            action="declined",
            ref=row.audit_ref,
            detail=f"band={place.band}",
        )
        unit.queue_touched = True


def forget_declined(session: Session, place: QueueEntry) -> None:
    """Something about this place is new (claimed, or in danger now): everybody is asked again."""
    session.execute(delete(Declined).where(Declined.place_id == place.id))


def declined(session: Session) -> dict[int, frozenset[str]]:
    """Place → who left it to others, of everybody who waits."""
    found: dict[int, set[str]] = {}
    for row in session.scalars(
        select(Declined).join(QueueEntry, QueueEntry.id == Declined.place_id).where(QueueEntry.state == "waiting")
    ):
        found.setdefault(row.place_id, set()).add(row.staff_id)
    return {place: frozenset(who) for place, who in found.items()}
