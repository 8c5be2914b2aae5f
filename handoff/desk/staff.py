"""Staff: sign-in, sessions, and the acknowledgement of the policies (R13). Working names only (M9)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handoff.cards import POLICY_CARDS
from handoff.desk.office import Office, Unit
from handoff.errors import Illegal, NotAllowed, NotFound
from handoff.services.model import Service, Text
from handoff.store import audit
from handoff.store.tables import Staff, StaffAck, StaffSession

ROLES = ("advisor", "moderator", "supervisor")
_hasher = PasswordHasher()


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A current policy text, and whether this member of staff has acknowledged it."""

    text_id: int
    service: Service
    text: Text
    acknowledged: bool


def create(unit: Unit, *, name: str, role: str, password: str) -> Staff:
    if role not in ROLES:
        raise Illegal(f"No role is called {role}: it is one of {', '.join(ROLES)}.")
    _check_password(password)
    if not name.strip() or len(name) > 60 or not name.isprintable():
        raise Illegal("A working name has 1 to 60 characters.")
    if unit.session.scalars(select(Staff).where(Staff.name == name)).one_or_none() is not None:
        raise Illegal(f"There is somebody called {name} already.")
    staff = Staff(
        id=secrets.token_urlsafe(9),
        name=name,
        role=role,
        password_hash=_hasher.hash(password),
        active=True,
        created_at=unit.now,
    )
    unit.session.add(staff)
    unit.session.flush()
    audit.record(unit.session, now=unit.now, actor="operator", action="staff_created", detail=f"role={role}")
    return staff


def change_password(unit: Unit, name: str, password: str) -> None:
    staff = _known(unit, name)
    _check_password(password)
    staff.password_hash = _hasher.hash(password)
    _end_all_sessions(unit, staff)
    audit.record(unit.session, now=unit.now, actor="operator", action="password_changed")


def disable(unit: Unit, name: str) -> None:
    """Somebody has left. What they hold goes back to the queue when the lease runs out."""
    staff = _known(unit, name)
    staff.active = False
    _end_all_sessions(unit, staff)
    audit.record(unit.session, now=unit.now, actor="operator", action="staff_disabled")


def find(session: Session, name: str) -> Staff | None:
    if not name.isprintable():
        return None  # nobody's; and there are signs that PostgreSQL does not even look up
    return session.scalars(select(Staff).where(Staff.name == name, Staff.active)).one_or_none()


def password_fits(staff: Staff | None, password: str) -> bool:
    """Slow on purpose, and as slow for a name that nobody has; run it outside any transaction."""
    try:
        return _hasher.verify(staff.password_hash if staff else _nobody(), password) and staff is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def begin_session(unit: Unit, staff_id: str, *, hours: int) -> str:
    """A new session's token, for the cookie; only its hash is stored."""
    token = secrets.token_urlsafe(32)
    unit.session.execute(update(Staff).where(Staff.id == staff_id).values(paused_at=None))  # a new shift
    unit.session.add(
        StaffSession(
            token_hash=_hash(token),
            staff_id=staff_id,
            created_at=unit.now,
            expires_at=unit.now + timedelta(hours=hours),
        )
    )
    audit.record(unit.session, now=unit.now, actor=staff_id, action="signed_in")
    return token


def who(session: Session, office: Office, token: str) -> Staff | None:
    """Whose session this is, while it lasts."""
    row = session.get(StaffSession, _hash(token))
    if row is None or row.revoked_at is not None or row.expires_at <= office.clock():
        return None
    staff = session.get(Staff, row.staff_id)
    return staff if staff is not None and staff.active else None


def signed_in(session: Session, staff_id: str, now: datetime) -> bool:
    """Whether any session of theirs still lasts."""
    found = select(StaffSession.staff_id).where(
        StaffSession.staff_id == staff_id, StaffSession.revoked_at.is_(None), StaffSession.expires_at > now
    )
    return session.scalars(found.limit(1)).first() is not None


def end_session(unit: Unit, token: str) -> None:
    unit.session.execute(
        update(StaffSession).where(StaffSession.token_hash == _hash(token)).values(revoked_at=unit.now)
    )


def policies(session: Session, office: Office, staff: Staff) -> list[Policy]:
    """The current policies of every service."""
    known = set(session.scalars(select(StaffAck.text_id).where(StaffAck.staff_id == staff.id)))
    return [
        Policy(text_id=text_id, service=service, text=text, acknowledged=text_id in known)
        for text_id, (service, text) in current_policies(office).items()
    ]


def current_policies(office: Office) -> dict[int, tuple[Service, Text]]:
    """What staff acknowledge before they claim: `policy_text.id` → the text, of every service."""
    return {
        office.text_id(service, text): (service, text)
        for service in office.services.values()
        for kind in sorted(POLICY_CARDS)
        for text in [service.text(kind)]
    }


def acknowledge(unit: Unit, staff: Staff, text_id: int) -> None:
    if text_id not in {policy.text_id for policy in policies(unit.session, unit.office, staff)}:
        raise NotFound("That is not a current policy. You can load the page again.")
    if unit.session.get(StaffAck, (staff.id, text_id)) is None:
        unit.session.add(StaffAck(staff_id=staff.id, text_id=text_id, at=unit.now))
        audit.record(unit.session, now=unit.now, actor=staff.id, action="policy_acknowledged", detail=f"text={text_id}")


def may_claim(session: Session, office: Office, staff: Staff) -> bool:
    return staff.role != "moderator" and all(p.acknowledged for p in policies(session, office, staff))


def must_have_acknowledged(unit: Unit, staff: Staff) -> None:
    """R13: before the first claim, and again when a policy changes."""
    if not may_claim(unit.session, unit.office, staff):
        raise NotAllowed("Please read and acknowledge the current policies before you claim.")


@cache
def _nobody() -> str:
    """Verified for names that nobody has, so that the time tells nothing."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _known(unit: Unit, name: str) -> Staff:
    staff = unit.session.scalars(select(Staff).where(Staff.name == name)).one_or_none()
    if staff is None:
        raise NotFound(f"There is nobody called {name}. Mend: frontdoor staff list")
    return staff


def _check_password(password: str) -> None:
    if len(password) < 10:
        raise Illegal("A password needs at least 10 characters.")


def _end_all_sessions(unit: Unit, staff: Staff) -> None:
    unit.session.execute(
        update(StaffSession)
        .where(StaffSession.staff_id == staff.id, StaffSession.revoked_at.is_(None))
        .values(revoked_at=unit.now)
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
