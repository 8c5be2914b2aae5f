"""Who holds a contact, by which number: what every write about it rests on (promise 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.desk.office import Unit
from handoff.desk.views import open_place
from handoff.errors import LeaseLost
from handoff.store.hold import hold
from handoff.store.tables import QueueEntry, Staff


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    lease_no: int
    until: datetime


def must_hold(unit: Unit, staff: Staff, contact_id: str, lease_no: int) -> QueueEntry:
    """The place, if this very lease still holds it; otherwise nothing of what was asked happens."""
    hold(unit.session, contact_id)
    place = open_place(unit.session, contact_id)
    if place is None or place.state != "claimed" or place.staff_id != staff.id or place.lease_no != lease_no:
        raise LeaseLost("You no longer hold this contact. Nothing was sent.")
    return place


def lease_length(unit: Unit, service: str) -> timedelta:
    return timedelta(seconds=unit.office.services[service].file.clocks.lease_s)
