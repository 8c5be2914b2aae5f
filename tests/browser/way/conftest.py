"""The whole way through: each test has a front door of its own, a real process, with the real Rasa behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import launched
from playwright.sync_api import Browser, expect
from running import Bot, DoorProcess, door_settings

expect.set_options(timeout=30_000)  # ms; a bot that fails has seconds to do so


@pytest.fixture(scope="module")
def browser(seeded: Path) -> Iterator[Browser]:  # after the seeding, which has a loop of its own
    with launched() as browser:
        yield browser


@pytest.fixture
def bot_url(bot: Bot) -> str:
    return bot.url


@pytest.fixture
def server(bot_url: str, seeded: Path, tmp_path: Path) -> Iterator[DoorProcess]:
    """Takes the place of the front door without a bot that other browser tests share."""
    door = DoorProcess(door_settings(seeded, tmp_path / "var", bot_url=bot_url))
    try:
        door.until_it_answers()
        yield door
    finally:
        door.stop()
