"""Everything real and in processes of its own: the front door, Rasa, the action server. The wire between is watched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from nursery import Nursery
from people import People
from running import Bot, DoorProcess, door_settings
from wire import Wire


@pytest.fixture
def no_rasa(running_bot: Bot) -> Bot:
    """Rasa is dead, and nobody starts it again."""
    running_bot.kill_rasa()
    return running_bot


@pytest.fixture
async def wire(running_bot: Bot) -> AsyncIterator[Wire]:
    async with Wire(running_bot.url).standing() as wire:
        yield wire


@pytest.fixture
async def people(wire: Wire, seeded: Path, tmp_path: Path) -> AsyncIterator[People]:
    """The people at a front door that has a process of its own, with Rasa behind it."""
    settings = door_settings(seeded, tmp_path / "var", bot_url=wire.url)
    door = await DoorProcess.started(settings)
    try:
        async with AsyncExitStack() as leaving:
            yield People(door, leaving)
    finally:
        door.stop()


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Where gateways come from that are killed as soon as they live."""
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.stop()
