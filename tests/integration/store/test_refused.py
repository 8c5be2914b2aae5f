"""What the database itself refuses, whatever program asks: tried in plain SQL over a connection of our own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from handoff.store import audit
from handoff.store.store import Store

AT = "2026-11-22 02:00:00.000000"
ENTRY = (
    "INSERT INTO entry (contact_id, seq, author, kind, body_ct, for_bot, at, risk, abuse, uncertain, client_id) "
    f"VALUES (:contact, :seq, :author, :kind, x'', 0, '{AT}', :risk, :abuse, :uncertain, :client_id)"
)
SCREENED = {
    "contact": "a",
    "seq": 1,
    "author": "person",
    "kind": "words",
    "risk": "none",
    "abuse": "none",
    "uncertain": 0,
    "client_id": "one",
}
QUEUE = (
    "INSERT INTO queue_entry (contact_id, notice_id, service, queue, band, entered_at, returned, state, staff_id, "
    f"lease_until, lease_no) VALUES (:contact, :notice, 'missing', 'advisors', :band, '{AT}', 0, :state, :staff, "
    ":until, 0)"
)
WAITING = {"contact": "a", "notice": 1, "band": 3, "state": "waiting", "staff": None, "until": None}
CASE = (
    "INSERT INTO moderation_case (id, contact_id, state, opened_at, ended_by, was_risk, moderator_id, outcome) "
    f"VALUES (:id, 'a', :state, '{AT}', 's1', 0, :moderator, :outcome)"
)
TAKEN = {"id": "m", "state": "taken", "moderator": "s2", "outcome": None}


@pytest.fixture
async def sql(store: Store, raw: sqlite3.Connection, opening: Callable[[Session], None]) -> sqlite3.Connection:
    await store.write(opening)
    return raw


def refused(sql: sqlite3.Connection, statement: str, values: dict[str, object] | None = None, *, says: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=says):
        sql.execute(statement, values or {})


# ── promise 1: notice first ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_queue_entry_with_its_notice_is_taken(sql: sqlite3.Connection) -> None:
    sql.execute(QUEUE, WAITING)


def test_a_queue_entry_without_a_notice_record_is_refused(sql: sqlite3.Connection) -> None:
    refused(sql, QUEUE, WAITING | {"notice": None}, says="NOT NULL.*notice_id")
    refused(sql, QUEUE, WAITING | {"notice": 99}, says="FOREIGN KEY")


def test_a_queue_entry_with_the_notice_of_another_contact_is_refused(sql: sqlite3.Connection) -> None:
    refused(sql, QUEUE, WAITING | {"notice": 2}, says="FOREIGN KEY")


def test_a_queue_entry_cannot_lose_its_notice_later(sql: sqlite3.Connection) -> None:
    sql.execute(QUEUE, WAITING)
    refused(sql, "UPDATE queue_entry SET notice_id = 2", says="FOREIGN KEY")
    refused(sql, "UPDATE queue_entry SET contact_id = 'b'", says="FOREIGN KEY")
    refused(sql, "UPDATE notice_record SET contact_id = 'b' WHERE id = 1", says="FOREIGN KEY")


def test_a_notice_record_that_was_not_sent_is_refused(sql: sqlite3.Connection) -> None:
    refused(sql, "UPDATE notice_record SET sent_at = NULL", says="NOT NULL.*sent_at")


# ── promise 2: every message is screened ─────────────────────────────────────────────────────────────────────────────


def test_a_screened_message_is_taken(sql: sqlite3.Connection) -> None:
    sql.execute(ENTRY, SCREENED)


@pytest.mark.parametrize("lacking", ["risk", "abuse", "uncertain"])
def test_a_persons_entry_without_a_verdict_is_refused(sql: sqlite3.Connection, lacking: str) -> None:
    refused(sql, ENTRY, SCREENED | {lacking: None}, says="every_message_is_screened")
    sql.execute(ENTRY, SCREENED)
    refused(sql, f"UPDATE entry SET {lacking} = NULL", says="every_message_is_screened")


# ── promise 4: once, in order ────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_message_twice_or_two_in_one_place_are_refused(sql: sqlite3.Connection) -> None:
    sql.execute(ENTRY, SCREENED)
    refused(sql, ENTRY, SCREENED | {"seq": 2}, says="UNIQUE.*client_id")
    refused(sql, ENTRY, SCREENED | {"client_id": "two"}, says="UNIQUE.*seq")


def test_an_entry_is_never_renumbered_nor_given_to_another_contact(sql: sqlite3.Connection) -> None:
    sql.execute(ENTRY, SCREENED)
    refused(sql, "UPDATE entry SET seq = 2", says="keeps its contact and its seq")
    refused(sql, "UPDATE entry SET contact_id = 'b'", says="keeps its contact and its seq")


# ── promise 5: exactly one advisor ───────────────────────────────────────────────────────────────────────────────────


def test_two_open_queue_entries_for_one_contact_are_refused(sql: sqlite3.Connection) -> None:
    sql.execute(QUEUE, WAITING)
    refused(sql, QUEUE, WAITING, says="UNIQUE")
    sql.execute("UPDATE queue_entry SET state = 'closed'")
    sql.execute(QUEUE, WAITING)
    refused(sql, "UPDATE queue_entry SET state = 'waiting' WHERE state = 'closed'", says="UNIQUE")


def test_a_claim_without_its_advisor_or_its_lease_is_refused(sql: sqlite3.Connection) -> None:
    claimed = WAITING | {"state": "claimed"}
    refused(sql, QUEUE, claimed | {"staff": "s1"}, says="CHECK")
    refused(sql, QUEUE, claimed | {"until": AT}, says="CHECK")
    refused(sql, QUEUE, claimed | {"staff": "nobody", "until": AT}, says="FOREIGN KEY")
    sql.execute(QUEUE, claimed | {"staff": "s1", "until": AT})
    refused(sql, "UPDATE queue_entry SET lease_until = NULL", says="CHECK")


def test_a_place_that_waits_is_held_by_nobody(sql: sqlite3.Connection) -> None:
    refused(sql, QUEUE, WAITING | {"staff": "s1", "until": AT}, says="CHECK")


@pytest.mark.parametrize("band", [-1, 5])
def test_a_band_that_does_not_exist_is_refused(sql: sqlite3.Connection, band: int) -> None:
    refused(sql, QUEUE, WAITING | {"band": band}, says="CHECK")


# ── promise 12: reviewed by somebody else ────────────────────────────────────────────────────────────────────────────


def test_the_one_who_ended_a_contact_never_reviews_it(sql: sqlite3.Connection) -> None:
    refused(sql, CASE, TAKEN | {"moderator": "s1"}, says="never_the_one_who_ended_it")
    sql.execute(CASE, TAKEN)
    refused(sql, "UPDATE moderation_case SET moderator_id = 's1'", says="never_the_one_who_ended_it")


def test_a_case_is_not_decided_without_an_outcome_or_a_moderator(sql: sqlite3.Connection) -> None:
    refused(sql, CASE, TAKEN | {"state": "decided"}, says="CHECK")
    refused(sql, CASE, TAKEN | {"state": "decided", "moderator": None, "outcome": "uphold"}, says="CHECK")
    sql.execute(CASE, TAKEN)
    refused(sql, CASE, TAKEN | {"id": "m2"}, says="UNIQUE")


def test_a_contact_is_ended_exactly_when_it_has_a_time_of_ending(sql: sqlite3.Connection) -> None:
    refused(sql, "UPDATE contact SET phase = 'ended' WHERE id = 'a'", says="CHECK")
    refused(sql, f"UPDATE contact SET ended_at = '{AT}' WHERE id = 'a'", says="CHECK")
    refused(sql, "UPDATE contact SET phase = 'blocked' WHERE id = 'a'", says="CHECK")


# ── R14 and promise 10: what was released or audited stays ───────────────────────────────────────────────────────────


def test_a_released_text_is_never_edited_or_removed(sql: sqlite3.Connection) -> None:
    refused(sql, "UPDATE policy_text SET body = 'other'", says="never edited")
    refused(sql, "UPDATE policy_text SET review_at = '2099-01-01'", says="never edited")
    refused(sql, "DELETE FROM policy_text", says="never edited")
    for way in ("INSERT", "INSERT OR REPLACE"):
        for id_ in (1, 2):  # over its id, and over its name
            refused(
                sql,
                f"{way} INTO policy_text VALUES ({id_}, 'missing', 'notice', 1, 'en', 't', 'other', '0', "
                "'2026-01-01', '2027-01-01')",
                says="never edited",
            )
    assert sql.execute("SELECT body FROM policy_text").fetchall() == [("b",)]


async def test_the_audit_only_grows_and_its_head_only_moves_forward(
    store: Store, sql: sqlite3.Connection, now: datetime
) -> None:
    for _ in range(3):
        await store.write(lambda session: audit.record(session, now=now, actor="s1", action="claimed", ref="r"))
    whole = sql.execute("SELECT * FROM audit").fetchall()
    refused(sql, "UPDATE audit SET actor = 's2' WHERE n = 2", says="append-only")
    refused(sql, "DELETE FROM audit WHERE n = 3", says="append-only")
    refused(sql, "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE n = 2", says="append-only")
    refused(sql, "UPDATE audit_head SET n = 2", says="only moves forward")
    refused(sql, "UPDATE audit_head SET hash = 'other'", says="only moves forward")
    refused(sql, "DELETE FROM audit_head", says="only moves forward")
    refused(sql, "INSERT OR REPLACE INTO audit_head VALUES (1, 0, '')", says="only moves forward")
    refused(sql, "INSERT INTO audit_head VALUES (2, 0, '')", says="only moves forward")
    assert sql.execute("SELECT * FROM audit").fetchall() == whole


# ── R11: a contact goes as a whole ───────────────────────────────────────────────────────────────────────────────────


def test_deleting_a_contact_takes_its_rows_and_leaves_those_of_others(sql: sqlite3.Connection) -> None:
    sql.execute(ENTRY, SCREENED)
    sql.execute(ENTRY, SCREENED | {"contact": "b"})
    sql.execute(QUEUE, WAITING)
    sql.execute("DELETE FROM contact WHERE id = 'a'")
    for table in ("entry", "queue_entry", "notice_record"):
        assert not sql.execute(f"SELECT 1 FROM {table} WHERE contact_id = 'a'").fetchall()
    assert sql.execute("SELECT contact_id FROM entry").fetchall() == [("b",)]
