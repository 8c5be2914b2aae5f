"""What was done, by whom, when: a chain of hashes that shows any edit, gap or cut (promise 10). Never any content.

The database's triggers refuse edits; the chain shows those of somebody who got round the triggers. Somebody who can
rewrite the file *and* recompute every hash from there on is seen only by comparing the head with one noted elsewhere,
so note it elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from handoff.store.hold import AUDITED
from handoff.store.tables import Audit, AuditHead

GENESIS = "0" * 64
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ACTION = re.compile(r"[a-z_]{1,40}")
_PAIR = r"[a-z_]{1,20}=[A-Za-z0-9_.:-]{1,40}"
_DETAIL = re.compile(rf"(?:{_PAIR}(?: {_PAIR}){{0,5}})?")  # no sentence fits in here
_BATCH = 1000  # rows in memory while verifying

_AUDIT = cast(Table, Audit.__table__)
_AUDIT_HEAD = cast(Table, AuditHead.__table__)
_HEAD = select(_AUDIT_HEAD.c.n, _AUDIT_HEAD.c.hash).with_for_update()  # one appends at a time, on any database
_APPEND = insert(_AUDIT)
_MOVE = update(_AUDIT_HEAD).values(n=bindparam("to_n"), hash=bindparam("to_hash"))
_CHAIN = select(_AUDIT).order_by(_AUDIT.c.n).execution_options(yield_per=_BATCH)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """`n`: links found whole. `broken_at`: the first link that is not, and `why`; None where the chain is whole."""

    n: int
    broken_at: int | None = None
    why: str = ""


def record(
    session: Session, *, now: datetime, actor: str, action: str, ref: str | None = None, detail: str = ""
) -> None:
    """Appends one link. `detail` is up to six `key=value` pairs of short names and numbers; anything else is refused
    with ValueError, so that nobody's words can get in."""
    _check("actor", actor, _NAME)
    _check("action", action, _ACTION)
    if ref is not None:
        _check("ref", ref, _NAME)
    _check("detail", detail, _DETAIL)
    if now.tzinfo is None:
        raise ValueError("the audit needs a time with a zone")
    session.info[AUDITED] = True
    # Prepared statements on the plain connection: this runs in nearly every unit.
    connection = session.connection()
    head = connection.execute(_HEAD).one()
    at = now.astimezone(UTC)
    said = {"n": head.n + 1, "at": at, "actor": actor, "action": action, "ref": ref, "detail": detail}
    link = _hash(**said, prev=head.hash)
    connection.execute(_APPEND, {**said, "prev": head.hash, "hash": link})
    connection.execute(_MOVE, {"to_n": head.n + 1, "to_hash": link})


def verify(session: Session) -> Verified:
    """Walks the whole chain, a batch at a time."""
    n, prev = 0, GENESIS
    for row in session.execute(_CHAIN):
        if row.n != n + 1:
            return Verified(n=n, broken_at=n + 1, why="a link is missing here")
        if row.prev != prev:
            return Verified(n=n, broken_at=row.n, why="this link does not follow the one before it")
        made = _hash(
            n=row.n, at=row.at, actor=row.actor, action=row.action, ref=row.ref, detail=row.detail, prev=row.prev
        )
        if made != row.hash:
            return Verified(n=n, broken_at=row.n, why="this link was changed")
        n, prev = row.n, row.hash
    head = session.execute(select(AuditHead.n, AuditHead.hash)).one_or_none()
    if head is None:
        return Verified(n=n, broken_at=n + 1, why="the head of the chain is missing")
    if head.n > n:
        return Verified(n=n, broken_at=n + 1, why=f"the chain was cut: the head says {head.n} links")
    if (head.n, head.hash) != (n, prev):
        return Verified(n=n, broken_at=head.n, why="the head does not belong to this chain")
    return Verified(n=n)


def _hash(*, n: int, at: datetime, actor: str, action: str, ref: str | None, detail: str, prev: str) -> str:
    said = {
        "n": n,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "action": action,
        "ref": ref,
        "detail": detail,
        "prev": prev,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _check(name: str, value: str, allowed: re.Pattern[str]) -> None:
    if not allowed.fullmatch(value):
        raise ValueError(f"the audit does not take this {name}; it takes {allowed.pattern}")  # never the value
