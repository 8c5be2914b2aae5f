"""The people of a contact at the level of frames: a person on the public socket, advisors and moderators as staff.

They await what happens and never sleep. What they saw is kept, and shown when something they wait for never comes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Self, TypeVar

import httpx
from running import ADVISOR, LONG, MODERATOR, PASSWORD, Door
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

BEAT_S = 15

T = TypeVar("T")
Frame = dict[str, Any]


class Refused(Exception):
    """The front door said no: `code`, and words for people."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame["words"])
        self.code, self.words = frame["code"], frame["words"]


class _Line:
    """One socket: what comes in is kept in order, and can be awaited."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._changed = asyncio.Event()
        self._ids = itertools.count(1)
        self._asked: dict[str, int] = {}  # id → how many frames had come by then: asked again, only newer ones answer
        self._reading: asyncio.Task[None] | None = None
        self.frames: list[Frame] = []
        self.closed = False

    async def send(self, t: str, **fields: object) -> None:
        await self._socket.send(json.dumps({"t": t, **fields}))

    async def ask(self, t: str, **fields: object) -> Frame:
        """Send a frame with an id of its own; gives its answer, or raises `Refused`."""
        return await self.answer(await self.start(t, **fields))

    async def start(self, t: str, **fields: object) -> str:
        """Send it and don't wait. Gives the id to await with `answer`."""
        client_id = str(fields.pop("id", f"{t}-{next(self._ids)}"))
        self._asked[client_id] = len(self.frames)
        await self.send(t, id=client_id, **fields)
        return client_id

    async def answer(self, client_id: str) -> Frame:
        kinds = ("ack", "claimed", "refused")
        since = self._asked[client_id]
        frame = await self.until(
            f"the answer to {client_id}",
            lambda: next((f for f in self.frames[since:] if f["t"] in kinds and f.get("id") == client_id), None),
        )
        if frame["t"] == "refused":
            raise Refused(frame)
        return frame

    async def until(self, what: str, found: Callable[[], T | None]) -> T:
        """Wait until `found()` gives something true."""
        try:
            async with asyncio.timeout(LONG):
                while not (result := found()):
                    if self.closed:
                        raise AssertionError(f"the line closed before this came: {what}. {self.story()}")
                    self._changed.clear()
                    await self._changed_or_heartbeat()
                return result
        except TimeoutError:
            raise AssertionError(f"this never came: {what}. {self.story()}") from None

    async def _changed_or_heartbeat(self) -> None:
        try:
            async with asyncio.timeout(BEAT_S):
                await self._changed.wait()
        except TimeoutError:
            if not self.closed:
                await self.send("ping")  # as every page does; a silent one counts as gone

    async def frame(self, t: str, **match: object) -> Frame:
        """The first frame of this kind with these fields, seen already or still to come."""
        return await self.until(
            f"{t} {match}",
            lambda: next((f for f in self.frames if f["t"] == t and match.items() <= f.items()), None),
        )

    def story(self) -> str:
        return "Seen so far: " + ", ".join(f["t"] for f in self.frames[-30:])

    def drop(self) -> None:
        """The line goes without a word, as when a browser dies."""
        self._socket.transport.abort()

    async def close(self) -> None:
        await self._socket.close()
        if self._reading is not None:
            await self._reading

    def _listen(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for raw in self._socket:
                frame = json.loads(raw)
                if frame["t"] == "ping":  # as every page does
                    await self.send("pong")
                    continue
                self.frames.append(frame)
                await self._took(frame)
                self._changed.set()
        except ConnectionClosed:
            pass
        finally:
            self.closed = True
            self._changed.set()

    async def _took(self, frame: Frame) -> None:
        """For the kinds of line."""


class Person(_Line):
    """Somebody in the chat. `looks`: the page is on screen, so that every entry is displayed as it comes."""

    def __init__(self, socket: ClientConnection, token: str, *, looks: bool) -> None:
        super().__init__(socket)
        self.token = token
        self.looks = looks
        self.entries: list[Frame] = []
        self.state: Frame = {}
        self.contact = ""

    @classmethod
    async def arrive(cls, door: Door, service: str = "missing", *, token: str = "", looks: bool = True) -> Self:
        """A page that has just been opened, or opened again with the token it kept."""
        socket = await connect(door.url.replace("http", "ws") + "/ws/person", origin=door.url, compression=None)  # type: ignore[arg-type]
        me = cls(socket, token or secrets.token_urlsafe(32), looks=looks)
        me._listen()
        await me.send("hello", v=1, service=service, token=me.token)
        me.contact = (await me.frame("welcome"))["contact"]
        await me.until("the first state", lambda: me.state)
        return me

    async def say(self, text: str, **how: object) -> int:
        """Say it; gives its seq once it is stored."""
        return int((await self.ask("say", text=text, **how))["seq"])

    async def press(self, card: str, option: str) -> int:
        """Press a button of a card, once it can be pressed."""
        entry = await self.live(card)
        return int((await self.ask("choose", card_seq=entry["seq"], option=option))["seq"])

    async def ask_for_person(self) -> None:
        await self.ask("person")

    async def complain(self, text: str) -> None:
        await self.ask("complain", text=text)

    async def look_at(self, entry: Frame) -> None:
        """It is on the screen now."""
        await self.send("shown", seq=entry["seq"])
        await self.send("ping")
        pongs = sum(f["t"] == "pong" for f in self.frames)
        await self.until("pong", lambda: sum(f["t"] == "pong" for f in self.frames) > pongs)

    async def card(self, name: str, *, after: int = 0) -> Frame:
        """The newest such card with a seq beyond `after`, seen already or still to come."""
        return await self.until(
            f"the card {name}", lambda: next((e for e in self.cards(name) if e["seq"] > after), None)
        )

    async def live(self, name: str) -> Frame:
        """The card, once its buttons work."""
        return await self.until(
            f"live buttons on the card {name}",
            lambda: next((e for e in self.cards(name) if e["seq"] in self.state.get("live", ())), None),
        )

    async def phase(self, name: str) -> None:
        await self.until(f"phase {name}", lambda: self.state.get("phase") == name)

    async def hears(self, text: str) -> Frame:
        """An entry with exactly these words."""
        return await self.until(f"“{text}”", lambda: next((e for e in self.entries if e["text"] == text), None))

    async def reply(self, *, after: int = 0) -> Frame:
        """Words of the bot."""
        return await self.until(
            "a reply of the bot",
            lambda: next((e for e in self.entries if e["author"] == "bot" and e["seq"] > after), None),
        )

    def cards(self, name: str) -> list[Frame]:
        """Newest first."""
        return [e for e in reversed(self.entries) if e["kind"] == "card" and e["card"]["name"] == name]

    @property
    def words(self) -> list[str]:
        """What they typed, in the order of the record."""
        return [e["text"] for e in self.entries if e["author"] == "person" and e["kind"] == "words"]

    def story(self) -> str:
        seen = [(e["seq"], e["author"], e["card"]["name"] if e["card"] else e["text"][:40]) for e in self.entries]
        others = [f for f in self.frames if f["t"] in ("refused", "bye")]
        return f"State: {self.state}. Entries: {seen}. {others}"

    async def _took(self, frame: Frame) -> None:
        if frame["t"] == "state":
            self.state = frame
        elif frame["t"] == "entry":
            self.entries.append(frame)
            if self.looks:
                await self.send("shown", seq=frame["seq"])


class Advisor(_Line):
    """An advisor at their desk: signed in, watching the queue."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.rows: list[Frame] = []
        self.entries: dict[str, list[Frame]] = defaultdict(list)
        self.summaries: dict[str, Frame] = {}
        self.leases: dict[str, int] = {}

    @classmethod
    async def sign_in(cls, door: Door, name: str = ADVISOR) -> Self:
        client = await signed_in(door, name)
        sent = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
        await client.aclose()
        address = door.url.replace("http", "ws") + "/ws/staff"
        me = cls(await connect(address, origin=door.url, compression=None, additional_headers={"Cookie": sent}))  # type: ignore[arg-type]
        me._listen()
        await me.send("hello", v=1)
        await me.frame("welcome")
        await me.send("watch")
        await me.frame("queue")
        return me

    async def row(self, contact: str, **match: object) -> Frame:
        """Their row in the queue, with these fields."""
        return await self.until(f"a row of {contact} with {match}", lambda: self._row(contact, match))

    def _row(self, contact: str, match: Frame) -> Frame | None:
        return next((r for r in self.rows if r["contact"] == contact and match.items() <= r.items()), None)

    @property
    def waiting(self) -> list[str]:
        """Who waits, first to last."""
        return [row["contact"] for row in self.rows if row["state"] == "waiting"]

    async def claim(self, contact: str) -> int:
        await self.row(contact)
        self.leases[contact] = int((await self.ask("claim", contact=contact))["lease_no"])
        return self.leases[contact]

    async def write(self, t: str, contact: str, **fields: object) -> Frame:
        """A write, fenced by the lease."""
        return await self.ask(t, contact=contact, lease_no=self.leases[contact], **fields)

    async def say(self, contact: str, text: str) -> None:
        await self.write("say", contact, text=text)

    async def reads(self, contact: str, text: str) -> Frame:
        """An entry with exactly these words."""
        return await self.until(
            f"“{text}”", lambda: next((e for e in self.entries[contact] if e["entry"]["text"] == text), None)
        )

    async def summary(self, contact: str, **match: object) -> Frame:
        return await self.until(
            f"a summary with {match}",
            lambda: s if (s := self.summaries.get(contact)) and match.items() <= s.items() else None,
        )

    def words(self, contact: str) -> list[str]:
        """What the person typed, as this desk has it."""
        said = [e["entry"] for e in self.entries[contact]]
        return [e["text"] for e in said if e["author"] == "person" and e["kind"] == "words"]

    def story(self) -> str:
        return f"Queue: {self.rows}. {[f for f in self.frames if f['t'] in ('refused', 'bye', 'lost')]}"

    async def _took(self, frame: Frame) -> None:
        if frame["t"] == "queue":
            self.rows = frame["rows"]
        elif frame["t"] == "entry":
            self.entries[frame["contact"]].append(frame)
        elif frame["t"] == "summary":
            self.summaries[frame["contact"]] = frame


class Moderator:
    """A moderator, over HTTP."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def cases(self) -> list[Frame]:
        return _good(await self._client.get("/staff/api/cases"))

    async def open(self, case: str) -> Frame:
        return _good(await self._client.get(f"/staff/api/cases/{case}"))

    async def decide(self, case: str, outcome: str, reason: str) -> Frame:
        """Take the case and decide it."""
        path, decision = f"/staff/api/cases/{case}", {"outcome": outcome, "reason": reason}
        _good(await self._client.post(f"{path}/take"))
        return _good(await self._client.post(f"{path}/decide", json=decision))


async def signed_in(door: Door, name: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(base_url=door.url, headers={"origin": door.url}, timeout=LONG)
    answer = await client.post("/staff/sign-in", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 303, f"{name} could not sign in: {answer.status_code}"
    return client


def _good(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
    return answer.json()


class People:
    """Everybody at one front door; they all leave at the end of the test."""

    def __init__(self, door: Door, leaving: AsyncExitStack) -> None:
        self.door = door
        self._leaving = leaving

    async def person(self, service: str = "missing", **how: Any) -> Person:
        return self._until_end(await Person.arrive(self.door, service, **how))

    async def advisor(self, name: str = ADVISOR) -> Advisor:
        return self._until_end(await Advisor.sign_in(self.door, name))

    async def moderator(self, name: str = MODERATOR) -> Moderator:
        client = await signed_in(self.door, name)
        self._leaving.push_async_callback(client.aclose)
        return Moderator(client)

    def _until_end(self, someone: Any) -> Any:
        self._leaving.push_async_callback(someone.close)
        return someone
