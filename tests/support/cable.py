"""The network between a page and the front door, and all that can go wrong with it, on demand.

What is stopped is held, as TCP holds what it must send again: it may still arrive much later, also a goodbye.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections import deque
from typing import Literal
from urllib.parse import urlsplit

from standing import Standing

Way = Literal["up", "down"]  # to the front door, and from it
CHUNK = 4096


class Cable(Standing):
    """Listens at `url` and passes everything on to the front door. `settings` of the door are not looked at."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._door = urlsplit(url)
        self.delay_s = 0.0  # each way
        self.bytes_s: int | None = None  # how much goes through in a second, each way
        self.out = False  # nobody gets through at all
        self.cuts = 0
        self._open: dict[Way, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}
        for way in self._open.values():
            way.set()
        self._writers: set[StreamWriter] = set()

    def cut(self) -> None:
        """Every line breaks now, at both ends, whatever was on it."""
        self.cuts += bool(self._writers)
        for writer in list(self._writers):
            writer.transport.abort()

    def stop(self, *ways: Way) -> None:
        """Nothing goes this way any more, and nobody is told."""
        for way in ways:
            self._open[way].clear()

    def heal(self) -> None:
        for way in self._open.values():
            way.set()
        self.delay_s, self.bytes_s, self.out = 0.0, None, False

    async def line(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self.out:
            return
        door_reader, door_writer = await asyncio.open_connection(self._door.hostname, self._door.port)
        both = {writer, door_writer}
        self._writers |= both
        try:
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._pass_on("up", reader, door_writer))
                ways.create_task(self._pass_on("down", door_reader, writer))
        except* OSError:
            pass
        finally:
            self._writers -= both
            for each in both:
                each.transport.abort()

    async def _pass_on(self, way: Way, reader: StreamReader, writer: StreamWriter) -> None:
        """Bytes, and at last their end, in order, each after its delay."""
        loop, waiting, come = asyncio.get_running_loop(), deque[tuple[float, bytes]](), asyncio.Event()

        async def take() -> None:
            while True:
                piece = await reader.read(CHUNK)
                waiting.append((loop.time() + self.delay_s, piece))
                come.set()
                if not piece:
                    return

        taking = asyncio.create_task(take())
        try:
            while True:
                while not waiting:
                    come.clear()
                    if taking.done():
                        taking.result()
                    await come.wait()
                due, piece = waiting.popleft()
                await asyncio.sleep(due - loop.time())
                await self._open[way].wait()
                if not piece:
                    break
                for part in self._parts(piece):
                    await self._open[way].wait()
                    writer.write(part)
                    await writer.drain()
                    if self.bytes_s:
                        await asyncio.sleep(len(part) / self.bytes_s)
        finally:
            taking.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await taking
        raise ConnectionResetError  # one end has gone: the line is over

    def _parts(self, piece: bytes) -> list[bytes]:
        size = max(self.bytes_s // 10, 1) if self.bytes_s else CHUNK
        return [piece[at : at + size] for at in range(0, len(piece), size)]
