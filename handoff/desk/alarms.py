"""What somebody is to look at now. Some alarms are rows, seen by a supervisor's press; the others stand as long as what
they tell of, and go by themselves. Nobody's words, no names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handoff import frames as f
from handoff.desk.duty import OnDuty, declined
from handoff.desk.office import Office
from handoff.desk.views import at
from handoff.services.hours import admits, is_open
from handoff.store.tables import Alarm, ContactRow, Paging, QueueEntry

# Whoever is at a desk may be the only one there.
FOR_EVERYBODY = frozenset({"paging_failed", "paging_not_set", "admission_stopped", "waiting_after_closing"})


def alarms(
    session: Session, office: Office, *, on_duty: OnDuty | None = None, no_advisor_since: datetime | None = None
) -> tuple[f.AlarmRow, ...]:
    """Every alarm that stands, oldest first. `on_duty`: who could claim; `no_advisor_since`: for so long no advisor."""
    now = office.clock()
    standing = (
        *_raised(session),
        *_waiting(session, office, now),
        *_paged(session),
        *_silent(session, office, now),
        *_hours(session, office, now),
        *_nobody_takes(session, on_duty),
        *_nobody_there(session, office, now, no_advisor_since),
    )
    found: dict[tuple[str, str | None, str | None], f.AlarmRow] = {}
    for row in standing:
        found.setdefault((row.what, row.contact, row.service), row)  # one that a press takes off stands for its twin
    return tuple(sorted(found.values(), key=lambda row: (row.since, row.what, row.service or "", row.contact or "")))


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


def _hours(session: Session, office: Office, now: datetime) -> list[f.AlarmRow]:
    """Nobody new is admitted, or the doors are closed, and people still wait: staff drain the queue."""
    found = []
    for service, since in _oldest_waiting(session).items():
        hours = office.services[service].file.hours
        if not is_open(hours, now):
            found.append(f.AlarmRow(what="waiting_after_closing", service=service, since=at(since)))
        elif not admits(hours, now):
            found.append(f.AlarmRow(what="admission_stopped", service=service, since=at(since)))
    return found


def _nobody_takes(session: Session, on_duty: OnDuty | None) -> list[f.AlarmRow]:
    """Every advisor who could claim somebody has left them to others."""
    if on_duty is None or not on_duty.advisors:
        return []
    found = []
    for place_id, who in declined(session).items():
        if who >= on_duty.advisors:
            place = session.get_one(QueueEntry, place_id)
            found.append(_of(place, "left_by_everybody", place.entered_at))
    return found


def _nobody_there(session: Session, office: Office, now: datetime, since: datetime | None) -> list[f.AlarmRow]:
    """The doors are open, or people wait, and no advisor is at a desk."""
    if since is None:
        return []
    waiting = _oldest_waiting(session)
    return [
        f.AlarmRow(what="nobody_on_duty", service=service.id, since=at(since))
        for service in office.services.values()
        if service.id in waiting or admits(service.file.hours, now)
    ]


def _oldest_waiting(session: Session) -> dict[str, datetime]:
    """Service → since when its oldest waits."""
    rows = session.execute(
        select(QueueEntry.service, func.min(QueueEntry.entered_at))
        .where(QueueEntry.state == "waiting")
        .group_by(QueueEntry.service)
    )
    return {row[0]: row[1] for row in rows}


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
