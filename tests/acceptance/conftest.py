"""A front door in the loop of the test, with a clock that can be moved, and the people who come to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from people import People
from running import Bot, Door, MovableClock, door_here, door_settings, nobody
from wire import Wire


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def door(seeded: Path, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Door]:
    """No bot stands behind this one: cards and people go on (promise 7)."""
    async with door_here(door_settings(seeded, tmp_path / "var", bot_url=nobody()), clock=clock) as door:
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
async def people_with_bot(wire: Wire, seeded: Path, tmp_path: Path, clock: MovableClock) -> AsyncIterator[People]:
    """The people of a front door with Rasa behind it."""
    settings = door_settings(seeded, tmp_path / "with_bot", bot_url=wire.url)
    async with door_here(settings, clock=clock) as door, AsyncExitStack() as leaving:
        yield People(door, leaving)
