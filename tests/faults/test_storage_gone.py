"""What the front door keeps its words in goes away while people talk: said honestly, nothing lost, nobody doubled.

Real servers are stopped and killed, a real process may write no more to its disk. In the short version each happens
once, in the long one many times.
"""

from __future__ import annotations

import asyncio
import resource
import secrets
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import httpx
import pytest
from people import Advisor, Frame, People, Person, Refused
from running import SECRET, DoorProcess, MovableClock, door_here, door_settings, free_port, nobody, seed_database
from servers import Postgres

from handoff.gateway.gateway import SWEEP_S
from handoff.settings import Settings

HOW_OFTEN = [1, pytest.param(25, marks=pytest.mark.full)]
AT_ONCE = [1, pytest.param(6, marks=pytest.mark.full)]  # more would be more words in ten seconds than a person may say


class Fault:
    """Something breaks, and is mended."""

    def __init__(self, breaks: Callable[[], None], mends: Callable[[], None], *, code: str) -> None:
        self.breaks, self.mends, self.code = breaks, mends, code


@pytest.fixture
async def leaving() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as leaving:
        yield leaving


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres(lasting=True)  # what it said is kept must be, as on a charity's own server
    yield server
    server.remove()


@pytest.fixture(scope="module")
def with_staff(postgres: Postgres) -> str:
    url = postgres.create("with_staff")
    with tempfile.TemporaryDirectory() as var:
        seed_database(Settings(_env_file=None, var=Path(var), database=url))  # type: ignore[arg-type,call-arg]
    return "with_staff"


@pytest.fixture
async def on_postgresql(postgres: Postgres, with_staff: str, tmp_path: Path, leaving: AsyncExitStack) -> People:
    url = postgres.create(f"faults_{secrets.token_hex(4)}", with_staff)
    settings = Settings(
        _env_file=None, var=_folder(tmp_path), port=free_port(), bot_url=nobody(), bot_secret=SECRET, database=url,
        demonstration=True,
    )  # type: ignore[arg-type,call-arg]  # fmt: skip
    return await _people(settings, leaving)


def _folder(tmp_path: Path) -> Path:
    var = tmp_path / "var"
    var.mkdir(mode=0o700)
    return var


async def _people(settings: Settings, leaving: AsyncExitStack) -> People:
    """All of them at a front door that is a process of its own."""
    door = await DoorProcess.started(settings)
    leaving.callback(door.stop)
    return People(door, leaving)


@pytest.mark.parametrize("times", HOW_OFTEN)
async def test_postgresql_is_restarted(on_postgresql: People, postgres: Postgres, times: int) -> None:
    await _goes_on_after(Fault(postgres.stop, postgres.start, code="store_unavailable"), on_postgresql, times)


@pytest.mark.parametrize("times", HOW_OFTEN[1:])
async def test_postgresql_is_killed(on_postgresql: People, postgres: Postgres, times: int) -> None:
    await _goes_on_after(Fault(postgres.kill, postgres.start, code="store_unavailable"), on_postgresql, times)


@pytest.mark.parametrize("times", AT_ONCE)
async def test_postgresql_only_reads(on_postgresql: People, postgres: Postgres, times: int) -> None:
    def reads_only(on: str) -> None:
        with postgres.admin() as admin:
            admin.execute("SET default_transaction_read_only = off")
            admin.execute(f"ALTER SYSTEM SET default_transaction_read_only = {on}")  # type: ignore[arg-type]
            admin.execute("SELECT pg_reload_conf()")

    fault = Fault(lambda: reads_only("on"), lambda: reads_only("off"), code="store_unavailable")
    await _goes_on_after(fault, on_postgresql, times)


@pytest.mark.parametrize("times", AT_ONCE)
async def test_the_disk_is_full(seeded: Path, tmp_path: Path, leaving: AsyncExitStack, times: int) -> None:
    people = await _people(door_settings(seeded, tmp_path / "var", bot_url=nobody()), leaving)
    pid = people.door.program.process.pid
    room = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    fault = Fault(
        lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, room[1])) and None,
        lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, room) and None,
        code="store_unavailable",
    )
    await _goes_on_after(fault, people, times)


async def test_a_store_that_was_away_longer_than_a_lease_takes_nobody_from_their_advisor(
    seeded: Path, tmp_path: Path
) -> None:
    """No lease can be renewed while nothing is kept; it is not held against those who are still at their desks."""
    clock = MovableClock()
    settings = door_settings(seeded, tmp_path / "var", bot_url=nobody())
    async with door_here(settings, clock=clock) as door, AsyncExitStack() as leaving:
        people = People(door, leaving)
        person, advisor = await people.person(), await people.advisor()
        await person.ask_for_person()
        await advisor.claim(person.contact)
        async with httpx.AsyncClient(base_url=door.url) as client:
            with closing(sqlite3.connect(settings.var / "frontdoor.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                await _until(client, "away")
                clock.forward(minutes=5)
            await _until(client, "here")
        await asyncio.sleep(2 * SWEEP_S)  # its rounds are what is looked at
        await advisor.send("renew", contact=person.contact, lease_no=advisor.leases[person.contact])
        await advisor.say(person.contact, "I am still here.")
        await person.hears("I am still here.")
        clock.forward(minutes=1)  # and who does not say so is gone, as ever
        await person.phase("waiting")


async def _goes_on_after(fault: Fault, people: People, times: int) -> None:
    """A person and an advisor talk, somebody else waits, before, during and after the fault."""
    person, other, advisor = await people.person(), await people.person(), await people.advisor()
    for each in (person, other):
        await each.ask_for_person()
    await advisor.claim(person.contact)
    async with httpx.AsyncClient(base_url=people.door.url) as client:
        for n in range(times):
            await _say_all(person, other, advisor, f"before-{n}")
            fault.breaks()
            assert [await _refused(each, f"during-{n}") for each in (person, other)] == [fault.code] * 2
            with pytest.raises(Refused) as said:
                await advisor.write("say", person.contact, text=f"during-{n}", id=f"during-{n}")
            assert said.value.code == fault.code
            await _until(client, "away")
            fault.mends()  # not in a thread: a server that it starts would die with that
            await _until(client, "here")
            await advisor.send("renew", contact=person.contact, lease_no=advisor.leases[person.contact])
            await _say_all(person, other, advisor, f"during-{n}")
    texts = [f"{when}-{n}" for n in range(times) for when in ("before", "during")]
    for each in (person, other):
        assert each.words == texts
        again = await people.person(token=each.token)
        await again.until("everything", lambda again=again, each=each: len(again.entries) == len(each.entries))
        assert _kept(again.entries) == _kept(each.entries)
        assert [entry["seq"] for entry in again.entries] == list(range(1, len(again.entries) + 1))
    assert [e["text"] for e in person.entries if e["author"] == "advisor"] == texts
    await advisor.reads(person.contact, texts[-1])
    assert advisor.words(person.contact) == texts


async def _say_all(person: Person, other: Person, advisor: Advisor, text: str) -> None:
    """The same id as before, where it was tried before: whatever was kept already is not kept twice."""
    for each in (person, other):
        await each.say(text, id=text)
    await advisor.write("say", person.contact, text=text, id=text)
    await person.hears(text)
    await advisor.until(text, lambda: text in advisor.words(person.contact))


async def _refused(person: Person, text: str) -> str:
    with pytest.raises(Refused) as said:
        await person.say(text, id=text)
    assert "again" in said.value.words
    return said.value.code


def _kept(entries: list[Frame]) -> list[tuple[int, str, str]]:
    return [(entry["seq"], entry["author"], entry["text"]) for entry in entries]


async def _until(client: httpx.AsyncClient, store: str) -> None:
    """As whoever watches over the front door is told."""
    async with asyncio.timeout(60):
        while (await client.get("/health", timeout=60)).json()["store"] != store:  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # another process's recovery is no event of ours
