"""How long the wait may be: an honest range from real waits of the last hours, in the same band. None: not known.

Somebody in danger is claimed in seconds; a range that counted them would promise everybody else too much.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.desk.office import Unit
from handoff.store.tables import QueueEntry, Wait

WITHIN = timedelta(hours=4)  # older ones say little of now
LATEST = 40  # waits that a range is made of
ENOUGH = 5  # with fewer, the wait is not known, and we say so


def note(unit: Unit, place: QueueEntry) -> None:
    """Somebody was claimed for the first time."""
    waited = round((unit.now - place.entered_at).total_seconds())
    unit.session.add(Wait(queue=place.queue, band=place.band, at=unit.now, waited_s=waited))


def expected(session: Session, queue: str, band: int, now: datetime, *, waiting_s: float) -> tuple[int, int] | None:
    """The middle half of the last waits, in minutes. `waiting_s`: the longest that somebody waits in this band just
    now; the range never ends below it."""
    last = session.scalars(
        select(Wait.waited_s)
        .where(Wait.queue == queue, Wait.band == band, Wait.at > now - WITHIN)
        .order_by(Wait.at.desc())
        .limit(LATEST)
    ).all()
    if len(last) < ENOUGH:
        return None
    waits = sorted(last)
    low, high = waits[len(waits) // 4], max(waits[(3 * len(waits)) // 4], waiting_s)
    return int(low // 60), int(high // 60) + 1
