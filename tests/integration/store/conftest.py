"""Rows that tests of the store begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from plain import Plain
from sqlalchemy.orm import Session

from handoff.store.tables import ContactRow, NoticeRecord, PolicyText, Staff

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def new_contact() -> Callable[[str], ContactRow]:
    def make(contact_id: str) -> ContactRow:
        return ContactRow(
            id=contact_id,
            service="missing",
            phase="with_bot",
            state_ct=b"",
            opened_at=NOW,
            last_seen=NOW,
            audit_ref=f"ref-{contact_id}",
        )

    return make


@pytest.fixture
def opening(new_contact: Callable[[str], ContactRow]) -> Callable[[Session], None]:
    """Two contacts `a` and `b` with notices 1 and 2, policy text 1, and staff `s1` and `s2`."""

    def put(session: Session) -> None:
        session.add(
            PolicyText(
                id=1,
                service="missing",
                kind="notice",
                version=1,
                lang="en",
                title="t",
                body="b",
                sha256="0",
                reviewed=date(2026, 1, 1),
                review_at=date(2027, 1, 1),
            )
        )
        session.add_all([new_contact("a"), new_contact("b")])
        session.add_all(Staff(id=s, name=s, role="advisor", password_hash="x", created_at=NOW) for s in ("s1", "s2"))
        session.flush()
        session.add_all(
            NoticeRecord(id=n, contact_id=c, text_id=1, seq=1, sha256="0", lang="en", sent_at=NOW)
            for n, c in ((1, "a"), (2, "b"))
        )

    return put


@pytest.fixture
def raw(url: str) -> Iterator[Plain]:
    """A plain connection to the same database, as any other program would have."""
    plain = Plain(url)
    yield plain
    plain.close()
