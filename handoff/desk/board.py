"""The queue as the desks see it, and what the people waiting are told: one ordered read, shared by every socket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff import frames as f
from handoff.desk.duty import declined
from handoff.desk.office import Office
from handoff.desk.transfer import asked
from handoff.desk.views import at, gone
from handoff.desk.waits import expected
from handoff.queue import stands_in
from handoff.services.model import Clocks
from handoff.store.tables import ContactRow, QueueEntry, Staff


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    position: int | None  # None for someone away: they keep their place, but are not counted
    wait_min: tuple[int, int] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    rows: tuple[f.QueueRow, ...] = ()
    staffed: bool = True  # somebody is at a desk who could claim
    places: dict[str, Place] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)  # contact → staff id
    decliners: dict[str, frozenset[str]] = field(default_factory=dict)  # contact → staff ids
    asked: dict[str, tuple[f.AskedRow, ...]] = field(default_factory=dict)  # staff id → what they are asked


def board(session: Session, office: Office, *, here: Collection[str], staffed: bool = True) -> Board:
    """Everybody in a queue, in order: the band they stand in, given back first, then age. Nobody is left out
    (promise 6)."""
    found = session.execute(
        select(QueueEntry, ContactRow, Staff.name)
        .join(ContactRow, ContactRow.id == QueueEntry.contact_id)
        .outerjoin(Staff, Staff.id == QueueEntry.staff_id)
        .where(QueueEntry.state.in_(("waiting", "claimed")))
    ).all()
    now = office.clock()
    stands = {place.id: _stands_in(place, office, now) for place, _, _ in found}
    in_order = sorted(found, key=lambda row: _turn(row[0], stands[row[0].id]))
    longest: dict[tuple[str, int], float] = defaultdict(float)  # of those who wait and are here
    for place, contact, _ in found:
        if place.state == "waiting":
            waited = (now - place.entered_at).total_seconds() if contact.id in here else 0.0
            longest[place.queue, place.band] = max(longest[place.queue, place.band], waited)
    waits = {key: expected(session, *key, now, waiting_s=waited) for key, waited in longest.items()}
    ahead: dict[str, int] = defaultdict(int)
    rows, places, holders, decliners = [], {}, {}, {}
    left = declined(session)
    for place, contact, name in in_order:
        present = contact.id in here
        rows.append(
            f.QueueRow.model_validate(
                {
                    "contact": contact.id,
                    "service": contact.service,
                    "state": place.state,
                    "band": place.band,
                    "lifted": stands[place.id] != place.band,
                    "since": at(place.entered_at),
                    "risk": contact.risk,
                    "flag_open": contact.risk_open,
                    "uncertain": contact.uncertain,
                    "here": present,
                    **gone(contact, here=present),
                    "by": name,
                    "declined_by": len(left.get(place.id, ())),
                    "unanswered_since": at(place.unanswered_since) if place.unanswered_since else None,
                    "quiet": _quiet(place, office.services[place.service].file.clocks, office.clock()),
                }
            )
        )
        if place.staff_id is not None:
            holders[contact.id] = place.staff_id
        if place.id in left:
            decliners[contact.id] = left[place.id]
        if place.state == "waiting":
            if present:
                ahead[place.queue] += 1
            places[contact.id] = Place(
                position=ahead[place.queue] if present else None, wait_min=waits[place.queue, place.band]
            )
    return Board(
        rows=tuple(rows), staffed=staffed, places=places, holders=holders, decliners=decliners, asked=_asked(session)
    )


def _stands_in(place: QueueEntry, office: Office, now: datetime) -> int:
    if place.state != "waiting":
        return place.band
    waited = (now - place.entered_at).total_seconds()
    return stands_in(place.band, waited_s=waited, target_s=office.services[place.service].band(place.band).target_s)


def _turn(place: QueueEntry, band: int) -> tuple[str, int, bool, datetime, int]:
    return place.queue, band, not place.returned, place.entered_at, place.id


def _asked(session: Session) -> dict[str, tuple[f.AskedRow, ...]]:
    found: dict[str, tuple[f.AskedRow, ...]] = {}
    for invited, place, by in asked(session):
        handed = invited.how == "handed"
        row = f.AskedRow.model_validate(
            {
                "contact": invited.contact_id,
                "service": place.service,
                "band": place.band,
                "how": invited.how,
                "by": by,
                "reason": invited.reason,
                "lease_no": place.lease_no if handed else None,
            }
        )
        found[invited.staff_id] = (*found.get(invited.staff_id, ()), row)
    return found


def _quiet(place: QueueEntry, clocks: Clocks, now: datetime) -> str | None:
    if place.unanswered_since is None:
        return None
    for_s = (now - place.unanswered_since).total_seconds()
    if for_s >= clocks.silent_advisor_s:
        return "silent"
    nothing_yet = place.unanswered_since == place.claimed_at
    return "first_words" if nothing_yet and for_s >= clocks.first_words_s else None
