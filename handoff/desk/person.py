"""What a person may do. Each function is one transaction; what it returns is committed before it is acknowledged."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handoff import events
from handoff.desk import marks
from handoff.desk.happen import happen, tell
from handoff.desk.office import Office, Unit
from handoff.desk.record import NOTHING_TO_SCREEN, Record, raise_alarm
from handoff.errors import Illegal, NotFound
from handoff.ladder import Rung, threatens_us
from handoff.spine import emergency_card
from handoff.standing import Contact, Phase
from handoff.store.hold import hold
from handoff.store.seal import seal_of
from handoff.store.tables import Complaint, ContactRow, EntryRow, LadderStep, NoticeRecord
from handoff.verdict import Risk, Turn, Verdict

HISTORY = 20  # earlier entries that screening looks at
_BLANK = re.compile(r"^[\s\u200b-\u200f\u2060\ufeff]*$")


def hash_of(token: str) -> bytes:
    """Only this is stored: the token itself never leaves the page's memory and this socket."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a connection stands after hello."""

    contact_id: str
    service: str
    head: int
    continues: bool


def find(session: Session, token_hash: bytes) -> Place | None:
    """The contact this token opens, if any."""
    row = session.scalars(select(ContactRow).where(ContactRow.token_hash == token_hash)).one_or_none()
    if row is None:
        return None
    return Place(contact_id=row.id, service=row.service, head=row.last_seq, continues=row.continues is not None)


def open_contact(unit: Unit, *, service: str, lang: str, token_hash: bytes) -> Place:
    """The contact of this token, made if there is none. A token of another service is not known here."""
    place = find(unit.session, token_hash)
    if place is not None:
        if place.service != service:
            raise NotFound("This chat belongs to another service. You can start a new one.")
        return place
    record = Record.make(unit, unit.office.services[service], lang=lang, token_hash=token_hash, contact=Contact())
    happen(record, events.Opened(), by="person")
    return Place(contact_id=record.row.id, service=service, head=record.row.last_seq, continues=False)


def history(session: Session, office: Office, contact_id: str) -> Sequence[Turn]:
    """The last entries, oldest first, for screening: "yes" means nothing without its question."""
    seal = seal_of(session, office.ring, contact_id)
    rows = session.scalars(
        select(EntryRow).where(EntryRow.contact_id == contact_id).order_by(EntryRow.seq.desc()).limit(HISTORY)
    ).all()
    return [
        Turn(
            author="person" if row.author == "person" else "advisor" if row.author == "advisor" else "bot",
            text=seal.open(row.body_ct, where=f"entry:{row.seq}:body"),
            card=row.card,
        )
        for row in reversed(rows)
    ]


def say(unit: Unit, contact_id: str, *, client_id: str, text: str, verdict: Verdict) -> int:
    """TX1: message, verdict and all that follows. Gives its seq; saying it again changes nothing (promise 4)."""
    if (stored := known(unit.session, contact_id, client_id)) is not None:
        return stored
    if _BLANK.match(text):
        raise Illegal("There were no words in that message. You can write it again.")
    record = Record.load(unit, contact_id)
    if record.contact.phase is Phase.ENDED:
        raise Illegal("This chat has ended. You can start a new one. If anyone is in danger now, call 999.")
    entry = record.append("person", "words", text, client_id=client_id, verdict=verdict)
    unit.session.flush()
    happen(record, events.PersonSaid(verdict=verdict), seq=entry.seq, words=text, by="software")
    if record.contact.phase is Phase.WITH_ADVISOR:
        _wait_for_words(record)
    return entry.seq


def _wait_for_words(record: Record) -> None:
    """From their first words that the advisor has not answered: a silent advisor is a supervisor's (PRACTICE)."""
    place = record.open_queue_entry()
    if place is not None and place.unanswered_since is None:
        place.unanswered_since, record.unit.queue_touched = record.unit.now, True


def choose(unit: Unit, contact_id: str, *, client_id: str, card_seq: int, option: str) -> int:
    """A press on a card. Options travel as ids, so there are no words to screen; what it means, contact.py knows."""
    if (stored := known(unit.session, contact_id, client_id)) is not None:
        return stored
    record = Record.load(unit, contact_id)
    shown = unit.session.get(EntryRow, (contact_id, card_seq))
    if shown is None or shown.card is None or shown.text_id is None or shown.author != "service":
        raise NotFound("That button is not part of this chat.")
    card = shown.card
    label = unit.office.text_of(shown.text_id).options.get(option, "Skip")
    return _press(record, events.CardChosen(card=card, option=option), client_id, label, card)


def ask_for_person(unit: Unit, contact_id: str, *, client_id: str) -> int:
    """*Talk to a person*, from anywhere (M2)."""
    if (stored := known(unit.session, contact_id, client_id)) is not None:
        return stored
    return _press(
        Record.load(unit, contact_id), events.PersonAskedFor(), client_id, "I'd like to talk to a person", None
    )


def _press(record: Record, event: events.Event, client_id: str, label: str, card: str | None) -> int:
    before = record.contact
    if before.phase is Phase.ENDED:
        raise Illegal("This chat has ended. You can start a new one.")
    entry = record.append("person", "choice", label, client_id=client_id, card=card, verdict=NOTHING_TO_SCREEN)
    record.unit.session.flush()
    happen(record, event, seq=entry.seq, words=label, by="person")
    if record.contact.risk > before.risk:
        entry.risk = record.contact.risk.word  # "yes" on the danger card is what raised it
    return entry.seq


def shown(unit: Unit, contact_id: str, *, seq: int) -> None:
    """The entry was really on screen: a notice is displayed then, and a warning counts only then.

    Said of each entry for itself: that a later one was seen does not mean that a warning above it was.
    """
    row = hold(unit.session, contact_id)
    if row is None or not 0 < seq <= row.last_seq:
        return
    marks.got(unit, contact_id, "person", seq=seq)
    unit.session.execute(
        update(NoticeRecord)
        .where(NoticeRecord.contact_id == contact_id, NoticeRecord.seq == seq)
        .where(NoticeRecord.displayed_at.is_(None))
        .values(displayed_at=unit.now)
    )
    step = unit.session.scalars(
        select(LadderStep).where(LadderStep.contact_id == contact_id, LadderStep.seq == seq)
    ).one_or_none()
    if step is not None and step.displayed_at is None:
        step.displayed_at = unit.now
        unit.touched.add(contact_id)
        happen(Record.load(unit, contact_id), events.WarningDisplayed(rung=Rung(step.step)))


def seen(unit: Unit, contact_id: str, *, seq: int) -> None:
    marks.read(unit, contact_id, "person", seq=seq)


def complain(unit: Unit, contact_id: str, *, client_id: str, text: str, verdict: Verdict) -> int:
    """M14: kept apart from the transcript, in every phase, outside the advisor's control; screened as all words are."""
    record = Record.load(unit, contact_id)
    known = unit.session.scalars(
        select(Complaint.id).where(Complaint.contact_id == contact_id, Complaint.client_id == client_id)
    ).one_or_none()
    if known is None:
        unit.session.add(
            Complaint(
                contact_id=contact_id,
                client_id=client_id,
                body_ct=record.seal.seal(text, where=f"complaint:{client_id}"),
                at=unit.now,
            )
        )
        record.audit("complaint", actor="person")
        tell(record, "complaint_received")
        _act_on_complaint(record, verdict)
        unit.queue_touched = True
    return record.row.last_seq


def _act_on_complaint(record: Record, verdict: Verdict) -> None:
    """Promise 2: danger told of in a complaint is danger. Rude words in one are nobody's to warn about."""
    contact = record.contact
    if verdict.risk is not Risk.NONE or verdict.uncertain or threatens_us(verdict):
        raise_alarm(record.unit, record.row.id, "complaint_flagged")
    if verdict.risk is not Risk.IMMEDIATE:
        return
    if contact.phase is not Phase.ENDED:
        found = Verdict(risk=verdict.risk, risk_categories=verdict.risk_categories)
        happen(record, events.PersonSaid(verdict=found), by="software")
        return
    own_behaviour = record.rules.own_behaviour
    tell(record, emergency_card(verdict.risk_categories, under_18=contact.under_18, own_behaviour=own_behaviour))


def leave(unit: Unit, contact_id: str, *, how: str) -> None:
    """The person's own press. Quick exit also revokes the page's token; staff still see what was said."""
    record = Record.load(unit, contact_id)
    happen(record, events.PersonLeft(how="exit" if how == "exit" else "end"), by="person")
    if how == "exit":
        record.row.token_hash = None
        record.row.left_how, record.row.last_seen, record.row.back_at = "exit", unit.now, None
        record.audit("quick_exit", actor="person")
    unit.queue_touched = True


def known(session: Session, contact_id: str, client_id: str) -> int | None:
    """The seq of what the person said under this id, if it is stored already."""
    return session.scalars(
        select(EntryRow.seq).where(
            EntryRow.contact_id == contact_id, EntryRow.author == "person", EntryRow.client_id == client_id
        )
    ).one_or_none()
