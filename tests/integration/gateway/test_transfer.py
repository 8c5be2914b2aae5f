"""On the wire: handing on, and asking a colleague; what each side hears, and from when on it hears nothing."""

from __future__ import annotations

import json

import pytest

WORDS, LATER = "it is about my sister", "and this is only for who has me now"
ADVICE = "Ask her where she slept."


@pytest.fixture
def held(door):
    with door.page() as page, door.desk() as ash, door.desk() as bo:
        page.ask(t="person")
        page.ask(t="say", text=WORDS)
        for desk in (ash, bo):
            desk.send(t="watch")
        page.lease = ash.ask(t="claim", contact=page.contact)["lease_no"]
        yield page, ash, bo


def write(desk, page, t: str, **fields):
    return desk.ask(t=t, contact=page.contact, **fields)


def asked(desk, page, how: str) -> dict:
    while True:
        for row in desk.until("asked")["rows"]:
            if (row["contact"], row["how"]) == (page.contact, how):
                return row


def test_warm_the_other_reads_accepts_and_the_first_hears_nothing_more(door, held):
    page, ash, bo = held
    assert write(ash, page, "transfer", lease_no=page.lease, how="warm", to=bo.staff, reason="language")["t"] == "ack"
    assert asked(bo, page, "transfer")["reason"] == "language"
    bo.send(t="open", contact=page.contact)
    while bo.until("entry", contact=page.contact)["entry"]["text"] != WORDS:
        pass
    lease = write(bo, page, "accept")["lease_no"]
    assert lease == page.lease + 1
    assert ash.until("lost", contact=page.contact)["why"] == "handed_on"
    assert write(ash, page, "say", lease_no=page.lease, text="late")["code"] == "lease_lost"
    assert "is here and goes on with you" in page.card("handed_on")["text"]
    before = len(ash.seen)
    page.ask(t="say", text=LATER)
    while bo.until("entry", contact=page.contact)["entry"]["text"] != LATER:
        pass
    ash.looked_round()
    assert LATER not in json.dumps(ash.seen[before:])  # M8


def test_cold_the_other_is_given_the_number_and_goes_on(door, held):
    page, ash, bo = held
    handed = write(ash, page, "transfer", lease_no=page.lease, how="cold", to=bo.staff, reason="shift_end")
    assert handed["t"] == "ack", handed
    lease = asked(bo, page, "handed")["lease_no"]
    bo.send(t="renew", contact=page.contact, lease_no=lease)
    assert write(bo, page, "say", lease_no=lease, text="Hello, I go on with you.")["t"] == "ack"
    while page.until("entry")["text"] != "Hello, I go on with you.":
        pass


def test_cold_to_a_colleague_who_has_just_gone_is_refused_in_words_and_the_person_stays(door, held):
    page, ash, bo = held
    bo.line.close()
    with door.http(door.session("supervisor")) as http:
        while any(one["id"] == bo.staff for one in http.get("/staff/api/colleagues").json()):
            pass
    said = write(ash, page, "transfer", lease_no=page.lease, how="cold", to=bo.staff, reason="shift_end")
    assert (said["code"], said["retry"]) == ("not_allowed", False)
    assert "is not at their desk just now, so nothing has changed and the person is still with you" in said["words"]
    assert write(ash, page, "say", lease_no=page.lease, text="I am still here.")["t"] == "ack"


def test_cold_to_a_colleague_who_has_just_come_needs_no_wait(door, held):
    page, ash, _ = held
    with door.desk() as cy:
        assert write(ash, page, "transfer", lease_no=page.lease, how="cold", to=cy.staff, reason="other")["t"] == "ack"
        cy.send(t="watch")
        assert asked(cy, page, "handed")["lease_no"] == page.lease + 1


def test_a_colleague_reads_along_and_advises_and_the_person_sees_none_of_it(door, held):
    """M10."""
    page, ash, bo = held
    write(ash, page, "consult", lease_no=page.lease, to=bo.staff)
    asked(bo, page, "consult")
    bo.send(t="open", contact=page.contact)
    bo.until("entry", contact=page.contact)
    assert write(bo, page, "note", text=ADVICE)["t"] == "ack"
    while ADVICE not in [note["text"] for note in ash.until("summary", contact=page.contact)["notes"]]:
        pass
    assert page.card("consulted")
    assert ADVICE not in json.dumps([page.seen, door.transcript(page)])
    write(ash, page, "withdraw", lease_no=page.lease, to=bo.staff)
    assert bo.until("lost", contact=page.contact)["why"] == "asked"
    before = len(bo.seen)
    page.ask(t="say", text=LATER)
    bo.looked_round()
    assert LATER not in json.dumps(bo.seen[before:])
    assert write(bo, page, "note", text="late")["code"] == "lease_lost"


def test_nobody_reads_who_is_not_asked(door, held):
    page, _, bo = held
    bo.send(t="open", contact=page.contact)
    assert bo.until("refused")["code"] == "not_allowed"
    assert write(bo, page, "accept")["code"] == "not_found"


def test_colleagues_are_those_at_their_desks_without_oneself(door, held):
    _, ash, bo = held
    with door.http(door.session("supervisor")) as http:
        found = {one["id"] for one in http.get("/staff/api/colleagues").json()}
    assert {ash.staff, bo.staff} <= found
    with door.http(door.session("moderator")) as http:
        assert http.get("/staff/api/colleagues").status_code == 404
