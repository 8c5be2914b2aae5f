"""One socket, whoever is at the other end: frames in, checked; frames out, one at a time; no address is kept (R3)."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Coroutine, Iterable
from typing import Any
from urllib.parse import urlsplit

import structlog
from pydantic import TypeAdapter, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from handoff import frames as f
from handoff.errors import PeerError
from handoff.gateway.words import for_people, why

log = structlog.get_logger()

HELLO_WITHIN_S = 15.0
GOODBYES = frozenset({1000, 1001})  # without a word the code is 1005 or 1006
BEAT_S = 10.0  # how often a page is asked whether it is still there; it answers at once, hidden or not
SILENT_S = 40.0  # a page that has sent nothing for so long is a lost line
_CHANCE = random.SystemRandom()
GOODBYE_S = 2.0  # how long a goodbye may take
SPREAD_S = 4.0  # those who are asked to come back don't all come at once
COME_BACK = "We are restarting. This page comes back by itself."


class Line:
    """A connection after `accept`. Sends are one at a time, so that two tasks may share it."""

    def __init__(self, socket: WebSocket, incoming: TypeAdapter[Any]) -> None:
        self._socket = socket
        self._incoming = incoming
        self._sending = asyncio.Lock()

    async def send(self, frame: f.Frame) -> None:
        """Raises WebSocketDisconnect where the line is closed, by whichever side and however it shows."""
        async with self._sending:
            try:
                await self._socket.send_text(frame.model_dump_json())
            except RuntimeError:  # closed between the frame that came and its answer
                raise WebSocketDisconnect(1006) from None

    async def receive(self, *, within_s: float | None = None) -> Any:
        """The next good frame. A bad one is refused by name and the next is awaited. Raises WebSocketDisconnect."""
        while True:
            try:
                async with asyncio.timeout(SILENT_S if within_s is None else within_s):
                    message = await self._socket.receive()
            except TimeoutError:
                raise WebSocketDisconnect(1006) from None  # silent for too long: the line is lost
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            raw = message.get("text")
            if raw is None:
                await self.refuse(None, "malformed", "Frames are JSON text.")
                continue
            try:
                return self._incoming.validate_json(raw, strict=True)  # "1" is no number
            except ValidationError as error:
                await self.refuse(*explain(raw, error))

    async def talk(
        self, closing: asyncio.Event, read: Coroutine[Any, Any, None], write: Coroutine[Any, Any, None]
    ) -> bool:
        """Read, write and keep asking whether the page is there, until one of them ends or the front door closes.

        True: the page said goodbye itself, as a browser does when a tab is closed.
        """
        reading = asyncio.create_task(read)
        shut = asyncio.create_task(closing.wait())
        tasks: set[asyncio.Task[Any]] = {reading, shut, asyncio.create_task(write), asyncio.create_task(self._beat())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if shut.done():
                with contextlib.suppress(WebSocketDisconnect, TimeoutError):
                    async with asyncio.timeout(GOODBYE_S):
                        await self.send(f.Bye(code="closing", words=COME_BACK, retry_after=soon(1.0)))
            return reading.done() and said_goodbye(reading)
        finally:
            for task in tasks:
                task.cancel()
            note_failures(await asyncio.gather(*tasks, return_exceptions=True))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await self.send(f.StillThere())

    async def refuse(self, client_id: str | None, code: str, words: str, *, retry: bool = False) -> None:
        await self.send(f.Refused(id=client_id, code=code, words=words, retry=retry))

    async def refuse_error(self, client_id: str | None, error: Exception) -> None:
        """What happened, for people; for operators the kind of error alone, never anyone's words.

        That the page went while it was being answered is no failure: raised again, and nobody is told.
        """
        if isinstance(error, WebSocketDisconnect):
            raise error
        if not isinstance(error, PeerError):
            log.error("frame_failed", kind=type(error).__name__, **why(error))
        code, words, retry = for_people(error)
        await self.refuse(client_id, code, words, retry=retry)

    async def fail(self, error: Exception) -> None:
        """Something went wrong that is no frame's fault: said kindly, and the page comes back by itself."""
        log.error("socket_failed", kind=type(error).__name__, **why(error))
        code, words, _ = for_people(error)
        with contextlib.suppress(WebSocketDisconnect):
            await self.send(f.Bye(code=code, words=words, retry_after=soon(2.0)))
        await self.close(1011)

    async def close(self, code: int = 1000) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            if self._socket.application_state is WebSocketState.CONNECTED:
                async with asyncio.timeout(GOODBYE_S):  # somebody who doesn't read cannot hold us
                    await self._socket.close(code)


def soon(at_least_s: float) -> float:
    """When a page is asked to come back, in seconds: each at a moment of its own."""
    return round(at_least_s + _CHANCE.uniform(0, SPREAD_S), 1)


def explain(raw: str, error: ValidationError) -> tuple[str | None, str, str]:
    """(client id, code, words) for a frame that is not one of ours. Repeats nothing of it but its own id."""
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    client_id = _id_of(raw)
    if problem["type"] == "json_invalid":
        return None, "malformed", "That wasn't JSON."
    if problem["type"].startswith("union_tag"):
        return client_id, "unknown", "There is no such frame here."
    if problem["type"] == "extra_forbidden":
        return client_id, "malformed", "There is a field in it that doesn't belong there."  # its name is theirs
    where = ".".join(str(part) for part in problem["loc"][1:])
    if problem["type"] == "string_too_long" and where == "text":
        return (
            client_id,
            "too_long",
            f"That message is too long. It can have {f.MAX_WORDS} characters. You can split it.",
        )
    return (
        client_id,
        "malformed",
        f"Field {where}: {problem['msg']}." if where.replace("_", "").isalnum() else "Malformed.",
    )


def _id_of(raw: str) -> str | None:
    with contextlib.suppress(ValidationError):
        found = _ID.validate_json(raw).get("id")
        if isinstance(found, str) and 0 < len(found) <= 64 and found.replace("-", "").replace("_", "").isalnum():
            return found
    return None


_ID: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def note_failures(results: Iterable[object]) -> None:
    """A connection's tasks have ended. That the other side went away is no failure; anything else is logged by kind."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
            log.error("socket_failed", kind=type(result).__name__)


def said_goodbye(reading: asyncio.Task[None]) -> bool:
    """Whether the other side closed the line itself, as a browser does when a tab is closed or goes elsewhere."""
    error = None if reading.cancelled() else reading.exception()
    return isinstance(error, WebSocketDisconnect) and error.code in GOODBYES


def from_here(socket: WebSocket, origin: str) -> bool:
    """Whether a page of ours opened this socket: an exact Origin, or the very host it was sent to."""
    sent = socket.headers.get("origin", "")
    try:
        host = urlsplit(sent).netloc
    except ValueError:  # not an address at all
        return False
    return sent == origin or (bool(sent) and host == socket.headers.get("host"))
