"""Moderators review every ending for abuse: uphold it, or overturn it (promise 12)."""

from __future__ import annotations

from sqlalchemy import select, update

from handoff import events, standing
from handoff.desk.happen import happen
from handoff.desk.office import Unit
from handoff.desk.record import Record
from handoff.errors import AlreadyClaimed, Illegal, NotAllowed, NotFound
from handoff.store.hold import hold
from handoff.store.tables import Fact, ModerationCase, Staff

OUTCOMES = ("uphold", "overturn", "staff_learning", "rule_fault")
CLEARS = frozenset({"overturn", "rule_fault"})  # the record is cleared, and the person may go on


def take(unit: Unit, staff: Staff, case_id: str) -> None:
    """Take an open case. Never the one who ended the contact."""
    case = _case(unit, case_id)
    _may_moderate(staff, case)
    taken = unit.session.execute(
        update(ModerationCase)
        .where(ModerationCase.id == case_id, ModerationCase.state == "open")
        .values(state="taken", moderator_id=staff.id)
        .returning(ModerationCase.id)
    ).one_or_none()
    if taken is None:
        raise AlreadyClaimed("Another moderator has this case.")
    unit.session.expire(case)
    Record.load(unit, case.contact_id).audit("case_taken", actor=staff.id)


def decide(unit: Unit, staff: Staff, case_id: str, *, outcome: str, reason: str) -> bool:
    """Decide a case one has taken. True if the person now goes on in a contact that continues the old one.

    A person who used quick exit left nothing to be reached by: the record is cleared, and they may come any time."""
    if outcome not in OUTCOMES:
        raise Illegal(f"An outcome is one of {', '.join(OUTCOMES)}.")
    if not reason.strip():
        raise Illegal("Say the reason in a sentence or two: it is part of the record.")
    case = _case(unit, case_id)
    _may_moderate(staff, case)
    if case.state != "taken" or case.moderator_id != staff.id:
        raise Illegal("Take the case first. A case that is decided stays decided.")
    old = Record.load(unit, case.contact_id)
    case.state, case.outcome, case.decided_at = "decided", outcome, unit.now
    case.reason_ct = old.seal.seal(reason, where="case:reason")
    old.audit("case_decided", actor=staff.id, detail=f"outcome={outcome}")
    unit.session.flush()
    token_hash = old.row.token_hash
    if outcome not in CLEARS or token_hash is None:
        return False
    old.row.token_hash = None
    unit.session.flush()
    new = Record.make(
        unit, old.service, lang=old.row.lang, token_hash=token_hash, contact=standing.continuing(old.contact)
    )
    new.row.continues = old.row.id
    happen(new, events.Continued(), by=staff.id)
    for fact in unit.session.scalars(select(Fact).where(Fact.contact_id == old.row.id)).all():
        words = old.seal.open(fact.value_ct, where=f"fact:{fact.name}")
        new.keep_fact(fact.name, new.row.last_seq, words)  # nobody has to tell it twice
    unit.touched.add(old.row.id)
    return True


def may_moderate(staff: Staff, case: ModerationCase) -> str:
    """Empty, or the reason in words for people."""
    if staff.role != "moderator":
        return "Only moderators decide cases."
    if case.ended_by == staff.id:
        return "You ended this contact, so another moderator reviews it."
    return ""


def _may_moderate(staff: Staff, case: ModerationCase) -> None:
    why_not = may_moderate(staff, case)
    if why_not:
        raise NotAllowed(why_not)


def _case(unit: Unit, case_id: str) -> ModerationCase:
    case = unit.session.get(ModerationCase, case_id)
    if case is None:
        raise NotFound("There is no such case.")
    hold(unit.session, case.contact_id)
    return case
