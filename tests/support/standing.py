"""A small server of a test's own, on a free port of this machine; nothing of it is left when the test is over."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from running import LOOPBACK


class Standing:
    """`url`: where it listens, while it stands. What it does with a connection is `line`."""

    def __init__(self) -> None:
        self.url = ""
        self._lines: set[asyncio.Task[Any]] = set()

    async def line(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection, to its end. That either side goes away is no failure; the connection is cut in any case."""
        raise NotImplementedError

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[Self]:
        server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        self.url = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            lines = list(self._lines)
            for line in lines:
                line.cancel()
            await asyncio.gather(*lines, return_exceptions=True)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)
        try:
            await self.line(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # one side went: the other hears of it by the closing of its line
        finally:
            writer.transport.abort()
