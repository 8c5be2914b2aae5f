"""Who is to be called because nobody claims: service.yml's bands say after how long (`to: on_call`).

A place is paged for once each time it waits. A try is written down before it is made, so that one cut off by a crash is
made again; there is a bound, and at the bound a supervisor has an alarm. Being claimed ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.desk.office import Office, Unit
from handoff.desk.record import raise_alarm
from handoff.paging import Page
from handoff.store import audit
from handoff.store.hold import hold
from handoff.store.tables import ContactRow, Paging, QueueEntry

PAUSES_S = (20, 30, 60, 120)  # before the second, third … try; there is none after the last
MOST = len(PAUSES_S) + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Try:
    """One try that is ours to make."""

    paging_id: int
    page: Page


def due(session: Session, office: Office, now: datetime) -> list[int]:
    """Places that somebody on call is to hear of now."""
    rows = session.execute(
        select(QueueEntry, Paging)
        .outerjoin(Paging, (Paging.place_id == QueueEntry.id) & (Paging.lease_no == QueueEntry.lease_no))
        .where(QueueEntry.state == "waiting")
    ).all()
    return [
        place.id
        for place, paging in rows
        if _past_its_time(place, office, now)
        and (paging is None or (paging.state == "trying" and paging.next_at <= now))
    ]


def begin(unit: Unit, place_id: int) -> Try | None:
    """Write the try down, if it is still due. None: somebody has them now, or another gateway is calling."""
    place = _hold(unit, place_id)
    if place is None or place_id not in due(unit.session, unit.office, unit.now):
        return None
    paging = unit.session.scalars(
        select(Paging).where(Paging.place_id == place_id, Paging.lease_no == place.lease_no)
    ).one_or_none()
    if paging is None:
        paging = Paging(
            place_id=place_id, lease_no=place.lease_no, state="trying", tries=0, at=unit.now, next_at=unit.now
        )
        unit.session.add(paging)
    if paging.tries >= MOST:  # the last one was cut off
        _give_up(unit, paging, place)
        return None
    paging.tries += 1
    paging.next_at = unit.now + timedelta(seconds=PAUSES_S[min(paging.tries, len(PAUSES_S)) - 1])
    unit.session.flush()
    waited = round((unit.now - waiting_since(place)).total_seconds())
    return Try(paging_id=paging.id, page=Page(service=place.service, band=place.band, waited_s=waited))


def finish(unit: Unit, paging_id: int, *, error: str | None) -> None:
    """What came of a try. `error`: None, or its kind."""
    paging = unit.session.get(Paging, paging_id)
    place = _hold(unit, paging.place_id) if paging is not None else None
    if paging is None or place is None:
        return  # the contact was destroyed meanwhile
    paging.error = error
    unit.queue_touched = True
    if error is None:
        paging.state = "sent"
        _audit(unit, place, "on_call_paged", f"band={place.band} tries={paging.tries}")
    elif paging.tries >= MOST or error == "not_set":
        _give_up(unit, paging, place)


def waiting_since(place: QueueEntry) -> datetime:
    """Unclaimed in this band since. A person's age in the queue is older where they moved up or were given back."""
    return place.band_since or place.entered_at


def _hold(unit: Unit, place_id: int) -> QueueEntry | None:
    """The place, its contact held: of two gateways one calls."""
    place = unit.session.get(QueueEntry, place_id)
    if place is None or hold(unit.session, place.contact_id) is None:
        return None
    return unit.session.get(QueueEntry, place_id, populate_existing=True)


def _past_its_time(place: QueueEntry, office: Office, now: datetime) -> bool:
    steps = [step.after_s for step in office.services[place.service].band(place.band).escalate if step.to == "on_call"]
    return bool(steps) and (now - waiting_since(place)).total_seconds() >= min(steps)


def _give_up(unit: Unit, paging: Paging, place: QueueEntry) -> None:
    paging.state = "failed"
    raise_alarm(unit, place.contact_id, "paging_not_set" if paging.error == "not_set" else "paging_failed")
    _audit(unit, place, "paging_failed", f"band={place.band} tries={paging.tries}")


def _audit(unit: Unit, place: QueueEntry, action: str, detail: str) -> None:
    contact = unit.session.get_one(ContactRow, place.contact_id)
    audit.record(unit.session, now=unit.now, actor="software", action=action, ref=contact.audit_ref, detail=detail)
