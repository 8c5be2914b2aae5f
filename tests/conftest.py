"""What tests of every folder may ask for. Imports are inside: the bot's tests run in the other runtime."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from running import Bot

    from handoff.store.keys import KeyRing
    from handoff.store.store import Store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table and nothing in it; copied, never used."""
    from handoff.store.migrate import migrate

    path = tmp_path_factory.mktemp("migrated") / "frontdoor.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    """A migrated SQLite file of this test's own."""
    path = tmp_path / "store" / "frontdoor.db"
    path.parent.mkdir(mode=0o700)
    shutil.copy(migrated, path)
    return path


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """A started store over `database`."""
    from handoff.store.store import Store

    store = Store(f"sqlite:///{database}")
    store.start()
    yield store
    store.close()


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """An empty key ring."""
    from handoff.store.keys import KeyRing

    return KeyRing(tmp_path / "keys")


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A var folder with a migrated database and staff who have read the policies; copied, never used."""
    from running import seed

    return seed(tmp_path_factory.mktemp("seeded") / "var")


@pytest.fixture(scope="session")
def running_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """Rasa and its action server, started once for all folders; ask for `bot`, which mends what a test broke."""
    from running import Bot

    bot = Bot(tmp_path_factory.mktemp("bot"))
    yield bot
    bot.stop()


@pytest.fixture
def bot(running_bot: Bot) -> Bot:
    """Rasa and its action server, both up."""
    running_bot.start()
    return running_bot
