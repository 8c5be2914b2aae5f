"""People and advisors who come back: pages that lose their line, keep what has no acknowledgement, and say it again.

Each checks every frame as it comes: entries without a gap and never twice, nothing that was shown taken back, no answer
but those a page must expect. What they said, and what was acknowledged, is kept to be compared with the database.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

Frame = dict[str, Any]
Where = Callable[[], Awaitable[str]]  # the address of a gateway that takes connections, once there is one

SERVICES = ("missing", "survivors", "phoneline")
DANGER = "he's smashing the window to get in"
EXPECTED = {"not_now", "not_found", "already_claimed", "lease_lost", "full"}  # refusals that a page must live with
LOOKING = {"not_allowed"}  # opening what was held until a moment ago; such frames have no id
LOST = (ConnectionClosed, InvalidHandshake, OSError, TimeoutError)
BEAT_S = 15.0


class Broken(AssertionError):
    """A promise was broken, seen from a page."""


@dataclass
class Sent:
    """One frame with an id: on its way until it is answered. `seq`: as acknowledged; `refused`: the code."""

    frame: Frame
    seq: int | None = None
    refused: str | None = None
    answered: bool = False


class Page:
    """One page, whoever's: its line comes and goes.

    `think_s`: about how long between two things they do; `calm`: while it is set nothing new is begun.
    """

    def __init__(self, where: Where, rng: random.Random, think_s: float, calm: asyncio.Event) -> None:
        self._where, self.rng, self.think_s, self.calm = where, rng, think_s, calm
        self.sent: dict[str, Sent] = {}  # by id, in the order of sending
        self.over = False
        self.lines = 0  # how often it had a line
        self._ids = itertools.count(1)
        self._socket: ClientConnection | None = None
        self._changed = asyncio.Event()

    # ── for each kind of page ──

    path = ""
    headers: dict[str, str] | None = None

    def hello(self) -> Frame:
        raise NotImplementedError

    async def welcomed(self, frame: Frame) -> None:
        """First after hello, before what has no answer is said again."""

    async def took(self, frame: Frame) -> None:
        raise NotImplementedError

    async def act(self) -> None:
        """One thing that people do."""

    # ── the line ──

    async def live(self) -> None:
        """Until it is over: have a line, and use it."""
        while not self.over:
            url = await self._where()
            with suppress(*LOST):
                async with connect(
                    url.replace("http", "ws") + self.path, origin=url, compression=None,  # type: ignore[arg-type]
                    additional_headers=self.headers, open_timeout=10, close_timeout=2, max_queue=None,
                ) as socket:  # fmt: skip
                    await self._on(socket)
        self._tell()

    async def _on(self, socket: ClientConnection) -> None:
        self.lines += 1
        await socket.send(json.dumps(self.hello()))
        first = json.loads(await socket.recv())
        if first["t"] != "welcome":
            raise Broken(f"instead of a welcome: {first}")
        self._socket = socket
        try:
            await self.welcomed(first)
            for sent in self.waiting:
                await socket.send(json.dumps(sent.frame))
            async with self._working(self._read(socket), self._go_on(), self._beat(socket)) as works:
                await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._socket = None

    @staticmethod
    @asynccontextmanager
    async def _working(*works: Coroutine[Any, Any, None]) -> AsyncIterator[list[asyncio.Task[None]]]:
        """Together; none outlives the others, and what went wrong in one, other than the line, is raised."""
        tasks = [asyncio.create_task(work) for work in works]
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, LOST):
                raise error

    async def _read(self, socket: ClientConnection) -> None:
        async for raw in socket:
            frame = json.loads(raw)
            if frame["t"] in ("ack", "claimed", "refused"):
                self._answered(frame)
            elif frame["t"] == "ping":
                await socket.send('{"t":"pong"}')
            await self.took(frame)
            self._tell()

    async def _go_on(self) -> None:
        while not self.over:
            await asyncio.sleep(self.think_s * self.rng.uniform(0.5, 1.5))  # people think
            await self.keep()
            if not self.calm.is_set():
                await self.act()

    async def keep(self) -> None:
        """What a page does by itself."""

    @staticmethod
    async def _beat(socket: ClientConnection) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await socket.send('{"t":"ping"}')

    def _answered(self, frame: Frame) -> None:
        if frame["t"] == "refused" and frame["code"] not in EXPECTED | (LOOKING if frame["id"] is None else set()):
            raise Broken(f"refused: {frame}")
        if frame["id"] is None:
            return
        sent = self.sent.get(frame["id"])
        if sent is None:
            raise Broken(f"an answer to nothing: {frame}")
        if sent.answered and sent.frame["t"] in ("say", "choose", "note") and sent.seq != frame.get("seq"):
            raise Broken(f"two answers: {sent} and {frame}")
        sent.answered, sent.seq, sent.refused = True, frame.get("seq"), frame.get("code")

    # ── what one does ──

    @property
    def waiting(self) -> list[Sent]:
        """Said, and not answered: kept, in order."""
        return [sent for sent in self.sent.values() if not sent.answered]

    async def say_so(self, t: str, **fields: Any) -> str:
        """A frame with an id, which is kept until it is answered."""
        client_id = f"{t}-{next(self._ids)}"
        self.sent[client_id] = Sent({"t": t, "id": client_id, **fields})
        await self.tell(**self.sent[client_id].frame)
        return client_id

    async def tell(self, **frame: Any) -> None:
        """A frame of which nothing is kept."""
        if self._socket is not None:
            await self._socket.send(json.dumps(frame))

    def drop(self) -> None:
        """The line goes, without a word."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def until(self, found: Callable[[], bool]) -> None:
        while not found():
            self._changed.clear()
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()


class Somebody(Page):
    """A person: arrives, presses, writes numbered messages, waits, talks, and leaves in one of several ways.

    `stays`: never leaves by themselves; `writes`: uses words before any button. `transcript`: what is on screen, from
    seq 1.
    """

    path = "/ws/person"

    def __init__(
        self,
        where: Where,
        rng: random.Random,
        think_s: float,
        calm: asyncio.Event,
        *,
        stays: bool = False,
        writes: bool = False,
    ) -> None:
        super().__init__(where, rng, think_s, calm)
        self.service = rng.choice(SERVICES)
        self.token = secrets.token_urlsafe(32)
        self.contact: str | None = None
        self.transcript: list[Frame] = []
        self.state: Frame = {}
        self.left: str | None = None  # how this page went, if it did
        self._stays, self._writes = stays, writes
        self._leaving = False
        self._numbers = itertools.count(1)

    def hello(self) -> Frame:
        return {
            "t": "hello", "v": 1, "service": self.service, "token": self.token, "contact": self.contact,
            "after": len(self.transcript),
        }  # fmt: skip

    async def welcomed(self, frame: Frame) -> None:
        if self.contact not in (None, frame["contact"]) or frame["continues"]:
            raise Broken(f"another contact for the same page: {self.contact}, {frame}")
        if frame["head"] < len(self.transcript):
            raise Broken(f"{self.contact}: {len(self.transcript)} entries were shown, and now there are {frame}")
        self.contact = frame["contact"]
        if self._leaving:
            await self.tell(t="leave", how="end")

    async def took(self, frame: Frame) -> None:
        if frame["t"] == "entry":
            if frame["seq"] != len(self.transcript) + 1:
                raise Broken(f"{self.contact}: after {len(self.transcript)} came {frame}")
            self.transcript.append(frame)
            await self.tell(t="shown", seq=frame["seq"])
        elif frame["t"] == "state":
            self.state = frame
            if frame["phase"] == "ended" and not self.waiting:
                self._go("ended")
        elif frame["t"] == "bye" and frame["code"] != "closing" and not self.over:
            raise Broken(f"{self.contact}: {frame}")

    @property
    def phase(self) -> str:
        return str(self.state.get("phase"))

    async def act(self) -> None:
        if self.phase == "ended":
            if not self.waiting:
                self._go("ended")
            return
        if len(self.waiting) >= 3 or not self.state or self._leaving:
            return
        chance = self.rng.random()
        if self.phase == "with_bot" and self._writes:
            await self.say_so("say", text=f"message number {next(self._numbers)}")
        elif self.phase == "with_bot" and chance < 0.6 and await self._press():
            return
        elif self.phase == "with_bot" and chance < 0.75:
            await self.say_so("person")
        elif chance < 0.03 and not self._stays:
            await self._leave()
        elif chance < 0.06:
            self.drop()
        elif chance < 0.08:
            await self.say_so("say", text=f"{DANGER}, number {next(self._numbers)}")
        elif self.phase != "with_bot" or self.rng.random() < 0.5:
            await self.say_so("say", text=f"message number {next(self._numbers)}")

    async def _press(self) -> bool:
        """A button of the card that stands; not always, for then it would never be skipped."""
        cards = [e for e in self.transcript if e["card"] and e["seq"] in self.state["live"] and e["card"]["options"]]
        if not cards:
            return False
        card = self.rng.choice(cards)
        options = [option["id"] for option in card["card"]["options"]]
        await self.say_so("choose", card_seq=card["seq"], option=self.rng.choice([*options, "carry_on"]))
        return True

    async def _leave(self) -> None:
        how = self.rng.choice(("end", "exit", "closed"))
        if how == "end":  # said again until the chat has ended
            self._leaving = True
            await self.tell(t="leave", how="end")
            return
        if how == "exit":
            await self.tell(t="leave", how="exit")
        self._go(how)
        if self._socket is not None:
            await self._socket.close()

    def _go(self, how: str) -> None:
        self.left, self.over = how, True


@dataclass
class Held:
    """A contact that an advisor holds, as their page has it."""

    lease_no: int
    transcript: list[Frame] = field(default_factory=list)
    summary: Frame = field(default_factory=dict)
    says: int = 0
    ending: str | None = None  # the id of the write that gives them up


class AtDesk(Page):
    """An advisor: claims who is first, writes numbered messages, ends, gives back, and notes it.

    `cookie`: of a session. Whom the queue calls theirs they claim again: the answer to the first claim was lost.
    """

    path = "/ws/staff"

    def __init__(self, where: Where, rng: random.Random, think_s: float, calm: asyncio.Event, *, cookie: str) -> None:
        super().__init__(where, rng, think_s, calm)
        self.headers = {"Cookie": cookie}
        self.staff_id = ""
        self.rows: list[Frame] = []
        self.held: dict[str, Held] = {}
        self.claims = self.endings = 0
        self._numbers = itertools.count(1)
        self._renewed_at = 0.0

    def hello(self) -> Frame:
        return {"t": "hello", "v": 1}

    async def welcomed(self, frame: Frame) -> None:
        self.staff_id = frame["staff"]
        await self.tell(t="watch")
        for contact, held in self.held.items():
            await self.tell(t="renew", contact=contact, lease_no=held.lease_no)
            await self.tell(t="open", contact=contact, after=len(held.transcript))

    async def took(self, frame: Frame) -> None:
        kind, contact = frame["t"], frame.get("contact")
        held = self.held.get(contact or "")
        if kind == "queue":
            self.rows = frame["rows"]
        elif kind == "claimed" and (held is None or held.lease_no != frame["lease_no"]):
            self.held[frame["contact"]] = Held(frame["lease_no"])
            self.claims += 1
        elif kind == "claimed" and held is not None:
            held.transcript.clear()  # it is read from the beginning
        elif kind == "entry" and held is not None:
            self._entry(held, frame)
        elif kind == "summary" and held is not None:
            held.summary = frame
        elif kind == "lost":
            self._let_go(frame["contact"])
        elif kind in ("ack", "refused") and frame.get("id") in self.sent:
            await self._was_answered(self.sent[frame["id"]])

    def _entry(self, held: Held, frame: Frame) -> None:
        if frame["entry"]["seq"] != len(held.transcript) + 1:
            raise Broken(f"{frame['contact']}: after {len(held.transcript)} came {frame}")
        held.transcript.append(frame)

    async def _was_answered(self, sent: Sent) -> None:
        """What gives a contact up has happened, or a write was too late: either way it is not ours any more."""
        contact = sent.frame.get("contact")
        held = self.held.get(contact or "")
        if held is None or contact is None:
            return
        if sent.refused == "lease_lost" and sent.frame.get("lease_no") != held.lease_no:
            return  # of a lease before this one
        if sent.refused is None and held.ending != sent.frame["id"]:
            return
        self._let_go(contact)
        if sent.frame["t"] == "end" and sent.refused is None:
            self.endings += 1
            await self.say_so("wrap_up", contact=contact, text=f"note number {next(self._numbers)}")
            await self.tell(t="close", contact=contact)

    def _let_go(self, contact: str) -> None:
        self.held.pop(contact, None)

    async def act(self) -> None:
        if len(self.waiting) >= 3:
            return
        mine = {row["contact"] for row in self.rows if row["mine"]}
        lost = [contact for contact in mine if contact not in self.held]
        first = [row["contact"] for row in self.rows if row["state"] == "waiting"]
        asked = {sent.frame["contact"] for sent in self.waiting}
        for contact in (lost or first[:1]) if len(self.held) < 2 else ():
            if contact not in asked:
                await self.say_so("claim", contact=contact)
                return
        free = [contact for contact, held in self.held.items() if held.ending is None]
        if free:
            await self._attend(self.rng.choice(free))

    async def _attend(self, contact: str) -> None:
        held, chance = self.held[contact], self.rng.random()
        fields = {"contact": contact, "lease_no": held.lease_no}
        if held.says >= 2 and chance < 0.25:
            held.ending = await self.say_so("end", **fields, reason="done", why="")
        elif chance < 0.05:
            held.ending = await self.say_so("release", **fields)
        elif chance < 0.08:
            held.ending = await self.say_so("transfer", **fields, how="queue", to=None, reason="other")
        elif chance < 0.15:
            await self.say_so("note", **fields, text=f"note number {next(self._numbers)}")
        elif chance < 0.18:
            self.drop()
        else:
            held.says += 1
            await self.say_so("say", **fields, text=f"answer number {next(self._numbers)}")

    async def keep(self) -> None:
        """As the real page does, whatever its advisor does: that a person is lost is told to who renews."""
        now = asyncio.get_running_loop().time()
        if now - self._renewed_at >= 5:
            self._renewed_at = now
            for contact, held in self.held.items():
                await self.tell(t="renew", contact=contact, lease_no=held.lease_no)
