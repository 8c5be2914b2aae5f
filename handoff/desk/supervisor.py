"""What a supervisor does besides looking."""

from __future__ import annotations

from handoff.desk.office import Unit
from handoff.errors import NotAllowed, NotFound
from handoff.store import audit
from handoff.store.hold import hold
from handoff.store.tables import Alarm, Staff


def see_alarm(unit: Unit, staff: Staff, alarm_id: int) -> None:
    """A supervisor has looked: the alarm goes off everybody's page, and who looked is on the record."""
    if staff.role != "supervisor":
        raise NotAllowed("Alarms are for supervisors.")
    alarm = unit.session.get(Alarm, alarm_id)
    if alarm is None:
        raise NotFound("There is no such alarm.")
    contact = hold(unit.session, alarm.contact_id)
    if contact is not None and alarm.seen_by is None:
        alarm.seen_by = staff.id
        audit.record(unit.session, now=unit.now, actor=staff.id, action="alarm_seen", ref=contact.audit_ref)
