"""Pages that keep their promises over any line, as the real ones do (handoff/web/shared/line.js, chat/outbox.js): they
come back by themselves, say again what was not acknowledged, and ask for what they lack."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import secrets
from collections.abc import Callable
from typing import Any

from people import Frame, signed_in
from running import ADVISOR, LONG, Door
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException


class Steady:
    """One page. `silent_s`: how long without a word before the line counts as lost."""

    path = ""

    def __init__(self, url: str, rng: random.Random, *, silent_s: float, origin: str = "", cookie: str = "") -> None:
        self._url, self._rng, self._silent_s = url, rng, silent_s
        self._headers = {"Cookie": cookie} if cookie else {}
        self._origin = origin or url
        self._socket: ClientConnection | None = None
        self._up = False
        self._ids = itertools.count(1)
        self._changed = asyncio.Event()
        self._waiting: dict[str, Frame] = {}  # not yet acknowledged
        self._living: asyncio.Task[None] | None = None
        self.acked: dict[str, int] = {}  # client id → seq
        self.said: dict[str, str] = {}  # client id → words
        self.entries: dict[int, Frame] = {}
        self.last = 0
        self.lines = 0  # how many lines it has had
        self.refused: list[Frame] = []
        self.doubled: list[int] = []  # entries that came twice on one line

    def start(self) -> None:
        self._living = asyncio.create_task(self._live())

    async def close(self) -> None:
        if self._living is not None:
            self._living.cancel()
            await asyncio.gather(self._living, return_exceptions=True)

    async def put(self, t: str, **fields: object) -> str:
        """A frame that must arrive."""
        client_id = f"{t}-{next(self._ids)}"
        self._waiting[client_id] = {"t": t, "id": client_id, **fields}
        await self._send(self._waiting[client_id])
        return client_id

    async def until(self, what: str, is_so: Callable[[], Any]) -> Any:
        try:
            async with asyncio.timeout(LONG):
                while not (found := is_so()):
                    if self._living is not None and self._living.done():
                        self._living.result()
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            raise AssertionError(
                f"never: {what}. {self.lines} lines, last {self.last}, not acknowledged: {list(self._waiting)}"
            ) from None

    async def all_acknowledged(self) -> None:
        await self.until("everything acknowledged", lambda: not self._waiting)

    async def has_all(self, head: int) -> None:
        await self.until(f"every entry up to {head}", lambda: self.last >= head)

    # ── the line ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _live(self) -> None:
        pause = 0.05
        while True:
            with contextlib.suppress(OSError, WebSocketException, InvalidHandshake, TimeoutError, EOFError):
                address = self._url.replace("http", "ws") + self.path
                async with asyncio.timeout(self._silent_s * 3):
                    self._socket = await connect(
                        address, origin=self._origin, compression=None, additional_headers=self._headers,
                        ping_interval=None, close_timeout=0.1, open_timeout=None, proxy=None,
                    )  # type: ignore[arg-type]  # fmt: skip
                try:
                    await self._hello()
                    if await self._read(self._socket):
                        pause = 0.05
                finally:
                    self._up = False
                    self._socket.transport.abort()
            await asyncio.sleep(pause * (0.5 + self._rng.random() / 2))
            pause = min(pause * 2, 1.0)

    async def _read(self, socket: ClientConnection) -> bool:
        here: set[int] = set()
        try:
            while True:
                async with asyncio.timeout(self._silent_s):
                    frame = json.loads(await socket.recv())
                if frame["t"] == "ping":
                    await socket.send('{"t": "pong"}')
                    await self._beat()
                    continue
                if frame["t"] == "welcome":
                    assert not frame.get("gap")
                    self._up, self.lines = True, self.lines + 1
                    await self._welcomed(frame)
                    for waiting in list(self._waiting.values()):
                        await self._send(waiting)
                entry = frame.get("entry", frame) if frame["t"] == "entry" else None
                if entry is not None:
                    if entry["seq"] in here:
                        self.doubled.append(entry["seq"])
                    here.add(entry["seq"])
                    assert self.entries.setdefault(entry["seq"], entry) == entry
                    while self.last + 1 in self.entries:
                        self.last += 1
                await self._answered(frame)
                await self._took(frame)
                self._changed.set()
        except (OSError, WebSocketException, TimeoutError):
            return self._up

    async def _answered(self, frame: Frame) -> None:
        if frame["t"] in ("ack", "claimed") and frame["id"] in self._waiting:
            del self._waiting[frame["id"]]
            self.acked[frame["id"]] = frame.get("seq") or 0
        elif frame["t"] == "refused" and frame["id"] in self._waiting:
            self.refused.append(frame)
            asyncio.get_running_loop().call_later(1.0, self._again, frame["id"])

    def _again(self, client_id: str) -> None:
        if client_id in self._waiting:
            task = asyncio.create_task(self._send(self._waiting[client_id]))
            task.add_done_callback(lambda done: done.exception())

    async def _send(self, frame: Frame) -> None:
        if self._up and self._socket is not None:
            with contextlib.suppress(OSError, WebSocketException):
                await self._socket.send(json.dumps(frame))

    async def _hello(self) -> None:
        raise NotImplementedError

    async def _welcomed(self, frame: Frame) -> None: ...
    async def _took(self, frame: Frame) -> None: ...
    async def _beat(self) -> None: ...


class SteadyPerson(Steady):
    path = "/ws/person"

    def __init__(self, url: str, rng: random.Random, **how: Any) -> None:
        super().__init__(url, rng, **how)
        self.token = secrets.token_urlsafe(32)
        self.contact = ""
        self.state: Frame = {}

    async def say(self, text: str) -> None:
        self.said[await self.put("say", text=text)] = text

    async def _hello(self) -> None:
        assert self._socket
        hello = {"t": "hello", "v": 1, "service": "missing", "token": self.token, "after": self.last}
        if self.contact:
            hello["contact"] = self.contact
        await self._socket.send(json.dumps(hello))

    async def _welcomed(self, frame: Frame) -> None:
        assert self.contact in ("", frame["contact"])
        self.contact = frame["contact"]

    async def _took(self, frame: Frame) -> None:
        if frame["t"] == "state":
            self.state = frame


class SteadyAdvisor(Steady):
    path = "/ws/staff"
    contact = ""
    lease_no = 0

    @classmethod
    async def sign_in(cls, door: Door, url: str, rng: random.Random, *, silent_s: float) -> SteadyAdvisor:
        client = await signed_in(door, ADVISOR)
        cookie = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
        await client.aclose()
        return cls(url, rng, silent_s=silent_s, cookie=cookie)

    async def _live(self) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._renew())
            await super()._live()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(min(10.0, self._silent_s))
            await self._beat()

    async def claim(self, contact: str) -> None:
        self.contact = contact
        await self.until("up", lambda: self._up)
        await self.put("claim", contact=contact)
        await self.until("the claim", lambda: self.lease_no)

    async def say(self, text: str) -> None:
        client_id = await self.put("say", contact=self.contact, lease_no=self.lease_no, text=text)
        self.said[client_id] = text

    async def _hello(self) -> None:
        assert self._socket
        await self._socket.send('{"t": "hello", "v": 1}')

    async def _welcomed(self, frame: Frame) -> None:
        if self.lease_no:
            await self._beat()
            await self._send({"t": "open", "contact": self.contact, "after": self.last})

    async def _beat(self) -> None:
        if self.lease_no:
            await self._send({"t": "renew", "contact": self.contact, "lease_no": self.lease_no})

    async def _took(self, frame: Frame) -> None:
        assert frame["t"] != "lost", frame
        if frame["t"] == "claimed":
            self.lease_no = frame["lease_no"]
