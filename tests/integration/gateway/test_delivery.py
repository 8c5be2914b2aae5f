"""Promise 4 on a line that is silent, stuck, or taken down: nothing is kept for it, and whoever is there is told."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text
from starlette.websockets import WebSocketDisconnect
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from handoff.desk.record import Record
from handoff.gateway import line, transport

LONG = 30.0  # seconds after which a test has hung


@pytest.fixture
def quick(monkeypatch) -> None:
    """The same clocks, forty times as fast."""
    monkeypatch.setattr(line, "BEAT_S", 0.25)
    monkeypatch.setattr(line, "SILENT_S", 1.0)


def comes_true(what: Callable[[], bool]) -> None:
    give_up = time.monotonic() + LONG
    while not what():
        assert time.monotonic() < give_up
        time.sleep(0.02)  # another thread's connections are no event of ours


def row_of(desk, contact: str, **match) -> dict:
    while True:
        for row in desk.until("queue")["rows"]:
            if row["contact"] == contact and match.items() <= row.items():
                return row


# ── a silent page ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_that_says_nothing_is_a_lost_line_and_its_handles_are_freed(door, quick):
    with door.desk() as desk, door.page() as page:
        page.ask(t="person")
        desk.send(t="watch")
        row_of(desk, page.contact, here=True)
        # The socket stands, and nobody answers the heartbeat: a page that hangs, a device that sleeps.
        assert row_of(desk, page.contact, here=False)["left"] == "lost"
        comes_true(lambda: len(door._server.server_state.connections) <= 1)
        assert page.contact not in door.gateway.presence


def test_a_page_that_only_answers_the_heartbeat_stays(door, quick):
    with door.page() as page:
        page.until("state")
        for _ in range(8):  # twice as long as a silent one is given
            while json.loads(page.line.recv(timeout=LONG))["t"] != "ping":
                pass
            page.send(t="pong")
        page.alive()


def test_a_desk_that_says_nothing_is_no_longer_there(door, quick):
    with door.desk() as desk:
        comes_true(lambda: bool(door.gateway.presence._rooms))
        comes_true(lambda: not door.gateway.presence._rooms)
        with pytest.raises(ConnectionClosed):
            while True:
                desk.line.recv(timeout=LONG)


# ── a page that doesn't read ─────────────────────────────────────────────────────────────────────────────────────────

MANY, LETTERS = 3_000, 4_000  # 12 MB: more than what two kernels hold between them


def fill(door, contact: str) -> None:
    def some(unit) -> None:
        record = Record.load(unit, contact)
        for n in range(MANY // 10):
            record.append("service", "event", f"{n} " + "x" * LETTERS)
        record.save()

    for _ in range(10):
        asyncio.run(door.opened.desk.do(some))


def reads_nothing(door, token: str):
    """A page that says hello and takes only what its small buffer takes."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", door.port))
    page = connect(
        f"ws://127.0.0.1:{door.port}/ws/person", sock=raw, origin=door.origin, max_queue=1, compression=None,
        proxy=None, legacy=True,
    )  # fmt: skip
    page.send(json.dumps({"t": "hello", "v": 1, "service": "missing", "token": token}))
    return page


def test_who_does_not_read_costs_a_buffer_and_is_cut_off(door, monkeypatch):
    """And whoever reads has everything, in order, from where they were."""
    monkeypatch.setattr(transport, "STUCK_S", 1.0)
    sockets = door._server.server_state.connections
    with door.page() as page:
        token, contact = page.token, page.contact
    fill(door, contact)
    comes_true(lambda: not sockets)
    stuck = [reads_nothing(door, token) for _ in range(5)]
    comes_true(lambda: len(sockets) == 5)
    most = 0

    def looked() -> bool:
        nonlocal most
        most = max([most, *(s.transport.get_write_buffer_size() for s in list(sockets))])
        return not sockets

    comes_true(looked)  # each of the five has been cut off
    assert 0 < most < 128 * 1024, "of twelve million"
    for each in stuck:
        each.socket.close()
    with door.page(token=token, contact=contact, after=1_500) as again:
        assert again.until("entry")["seq"] == 1_501
        head = next(f for f in again.seen if f["t"] == "welcome")["head"]
        assert head > MANY
        for seq in range(1_502, head + 1):
            assert again.next()["seq"] == seq


# ── the front door closes ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_front_door_that_closes_tells_every_page_when_to_come_back(own_door):
    door = own_door()
    pages = [door.page() for _ in range(12)]
    with door.desk() as desk:
        closing = threading.Thread(target=lambda: setattr(door._server, "should_exit", True))
        closing.start()
        told = [page.until("bye") for page in (*pages, desk)]
        closing.join()
        for bye in told:
            assert bye["code"] == "closing"
            assert 1 <= bye["retry_after"] <= 1 + line.SPREAD_S
        assert len({bye["retry_after"] for bye in told}) > 3, "not all in the same instant"
        for page in (*pages, desk):
            with pytest.raises(ConnectionClosed) as closed:
                page.line.recv(timeout=LONG)
            assert closed.value.rcvd.code == 1012
    for page in pages:
        page.line.close()


# ── history that is gone ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_gone_is_said_and_the_rest_comes(door):
    with door.page() as page:
        page.ask(t="person")
    first = {"contact": page.contact}
    door.in_store(lambda s: s.execute(text("DELETE FROM entry WHERE seq = 1 AND contact_id = :contact"), first))
    with door.page_line_with(page.token) as again:
        welcome = again.until("welcome")
        assert welcome["gap"]
        assert [again.until("entry")["seq"] for _ in range(2, welcome["head"] + 1)] == [*range(2, welcome["head"] + 1)]
    with door.page_line_with(page.token, contact=page.contact, after=2) as again:
        assert not again.until("welcome")["gap"], "it is said once"


def test_a_page_that_knows_more_than_the_record_is_told_and_begins_anew(door):
    """A backup was put back: its numbers are of other entries now."""
    with door.page() as page:
        page.ask(t="person")
    with door.page_line_with(page.token, contact=page.contact, after=99) as again:
        welcome = again.until("welcome")
        assert welcome["gap"]
        assert again.until("entry")["seq"] == 1


# ── marks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_persons_words_are_kept_then_delivered_then_read_by_the_advisor(door):
    with door.page() as page, door.desk() as desk, door.desk() as other:
        seq = page.ask(t="say", text="are you there")["seq"]
        page.ask(t="person")
        desk.ask(t="claim", contact=page.contact)
        desk.until("entry")
        assert not [f for f in page.seen if f["t"] == "mark"], "what is sent out has not yet arrived"
        other.send(t="got", contact=page.contact, seq=seq)
        other.send(t="seen", contact=page.contact, seq=seq)
        other.alive()
        desk.send(t="got", contact=page.contact, seq=seq)
        mark = page.until("mark")
        assert (mark["delivered"], mark["read"]) == (seq, 0)
        desk.send(t="seen", contact=page.contact, seq=seq)
        mark = page.until("mark")
        assert (mark["delivered"], mark["read"]) == (seq, seq)


def test_an_advisors_words_are_delivered_then_read_by_the_person(door):
    with door.page() as page, door.desk() as desk:
        page.ask(t="person")
        claimed = desk.ask(t="claim", contact=page.contact)
        seq = desk.ask(t="say", contact=page.contact, lease_no=claimed["lease_no"], text="Hello, I'm here.")["seq"]
        page.until("entry", seq=seq)
        assert not [f for f in desk.seen if f["t"] == "mark"]
        page.send(t="got", seq=seq)
        assert desk.until("mark", delivered=seq)["read"] == 0
        page.send(t="seen", seq=seq)
        assert desk.until("mark", delivered=seq)["read"] == seq


def test_no_mark_goes_beyond_what_there_is_or_back(door):
    with door.page() as page, door.desk() as desk:
        page.ask(t="person")
        desk.ask(t="claim", contact=page.contact)
        for t, seq in itertools.product(("got", "seen", "shown"), (0, 5_000, 2**31 - 1)):
            page.send(t=t, seq=seq)
        page.send(t="seen", seq=2)
        page.send(t="got", seq=1)
        page.alive()
        mark = desk.until("mark")
        assert (mark["contact"], mark["delivered"], mark["read"]) == (page.contact, 2, 2)


async def test_a_page_that_went_while_it_was_answered_is_no_fault_of_ours():
    with capture_logs() as logged, pytest.raises(WebSocketDisconnect):
        await line.Line(None, None).refuse_error("m1", WebSocketDisconnect(1006))  # type: ignore[arg-type]
    assert logged == []


def test_what_is_said_again_after_breaks_is_never_too_much(door):
    """Twenty messages in ten seconds are the limit; the same one, sent again, is no message."""
    with door.page() as page:
        seq = page.ask(t="say", id="mine", text="are you there")["seq"]
        for _ in range(25):
            assert page.ask(t="say", id="mine", text="are you there") == {"t": "ack", "id": "mine", "seq": seq}
        assert page.ask(t="say", text="hello")["t"] == "ack"
