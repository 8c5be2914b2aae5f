"""The wire between the front door and the bot, where it can be watched and held: a small recording proxy.

It adds no failures of its own: where the bot refuses, hangs or dies, the front door's connection does the same.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from running import LONG
from standing import Standing


@dataclass(eq=False)
class Turn:
    """One turn that came by. `began`, `ended`: when, on the wire's own count of what happened."""

    asked: dict[str, Any]
    began: int
    answered: dict[str, Any] | None = None
    ended: int = 0

    @property
    def over(self) -> bool:
        """The front door has its answer, or nobody waits for one any more."""
        return self.ended > 0

    @property
    def words(self) -> str:
        return str(self.asked["text"])


class Wire(Standing):
    """Listens at `url` and passes everything on to `bot_url`. `turns`: in the order in which they were asked."""

    def __init__(self, bot_url: str) -> None:
        super().__init__()
        self._bot = urlsplit(bot_url)
        self.turns: list[Turn] = []
        self._count = itertools.count(1)
        self._changed = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()

    def hold(self) -> None:
        """From now on the bot answers, and its answers stay on the wire."""
        self._open.clear()

    def let_go(self) -> None:
        self._open.set()

    async def turn(self, n: int) -> Turn:
        """The `n`th turn (from 1), once it has been asked."""
        await self.until(f"turn {n}", lambda: len(self.turns) >= n)
        return self.turns[n - 1]

    async def over(self, n: int) -> Turn:
        """The `n`th turn, once it is over."""
        turn = await self.turn(n)
        await self.until(f"the end of turn {n}", lambda: turn.over)
        return turn

    async def until(self, what: str, is_so: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(LONG):
                while not is_so():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"this never came by: {what}. {len(self.turns)} turns did") from None

    async def line(self, reader: StreamReader, writer: StreamWriter) -> None:
        while True:
            await self._pass_on(reader, writer)

    async def _pass_on(self, reader: StreamReader, writer: StreamWriter) -> None:
        request, body = await _message(reader)
        turn = None
        if request.startswith(b"POST"):
            turn = Turn(json.loads(body), next(self._count))
            self.turns.append(turn)
            self._changed.set()
        # The front door asks nothing new before it has its answer, so what comes meanwhile is its giving up.
        gone = asyncio.create_task(reader.read(1))
        answer = asyncio.create_task(self._bot_answers(request + body))
        try:
            await asyncio.wait({gone, answer}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise EOFError
            head, words = answer.result()
            if turn is not None:
                turn.answered = json.loads(words)
            writer.write(head + words)
            await writer.drain()
        finally:
            for task in (gone, answer):
                task.cancel()
            await asyncio.gather(gone, answer, return_exceptions=True)
            if turn is not None:
                turn.ended = next(self._count)
                self._changed.set()

    async def _bot_answers(self, request: bytes) -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection(self._bot.hostname, self._bot.port)
        try:
            writer.write(request)
            answer = await _message(reader)
            await self._open.wait()
            return answer
        finally:
            writer.transport.abort()


class Balancer(Wire):
    """Several bots behind one address, one after the other, alive or not. `tried`, `answered`: by number."""

    def __init__(self, *urls: str) -> None:
        super().__init__(urls[0])
        self._bots = itertools.cycle(enumerate(map(urlsplit, urls)))
        self.tried: Counter[int] = Counter()
        self.answered: Counter[int] = Counter()

    async def _bot_answers(self, request: bytes) -> tuple[bytes, bytes]:
        number, self._bot = next(self._bots)
        self.tried[number] += 1
        answer = await super()._bot_answers(request)
        self.answered[number] += 1
        return answer


async def _message(reader: StreamReader) -> tuple[bytes, bytes]:
    """The next request or answer: its head, and its body by its length."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
        return head, await reader.readexactly(length)
    except IncompleteReadError:
        raise EOFError from None
