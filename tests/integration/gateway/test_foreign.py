"""What belongs to somebody else: another service's chat, another person's card, a contact that staff don't hold."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

WORDS = "my own words, said to one person only"


def claimed(door, desk, page) -> int:
    """The person asks for somebody, and this desk takes them. Gives the lease's number."""
    assert page.ask(t="person")["t"] == "ack"
    page.becomes(phase="waiting")
    answer = desk.ask(t="claim", contact=page.contact)
    assert answer["t"] == "claimed", answer
    page.becomes(phase="with_advisor")
    return int(answer["lease_no"])


# ── the person ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_of_another_service_opens_nothing_there(door):
    with door.page("missing") as page:
        page.ask(t="say", text=WORDS)
        with door.line() as line:
            line.send(json.dumps({"t": "hello", "v": 1, "service": "survivors", "token": page.token}))
            said = json.loads(line.recv(timeout=10))
            assert (said["t"], said["code"]) == ("bye", "not_found")
            assert page.contact not in json.dumps(said)
            with pytest.raises(ConnectionClosed):
                line.recv(timeout=10)
        page.alive()


def test_naming_another_contact_in_hello_gives_nothing_of_it(door):
    with door.page() as page:
        page.ask(t="say", text=WORDS)
        with door.page(contact=page.contact, after=0) as other:
            assert other.contact != page.contact
            assert WORDS not in json.dumps(door.transcript(other))
            assert WORDS not in json.dumps(other.seen)


@pytest.mark.parametrize("seq", [0, 1_000, 2**31 - 1])
def test_a_press_on_a_card_that_is_not_there_is_refused(door, seq: int):
    with door.page() as page:
        page.card("safe_to_chat")
        assert page.ask(t="choose", card_seq=seq, option="yes")["code"] == "not_found"
        page.alive()


def test_a_press_on_one_s_own_words_is_refused(door):
    with door.page() as page:
        seq = page.ask(t="say", text="yes")["seq"]
        assert page.ask(t="choose", card_seq=seq, option="yes")["code"] == "not_found"


def test_an_option_that_is_not_the_card_s_is_refused_and_the_right_one_still_works(door):
    with door.page() as page:
        card = page.card("safe_to_chat")
        assert page.ask(t="choose", card_seq=card["seq"], option="someone_else")["code"] == "not_now"
        assert page.ask(t="choose", card_seq=card["seq"], option="yes")["t"] == "ack"
        page.card("danger")


def test_a_press_said_again_is_stored_once(door):
    with door.page() as page:
        card = page.card("safe_to_chat")
        first = page.ask(t="choose", id="p", card_seq=card["seq"], option="yes")
        assert page.ask(t="choose", id="p", card_seq=card["seq"], option="yes") == first
        assert len([e for e in door.transcript(page) if e["id"] == "p"]) == 1


def test_a_chat_that_has_ended_takes_no_words_and_says_what_one_can_do(door):
    with door.page() as page:
        page.send(t="leave", how="end")
        page.becomes(phase="ended")
        said = page.ask(t="say", text=WORDS)
        assert said["code"] == "not_now"
        assert "new one" in said["words"]
        assert "999" in said["words"]
        page.alive()


def test_a_token_whose_place_was_wiped_finds_nothing_of_it(door):
    with door.page() as page:
        page.ask(t="say", text=WORDS)
        page.send(t="leave", how="exit")
        with pytest.raises(ConnectionClosed):
            while True:
                page.next()
    with door.page(token=page.token) as again:
        assert again.contact != page.contact
        assert WORDS not in json.dumps(door.transcript(again))


@pytest.mark.parametrize("body", [b"", b"x" * 100_000, b"\xff\xfe", b"x" * 43])
def test_the_beacon_of_quick_exit_tells_nobody_anything(door, body: bytes):
    with door.http() as http:
        answer = http.post("/leave", content=body)
        assert (answer.status_code, answer.content) == (204, b"")


# ── staff ────────────────────────────────────────────────────────────────────────────────────────────────────────────

HELD: dict[str, dict[str, Any]] = {
    "say": {"text": "hello"},
    "note": {"text": "a note"},
    "warn": {},
    "flag": {},
    "release": {},
    "end": {"reason": "done"},
}


@pytest.mark.parametrize("kind", HELD)
@pytest.mark.parametrize("contact", ["mine, another lease", "another's", "nobody's", "not there"])
def test_a_write_on_a_contact_that_is_not_held_does_nothing(door, kind: str, contact: str):
    with door.page() as page, door.desk() as holder, door.desk() as desk:
        if contact == "mine, another lease":
            lease = claimed(door, desk, page) + 1
        elif contact == "another's":
            lease = claimed(door, holder, page)
        else:
            lease = 1
        target = secrets.token_urlsafe(16) if contact == "not there" else page.contact
        said = desk.ask(t=kind, contact=target, lease_no=lease, **HELD[kind])
        assert (said["t"], said["code"]) == ("refused", "lease_lost"), said
        desk.alive()
        assert page.ask(t="say", text="I am still here")["t"] == "ack"
        assert not [e for e in door.transcript(page) if e["author"] == "advisor"]


def test_a_stale_lease_cannot_write_after_the_contact_was_given_back(door):
    with door.page() as page, door.desk() as first, door.desk() as second:
        old = claimed(door, first, page)
        assert first.ask(t="release", contact=page.contact, lease_no=old)["t"] == "ack"
        page.becomes(phase="waiting")
        new = second.ask(t="claim", contact=page.contact)["lease_no"]
        assert new > old
        for lease in (old, new):
            said = first.ask(t="say", contact=page.contact, lease_no=lease, text="late")
            assert said["code"] == "lease_lost"
        assert second.ask(t="say", contact=page.contact, lease_no=new, text="hello, I am here")["t"] == "ack"
        page.until("entry", text="hello, I am here")
        assert "late" not in [e.get("text") for e in page.seen]


def test_whoever_gave_a_person_back_hears_nothing_of_what_they_say_next(door):
    with door.page() as page, door.desk() as first, door.desk() as second:
        lease = claimed(door, first, page)
        first.until("summary", contact=page.contact)
        first.ask(t="release", contact=page.contact, lease_no=lease)
        page.becomes(phase="waiting")
        second.ask(t="claim", contact=page.contact)
        page.ask(t="say", text=WORDS)
        second.until("entry", contact=page.contact)
        while not [e for e in second.seen if e["t"] == "entry" and e["entry"]["text"] == WORDS]:
            second.next()
        first.looked_round()
        assert WORDS not in json.dumps(first.seen)
        assert first.ask(t="open", contact=page.contact)["t"] == "refused"


@pytest.mark.parametrize("role", ["advisor", "moderator"])
def test_a_contact_that_one_does_not_hold_cannot_be_read(door, role: str):
    with door.page() as page, door.desk(role) as desk:
        page.ask(t="say", text=WORDS)
        desk.send(t="open", contact=page.contact, reason="curious")
        assert desk.until("refused")["code"] == "not_allowed"
        page.ask(t="say", text=WORDS)
        desk.looked_round()
        assert WORDS not in json.dumps(desk.seen)


def test_a_supervisor_observes_only_with_a_reason(door):
    with door.page() as page, door.desk("supervisor") as desk:
        page.ask(t="say", text=WORDS)
        desk.send(t="open", contact=page.contact)
        assert desk.until("refused")["code"] == "not_now"
        desk.send(t="open", contact=page.contact, reason="quality, as agreed")
        assert desk.until("entry", contact=page.contact)


def test_a_contact_that_does_not_exist_is_not_found(door):
    with door.desk("supervisor") as desk:
        for frame in ({"t": "open", "reason": "a look"}, {"t": "claim", "id": "c"}):
            desk.send(contact=secrets.token_urlsafe(16), **frame)
            assert desk.until("refused")["code"] == "not_found"
        desk.send(t="typing", contact="nobody")
        desk.send(t="seen", contact="nobody", seq=5)
        desk.send(t="close", contact="nobody")
        desk.alive()


def test_a_second_claim_is_refused_and_the_first_one_stands(door):
    with door.page() as page, door.desk() as first, door.desk() as second:
        lease = claimed(door, first, page)
        assert second.ask(t="claim", contact=page.contact)["code"] == "already_claimed"
        assert first.ask(t="say", contact=page.contact, lease_no=lease, text="still here")["t"] == "ack"


def test_a_claim_whose_answer_was_lost_can_be_made_again(door):
    """Or the person would wait until the lease runs out, held by nobody who knows."""
    session = door.session("advisor")
    with door.page() as page:
        with door.desk(session=session) as first:
            lease = claimed(door, first, page)
        with door.desk(session=session) as again:
            assert again.ask(t="claim", contact=page.contact)["lease_no"] == lease
            assert again.ask(t="say", contact=page.contact, lease_no=lease, text="hello, I am here")["t"] == "ack"
            assert len([e for e in door.transcript(page) if (e["card"] or {}).get("name") == "joined"]) == 1


@pytest.mark.parametrize("role", ["moderator"])
def test_a_role_that_does_not_talk_with_people_cannot_claim(door, role: str):
    with door.page() as page, door.desk(role) as desk:
        page.ask(t="person")
        page.becomes(phase="waiting")
        assert desk.ask(t="claim", contact=page.contact)["code"] == "not_allowed"


def test_only_who_held_a_contact_writes_its_wrap_up(door):
    with door.page() as page, door.desk() as holder, door.desk() as other:
        lease = claimed(door, holder, page)
        holder.ask(t="end", contact=page.contact, lease_no=lease, reason="done")
        page.becomes(phase="ended")
        assert other.ask(t="wrap_up", contact=page.contact, text="mine")["code"] == "not_allowed"
        first = holder.ask(t="wrap_up", id="w", contact=page.contact, text="what was agreed")
        assert first["t"] == "ack"
        assert holder.ask(t="wrap_up", id="w", contact=page.contact, text="what was agreed") == first


def test_staff_words_said_again_are_stored_once(door):
    with door.page() as page, door.desk() as desk:
        lease = claimed(door, desk, page)
        said = {"t": "say", "id": "s", "contact": page.contact, "lease_no": lease, "text": "said once"}
        assert desk.ask(**said) == desk.ask(**said)
        assert len([e for e in door.transcript(page) if e["text"] == "said once"]) == 1


def test_an_ending_for_abuse_without_a_reason_is_refused_and_the_chat_goes_on(door):
    with door.page() as page, door.desk() as desk:
        lease = claimed(door, desk, page)
        said = desk.ask(t="end", contact=page.contact, lease_no=lease, reason="abuse", why="  ")
        assert said["code"] == "not_now"
        assert page.ask(t="say", text="still here")["t"] == "ack"


def test_a_session_that_has_ended_can_do_nothing_more(door):
    session = door.session("advisor")
    with door.page() as page, door.desk(session=session) as desk:
        lease = claimed(door, desk, page)
        with door.http(session) as http:
            assert http.post("/staff/sign-out", headers={"Origin": door.origin}).status_code == 303
        said = desk.ask(t="say", contact=page.contact, lease_no=lease, text="after", kinds=("ack", "refused", "bye"))
        assert said["t"] != "ack"
        assert "after" not in [e["text"] for e in door.transcript(page)]
        with pytest.raises(InvalidStatus):
            door.line("/ws/staff", Cookie=f"frontdoor={session}")
