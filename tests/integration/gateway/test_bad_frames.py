"""Frames that are not ours: refused by name, nothing happens, nothing is repeated back, and the line goes on."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from handoff.frames import MAX_FRAME, MAX_WORDS

CANARY = "zqxcanaryxqz"
TOKEN = secrets.token_urlsafe(32)

BROKEN = {
    "not JSON": "{",
    "nothing": "",
    "a list": "[]",
    "null": "null",
    "words": f'"{CANARY}"',
    "a number without end": "1e999",
    "deep": "[" * 5000,
    "half a character": '{"t": "say", "id": "a", "text": "\\ud800"}',
    "no kind": "{}",
    "a kind that is not a word": '{"t": 7}',
    "an unknown kind": json.dumps({"t": CANARY}),
}
PERSON = {
    "no words": {"t": "say", "id": "a"},
    "no id": {"t": "say", "text": CANARY},
    "empty words": {"t": "say", "id": "a", "text": ""},
    "words that are a number": {"t": "say", "id": "a", "text": 7},
    "words that are a list": {"t": "say", "id": "a", "text": [CANARY]},
    "an id with a space": {"t": "say", "id": f"a {CANARY}", "text": "x"},
    "a long id": {"t": "say", "id": CANARY * 10, "text": "x"},
    "an extra field": {"t": "say", "id": "a", "text": "x", CANARY: CANARY},
    "a field of another frame": {"t": "ping", "id": "a"},
    "a staff frame": {"t": "claim", "id": "a", "contact": "b"},
    "an option in capitals": {"t": "choose", "id": "a", "card_seq": 1, "option": CANARY.upper()},
    "a negative seq": {"t": "shown", "seq": -1},
    "a huge seq": {"t": "shown", "seq": 10**30},
    "a seq that is words": {"t": "seen", "seq": "1"},
    "a seq that is true": {"t": "seen", "seq": True},
    "a seq with a fraction": {"t": "seen", "seq": 1.5},
    "a way to leave that there is not": {"t": "leave", "how": CANARY},
    "a wrong version": {"t": "hello", "v": 2, "service": "missing", "token": TOKEN},
}
STAFF = {
    "no contact": {"t": "claim", "id": "a"},
    "no lease": {"t": "say", "id": "a", "contact": "b", "text": CANARY},
    "a lease of nothing": {"t": "warn", "id": "a", "contact": "b", "lease_no": 0},
    "a lease that is words": {"t": "warn", "id": "a", "contact": "b", "lease_no": "1"},
    "a reason that there is not": {"t": "end", "id": "a", "contact": "b", "lease_no": 1, "reason": CANARY},
    "a flag that is opened": {"t": "flag", "id": "a", "contact": "b", "lease_no": 1, "close": False},
    "a contact that is a path": {"t": "open", "contact": f"../{CANARY}"},
    "a frame of a person": {"t": "choose", "id": "a", "card_seq": 1, "option": "yes"},
}


def refused_without_repeating(page: Any, raw: str | bytes, *, code: str | None = None) -> dict[str, Any]:
    page.line.send(raw)
    said = page.until("refused")
    assert code is None or said["code"] == code, said
    assert said["words"]
    assert not said["retry"]
    assert CANARY not in json.dumps(said).lower()
    assert "Traceback" not in said["words"]
    return dict(said)


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("where", ["page", "desk"])
def test_what_is_no_frame_is_refused_and_the_line_goes_on(door, where: str, raw: str):
    with getattr(door, where)() as page:
        refused_without_repeating(page, raw)
        page.alive()


@pytest.mark.parametrize("frame", PERSON.values(), ids=PERSON)
def test_a_person_s_frame_with_a_fault_is_refused_and_nothing_happens(door, frame: dict[str, Any]):
    with door.page() as page:
        page.card("safe_to_chat")
        before = page.seen[-1]["seq"]
        refused_without_repeating(page, json.dumps(frame))
        assert page.ask(t="say", text="hello there")["seq"] == before + 1


@pytest.mark.parametrize("frame", STAFF.values(), ids=STAFF)
def test_a_staff_frame_with_a_fault_is_refused_and_the_line_goes_on(door, frame: dict[str, Any]):
    with door.desk() as desk:
        refused_without_repeating(desk, json.dumps(frame))
        desk.alive()


@pytest.mark.parametrize("where", ["page", "desk"])
def test_a_binary_frame_is_refused_and_the_line_goes_on(door, where: str):
    with getattr(door, where)() as page:
        refused_without_repeating(page, CANARY.encode(), code="malformed")
        page.alive()


def test_a_refusal_carries_the_id_of_what_was_refused(door):
    with door.page() as page:
        page.send(t="say", id="mine", text="x", extra=1)
        assert page.until("refused")["id"] == "mine"


def test_over_long_words_are_refused_with_the_limit_and_the_most_allowed_are_stored(door):
    with door.page() as page:
        said = refused_without_repeating(
            page, json.dumps({"t": "say", "id": "a", "text": CANARY + "x" * MAX_WORDS}), code="too_long"
        )
        assert said["id"] == "a"
        assert str(MAX_WORDS) in said["words"]
        assert page.ask(t="say", text="x" * MAX_WORDS)["t"] == "ack"


@pytest.mark.parametrize("blank", [" ", "\n\t ", "\u200b\u2060", "\u3000"])
def test_a_message_without_words_is_refused_and_not_stored(door, blank: str):
    with door.page() as page:
        assert page.ask(t="say", text=blank)["code"] == "not_now"
        page.alive()


@pytest.mark.parametrize("where", ["page", "desk"])
def test_an_oversized_frame_closes_that_line_alone_and_what_was_stored_stays(door, where: str):
    with door.page() as other, getattr(door, where)() as page:
        if where == "page":
            assert page.ask(t="say", text="before")["t"] == "ack"
        page.line.send("x" * (MAX_FRAME + 1))
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                page.next()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        other.alive()
        if where == "page":
            with door.page(token=page.token, contact=page.contact) as again:
                again.until("entry", text="before")


def test_bytes_that_are_not_text_close_that_line_alone(door):
    with door.page() as other, door.page() as page:
        page.line.send(b"\xff\xfe", text=True)
        with pytest.raises(ConnectionClosed):
            while True:
                page.next()
        other.alive()


@pytest.mark.parametrize("path", ["/ws/person", "/ws/staff"])
@pytest.mark.parametrize(
    "first",
    [
        {"t": "ping"},
        {"t": "say", "id": "a", "text": CANARY},
        {"t": "watch"},
        {"t": "claim", "id": "a", "contact": "b"},
    ],
    ids=lambda frame: frame["t"],
)
def test_anything_before_hello_does_nothing(door, path: str, first: dict[str, Any]):
    headers = {"Cookie": f"frontdoor={door.session('advisor')}"} if path == "/ws/staff" else {}
    with door.line(path, **headers) as line:
        line.send(json.dumps(first))
        said = json.loads(line.recv(timeout=10))
        if said["t"] == "refused":  # not one of this socket's frames: hello is still awaited
            assert said["code"] in ("unknown", "malformed")
            assert CANARY not in said["words"]
            return
        assert (said["t"], said["code"]) == ("bye", "hello_first")
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1002


def test_a_second_hello_is_refused_and_the_first_one_stands(door):
    with door.page() as page, door.page() as other:
        page.send(t="hello", v=1, service="missing", token=other.token)
        assert page.until("refused")["code"] == "out_of_order"
        page.ask(t="say", text="still me")
        assert "still me" in [entry["text"] for entry in door.transcript(page)]
        assert "still me" not in [entry["text"] for entry in door.transcript(other)]


def test_a_second_hello_of_staff_is_refused(door):
    with door.desk() as desk:
        desk.send(t="hello", v=1)
        assert desk.until("refused")["code"] == "out_of_order"
        desk.alive()


def test_an_unknown_service_is_said_in_words_and_nothing_is_kept(door):
    with door.line() as line:
        line.send(json.dumps({"t": "hello", "v": 1, "service": CANARY, "token": TOKEN}))
        said = json.loads(line.recv(timeout=10))
        assert (said["t"], said["code"], said["retry_after"]) == ("bye", "not_found", None)
        assert CANARY not in said["words"]
    with door.page(token=TOKEN) as page:
        assert page.until("entry")["seq"] == 1


def test_an_unknown_language_gets_the_words_there_are(door):
    with door.page(lang="zz") as page:
        assert page.card("greeting")["text"]


def test_words_said_again_are_stored_once_and_acknowledged_alike(door):
    with door.page() as page:
        first = page.ask(t="say", id="once", text="I said this once")
        assert page.ask(t="say", id="once", text="I said this once") == first
    with door.page(token=page.token, contact=page.contact) as again:
        assert again.ask(t="say", id="once", text="I said this once") == first
        assert len([e for e in door.transcript(page) if e["text"] == "I said this once"]) == 1
