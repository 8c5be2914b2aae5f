"""A front door in the loop of the test, with a clock that can be moved, and the people who come to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from databases import POSTGRESQL, SQLITE, Databases
from gateways import with_staff
from people import People
from running import Bot, Door, MovableClock, door_here, door_settings, nobody
from wire import Wire


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def own_database(databases: Databases, pytestconfig: pytest.Config) -> Iterator[dict[str, str]]:
    """The setting that names a database of this test's own; none for the SQLite file in its folder."""
    if pytestconfig.getoption("--database") == SQLITE:
        yield {}
        return
    url = databases.fresh(POSTGRESQL, with_staff, Path())
    yield {"database": url}
    databases.drop(url)


@pytest.fixture
async def door(seeded: Path, tmp_path: Path, clock: MovableClock, own_database: dict[str, str]) -> AsyncIterator[Door]:
    """No bot stands behind this one: cards and people go on (promise 7)."""
    settings = door_settings(seeded, tmp_path / "var", bot_url=nobody(), **own_database)
    async with door_here(settings, clock=clock) as door:
        yield door


@pytest.fixture
async def people(door: Door) -> AsyncIterator[People]:
    async with AsyncExitStack() as leaving:
        yield People(door, leaving)


@pytest.fixture
async def wire(bot: Bot) -> AsyncIterator[Wire]:
    """Between the front door and the real Rasa."""
    async with Wire(bot.url).standing() as wire:
        yield wire


@pytest.fixture
async def people_with_bot(
    wire: Wire, seeded: Path, tmp_path: Path, clock: MovableClock, own_database: dict[str, str]
) -> AsyncIterator[People]:
    """The people of a front door with Rasa behind it."""
    settings = door_settings(seeded, tmp_path / "with_bot", bot_url=wire.url, **own_database)
    async with door_here(settings, clock=clock) as door, AsyncExitStack() as leaving:
        yield People(door, leaving)
