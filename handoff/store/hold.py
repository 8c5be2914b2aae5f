"""Who changes a contact, alone: a unit of work takes the contact's row before it looks at anything of it.

On PostgreSQL many units run at once. Holding the row from the first look to the commit is what makes "the next seq",
"nobody has it yet" and "I still hold the lease" true when they are written down (promises 4 and 5). SQLite lets one
unit write at a time anyway; there it is a plain look.

In a guarded unit (`guard`, every unit of the desk) forgetting it is an error at once, on both databases, so that no
test on either can pass without. The order is always contact, then staff, then the audit's head, so that no two units
wait for each other.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session

from handoff.store.tables import ContactRow, Staff
from handoff.store.work import UnitSession

_HELD, _GUARDED, AUDITED = "held", "guarded", "audited"


class NotHeld(RuntimeError):
    """A unit would change a contact that it does not hold, or takes hold of one too late. A fault of ours."""


def guard(session: Session) -> None:
    """From now on this unit changes only contacts that it holds."""
    session.info[_GUARDED] = True


def hold(session: Session, contact_id: str) -> ContactRow | None:
    """The contact's row, ours alone until this unit ends; None if there is none. What was read before is read anew."""
    held = _held(session)
    if contact_id in held:
        return session.get(ContactRow, contact_id)
    if session.info.get(AUDITED):
        raise NotHeld("hold every contact before the first audit record: two units could wait for each other")
    session.flush()
    session.expire_all()
    row = session.get(ContactRow, contact_id, with_for_update={"key_share": True}, populate_existing=True)
    held.add(contact_id)
    return row


def hold_staff(session: Session, staff_id: str) -> None:
    """What this member of staff holds is changed by this unit alone until it ends. After `hold`, if both."""
    session.execute(select(Staff.id).where(Staff.id == staff_id).with_for_update(key_share=True))


def _held(session: Session) -> set[str]:
    held: set[str] = session.info.setdefault(_HELD, set())
    return held


@event.listens_for(UnitSession, "before_flush")
def _only_what_is_held(session: Session, _context: Any, _instances: Any) -> None:
    if not session.info.get(_GUARDED):
        return
    held = _held(session)
    held.update(row.id for row in session.new if isinstance(row, ContactRow))  # nobody else knows it yet
    for row in (*session.new, *session.dirty, *session.deleted):
        contact_id = row.id if isinstance(row, ContactRow) else getattr(row, "contact_id", None)
        if contact_id is not None and contact_id not in held and (row not in session.dirty or session.is_modified(row)):
            raise NotHeld(f"a unit writes {type(row).__name__} of a contact that it does not hold")


@event.listens_for(UnitSession, "do_orm_execute")
def _only_while_holding(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete) or not state.session.info.get(_GUARDED):
        return
    mapper = state.bind_mapper
    if mapper is None:
        return
    of_a_contact = mapper.class_ is ContactRow or "contact_id" in inspect(mapper).columns
    if of_a_contact and not _held(state.session):
        raise NotHeld(f"a unit changes {mapper.class_.__name__} and holds no contact")
