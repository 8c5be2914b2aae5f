"""Several front doors, each a process of its own, on one PostgreSQL, one key ring and one Redis."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from databases import POSTGRESQL, Databases
from people import Advisor, Person
from running import ADVISOR, LOOPBACK, SECRET, Door, DoorProcess, free_port, nobody, seed_database
from servers import Redis

from handoff.settings import Settings


def with_staff(url: str) -> None:
    """The texts are registered, and there are staff who have read them."""
    with tempfile.TemporaryDirectory() as var:
        seed_database(Settings(_env_file=None, var=Path(var), database=url))  # type: ignore[arg-type,call-arg]


@pytest.fixture
def shared(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The address of the database that all gateways of this test share."""
    url = databases.fresh(POSTGRESQL, with_staff, tmp_path)
    yield url
    databases.drop(url)


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.remove()


class Gateways:
    """Front doors, and who comes to which."""

    def __init__(self, folder: Path, database: str, redis: str, leaving: AsyncExitStack) -> None:
        self._folder, self._database, self._redis, self._leaving = folder, database, redis, leaving
        self._doors: list[DoorProcess] = []

    async def open(self, how_many: int, *, bot_url: str = "") -> list[DoorProcess]:
        for _ in range(how_many):
            var = self._folder / f"var{len(self._doors)}"
            var.mkdir(mode=0o700)
            settings = Settings(
                _env_file=None, var=var, port=free_port(), bot_url=bot_url or nobody(), bot_secret=SECRET,
                database=self._database, redis_url=self._redis, key_ring=self._folder / "keys", demonstration=True,
            )  # type: ignore[arg-type,call-arg]  # fmt: skip
            self._doors.append(DoorProcess(settings))
            self._leaving.callback(self._doors[-1].stop)
        await asyncio.gather(*(asyncio.to_thread(door.until_it_answers) for door in self._doors))
        return self._doors

    async def person(self, door: Door, token: str = "") -> Person:
        return self._until_end(await Person.arrive(door, token=token))

    async def advisor(self, door: Door, name: str = ADVISOR) -> Advisor:
        return self._until_end(await Advisor.sign_in(door, name))

    def _until_end(self, someone):
        self._leaving.push_async_callback(someone.close)
        return someone


@pytest.fixture
async def gateways(shared: str, own_redis: Redis, tmp_path: Path) -> AsyncIterator[Gateways]:
    async with AsyncExitStack() as leaving:
        yield Gateways(tmp_path, shared, own_redis.url, leaving)


class HangingBot:
    """Takes questions and never answers. `asked`: how many it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.url = ""
        self._changed = asyncio.Event()

    async def question(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"POST"):
                    self.asked += 1
                    self._changed.set()
                    await reader.read()  # until the other side gives up, or dies
                    return
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        writer.transport.abort()

    async def is_asked(self) -> None:
        async with asyncio.timeout(60):
            await self._changed.wait()


@pytest.fixture
async def hanging_bot() -> AsyncIterator[HangingBot]:
    bot = HangingBot()
    server = await asyncio.start_server(bot.question, LOOPBACK, 0)
    bot.url = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    yield bot
    server.close()
