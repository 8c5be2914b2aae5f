"""What somebody is to look at now. Some alarms are rows, seen by a supervisor's press; the others stand as long as what
they tell of, and go by themselves. Nobody's words, no names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff import frames as f
from handoff.desk.office import Office
from handoff.desk.views import at
from handoff.store.tables import Alarm, ContactRow, Paging, QueueEntry

FOR_EVERYBODY = frozenset({"paging_failed", "paging_not_set"})  # whoever is at a desk may be the only one there


def alarms(session: Session, office: Office) -> tuple[f.AlarmRow, ...]:
    """Every alarm that stands, oldest first."""
    now = office.clock()
    found: dict[tuple[str, str | None], f.AlarmRow] = {}
    for row in (*_raised(session), *_waiting(session, office, now), *_paged(session), *_silent(session, office, now)):
        found.setdefault((row.what, row.contact), row)  # one that a press takes off stands for its twin
    return tuple(sorted(found.values(), key=lambda row: (row.since, row.what, row.contact or "")))


def for_role(rows: tuple[f.AlarmRow, ...], role: str) -> tuple[f.AlarmRow, ...]:
    """Supervisors hear of all; everybody at a desk hears that nobody on call was reached."""
    return rows if role == "supervisor" else tuple(row for row in rows if row.what in FOR_EVERYBODY)


def _raised(session: Session) -> list[f.AlarmRow]:
    rows = session.execute(
        select(Alarm, ContactRow.service)
        .join(ContactRow, ContactRow.id == Alarm.contact_id)
        .where(Alarm.seen_by.is_(None))
    )
    return [
        f.AlarmRow(id=row.id, what=row.what, contact=row.contact_id, service=service, since=at(row.at))
        for row, service in rows
    ]


def _waiting(session: Session, office: Office, now: datetime) -> list[f.AlarmRow]:
    """People past their band's limit, by their whole age in the queue (PRACTICE, "Queue bands")."""
    found = []
    for place in session.scalars(select(QueueEntry).where(QueueEntry.state == "waiting")):
        limits = [s.after_s for s in office.services[place.service].band(place.band).escalate if s.to == "supervisor"]
        if limits and (now - place.entered_at).total_seconds() >= min(limits):
            found.append(_of(place, f"waiting_band_{place.band}", place.entered_at))
    return found


def _silent(session: Session, office: Office, now: datetime) -> list[f.AlarmRow]:
    """Claimed, and the person hears nothing."""
    places = session.scalars(
        select(QueueEntry).where(QueueEntry.state == "claimed", QueueEntry.unanswered_since.is_not(None))
    )
    return [
        _of(place, "advisor_silent", since)
        for place in places
        if (since := place.unanswered_since) is not None
        and (now - since).total_seconds() >= office.services[place.service].file.clocks.silent_advisor_s
    ]


def _paged(session: Session) -> list[f.AlarmRow]:
    """How calling the on-call contact goes, while the person still waits."""
    rows = session.execute(
        select(QueueEntry, Paging)
        .join(Paging, (Paging.place_id == QueueEntry.id) & (Paging.lease_no == QueueEntry.lease_no))
        .where(QueueEntry.state == "waiting")
    ).all()
    found = []
    for place, paging in rows:
        if paging.state == "sent":
            found.append(_of(place, "on_call_paged", paging.at))
        elif paging.error is not None:
            found.append(_of(place, "paging_not_set" if paging.error == "not_set" else "paging_failed", paging.at))
    return found


def _of(place: QueueEntry, what: str, since: datetime) -> f.AlarmRow:
    return f.AlarmRow(what=what, contact=place.contact_id, service=place.service, since=at(since))
