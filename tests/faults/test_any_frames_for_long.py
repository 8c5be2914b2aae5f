"""A hundred thousand frames, good and damaged, at both sockets of a real front door in a process of its own.

Nothing breaks, nothing is logged that anybody wrote, nobody is answered with what belongs to another, and the process
is no larger at the end than after the first tenth. The seed is printed; TEST_SEED runs the same frames again.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from frame_grammar import Grammar
from running import DoorProcess, door_settings, nobody
from seeds import seed_of_this_run
from sqlalchemy import update
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from handoff import frames as f
from handoff.bootstrap import open_desk
from handoff.desk import advisor, person, staff
from handoff.desk.office import Unit
from handoff.settings import Settings
from handoff.store.tables import QueueEntry, Staff
from handoff.verdict import Verdict

GOOD_CLOSES = {1000, 1002, 1003, 1007, 1008, 1009}  # never 1011, "internal error", nor a torn line
A_LINE = 40  # frames of one connection
CREW = 40  # desks that take turns: nobody sends more than one may
LARGER_BY_MB = 48
CANARY, MARK = "canary", "mark"
UNSURE = Verdict(uncertain=True, reason="for a test")
FAR = datetime(2100, 1, 1, tzinfo=UTC)
WAIT = 60.0


class Planted:
    """What belongs to others: contacts with words in them, held by a keeper, or ended. And the sessions of a crew."""

    def __init__(self, settings: Settings) -> None:
        opened = open_desk(settings)
        self.contacts: list[str] = []
        self.sessions: list[str] = []
        try:
            for n in range(6):
                self.contacts.append(asyncio.run(opened.desk.do(lambda u, n=n: self._a_contact(u, n))))
            for n in range(CREW):
                role = "moderator" if n % 8 == 7 else "advisor"
                self.sessions.append(asyncio.run(opened.desk.do(lambda u, n=n, role=role: self._a_desk(u, n, role))))
        finally:
            opened.close()

    def _a_contact(self, u: Unit, n: int) -> str:
        keeper = self._hired(u, f"{CANARY} keeper {n}", "advisor")
        opens = {"service": "survivors", "lang": "en", "token_hash": person.hash_of(secrets.token_urlsafe(32))}
        contact = person.open_contact(u, **opens).contact_id
        person.say(u, contact, client_id="a", text=f"{CANARY} said {n}", verdict=UNSURE)
        person.complain(u, contact, client_id="b", text=f"{CANARY} complains {n}", verdict=Verdict())
        advisor.claim(u, keeper, contact)
        advisor.say(u, keeper, contact, lease_no=1, client_id="c", text=f"{CANARY} answered {n}")
        advisor.note(u, keeper, contact, lease_no=1, client_id="d", text=f"{CANARY} noted {n}")
        if n % 2:
            person.leave(u, contact, how="end")
        else:
            u.session.execute(update(QueueEntry).where(QueueEntry.contact_id == contact).values(lease_until=FAR))
        return contact

    def _a_desk(self, u: Unit, n: int, role: str) -> str:
        return staff.begin_session(u, self._hired(u, f"Desk {n}", role).id, hours=1_000)

    def _hired(self, u: Unit, name: str, role: str) -> Staff:
        made = Staff(
            id=secrets.token_urlsafe(9), name=name, role=role, password_hash="-", active=True, created_at=u.now
        )
        u.session.add(made)
        u.session.flush()
        for policy in staff.policies(u.session, u.office, made):
            staff.acknowledge(u, made, policy.text_id)
        return made


class Sender:
    """Sends frames at one socket, line after line, and looks at every answer."""

    def __init__(self, door: DoorProcess, planted: Planted, socket: str, seed: int) -> None:
        self.door, self.planted, self.socket = door, planted, socket
        union = f.PersonFrame if socket == "person" else f.StaffFrame
        self.grammar = Grammar(union, seed, contacts=[*planted.contacts, "nobody"])
        self.sent, self.answers, self.closes = 0, Counter[str](), Counter[int]()
        self.marks: set[str] = set()  # each line's own words are known by one of these
        self._line = 0

    def send(self, frames: int) -> None:
        until = self.sent + frames
        while self.sent < until:
            self._line += 1
            mark = f"{MARK}{secrets.token_hex(8)}"
            self.marks.add(mark)
            with self._opened(mark) as line:
                self._some(line, mark, min(A_LINE, until - self.sent))

    def _opened(self, mark: str) -> ClientConnection:
        session = self.planted.sessions[self._line % CREW]
        cookie = {"Cookie": f"frontdoor={session}"} if self.socket == "staff" else {}
        line = connect(
            f"{self.door.url.replace('http', 'ws')}/ws/{self.socket}",
            origin=self.door.url,  # type: ignore[arg-type]
            additional_headers=cookie, compression=None, proxy=None, open_timeout=WAIT, close_timeout=WAIT,
            max_size=None, max_queue=None, legacy=True,
        )  # fmt: skip
        if self._line % 20:  # one in twenty lines has not said hello
            hello = {"service": "survivors", "token": secrets.token_urlsafe(32)} if self.socket == "person" else {}
            line.send(json.dumps({"t": "hello", "v": 1, **hello}))
            self._read(line, mark, "welcome")
            if self.socket == "person":
                line.send(json.dumps({"t": "person", "id": "z"}))  # somebody for the desks
        return line

    def _some(self, line: ClientConnection, mark: str, frames: int) -> None:
        try:
            for _ in range(frames):
                frame = self.grammar.frame(mark)
                self.sent += 1
                line.send(as_sent(frame))
                if len(as_sent(frame)) > f.MAX_FRAME:  # it closes; who goes on sending might not hear why
                    self._read(line, mark, "nothing more")
                if not self._line % 20 and self._read(line, mark, "refused", "bye", "welcome") != "refused":
                    break  # who has not said hello waits for each answer, for the same reason
            line.send(json.dumps({"t": "ping"}))
            self._read(line, mark, "pong", "bye")
            if self.socket == "person":  # so that the queue does not grow with the frames
                line.send(json.dumps({"t": "leave", "how": "end"}))
                line.send(json.dumps({"t": "ping"}))
                self._read(line, mark, "pong")
        except ConnectionClosed as closed:
            self._said_goodbye(line, mark, closed)

    def _read(self, line: ClientConnection, mark: str, *until: str) -> str:
        while True:
            raw = line.recv(timeout=WAIT)
            self._looked_at(str(raw), mark)
            kind = str(json.loads(raw)["t"])
            if kind in until:
                return kind

    def _looked_at(self, raw: str, mark: str) -> None:
        said = json.loads(raw)
        self.answers[said.get("code", said["t"])] += 1
        assert said.get("code") != "error", "a fault of ours, not of the frame"
        assert "Traceback" not in raw
        if self.socket == "person" or said["t"] not in ("queue", "asked", "alarms"):  # there desks see working names
            assert CANARY not in raw, f"what belongs to another: {said['t']}"
        if self.socket == "person":
            others = self.marks & set(re.findall(f"{MARK}[0-9a-f]{{16}}", raw)) - {mark}
            assert not others, f"another's words: {said['t']}"

    def _said_goodbye(self, line: ClientConnection, mark: str, closed: ConnectionClosed) -> None:
        with suppress(ConnectionClosed):
            while True:
                self._looked_at(str(line.recv(timeout=WAIT)), mark)
        assert closed.rcvd is not None, "torn"
        assert closed.rcvd.code in GOOD_CLOSES, closed.rcvd
        self.closes[closed.rcvd.code] += 1


def as_sent(frame: str | bytes) -> str | bytes:
    """Half a character is none: a browser sends the replacement."""
    return frame.encode("utf-8", "replace").decode() if isinstance(frame, str) else frame


def megabytes(door: DoorProcess) -> float:
    """What the front door's processes hold in memory."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == door.program.process.pid:  # its process group
                pages += int(fields[21])
    return pages * 4096 / 2**20


@pytest.fixture
def settings(seeded: Path, tmp_path: Path) -> Settings:
    return door_settings(seeded, tmp_path / "var", bot_url=nobody())


@pytest.fixture
def planted(settings: Settings) -> Planted:
    return Planted(settings)


@pytest.fixture
def door(settings: Settings, planted: Planted) -> Iterator[DoorProcess]:
    door = DoorProcess(settings)
    door.until_it_answers()
    yield door
    door.stop()


def send_to_both(door: DoorProcess, planted: Planted, frames: int) -> None:
    seed = seed_of_this_run()
    senders = [Sender(door, planted, socket, seed + n) for n, socket in enumerate(("person", "staff"))]

    def all_send(each: int) -> float:
        with ThreadPoolExecutor(2) as threads:
            for sending in [threads.submit(sender.send, each) for sender in senders]:
                sending.result()
        return megabytes(door)

    warm = all_send(frames // 20)
    end = all_send(frames // 2 - frames // 20)
    answers: Any = sum((sender.answers for sender in senders), Counter())
    closes: Any = sum((sender.closes for sender in senders), Counter())
    sent = sum(sender.sent for sender in senders)
    print(f"frames={sent} MB={warm:.0f}→{end:.0f} answers={dict(answers.most_common())} closes={dict(closes)}")
    assert sent >= frames
    assert {"ack", "refused", "malformed", "unknown"} - {"refused"} <= set(answers), "the grammar reaches nothing"
    assert 0 < end < warm + LARGER_BY_MB
    # It still serves, and has told its log of no fault and of nobody's words.
    assert door.program.alive
    health = httpx.get(f"{door.url}/health")
    assert (health.status_code, health.json()["store"]) == (200, "here")
    for never in ("Traceback", CANARY, MARK, "frame_failed", "socket_failed", "request_failed", "round_failed"):
        assert never not in door.log, f"{never}: {door.log[-2000:]}"


def test_a_thousand_frames_good_and_damaged_break_nothing_and_tell_nobody_of_another(door, planted):
    send_to_both(door, planted, 1_000)


@pytest.mark.full
def test_a_hundred_thousand_frames_do_neither(door, planted):
    send_to_both(door, planted, 100_000)
