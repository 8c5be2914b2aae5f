"""What tests of every folder may ask for. Imports are inside: the bot's tests run in the other runtime."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from databases import Databases
    from running import Bot
    from servers import Redis

    from handoff.store.keys import KeyRing
    from handoff.store.store import Store


def pytest_addoption(parser: pytest.Parser) -> None:
    said = "sqlite or postgresql: what stands behind the front doors of tests/integration/gateway and tests/acceptance"
    parser.addoption("--database", default="sqlite", choices=["sqlite", "postgresql"], help=said)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full: the long version of a test that is otherwise short; run by `make faults`")
    config.option.markexpr = config.option.markexpr or "not full"


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Databases of both kinds, copied from ready ones."""
    from databases import Databases

    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Whatever rests on this runs on both databases."""
    return str(request.param)


@pytest.fixture
def url(kind: str, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database of this test's own, of either kind."""
    from databases import migrated

    url = databases.fresh(kind, migrated, tmp_path / "store")
    yield url
    databases.drop(url)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A started store over `url`."""
    from handoff.store.store import Store

    store = Store(url)
    store.start()
    yield store
    store.close()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """One Redis for all tests that leave it as it was."""
    from servers import Redis

    redis = Redis()
    yield redis
    redis.remove()


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
