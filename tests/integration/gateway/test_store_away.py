"""The database takes nothing for a while: people are told, nothing is acknowledged, and afterwards it works."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import text

WORDS = "he is at the window"


@pytest.fixture
def door_on_a_file(own_door):
    """The front door over a SQLite file; how PostgreSQL goes away is in tests/faults/test_storage_gone.py."""
    door = own_door()
    if not door.database.exists():
        pytest.skip("a SQLite file is locked and made read-only here")
    return door


def test_locked_by_another_process_nothing_is_acknowledged_and_afterwards_it_works(door_on_a_file):
    door = door_on_a_file
    with door.page() as page, door.desk() as desk:
        page.card("safe_to_chat")
        other = sqlite3.connect(door.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        said = page.ask(t="say", id="mine", text=WORDS)
        assert (said["t"], said["code"], said["retry"]) == ("refused", "store_unavailable", True)
        assert "again" in said["words"]
        assert "Mend" not in said["words"], "that is for operators"
        page.alive()
        assert desk.ask(t="claim", contact=page.contact)["code"] == "store_unavailable"
        with door.http() as http:
            assert http.get("/health").status_code == 200
        other.execute("ROLLBACK")
        other.close()
        assert page.ask(t="say", id="mine", text=WORDS)["t"] == "ack"
        assert [e["id"] for e in door.transcript(page) if e["text"] == WORDS] == ["mine"]


def test_a_new_page_is_told_to_come_back_while_the_database_is_locked(door_on_a_file):
    door = door_on_a_file
    other = sqlite3.connect(door.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with door.page_line() as page:
            said = page.until("bye")
            assert said["code"] == "store_unavailable"
            assert said["retry_after"]
            assert "Mend" not in said["words"]
    finally:
        other.execute("ROLLBACK")
        other.close()
    with door.page() as page:
        assert page.ask(t="say", text=WORDS)["t"] == "ack"


def test_read_only_nothing_is_acknowledged_and_afterwards_it_works(door_on_a_file):
    door = door_on_a_file
    with door.page() as page:
        page.card("safe_to_chat")
        door.in_store(lambda s: s.execute(text("PRAGMA query_only=ON")))
        said = page.ask(t="say", id="mine", text=WORDS)
        assert (said["t"], said["code"], said["retry"]) == ("refused", "store_unavailable", True)
        # The store begins anew on a fresh connection after a failure, as after a remount.
        assert page.ask(t="say", id="mine", text=WORDS)["t"] == "ack"
        assert len([e for e in door.transcript(page) if e["text"] == WORDS]) == 1


def test_staff_pages_are_told_when_the_database_cannot_be_read(own_door):
    door = own_door()
    session = door.session("advisor")
    with door.http(session) as http:
        assert http.get("/staff/api/me").status_code == 200
        door.opened.store.close()
        answer = http.get("/staff/api/me")
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert "Mend" not in answer.json()["words"]
        assert http.get("/health").json()["status"] == "degraded"
    with door.staff_line(session) as desk:
        said = desk.until("bye")
        assert said["code"] == "store_unavailable"
        assert said["retry_after"]
