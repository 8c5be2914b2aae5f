"""What each side sees of the other, and never sees: notes, working names, observing, complaints, reviews due."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from handoff.store.tables import Audit

NOTE = "a note between colleagues"


def claimed(door, desk, page) -> int:
    page.ask(t="person")
    page.becomes(phase="waiting")
    return int(desk.ask(t="claim", contact=page.contact)["lease_no"])


def test_notes_and_wrap_up_are_never_on_the_person_s_side(door):
    """M10, M11."""
    with door.page() as page, door.desk() as desk:
        lease = claimed(door, desk, page)
        assert desk.ask(t="note", contact=page.contact, lease_no=lease, text=NOTE)["seq"] == 1
        desk.ask(t="say", contact=page.contact, lease_no=lease, text="hello, I am here")
        desk.ask(t="end", contact=page.contact, lease_no=lease, reason="done")
        assert desk.ask(t="wrap_up", contact=page.contact, text=NOTE)["seq"] == 2
        desk.looked_round()
        assert NOTE in json.dumps(desk.seen)
        page.becomes(phase="ended")
        assert NOTE not in json.dumps([page.seen, door.transcript(page)])


def test_the_person_is_told_the_working_name_and_nothing_else_of_an_advisor(door):
    """M9."""
    with door.page() as page, door.desk() as desk:
        lease = claimed(door, desk, page)
        desk.ask(t="say", contact=page.contact, lease_no=lease, text="hello, I am here")
        name = next(frame["name"] for frame in desk.seen if frame["t"] == "welcome")
        entry = next(e for e in door.transcript(page) if e["author"] == "advisor")
        assert entry["name"] == name
        page.becomes(advisor=name)
        assert desk.staff not in json.dumps([page.seen, door.transcript(page)])


def test_observing_is_an_audit_event_and_the_person_s_words_do_not_change(door):
    """R2."""

    def observed() -> int:
        return int(door.look(lambda s: s.scalar(select(func.count()).where(Audit.action == "observed"))))

    with door.page() as page, door.desk("supervisor") as desk:
        before, words = observed(), door.transcript(page)
        desk.send(t="open", contact=page.contact, reason="quality, as agreed")
        desk.until("entry", contact=page.contact)
        assert observed() == before + 1
        assert door.transcript(page) == words


def test_a_complaint_reaches_supervisors_and_not_the_advisor_who_holds_the_contact(door):
    """M14: outside the advisor's control."""
    words = "I want to complain about how I was spoken to"
    with door.page() as page, door.desk() as desk:
        claimed(door, desk, page)
        assert page.ask(t="complain", text=words)["t"] == "ack"
        desk.looked_round()
        assert words not in json.dumps(desk.seen)
        with door.http(door.session("supervisor")) as http:
            assert words in [complaint["text"] for complaint in http.get("/staff/api/overview").json()["complaints"]]


def test_every_policy_is_on_the_supervisor_s_page_with_its_next_review(door):
    """R15."""
    with door.http(door.session("supervisor")) as http:
        reviews = http.get("/staff/api/overview").json()["reviews"]
    assert {(r["service"], r["kind"]) for r in reviews} == {
        (service, kind) for service in ("missing", "phoneline", "survivors") for kind in ("code_of_contact", "notice")
    }
    assert all(isinstance(r["overdue"], bool) and len(r["next_review"]) == len("2026-11-22") for r in reviews)


def test_a_page_that_renews_what_is_no_longer_its_own_is_told_so(door):
    """Promise 5: after a lost line nobody goes on writing to a person who is somebody else's now."""
    with door.page() as page, door.desk() as desk:
        lease = claimed(door, desk, page)
        desk.ask(t="release", contact=page.contact, lease_no=lease)
        desk.send(t="renew", contact=page.contact, lease_no=lease)
        assert desk.until("lost", contact=page.contact)["why"] == "lease"


def test_a_claim_that_is_pressed_twice_is_read_from_the_beginning_without_a_gap(door):
    """A page draws entries in order: one from the middle first would hide all before it."""
    with door.page() as page, door.desk() as desk:
        for n in range(15):
            page.ask(t="say", text=f"message {n}")
        page.ask(t="person")
        page.becomes(phase="waiting")
        for n in range(8):
            desk.send(t="claim", id=f"press-{n}", contact=page.contact)
        desk.until("claimed", id="press-7")
        desk.looked_round()
        last = max(at for at, frame in enumerate(desk.seen) if frame["t"] == "claimed")
        seqs = [frame["entry"]["seq"] for frame in desk.seen[last:] if frame["t"] == "entry"]
        assert seqs == list(range(1, len(door.transcript(page)) + 1))
