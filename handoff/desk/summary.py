"""What the advisor sees first, in PRACTICE's order: flags, answers, the need verbatim, what was told. No paraphrase."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from handoff import frames as f
from handoff.cards import CARDS
from handoff.desk.office import Office
from handoff.desk.sealed import read_state
from handoff.desk.transfer import asked_about
from handoff.desk.views import at, flagged_view, gone
from handoff.errors import NotFound
from handoff.store.seal import Seal, seal_of
from handoff.store.tables import (
    Complaint,
    ContactRow,
    EntryRow,
    Fact,
    LadderStep,
    Note,
    NoticeRecord,
    QueueEntry,
    Staff,
)


def summary(session: Session, office: Office, contact_id: str, *, here: bool) -> f.Summary:
    row = session.get(ContactRow, contact_id)
    if row is None:
        raise NotFound("There is no such contact.")
    seal = seal_of(session, office.ring, contact_id)
    place = session.scalars(
        select(QueueEntry).where(QueueEntry.contact_id == contact_id).order_by(QueueEntry.id.desc()).limit(1)
    ).first()
    until = (place.claimed_at or place.closed_at or office.clock()) if place is not None else None
    went = gone(row, here=here)
    return f.Summary(
        contact=contact_id,
        service=row.service,
        phase=row.phase,
        risk=row.risk,
        flag_open=row.risk_open,
        flagged=_flagged(session, seal, contact_id),
        answers=_answers(session, office, row, seal),
        notice=_notice(session, contact_id),
        told=_told(session, office, contact_id),
        waited_s=round((until - place.entered_at).total_seconds()) if place is not None and until is not None else None,
        here=here,
        left=went["left"],
        left_at=went["left_at"],
        back_at=went["back_at"],
        reopened=went["reopened"],
        ladder=tuple(_step(step) for step in ladder_of(session, contact_id)),
        notes=notes_of(session, seal, contact_id),
        asked=tuple(
            f.Asking.model_validate({"staff": who, "name": name, "how": how})
            for who, name, how in asked_about(session, contact_id)
        ),
        complaint=session.scalars(select(Complaint.id).where(Complaint.contact_id == contact_id)).first() is not None,
        end_reason=row.end_reason,
        continues=row.continues,
    )


def ladder_of(session: Session, contact_id: str) -> list[LadderStep]:
    return list(
        session.scalars(select(LadderStep).where(LadderStep.contact_id == contact_id).order_by(LadderStep.step))
    )


def notes_of(session: Session, seal: Seal, contact_id: str) -> tuple[f.NoteView, ...]:
    rows = session.execute(
        select(Note, Staff.name)
        .join(Staff, Staff.id == Note.staff_id)
        .where(Note.contact_id == contact_id)
        .order_by(Note.n)
    ).all()
    return tuple(
        f.NoteView.model_validate(
            {
                "n": note.n,
                "kind": note.kind,
                "by": name,
                "text": seal.open(note.body_ct, where=f"note:{note.n}"),
                "at": at(note.at),
            }
        )
        for note, name in rows
    )


def _flagged(session: Session, seal: Seal, contact_id: str) -> tuple[f.FlaggedWords, ...]:
    """The newest twenty flags, immediate ones first."""
    rows = session.scalars(
        select(EntryRow)
        .where(EntryRow.contact_id == contact_id, EntryRow.author == "person")
        .where(or_(EntryRow.risk != "none", EntryRow.abuse != "none", EntryRow.uncertain.is_(True)))
        .order_by((EntryRow.risk == "immediate").desc(), EntryRow.seq.desc())
        .limit(20)
    ).all()
    return tuple(found for row in rows if (found := flagged_view(row, seal)) is not None)


def _answers(session: Session, office: Office, row: ContactRow, seal: Seal) -> dict[str, str]:
    """Card → what was answered, in the card's own words, or the person's."""
    service = office.services[row.service]
    state = read_state(seal, row.state_ct)
    said = {
        fact.name: seal.open(fact.value_ct, where=f"fact:{fact.name}")
        for fact in session.scalars(select(Fact).where(Fact.contact_id == row.id))
    }
    given: dict[str, str] = {}
    for card, option in state.answers:
        if option == "carry_on":
            given[card] = "skipped"
        elif option != "words":
            given[card] = service.text(card, row.lang).options.get(option, option)
    for name, words in said.items():
        chosen = given.get(name)
        given[name] = f"{chosen}: “{words}”" if chosen and chosen != "skipped" else f"“{words}”"
    first = ("danger", "safe_to_chat", "need")
    order = [*[c for c in first if c in given], *sorted(c for c in given if c not in first)]
    return {card: given[card] for card in order}


def _notice(session: Session, contact_id: str) -> str | None:
    record = session.scalars(
        select(NoticeRecord).where(NoticeRecord.contact_id == contact_id).order_by(NoticeRecord.id.desc()).limit(1)
    ).first()
    if record is None:
        return None
    if record.acknowledged_at is not None:
        return "acknowledged"
    if record.declined_at is not None:
        return "declined"
    return "displayed" if record.displayed_at is not None else "sent"


def _told(session: Session, office: Office, contact_id: str) -> tuple[str, ...]:
    ids = session.scalars(
        select(EntryRow.text_id)
        .where(EntryRow.contact_id == contact_id, EntryRow.kind == "card", EntryRow.text_id.is_not(None))
        .group_by(EntryRow.text_id)
        .limit(len(CARDS))
    ).all()
    return tuple(office.text_of(text_id).title for text_id in ids if text_id is not None)


def _step(step: LadderStep) -> str:
    displayed = f"displayed {at(step.displayed_at)}" if step.displayed_at is not None else "not yet displayed"
    return f"{step.clause} · step {step.step} · {at(step.sent_at)} · {displayed}"
