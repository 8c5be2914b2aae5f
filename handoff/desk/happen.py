"""Let an event happen to a contact, and carry out what follows, inside one transaction.

`happen` is the only place where the pure contact and the database meet; `_CARRY` at the end is the routing table from
effects to rows.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from handoff import effects, events, ladder
from handoff.contact import decide
from handoff.desk.duty import forget_declined
from handoff.desk.record import Record, raise_alarm
from handoff.ladder import Rung
from handoff.services.fill import fill
from handoff.services.model import Text
from handoff.standing import Contact, Phase, may_never_be_ended_by_software
from handoff.store.tables import BotTurn, EntryRow, LadderStep, ModerationCase, NoticeRecord, QueueEntry
from handoff.verdict import Risk


class Cause:
    """What the event came with."""

    def __init__(self, *, seq: int | None = None, words: str = "", by: str = "", why: str = "", name: str = "") -> None:
        self.seq, self.words, self.by, self.why, self.name = seq, words, by, why, name


def happen(
    record: Record,
    event: events.Event,
    *,
    seq: int | None = None,
    words: str = "",
    by: str = "software",
    why: str = "",
    name: str = "",
) -> None:
    """Let `event` happen. `seq`, `words`: the entry it came with; `by`: "software", "person" or a staff id;
    `why`: a staff member's reason; `name`: the working name of the advisor who joins."""
    before = record.contact
    record.contact, todo = decide(before, event, record.rules)
    cause = Cause(seq=seq, words=words, by=by, why=why, name=name)
    for effect in todo:
        _CARRY[type(effect)](record, cause, effect)
    _silence_bot(record, before)
    record.save()


def _silence_bot(record: Record, before: Contact) -> None:
    """No turn outlives its reason. One that is being asked while a person joins stays, for its second net alone."""
    turn = delete(BotTurn).where(BotTurn.contact_id == record.row.id)
    worse = record.contact.risk is Risk.IMMEDIATE and before.risk is not Risk.IMMEDIATE
    if record.contact.phase is Phase.ENDED or (worse and record.contact.phase is not Phase.WITH_ADVISOR):
        record.unit.session.execute(turn)
    elif record.contact.phase is Phase.WITH_ADVISOR:
        record.unit.session.execute(turn.where(BotTurn.leased_by.is_(None)))


def tell(record: Record, card: str) -> None:
    """Show a card that changes nothing about where the person stands."""
    _show(record, Cause(), effects.Show(card=card))
    record.save()


def _show(record: Record, cause: Cause, effect: effects.Show) -> None:
    text = record.service.text(effect.card, record.row.lang)
    words = text.again if effect.again and text.again else text.body
    shown = fill(words, record.service, now=record.unit.now, advisor=cause.name, topic=effect.topic or "")
    text_id = record.unit.office.text_id(record.service, text)
    entry = record.append("service", "card", shown, card=effect.card, text_id=text_id)
    if record.contact.card == effect.card:
        record.row.card_seq = entry.seq
    if effect.card == "notice" and not effect.again:  # a reminder of it is not the notice
        _send_notice(record, entry, text, text_id)
    if effect.card in _RUNG_OF:
        _give_warning(record, cause, _RUNG_OF[effect.card], entry.seq, text_id)


def _send_notice(record: Record, entry: EntryRow, text: Text, text_id: int) -> None:
    record.row.notice_seq = entry.seq
    record.unit.session.add(
        NoticeRecord(
            contact_id=record.row.id,
            text_id=text_id,
            seq=entry.seq,
            sha256=text.sha256,
            lang=text.lang,
            sent_at=record.unit.now,
        )
    )
    record.unit.session.flush()
    record.audit("notice_sent", actor="software", detail=f"version={text.version}")


def _give_warning(record: Record, cause: Cause, rung: Rung, seq: int, text_id: int) -> None:
    record.unit.session.add(
        LadderStep(
            contact_id=record.row.id,
            step=int(rung),
            seq=seq,
            because_seq=cause.seq,
            text_id=text_id,
            clause=ladder.CLAUSE[rung],
            by=cause.by,
            sent_at=record.unit.now,
        )
    )


def _enqueue(record: Record, cause: Cause, effect: effects.Enqueue) -> None:
    record.unit.queue_touched = True
    place = record.open_queue_entry()
    if place is not None:
        if effect.band < place.band:
            place.band, place.band_since = effect.band, record.unit.now
            forget_declined(record.unit.session, place)
        return
    notice_id = record.unit.session.scalars(
        select(NoticeRecord.id).where(NoticeRecord.contact_id == record.row.id).order_by(NoticeRecord.id.desc())
    ).first()
    record.unit.session.add(
        QueueEntry(
            contact_id=record.row.id,
            notice_id=notice_id,  # None is refused by the database: notice first (promise 1)
            service=record.row.service,
            queue=record.service.file.queue,
            band=effect.band,
            entered_at=record.unit.now,
            band_since=record.unit.now,
            state="waiting",
            lease_no=0,
        )
    )
    record.audit("queued", actor="software", detail=f"band={effect.band}")


def _ask_bot(record: Record, cause: Cause, effect: effects.AskBot) -> None:
    seq, now = cause.seq or record.row.last_seq, record.unit.now
    entry = record.unit.session.get(EntryRow, (record.row.id, seq))
    if entry is not None:
        entry.for_bot = True
    due = now + timedelta(seconds=record.service.file.clocks.bot_limit_s)
    turn = record.unit.session.get(BotTurn, record.row.id)
    if turn is None:
        record.unit.session.add(
            BotTurn(
                contact_id=record.row.id,
                turn=secrets.token_urlsafe(12),
                epoch=record.contact.epoch,
                from_seq=seq,
                through_seq=seq,
                due_at=due,
            )
        )
    elif turn.leased_by is None:
        turn.through_seq = seq  # not asked yet: it takes all that is pending
        turn.epoch = record.contact.epoch
    elif turn.next_from is None:
        turn.next_from, turn.next_due_at = seq, due
    record.unit.bot_asked.add(record.row.id)


def _flag(record: Record, cause: Cause, effect: effects.Flag) -> None:
    record.unit.queue_touched = True
    if cause.seq is not None:
        record.unit.flagged.append((record.row.id, cause.seq))


def _alarm(record: Record, cause: Cause, effect: effects.Alarm) -> None:
    raise_alarm(record.unit, record.row.id, effect.what)


def _step_ladder(record: Record, cause: Cause, effect: effects.StepLadder) -> None:
    record.audit("ladder", actor=cause.by, detail=f"rung={int(effect.rung)} clause={effect.clause}")


def _keep_words(record: Record, cause: Cause, effect: effects.KeepWords) -> None:
    if cause.seq is not None:
        record.keep_fact(effect.name, cause.seq, cause.words)


def _mark_notice(record: Record, cause: Cause, effect: effects.MarkNotice) -> None:
    changes = (
        {"acknowledged_at": record.unit.now} if effect.answer == "acknowledge" else {"declined_at": record.unit.now}
    )
    record.unit.session.execute(update(NoticeRecord).where(NoticeRecord.contact_id == record.row.id).values(**changes))
    record.row.notice_seq = None
    record.audit(f"notice_{effect.answer}d", actor="person")


def _requeue(record: Record, cause: Cause, effect: effects.Requeue) -> None:
    place = record.open_queue_entry()
    if place is not None:
        place.state, place.returned = "waiting", True
        place.staff_id = place.lease_until = place.unanswered_since = None
        place.band_since = record.unit.now
    record.unit.queue_touched = True


def _end(record: Record, cause: Cause, effect: effects.EndContact) -> None:
    keep = record.service.file.clocks.keep_words_days
    record.row.ended_at = record.unit.now
    record.row.end_reason = effect.reason
    record.row.destroy_after = (record.unit.now + timedelta(days=keep)).date()  # R11
    record.row.card_seq = record.row.notice_seq = None
    record.row.phase = Phase.ENDED
    place = record.open_queue_entry()
    if place is not None:
        place.state, place.closed_at = "closed", record.unit.now
    record.unit.queue_touched = True
    record.audit("contact_ended", actor=cause.by, detail=f"reason={effect.reason}")


def _open_case(record: Record, cause: Cause, effect: effects.OpenCase) -> None:
    record.unit.session.add(
        ModerationCase(
            id=secrets.token_urlsafe(12),
            contact_id=record.row.id,
            state="open",
            opened_at=record.unit.now,
            ended_by=cause.by,
            was_risk=may_never_be_ended_by_software(record.contact),
            why_ct=record.seal.seal(cause.why, where="case:why") if cause.why else None,
        )
    )
    record.audit("case_opened", actor=cause.by)


_RUNG_OF = {card: rung for rung, card in ladder.CARD.items()}

_CARRY: dict[type, Callable[[Record, Cause, Any], None]] = {
    effects.Show: _show,
    effects.Enqueue: _enqueue,
    effects.AskBot: _ask_bot,
    effects.Flag: _flag,
    effects.Alarm: _alarm,
    effects.StepLadder: _step_ladder,
    effects.KeepWords: _keep_words,
    effects.MarkNotice: _mark_notice,
    effects.Requeue: _requeue,
    effects.EndContact: _end,
    effects.OpenCase: _open_case,
}
