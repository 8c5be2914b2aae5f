"""One contact inside one transaction: load it, let an event happen to it, carry out what follows.

`Record.happen` is the only place where the pure contact and the database meet; `_CARRY` at the end is the routing
table from effects to rows.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from handoff import contact as core
from handoff import ladder
from handoff.contact import Contact, Phase, Rules, decide
from handoff.desk.office import Unit
from handoff.errors import NotFound
from handoff.ladder import Rung
from handoff.services.fill import fill
from handoff.services.hours import admits
from handoff.services.model import Service, Text
from handoff.store import audit
from handoff.store.seal import Seal, make_seal, seal_of
from handoff.store.tables import (
    Alarm,
    BotTurn,
    ContactRow,
    EntryRow,
    Fact,
    LadderStep,
    ModerationCase,
    NoticeRecord,
    QueueEntry,
)
from handoff.verdict import Risk, Verdict

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
    known = unit.session.scalars(select(Alarm).where(Alarm.contact_id == contact_id, Alarm.what == what)).first()
    if known is None:
        unit.session.add(Alarm(contact_id=contact_id, what=what, at=unit.now))
    unit.queue_touched = True


class Record:
    """A contact loaded for writing. Say `save()` last; `happen()` and `append()` mark what sockets have to read."""

    def __init__(self, unit: Unit, row: ContactRow, seal: Seal, contact: Contact) -> None:
        self.unit = unit
        self.row = row
        self.seal = seal
        self.contact = contact
        self.service = unit.office.services[row.service]
        self.rules = rules_of(self.service, unit)
        self._cause: _Cause = _Cause()

    @classmethod
    def load(cls, unit: Unit, contact_id: str) -> Record:
        row = unit.session.get(ContactRow, contact_id)
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

    # ── what can be done to it ───────────────────────────────────────────────────────────────────────────────────────

    def happen(
        self,
        event: core.Event,
        *,
        seq: int | None = None,
        words: str = "",
        by: str = "software",
        why: str = "",
        name: str = "",
    ) -> None:
        """Let `event` happen. `seq`, `words`: the entry it came with; `by`: "software", "person" or a staff id;
        `why`: a staff member's reason; `name`: the working name of the advisor who joins."""
        before = self.contact
        self.contact, effects = decide(before, event, self.rules)
        self._cause = _Cause(seq=seq, words=words, by=by, why=why, name=name)
        for effect in effects:
            _CARRY[type(effect)](self, effect)
        self._silence_bot(before)
        self.save()

    def _silence_bot(self, before: Contact) -> None:
        """No turn outlives its reason. One that is being asked while a person joins stays, for its second net alone."""
        turn = delete(BotTurn).where(BotTurn.contact_id == self.row.id)
        worse = self.contact.risk is Risk.IMMEDIATE and before.risk is not Risk.IMMEDIATE
        if self.contact.phase is Phase.ENDED or (worse and self.contact.phase is not Phase.WITH_ADVISOR):
            self.unit.session.execute(turn)
        elif self.contact.phase is Phase.WITH_ADVISOR:
            self.unit.session.execute(turn.where(BotTurn.leased_by.is_(None)))

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

    def tell(self, card: str) -> None:
        """Show a card that changes nothing about where the person stands."""
        self._cause = _Cause()
        self._show(core.Show(card=card))
        self.save()

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

    # ── carrying out effects ─────────────────────────────────────────────────────────────────────────────────────────

    def _show(self, effect: core.Show) -> None:
        text = self.service.text(effect.card, self.row.lang)
        words = text.again if effect.again and text.again else text.body
        shown = fill(words, self.service, now=self.unit.now, advisor=self._cause.name, topic=effect.topic or "")
        text_id = self.unit.office.text_id(self.service, text)
        entry = self.append("service", "card", shown, card=effect.card, text_id=text_id)
        if self.contact.card == effect.card:
            self.row.card_seq = entry.seq
        if effect.card == "notice" and not effect.again:  # a reminder of it is not the notice
            self._send_notice(entry, text, text_id)
        if effect.card in _RUNG_OF:
            self._give_warning(_RUNG_OF[effect.card], entry.seq, text_id)

    def _send_notice(self, entry: EntryRow, text: Text, text_id: int) -> None:
        self.row.notice_seq = entry.seq
        self.unit.session.add(
            NoticeRecord(
                contact_id=self.row.id,
                text_id=text_id,
                seq=entry.seq,
                sha256=text.sha256,
                lang=text.lang,
                sent_at=self.unit.now,
            )
        )
        self.unit.session.flush()
        self.audit("notice_sent", actor="software", detail=f"version={text.version}")

    def _give_warning(self, rung: Rung, seq: int, text_id: int) -> None:
        self.unit.session.add(
            LadderStep(
                contact_id=self.row.id,
                step=int(rung),
                seq=seq,
                because_seq=self._cause.seq,
                text_id=text_id,
                clause=ladder.CLAUSE[rung],
                by=self._cause.by,
                sent_at=self.unit.now,
            )
        )

    def _enqueue(self, effect: core.Enqueue) -> None:
        self.unit.queue_touched = True
        place = self.open_queue_entry()
        if place is not None:
            place.band = min(place.band, effect.band)
            return
        notice_id = self.unit.session.scalars(
            select(NoticeRecord.id).where(NoticeRecord.contact_id == self.row.id).order_by(NoticeRecord.id.desc())
        ).first()
        self.unit.session.add(
            QueueEntry(
                contact_id=self.row.id,
                notice_id=notice_id,  # None is refused by the database: notice first (promise 1)
                service=self.row.service,
                queue=self.service.file.queue,
                band=effect.band,
                entered_at=self.unit.now,
                state="waiting",
                lease_no=0,
            )
        )
        self.audit("queued", actor="software", detail=f"band={effect.band}")

    def _ask_bot(self, effect: core.AskBot) -> None:
        seq, now = self._cause.seq or self.row.last_seq, self.unit.now
        entry = self.unit.session.get(EntryRow, (self.row.id, seq))
        if entry is not None:
            entry.for_bot = True
        due = now + timedelta(seconds=self.service.file.clocks.bot_limit_s)
        turn = self.unit.session.get(BotTurn, self.row.id)
        if turn is None:
            self.unit.session.add(
                BotTurn(
                    contact_id=self.row.id,
                    turn=secrets.token_urlsafe(12),
                    epoch=self.contact.epoch,
                    from_seq=seq,
                    through_seq=seq,
                    due_at=due,
                )
            )
        elif turn.leased_by is None:
            turn.through_seq = seq  # not asked yet: it takes all that is pending
            turn.epoch = self.contact.epoch
        elif turn.next_from is None:
            turn.next_from, turn.next_due_at = seq, due
        self.unit.bot_asked.add(self.row.id)

    def _flag(self, effect: core.Flag) -> None:
        self.unit.queue_touched = True
        if self._cause.seq is not None:
            self.unit.flagged.append((self.row.id, self._cause.seq))

    def _alarm(self, effect: core.Alarm) -> None:
        raise_alarm(self.unit, self.row.id, effect.what)

    def _step_ladder(self, effect: core.StepLadder) -> None:
        self.audit("ladder", actor=self._cause.by, detail=f"rung={int(effect.rung)} clause={effect.clause}")

    def _keep_words(self, effect: core.KeepWords) -> None:
        if self._cause.seq is not None:
            self.keep_fact(effect.name, self._cause.seq, self._cause.words)

    def _mark_notice(self, effect: core.MarkNotice) -> None:
        changes = (
            {"acknowledged_at": self.unit.now} if effect.answer == "acknowledge" else {"declined_at": self.unit.now}
        )
        self.unit.session.execute(update(NoticeRecord).where(NoticeRecord.contact_id == self.row.id).values(**changes))
        self.row.notice_seq = None
        self.audit(f"notice_{effect.answer}d", actor="person")

    def _requeue(self, effect: core.Requeue) -> None:
        place = self.open_queue_entry()
        if place is not None:
            place.state, place.returned = "waiting", True
            place.staff_id = place.lease_until = None
        self.unit.queue_touched = True

    def _end(self, effect: core.EndContact) -> None:
        keep = self.service.file.clocks.keep_words_days
        self.row.ended_at = self.unit.now
        self.row.end_reason = effect.reason
        self.row.destroy_after = (self.unit.now + timedelta(days=keep)).date()  # R11
        self.row.card_seq = self.row.notice_seq = None
        self.row.phase = Phase.ENDED
        place = self.open_queue_entry()
        if place is not None:
            place.state, place.closed_at = "closed", self.unit.now
        self.unit.queue_touched = True
        self.audit("contact_ended", actor=self._cause.by, detail=f"reason={effect.reason}")

    def _open_case(self, effect: core.OpenCase) -> None:
        self.unit.session.add(
            ModerationCase(
                id=secrets.token_urlsafe(12),
                contact_id=self.row.id,
                state="open",
                opened_at=self.unit.now,
                ended_by=self._cause.by,
                was_risk=core.may_never_be_ended_by_software(self.contact),
                why_ct=self.seal.seal(self._cause.why, where="case:why") if self._cause.why else None,
            )
        )
        self.audit("case_opened", actor=self._cause.by)


class _Cause:
    """What the event came with."""

    def __init__(self, *, seq: int | None = None, words: str = "", by: str = "", why: str = "", name: str = "") -> None:
        self.seq, self.words, self.by, self.why, self.name = seq, words, by, why, name


_RUNG_OF = {card: rung for rung, card in ladder.CARD.items()}

_CARRY: dict[type, Callable[[Record, Any], None]] = {
    core.Show: Record._show,
    core.Enqueue: Record._enqueue,
    core.AskBot: Record._ask_bot,
    core.Flag: Record._flag,
    core.Alarm: Record._alarm,
    core.StepLadder: Record._step_ladder,
    core.KeepWords: Record._keep_words,
    core.MarkNotice: Record._mark_notice,
    core.Requeue: Record._requeue,
    core.EndContact: Record._end,
    core.OpenCase: Record._open_case,
}


def state_to_json(contact: Contact) -> str:
    return json.dumps(
        {
            "phase": contact.phase,
            "epoch": contact.epoch,
            "risk": contact.risk,
            "risk_open": contact.risk_open,
            "uncertain": contact.uncertain,
            "band": contact.band,
            "rung": contact.rung,
            "rung_displayed": contact.rung_displayed,
            "card": contact.card,
            "shown": sorted(contact.shown),
            "answers": contact.answers,
            "due": contact.due,
            "unclear": contact.unclear,
            "under_18": contact.under_18,
            "bot_failed": contact.bot_failed,
            "asked_for_person": contact.asked_for_person,
        }
    )


def read_state(seal: Seal, sealed: bytes) -> Contact:
    data = json.loads(seal.open(sealed, where="contact:state"))
    return Contact(
        **{
            **data,
            "phase": Phase(data["phase"]),
            "risk": Risk(data["risk"]),
            "rung": Rung(data["rung"]),
            "shown": frozenset(data["shown"]),
            "answers": tuple((card, option) for card, option in data["answers"]),
            "due": tuple(data["due"]),
        }
    )


def verdict_to_json(verdict: Verdict) -> str:
    return json.dumps(
        {
            "risk_categories": sorted(verdict.risk_categories),
            "abuse_categories": sorted(verdict.abuse_categories),
            "target": verdict.target,
            "spans": [(s.start, s.end, s.label, s.step) for s in verdict.spans],
            "reason": verdict.reason,
        }
    )
