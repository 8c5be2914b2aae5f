"""The bot's turns: lease one, ask, and write down what came of it (TX2), conditional on the turn and the epoch.

One turn is in flight a contact: its row is the lock, across gateways too, and an expired lease is taken over. Each
lease has a turn id of its own, so that whoever was too slow closes nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from handoff import contact, events, standing
from handoff.bot import as_words
from handoff.desk.happen import happen
from handoff.desk.office import Unit
from handoff.desk.record import Record, raise_alarm
from handoff.errors import Illegal
from handoff.services.fill import fill
from handoff.services.hours import is_open
from handoff.store.hold import hold
from handoff.store.tables import BotTurn, EntryRow
from handoff.turn import Facts, RaiseRisk, TurnAnswer, TurnRequest
from handoff.verdict import Risk

GRACE_S = 2.0  # a lease outlives the limit by this much, so that only a dead gateway's is taken over
MOST_WORDS = 19_999  # characters; with the mark in front of "/…" what a TurnRequest holds


@dataclass(frozen=True, kw_only=True, slots=True)
class Leased:
    """A turn that is ours to ask until `due_at`."""

    contact_id: str
    request: TurnRequest
    through_seq: int
    due_at: datetime


def waiting_turns(session: Session, now: datetime) -> list[str]:
    """Contacts whose turn nobody is asking: not leased, or leased by a gateway that died."""
    free = or_(BotTurn.leased_by.is_(None), BotTurn.lease_until < now)
    return list(session.scalars(select(BotTurn.contact_id).where(free).limit(500)))


def lease(unit: Unit, contact_id: str, *, by: str) -> Leased | None:
    """Take the turn, if there is one and nobody has it."""
    hold(unit.session, contact_id)
    free = or_(BotTurn.leased_by.is_(None), BotTurn.lease_until < unit.now)
    until = unit.now + timedelta(seconds=4 + GRACE_S)
    taken = unit.session.execute(
        update(BotTurn)
        .where(BotTurn.contact_id == contact_id, free)
        .values(leased_by=by, lease_until=until, turn=secrets.token_urlsafe(12))
        .returning(BotTurn.turn)
    ).one_or_none()
    if taken is None:
        return None
    turn = unit.session.get_one(BotTurn, contact_id, populate_existing=True)
    record = Record.load(unit, contact_id)
    if record.contact.phase not in (standing.Phase.WITH_BOT, standing.Phase.WAITING):
        unit.session.delete(turn)  # whoever asked it is gone, and a person has the contact (promise 8)
        return None
    turn.epoch = record.contact.epoch
    words = _words(record, turn)
    request = TurnRequest(turn=turn.turn, text=as_words(words), facts=facts_of(record))
    return Leased(contact_id=contact_id, request=request, through_seq=turn.through_seq, due_at=turn.due_at)


def close(unit: Unit, contact_id: str, *, turn_id: str, answer: TurnAnswer | None) -> bool:
    """TX2. `answer` None: the bot failed. False if the turn is no longer ours to close.

    An answer to an older epoch is dropped, except that the bot may still raise risk; its words are asked again.
    """
    hold(unit.session, contact_id)
    turn = unit.session.get(BotTurn, contact_id)
    if turn is None or turn.turn != turn_id:
        return False
    record = Record.load(unit, contact_id)
    late = turn.epoch != record.contact.epoch
    words, through = _words(record, turn), turn.through_seq
    if record.contact.phase is standing.Phase.WITH_ADVISOR:  # the bot is silent now; its second net still counts
        unit.session.delete(turn)
        raised = tuple(c for c in answer.commands if isinstance(c, RaiseRisk)) if answer is not None else ()
        happen(record, events.BotAnswered(replies=0, commands=raised), seq=through)
        return True
    if answer is not None and late:
        raised = tuple(c for c in answer.commands if isinstance(c, RaiseRisk))
        if not raised:
            _renew(unit, turn)  # the same words and any newer ones, within the same limit
            return True
        answer = TurnAnswer(turn=answer.turn, commands=raised)
    _hand_over(unit, turn)
    unit.session.flush()
    if answer is None:
        happen(record, events.BotFailed(), seq=through, words=words)
        return True
    event = events.BotAnswered(replies=len(answer.replies), commands=answer.commands)
    try:
        after, _ = contact.decide(record.contact, event, record.rules)
    except Illegal:  # a command nobody knows is an error, and an error goes to a person
        happen(record, events.BotFailed(), seq=through, words=words)
        return True
    emergency = after.risk is Risk.IMMEDIATE and record.contact.risk is not Risk.IMMEDIATE
    for reply in answer.replies if not emergency else ():  # then the emergency words stand alone
        record.append("bot", "reply", fill(reply.text, record.service, now=unit.now))
    happen(record, event, seq=through, words=words)
    return True


def give_up(unit: Unit, contact_id: str) -> None:
    """A turn that cannot be asked or cannot be closed: cards and a person all the same (promise 7)."""
    hold(unit.session, contact_id)
    unit.session.execute(delete(BotTurn).where(BotTurn.contact_id == contact_id))
    record = Record.load(unit, contact_id)
    if record.contact.phase in (standing.Phase.WITH_BOT, standing.Phase.WAITING):
        happen(record, events.BotFailed())


def tell_supervisor(unit: Unit, contact_id: str) -> None:
    """Even that failed (a key is gone, a text is missing): a supervisor looks now, and nobody is asked for ever."""
    hold(unit.session, contact_id)
    unit.session.execute(delete(BotTurn).where(BotTurn.contact_id == contact_id))
    raise_alarm(unit, contact_id, "turn_failed")


def facts_of(record: Record) -> Facts:
    contact = record.contact
    waiting = contact.phase is standing.Phase.WAITING
    return Facts(
        service=record.row.service,
        phase="waiting" if waiting else "with_bot",
        card=contact.card,
        risk="immediate" if contact.risk == 2 else "concern" if contact.risk == 1 else "none",
        unclear=contact.unclear,
        open=record.rules.open or (waiting and is_open(record.service.file.hours, record.unit.now)),
        need=contact.answer("need") if contact.answer("need") not in ("words", "carry_on") else None,
        under_18=contact.under_18,
        language=record.row.lang,
    )


def _words(record: Record, turn: BotTurn) -> str:
    rows = record.unit.session.scalars(
        select(EntryRow)
        .where(EntryRow.contact_id == record.row.id, EntryRow.seq.between(turn.from_seq, turn.through_seq))
        .where(EntryRow.for_bot)
        .order_by(EntryRow.seq)
    ).all()
    words = "\n".join(record.seal.open(row.body_ct, where=f"entry:{row.seq}:body") for row in rows)
    return words[:MOST_WORDS] or "…"


def _hand_over(unit: Unit, turn: BotTurn) -> None:
    """This turn is done: the next takes the words that came meanwhile, or there is none."""
    if turn.next_from is None or turn.next_due_at is None:
        unit.session.delete(turn)
        return
    turn.from_seq, turn.due_at = turn.next_from, turn.next_due_at
    _renew(unit, turn)


def _renew(unit: Unit, turn: BotTurn) -> None:
    newest = unit.session.scalars(
        select(EntryRow.seq)
        .where(EntryRow.contact_id == turn.contact_id, EntryRow.for_bot)
        .order_by(EntryRow.seq.desc())
        .limit(1)
    ).first()
    turn.turn = secrets.token_urlsafe(12)
    turn.through_seq = max(turn.from_seq, newest or turn.from_seq)
    turn.next_from = turn.next_due_at = turn.leased_by = turn.lease_until = None
    unit.bot_asked.add(turn.contact_id)
