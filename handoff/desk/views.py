"""What people and staff see of a contact. Reads only; one snapshot each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff import frames as f
from handoff.cards import CARDS
from handoff.desk.office import Office
from handoff.services.hours import admits, is_open
from handoff.store.seal import Seal, seal_of
from handoff.store.tables import ContactRow, EntryRow, QueueEntry, ReadMark, Staff

PAGE = 200  # entries sent at once; a socket comes back for more


def at(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def entries(
    session: Session, office: Office, contact_id: str, *, after: int, whose_ids: str | None = "person"
) -> list[f.Entry]:
    """The next entries after seq `after`, at most a page. `whose_ids`: whose client ids to give back."""
    rows = _rows(session, contact_id, after)
    if not rows:
        return []
    seal = seal_of(session, office.ring, contact_id)
    names = _names(session, rows)
    return [entry_view(row, seal, office, names, whose_ids=whose_ids) for row in rows]


def staff_entries(session: Session, office: Office, contact_id: str, *, after: int, me: str) -> list[f.StaffEntry]:
    """As `entries`, with what screening found; for staff eyes only."""
    rows = _rows(session, contact_id, after)
    if not rows:
        return []
    seal = seal_of(session, office.ring, contact_id)
    names = _names(session, rows)
    return [
        f.StaffEntry(
            contact=contact_id,
            entry=entry_view(row, seal, office, names, whose_ids=me),
            flagged=flagged_view(row, seal),
        )
        for row in rows
    ]


def entry_view(row: EntryRow, seal: Seal, office: Office, names: dict[str, str], *, whose_ids: str | None) -> f.Entry:
    card = None
    if row.card is not None and row.text_id is not None:
        text = office.text_of(row.text_id)
        known = CARDS[row.card].options
        card = f.CardView(
            name=row.card,
            title=text.title,
            options=tuple(
                f.Option(id=option, label=label)
                for option, label in _offered(office, text.options, row.card, text.service)
                if option in known
            ),
            version=text.version,
            lang=text.lang,
        )
    return f.Entry.model_validate(
        {
            "seq": row.seq,
            "author": row.author,
            "kind": row.kind,
            "text": seal.open(row.body_ct, where=f"entry:{row.seq}:body"),
            "name": names.get(row.staff_id or ""),
            "card": card,
            "id": _own_id(row, whose_ids),
            "at": at(row.at),
        }
    )


def flagged_view(row: EntryRow, seal: Seal) -> f.FlaggedWords | None:
    """What was found in a person's words, or None: "nothing flagged" is not an assessment."""
    if row.author != "person" or row.verdict_ct is None:
        return None
    if row.risk == "none" and row.abuse == "none" and not row.uncertain:
        return None
    found = json.loads(seal.open(row.verdict_ct, where=f"entry:{row.seq}:verdict"))
    return f.FlaggedWords(
        seq=row.seq,
        text=seal.open(row.body_ct, where=f"entry:{row.seq}:body"),
        at=at(row.at),
        risk=row.risk or "none",
        abuse=row.abuse or "none",
        uncertain=bool(row.uncertain),
        categories=tuple(found["risk_categories"] + found["abuse_categories"]),
        target=found["target"],
        spans=tuple((start, end, label) for start, end, label, _step in found["spans"]),
    )


def person_state(
    session: Session,
    office: Office,
    contact_id: str,
    *,
    bot_here: bool,
    position: int | None,
    wait_min: tuple[int, int] | None,
    staffed: bool = True,
) -> f.State | None:
    """Where the contact stands, for the person's page. None: it is gone."""
    row = session.get(ContactRow, contact_id)
    if row is None:
        return None
    place = open_place(session, contact_id)
    holder = session.get(Staff, place.staff_id) if place is not None and place.staff_id else None
    return f.State.model_validate(
        {
            "phase": row.phase,
            "card_seq": row.card_seq,
            "live": tuple(seq for seq in (row.card_seq, row.notice_seq) if seq is not None),
            "position": position if row.phase == "waiting" else None,
            "wait_min": wait_min if row.phase == "waiting" else None,
            "advisor": holder.name if holder is not None else None,
            "bot": "here" if bot_here else "away",
            "open": _open(office, row),
            "staffed": staffed,
            "end_reason": row.end_reason,
        }
    )


def _open(office: Office, row: ContactRow) -> bool:
    """For somebody new: whether they may still join the queue. For who is in it: whether advisors are there."""
    hours, now = office.services[row.service].file.hours, office.clock()
    return admits(hours, now) if row.phase == "with_bot" else is_open(hours, now)


def first_after(session: Session, contact_id: str, seq: int) -> int | None:
    """The first entry there is beyond `seq`. Not the very next: what came between is gone."""
    return session.scalar(
        select(EntryRow.seq)
        .where(EntryRow.contact_id == contact_id, EntryRow.seq > seq)
        .order_by(EntryRow.seq)
        .limit(1)
    )


def mark(session: Session, contact_id: str, *, party: str) -> f.Mark | None:
    """How far `party` (person or staff) has got."""
    row = session.get(ReadMark, (contact_id, party))
    return None if row is None else f.Mark(delivered=row.delivered, read=row.read)


REOPENED_S = 60  # a page that is opened again so soon was loaded again, or as good as


class Gone(TypedDict):
    """How and when somebody who is not here went, or when somebody who is here came back. `reopened`: they closed the
    page and opened it again within a minute, as a reload does."""

    left: str | None
    left_at: str | None
    back_at: str | None
    reopened: bool


def gone(row: ContactRow, *, here: bool) -> Gone:
    """For staff: quick exit, a closed tab and a lost line are three things."""
    back = row.back_at
    if not here:  # who had come back, and of whom nobody has said how they went, was at a front door that died
        left = row.left_how if back is None else None
        return Gone(left=left or "lost", left_at=at(row.last_seen), back_at=None, reopened=False)
    if back is None:
        return Gone(left=None, left_at=None, back_at=None, reopened=False)
    soon = (back - row.last_seen).total_seconds() <= REOPENED_S
    return Gone(left=None, left_at=at(row.last_seen), back_at=at(back), reopened=soon and row.left_how == "closed")


def open_place(session: Session, contact_id: str) -> QueueEntry | None:
    return session.scalars(
        select(QueueEntry).where(QueueEntry.contact_id == contact_id, QueueEntry.state != "closed")
    ).one_or_none()


def _rows(session: Session, contact_id: str, after: int) -> Sequence[EntryRow]:
    return session.scalars(
        select(EntryRow)
        .where(EntryRow.contact_id == contact_id, EntryRow.seq > after)
        .order_by(EntryRow.seq)
        .limit(PAGE)
    ).all()


def _names(session: Session, rows: Sequence[EntryRow]) -> dict[str, str]:
    ids = {row.staff_id for row in rows if row.staff_id is not None}
    if not ids:
        return {}
    return {staff.id: staff.name for staff in session.scalars(select(Staff).where(Staff.id.in_(ids)))}


def _own_id(row: EntryRow, whose: str | None) -> str | None:
    if row.client_id is None or whose is None:
        return None
    if row.author == whose:
        return row.client_id
    prefix = f"{whose}:"
    return row.client_id.removeprefix(prefix) if row.client_id.startswith(prefix) else None


def _offered(office: Office, labels: dict[str, str], card: str, service: str) -> list[tuple[str, str]]:
    """The options shown as buttons: for the need, those the service chose, in its order; otherwise the text's order."""
    if card != "need":
        return list(labels.items())
    return [(need, labels[need]) for need in office.services[service].file.needs if need in labels]
