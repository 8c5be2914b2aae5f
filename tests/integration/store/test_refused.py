"""What the database itself refuses, whatever program asks: tried in plain SQL over a connection of our own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from plain import Plain
from sqlalchemy.orm import Session

from handoff.store import audit
from handoff.store.store import Store

AT = "2026-11-22 02:00:00.000000"
ENTRY = (
    "INSERT INTO entry (contact_id, seq, author, kind, body_ct, for_bot, at, risk, abuse, uncertain, client_id) "
    f"VALUES (:contact, :seq, :author, :kind, :body, false, '{AT}', :risk, :abuse, :uncertain, :client_id)"
)
SCREENED = {
    "contact": "a",
    "seq": 1,
    "author": "person",
    "kind": "words",
    "risk": "none",
    "abuse": "none",
    "uncertain": False,
    "body": b"",
    "client_id": "one",
}
QUEUE = (
    "INSERT INTO queue_entry (contact_id, notice_id, service, queue, band, entered_at, returned, state, staff_id, "
    f"lease_until, lease_no) VALUES (:contact, :notice, 'missing', 'advisors', :band, '{AT}', false, :state, "
    ":staff, :until, 0)"
)
WAITING = {"contact": "a", "notice": 1, "band": 3, "state": "waiting", "staff": None, "until": None}
CASE = (
    "INSERT INTO moderation_case (id, contact_id, state, opened_at, ended_by, was_risk, moderator_id, outcome) "
    f"VALUES (:id, 'a', :state, '{AT}', 's1', false, :moderator, :outcome)"
)
TAKEN = {"id": "m", "state": "taken", "moderator": "s2", "outcome": None}


@pytest.fixture
async def sql(store: Store, raw: Plain, opening: Callable[[Session], None]) -> Plain:
    await store.write(opening)
    return raw


# ── promise 1: notice first ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_queue_entry_with_its_notice_is_taken(sql: Plain) -> None:
    sql.execute(QUEUE, WAITING)


def test_a_queue_entry_without_a_notice_record_is_refused(sql: Plain) -> None:
    sql.refuses(QUEUE, WAITING | {"notice": None}, says="NOT NULL.*notice_id")
    sql.refuses(QUEUE, WAITING | {"notice": 99}, says="FOREIGN KEY")


def test_a_queue_entry_with_the_notice_of_another_contact_is_refused(sql: Plain) -> None:
    sql.refuses(QUEUE, WAITING | {"notice": 2}, says="FOREIGN KEY")


def test_a_queue_entry_cannot_lose_its_notice_later(sql: Plain) -> None:
    sql.execute(QUEUE, WAITING)
    sql.refuses("UPDATE queue_entry SET notice_id = 2", says="FOREIGN KEY")
    sql.refuses("UPDATE queue_entry SET contact_id = 'b'", says="FOREIGN KEY")
    sql.refuses("UPDATE notice_record SET contact_id = 'b' WHERE id = 1", says="FOREIGN KEY")


def test_a_notice_record_that_was_not_sent_is_refused(sql: Plain) -> None:
    sql.refuses("UPDATE notice_record SET sent_at = NULL", says="NOT NULL.*sent_at")


# ── promise 2: every message is screened ─────────────────────────────────────────────────────────────────────────────


def test_a_screened_message_is_taken(sql: Plain) -> None:
    sql.execute(ENTRY, SCREENED)


@pytest.mark.parametrize("lacking", ["risk", "abuse", "uncertain"])
def test_a_persons_entry_without_a_verdict_is_refused(sql: Plain, lacking: str) -> None:
    sql.refuses(ENTRY, SCREENED | {lacking: None}, says="every_message_is_screened")
    sql.execute(ENTRY, SCREENED)
    sql.refuses(f"UPDATE entry SET {lacking} = NULL", says="every_message_is_screened")


# ── promise 4: once, in order ────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_message_twice_or_two_in_one_place_are_refused(sql: Plain) -> None:
    sql.execute(ENTRY, SCREENED)
    sql.refuses(ENTRY, SCREENED | {"seq": 2}, says="UNIQUE.*client_id")
    sql.refuses(ENTRY, SCREENED | {"client_id": "two"}, says="UNIQUE.*seq")


def test_an_entry_is_never_renumbered_nor_given_to_another_contact(sql: Plain) -> None:
    sql.execute(ENTRY, SCREENED)
    sql.refuses("UPDATE entry SET seq = 2", says="keeps its contact and its seq")
    sql.refuses("UPDATE entry SET contact_id = 'b'", says="keeps its contact and its seq")


# ── promise 5: exactly one advisor ───────────────────────────────────────────────────────────────────────────────────


def test_two_open_queue_entries_for_one_contact_are_refused(sql: Plain) -> None:
    sql.execute(QUEUE, WAITING)
    sql.refuses(QUEUE, WAITING, says="UNIQUE")
    sql.execute("UPDATE queue_entry SET state = 'closed'")
    sql.execute(QUEUE, WAITING)
    sql.refuses("UPDATE queue_entry SET state = 'waiting' WHERE state = 'closed'", says="UNIQUE")


def test_a_claim_without_its_advisor_or_its_lease_is_refused(sql: Plain) -> None:
    claimed = WAITING | {"state": "claimed"}
    sql.refuses(QUEUE, claimed | {"staff": "s1"}, says="CHECK")
    sql.refuses(QUEUE, claimed | {"until": AT}, says="CHECK")
    sql.refuses(QUEUE, claimed | {"staff": "nobody", "until": AT}, says="FOREIGN KEY")
    sql.execute(QUEUE, claimed | {"staff": "s1", "until": AT})
    sql.refuses("UPDATE queue_entry SET lease_until = NULL", says="CHECK")


def test_a_place_that_waits_is_held_by_nobody(sql: Plain) -> None:
    sql.refuses(QUEUE, WAITING | {"staff": "s1", "until": AT}, says="CHECK")


@pytest.mark.parametrize("band", [-1, 5])
def test_a_band_that_does_not_exist_is_refused(sql: Plain, band: int) -> None:
    sql.refuses(QUEUE, WAITING | {"band": band}, says="CHECK")


# ── promise 12: reviewed by somebody else ────────────────────────────────────────────────────────────────────────────


def test_the_one_who_ended_a_contact_never_reviews_it(sql: Plain) -> None:
    sql.refuses(CASE, TAKEN | {"moderator": "s1"}, says="never_the_one_who_ended_it")
    sql.execute(CASE, TAKEN)
    sql.refuses("UPDATE moderation_case SET moderator_id = 's1'", says="never_the_one_who_ended_it")


def test_a_case_is_not_decided_without_an_outcome_or_a_moderator(sql: Plain) -> None:
    sql.refuses(CASE, TAKEN | {"state": "decided"}, says="CHECK")
    sql.refuses(CASE, TAKEN | {"state": "decided", "moderator": None, "outcome": "uphold"}, says="CHECK")
    sql.execute(CASE, TAKEN)
    sql.refuses(CASE, TAKEN | {"id": "m2"}, says="UNIQUE")


def test_a_contact_is_ended_exactly_when_it_has_a_time_of_ending(sql: Plain) -> None:
    sql.refuses("UPDATE contact SET phase = 'ended' WHERE id = 'a'", says="CHECK")
    sql.refuses(f"UPDATE contact SET ended_at = '{AT}' WHERE id = 'a'", says="CHECK")
    sql.refuses("UPDATE contact SET phase = 'blocked' WHERE id = 'a'", says="CHECK")


# ── R14 and promise 10: what was released or audited stays ───────────────────────────────────────────────────────────


TEXT = (
    "policy_text (id, service, kind, version, lang, title, body, sha256, reviewed, review_at) "
    "VALUES (:id, 'missing', 'notice', 1, 'en', 't', 'other', '0', '2026-01-01', '2027-01-01')"
)


def test_a_released_text_is_never_edited_or_removed(sql: Plain) -> None:
    sql.refuses("UPDATE policy_text SET body = 'other'", says="never edited")
    sql.refuses("UPDATE policy_text SET review_at = '2099-01-01'", says="never edited")
    sql.refuses("DELETE FROM policy_text", says="never edited")
    for id_ in (1, 99):  # over its id, and over its name
        sql.refuses(f"INSERT INTO {TEXT}", {"id": id_}, says="never edited" if sql.sqlite else "UNIQUE")
        if sql.sqlite:
            sql.refuses(f"INSERT OR REPLACE INTO {TEXT}", {"id": id_}, says="never edited")
    if not sql.sqlite:
        over = "ON CONFLICT (service, kind, version, lang) DO UPDATE SET body = 'other'"
        sql.refuses(f"INSERT INTO {TEXT} {over}", {"id": 99}, says="never edited")
        sql.refuses("TRUNCATE policy_text CASCADE", says="never edited")
    assert sql.one("SELECT body FROM policy_text") == "b"


async def test_the_audit_only_grows_and_its_head_only_moves_forward(store: Store, sql: Plain, now: datetime) -> None:
    for _ in range(3):
        await store.write(lambda session: audit.record(session, now=now, actor="s1", action="claimed", ref="r"))
    whole = sql.execute("SELECT * FROM audit ORDER BY n")
    sql.refuses("UPDATE audit SET actor = 's2' WHERE n = 2", says="append-only")
    sql.refuses("DELETE FROM audit WHERE n = 3", says="append-only")
    sql.refuses("UPDATE audit_head SET n = 2", says="only moves forward")
    sql.refuses("UPDATE audit_head SET hash = 'other'", says="only moves forward")
    sql.refuses("DELETE FROM audit_head", says="only moves forward")
    if sql.sqlite:
        sql.refuses("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE n = 2", says="append-only")
        sql.refuses("INSERT OR REPLACE INTO audit_head VALUES (1, 0, '')", says="only moves forward")
        sql.refuses("INSERT INTO audit_head VALUES (2, 0, '')", says="only moves forward")
    else:
        over = "ON CONFLICT (n) DO UPDATE SET actor = 's2'"
        sql.refuses(f"INSERT INTO audit SELECT * FROM audit WHERE n = 2 {over}", says="append-only")
        over = "ON CONFLICT (id) DO UPDATE SET n = 0"
        sql.refuses(f"INSERT INTO audit_head VALUES (1, 0, '') {over}", says="only moves forward")
        sql.refuses("INSERT INTO audit_head VALUES (2, 0, '')", says="CHECK")
        sql.refuses("TRUNCATE audit", says="append-only")
        sql.refuses("TRUNCATE audit_head", says="only moves forward")
    assert sql.execute("SELECT * FROM audit ORDER BY n") == whole


# ── R11: a contact goes as a whole ───────────────────────────────────────────────────────────────────────────────────


def test_deleting_a_contact_takes_its_rows_and_leaves_those_of_others(sql: Plain) -> None:
    sql.execute(ENTRY, SCREENED)
    sql.execute(ENTRY, SCREENED | {"contact": "b"})
    sql.execute(QUEUE, WAITING)
    sql.execute("DELETE FROM contact WHERE id = 'a'")
    for table in ("entry", "queue_entry", "notice_record"):
        assert not sql.execute(f"SELECT 1 FROM {table} WHERE contact_id = 'a'")
    assert sql.execute("SELECT contact_id FROM entry") == [("b",)]
