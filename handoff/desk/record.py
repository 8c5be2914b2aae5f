"""One contact inside one transaction: its row, its seal, its state, and what can be written of it."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from handoff.desk.office import Unit
from handoff.desk.sealed import read_state, state_to_json, verdict_to_json
from handoff.errors import NotFound
from handoff.services.hours import admits
from handoff.services.model import Service
from handoff.standing import Contact, Rules
from handoff.store import audit
from handoff.store.hold import hold
from handoff.store.seal import Seal, make_seal, seal_of
from handoff.store.tables import (
    Alarm,
    ContactRow,
    EntryRow,
    Fact,
    QueueEntry,
)
from handoff.verdict import Verdict

NOTHING_TO_SCREEN = Verdict()  # a press on a button holds no words


def rules_of(service: Service, unit: Unit) -> Rules:
    return Rules(
        spine=service.file.spine,
        open=admits(service.file.hours, unit.now),
        software_may_end=service.file.ladder.software_may_end,
        own_behaviour=service.file.contempt_is_risk,
    )


def raise_alarm(unit: Unit, contact_id: str, what: str) -> None:
    """A supervisor is to look now. Needs no key, so that it works when nothing else does."""
    hold(unit.session, contact_id)
    known = unit.session.scalars(select(Alarm).where(Alarm.contact_id == contact_id, Alarm.what == what)).first()
    if known is None:
        unit.session.add(Alarm(contact_id=contact_id, what=what, at=unit.now))
    elif known.seen_by is not None:
        known.at, known.seen_by = unit.now, None  # it happened again since somebody looked
    unit.queue_touched = True


class Record:
    """A contact loaded for writing, ours alone until the unit ends. Say `save()` last; `happen()` and `append()` mark
    what sockets have to read."""

    def __init__(self, unit: Unit, row: ContactRow, seal: Seal, contact: Contact) -> None:
        self.unit = unit
        self.row = row
        self.seal = seal
        self.contact = contact
        self.service = unit.office.services[row.service]
        self.rules = rules_of(self.service, unit)

    @classmethod
    def load(cls, unit: Unit, contact_id: str) -> Record:
        row = hold(unit.session, contact_id)
        if row is None:
            raise NotFound("This chat is not here any more.")
        seal = seal_of(unit.session, unit.office.ring, contact_id)
        return cls(unit, row, seal, read_state(seal, row.state_ct))

    @classmethod
    def make(cls, unit: Unit, service: Service, *, lang: str, token_hash: bytes, contact: Contact) -> Record:
        contact_id = secrets.token_urlsafe(16)
        row = ContactRow(
            id=contact_id,
            service=service.id,
            lang=lang,
            phase=contact.phase,
            state_ct=b"",
            opened_at=unit.now,
            last_seen=unit.now,
            audit_ref=secrets.token_urlsafe(16),
            token_hash=token_hash,
            last_seq=0,
            epoch=0,
        )
        unit.session.add(row)
        unit.session.flush()
        seal = make_seal(unit.session, unit.office.ring, contact_id, unit.day_key)
        record = cls(unit, row, seal, contact)
        record.audit("contact_opened", actor="person")
        return record

    def append(
        self,
        author: str,
        kind: str,
        words: str,
        *,
        client_id: str | None = None,
        card: str | None = None,
        text_id: int | None = None,
        staff_id: str | None = None,
        verdict: Verdict | None = None,
    ) -> EntryRow:
        """The next entry of the transcript. A person's needs a verdict, or the database refuses it (promise 2)."""
        self.row.last_seq += 1
        seq = self.row.last_seq
        entry = EntryRow(
            contact_id=self.row.id,
            seq=seq,
            author=author,
            kind=kind,
            staff_id=staff_id,
            client_id=client_id,
            card=card,
            text_id=text_id,
            body_ct=self.seal.seal(words, where=f"entry:{seq}:body"),
            for_bot=False,
            at=self.unit.now,
        )
        if verdict is not None:
            entry.risk = verdict.risk.word
            entry.abuse = verdict.abuse.word
            entry.uncertain = verdict.uncertain
            entry.verdict_ct = self.seal.seal(verdict_to_json(verdict), where=f"entry:{seq}:verdict")
        self.unit.session.add(entry)
        self.unit.touched.add(self.row.id)
        return entry

    def save(self) -> None:
        contact, row = self.contact, self.row
        row.phase = contact.phase
        row.epoch = contact.epoch
        row.risk = contact.risk.word
        row.risk_open = contact.risk_open
        row.uncertain = contact.uncertain
        row.ladder = int(contact.rung)
        if contact.card is None:
            row.card_seq = None
        row.state_ct = self.seal.seal(state_to_json(contact), where="contact:state")
        self.unit.touched.add(row.id)
        self.unit.session.flush()

    def audit(self, action: str, *, actor: str, detail: str = "") -> None:
        audit.record(
            self.unit.session, now=self.unit.now, actor=actor, action=action, ref=self.row.audit_ref, detail=detail
        )

    def keep_fact(self, name: str, seq: int, words: str) -> None:
        kept = self.unit.session.get(Fact, (self.row.id, name))
        sealed = self.seal.seal(words, where=f"fact:{name}")
        if kept is None:
            self.unit.session.add(Fact(contact_id=self.row.id, name=name, seq=seq, value_ct=sealed))
        else:
            kept.seq, kept.value_ct = seq, sealed

    def open_queue_entry(self) -> QueueEntry | None:
        return self.unit.session.scalars(
            select(QueueEntry).where(QueueEntry.contact_id == self.row.id, QueueEntry.state != "closed")
        ).one_or_none()
