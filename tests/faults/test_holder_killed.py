"""Promise 5: an advisor's browser or gateway dies or hangs, and the person is back at the front of their band within
thirty seconds; whatever the old holder writes late is refused.

On PostgreSQL three gateways serve at once and three people are held in three ways. On SQLite there is one gateway, and
who takes the person over finds them when it stands again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from changed import changed_services
from databases import POSTGRESQL, SQLITE, Databases
from gateways import beside_each_other, with_staff
from nursery import Life, Nursery
from people import Advisor, People, Person, Refused
from running import ADVISOR, SECOND_ADVISOR, SUPERVISOR, Door
from servers import Redis

from handoff.settings import Settings

WITHIN_S = 30


@dataclass
class House:
    """Gateways, and the people at each."""

    lives: list[Life]
    at: list[People]
    leaving: AsyncExitStack

    @property
    def door(self) -> Door:
        return self.at[-1].door

    async def dies_and_stands_again(self, place: int) -> None:
        self.lives[place].kill()
        await self.lives[place].gone.wait()
        self.lives[place] = self.lives[place].nursery.start(self.lives[place].settings)
        assert await self.lives[place].up()


async def opened(nursery: Nursery, settings: list[Settings], leaving: AsyncExitStack) -> House:
    lives = [nursery.start(each) for each in settings]
    for life in lives:
        leaving.callback(life.kill)
    for life in lives:
        assert await life.up()
    return House(lives, [People(Door(each), leaving) for each in settings], leaving)


@pytest.fixture
async def leaving() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as leaving:
        yield leaving


@pytest.fixture
def database(databases: Databases, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    url = databases.fresh(request.param, with_staff, tmp_path / "var0")
    yield url
    databases.drop(url)


async def held(people: People, advisor: Advisor, person: Person) -> int:
    """Claimed, greeted; gives the seq of the greeting."""
    await advisor.claim(person.contact)
    greeting = await advisor.ask(
        "say", id="greeting", contact=person.contact, lease_no=advisor.leases[person.contact], text="Hello, I am here."
    )
    await person.hears("Hello, I am here.")
    return int(greeting["seq"])


async def waits(people: People) -> Person:
    person = await people.person()
    await person.ask_for_person()
    await person.phase("waiting")
    return person


async def is_refused(advisor: Advisor, contact: str, lease_no: int) -> None:
    """Whatever is written by the old lease."""
    for late in ({"t": "say", "text": "Too late."}, {"t": "note", "text": "Too late."}, {"t": "end", "reason": "done"}):
        with pytest.raises(Refused) as refused:
            await advisor.ask(contact=contact, lease_no=lease_no, **late)  # type: ignore[arg-type]
        assert refused.value.code == "lease_lost"


async def was_back_in_time(door: Door, contact: str) -> None:
    """By the front door's own clock: from the last sign of the holder, which was the claim."""
    (place,) = door.rows("SELECT * FROM queue_entry WHERE contact_id = ?", contact)
    assert seconds_between(place["claimed_at"], place["band_since"]) <= WITHIN_S


def seconds_between(one: object, other: object) -> float:
    first, second = (datetime.fromisoformat(str(at)) for at in (one, other))
    return (second - first).total_seconds()


async def three_holders_vanish(nursery: Nursery, settings: list[Settings], leaving: AsyncExitStack) -> None:
    house = await opened(nursery, settings, leaving)
    killed, hangs, lives = house.at
    # Given somebody who waits, three people held at three gateways, and two more who wait, one of them in danger,
    older = await waits(lives)
    first, second, third = [await waits(lives) for _ in range(3)]
    newer, danger = await waits(lives), await lives.person()
    await danger.say("he's smashing the window to get in")
    watching = await lives.advisor(SUPERVISOR)
    at_killed, at_hanging, browser = [
        await people.advisor(name) for people, name in ((killed, ADVISOR), (hangs, SECOND_ADVISOR), (lives, ADVISOR))
    ]
    greeted = await held(killed, at_killed, first)
    await held(hangs, at_hanging, second)
    await held(lives, browser, third)
    # when one gateway is killed, one hangs with a write on its way, and one browser dies,
    house.lives[0].kill()
    house.lives[1].pause()
    late = await at_hanging.start("say", contact=second.contact, lease_no=1, text="Too late.")
    browser.drop()
    # then all three are back, before everybody of their band and after who is in danger, in their old order,
    order = [danger, first, second, third, older, newer]
    await watching.until("all three back", lambda: watching.waiting == [person.contact for person in order])
    for person in (first, second, third):
        await was_back_in_time(house.door, person.contact)
        await person.card("given_back")
    # and nothing that was on its way, or is said again, is heard under the old lease;
    await watching.claim(second.contact)
    house.lives[1].go_on()
    with pytest.raises(Refused) as refused:
        await at_hanging.answer(late)
    assert refused.value.code == "lease_lost"
    back = await lives.advisor(ADVISOR)
    for person in (first, third):
        await is_refused(back, person.contact, 1)
    # but what was stored before is not refused, and not stored twice.
    again = await back.ask("say", id="greeting", contact=first.contact, lease_no=1, text="Hello, I am here.")
    assert again["seq"] == greeted
    await watching.say(second.contact, "Hello, I am here now.")
    await second.hears("Hello, I am here now.")
    for person in (first, second, third):
        texts = [entry["text"] for entry in person.entries]
        assert texts.count("Hello, I am here.") == 1
        assert "Too late." not in texts


@pytest.mark.parametrize("database", [POSTGRESQL], indirect=True)
async def test_holders_who_vanish_give_everybody_back_and_write_no_more(
    nursery: Nursery, database: str, redis_server: Redis, leaving: AsyncExitStack, tmp_path: Path
) -> None:
    """The short version: a lease of ten seconds."""
    services = changed_services(tmp_path, ("lease_s: 25", "lease_s: 10"))
    settings = beside_each_other(tmp_path, database, 3, redis_url=redis_server.url, services=services)
    await three_holders_vanish(nursery, settings, leaving)


@pytest.mark.full
@pytest.mark.parametrize("database", [POSTGRESQL], indirect=True)
async def test_the_same_with_the_clocks_that_ship(
    nursery: Nursery, database: str, redis_server: Redis, leaving: AsyncExitStack, tmp_path: Path
) -> None:
    await three_holders_vanish(nursery, beside_each_other(tmp_path, database, 3, redis_url=redis_server.url), leaving)


@pytest.mark.full
@pytest.mark.parametrize("database", [SQLITE], indirect=True)
async def test_a_holder_who_dies_with_the_only_gateway(
    nursery: Nursery, database: str, leaving: AsyncExitStack, tmp_path: Path
) -> None:
    """When it stands again everybody has the length of a lease to come back; who doesn't has vanished."""
    house = await opened(nursery, beside_each_other(tmp_path, database, 1), leaving)
    (people,) = house.at
    older, person = await waits(people), await waits(people)
    await held(people, await people.advisor(ADVISOR), person)
    await house.dies_and_stands_again(0)
    watching = await people.advisor(SECOND_ADVISOR)
    await watching.until("back, at the front", lambda: watching.waiting == [person.contact, older.contact])
    await was_back_in_time(house.door, person.contact)
    back = await people.advisor(ADVISOR)
    await is_refused(back, person.contact, 1)
    await watching.claim(person.contact)
    await is_refused(back, person.contact, 1)
