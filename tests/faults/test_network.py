"""Promise 4 over a bad network: whatever the line does, what was acknowledged is there once, in order, at both ends."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from cable import Cable
from people import Advisor, People, Person
from running import SECOND_ADVISOR, SUPERVISOR, Door, MovableClock, door_here, door_settings, nobody
from steady import Steady, SteadyAdvisor, SteadyPerson

from handoff.gateway import line

SILENT_S = 1.5  # with the front door's clocks shortened


def seed() -> int:
    """To run a failure again: TEST_SEED=<the number that was printed>."""
    chosen = int(os.environ.get("TEST_SEED") or secrets.randbits(32))
    print(f"seed {chosen}")
    return chosen


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def door(seeded: Path, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Door]:
    async with door_here(door_settings(seeded, tmp_path / "net", bot_url=nobody()), clock=clock) as door:
        yield door


@pytest.fixture
def quick(monkeypatch) -> None:
    monkeypatch.setattr(line, "BEAT_S", 0.3)
    monkeypatch.setattr(line, "SILENT_S", SILENT_S)


class Talk:
    """A person and an advisor who talk, each over a cable of their own."""

    def __init__(self, door: Door, rng: random.Random, leaving: AsyncExitStack, silent_s: float) -> None:
        self.door, self.rng, self.leaving, self.silent_s = door, rng, leaving, silent_s

    async def begin(self) -> None:
        self.cables = [await self.leaving.enter_async_context(Cable(self.door.url).standing()) for _ in range(2)]
        self.person = SteadyPerson(self.cables[0].url, self.rng, silent_s=self.silent_s)
        self.advisor = await SteadyAdvisor.sign_in(self.door, self.cables[1].url, self.rng, silent_s=self.silent_s)
        for each in (self.person, self.advisor):
            each.start()
            self.leaving.push_async_callback(each.close)
        await self.person.until("the welcome", lambda: self.person.contact)
        await self.person.put("person")
        await self.person.all_acknowledged()
        await self.advisor.claim(self.person.contact)

    async def both_say(self, how_many: int, *, every_s: float = 0.0, begin: int = 0) -> None:
        for n in range(begin, begin + how_many):
            await self.person.say(f"person {n}")
            await self.advisor.say(f"advisor {n}")
            await asyncio.sleep(every_s)

    async def is_whole(self) -> None:
        """Everything acknowledged, once, in order; and both ends hold what a page that comes fresh is given."""
        for cable in self.cables:
            cable.heal()
        for each in (self.person, self.advisor):
            await each.all_acknowledged()
        fresh = await Person.arrive(self.door, token=self.person.token, looks=False)
        self.leaving.push_async_callback(fresh.close)
        head = (await fresh.frame("welcome"))["head"]
        await fresh.until("the whole record", lambda: len(fresh.entries) == head)
        for each, author in ((self.person, "person"), (self.advisor, "advisor")):
            await each.has_all(head)
            self._said_once(each, author, fresh)
            assert not each.doubled, "twice on one line"
            assert not each.refused
        assert [self.person.entries[seq] for seq in sorted(self.person.entries)] == fresh.entries
        await self.person.until("the same state", lambda: self.person.state == fresh.state)
        desk = await Advisor.sign_in(self.door, SUPERVISOR)
        self.leaving.push_async_callback(desk.close)
        await desk.send("open", contact=self.person.contact, after=0, reason="a test")
        entries = desk.entries[self.person.contact]
        await desk.until("the whole record", lambda: len(entries) == head)
        mine = [self.advisor.entries[seq] | {"id": None} for seq in range(1, head + 1)]
        assert mine == [e["entry"] | {"id": None} for e in entries]

    def _said_once(self, each: Steady, author: str, fresh: Person) -> None:
        record = [(e["seq"], e["text"]) for e in fresh.entries if e["author"] == author and e["kind"] == "words"]
        assert [text for _, text in record] == list(each.said.values()), "each once, in the order it was said"
        assert [(each.acked[client_id], text) for client_id, text in each.said.items()] == record


async def talking(door: Door, leaving: AsyncExitStack, rng: random.Random, silent_s: float = SILENT_S) -> Talk:
    talk = Talk(door, rng, leaving, silent_s)
    await talk.begin()
    return talk


async def drops(talk: Talk, how_many: int, every_s: float) -> None:
    talking = asyncio.create_task(talk.both_say(how_many, every_s=every_s))
    while not talking.done():
        await asyncio.sleep(talk.rng.uniform(0.02, 0.25))
        talk.rng.choice(talk.cables).cut()
    await talking
    await talk.is_whole()
    cuts = sum(cable.cuts for cable in talk.cables)
    lines = talk.person.lines + talk.advisor.lines
    print(f"{2 * how_many} messages, {cuts} cuts, {lines} lines: none lost, none doubled")
    assert cuts


async def test_lines_that_drop_while_both_talk_lose_and_double_nothing(door: Door, quick):
    rng = random.Random(seed())
    async with AsyncExitStack() as leaving:
        await drops(await talking(door, leaving, rng), 12, 0.1)


@pytest.mark.full
@pytest.mark.parametrize("n", range(3))
async def test_hundreds_of_drops_lose_and_double_nothing(door: Door, quick, n: int):
    rng = random.Random(seed())
    async with AsyncExitStack() as leaving:
        await drops(await talking(door, leaving, rng), 40, 0.8)


@pytest.mark.parametrize("way", ["up", "down"])
async def test_a_line_that_goes_one_way_only_is_noticed_by_both_and_nothing_is_lost(door: Door, quick, way):
    async with AsyncExitStack() as leaving:
        talk = await talking(door, leaving, random.Random(seed()))
        other = await Advisor.sign_in(door, SECOND_ADVISOR)
        leaving.push_async_callback(other.close)
        await talk.both_say(2)
        before = talk.person.lines
        talk.cables[0].stop(way)
        await talk.both_say(3, begin=2)
        await other.row(talk.person.contact, here=False, left="lost")  # staff are told the truth meanwhile
        talk.cables[0].heal()
        await talk.is_whole()
        assert talk.person.lines > before
        await other.row(talk.person.contact, here=True)


async def test_an_advisors_line_that_goes_one_way_only_keeps_the_person(door: Door, quick):
    async with AsyncExitStack() as leaving:
        talk = await talking(door, leaving, random.Random(seed()))
        for n, way in enumerate(("up", "down")):
            before = talk.advisor.lines
            talk.cables[1].stop(way)  # type: ignore[arg-type]
            await talk.both_say(2, begin=2 * n)
            await asyncio.sleep(2 * SILENT_S)
            talk.cables[1].heal()
            await talk.advisor.until("another line", lambda before=before: talk.advisor.lines > before)
        await talk.is_whole()
        places = door.rows("SELECT state, lease_no FROM queue_entry")
        assert places == [{"state": "claimed", "lease_no": talk.advisor.lease_no}]


async def slow(door: Door, *, delay_s: float = 0.0, bytes_s: int | None = None, how_many: int) -> None:
    async with AsyncExitStack() as leaving:
        talk = await talking(door, leaving, random.Random(seed()), silent_s=30)
        before = talk.person.lines, talk.advisor.lines
        for cable in talk.cables:
            cable.delay_s, cable.bytes_s = delay_s, bytes_s
        await talk.both_say(how_many)
        await asyncio.gather(talk.person.all_acknowledged(), talk.advisor.all_acknowledged())
        assert (talk.person.lines, talk.advisor.lines) == before, "a slow line is not a lost one"
        await talk.is_whole()


async def test_a_slow_line_is_no_lost_line(door: Door):
    await slow(door, delay_s=1.0, how_many=3)


@pytest.mark.full
async def test_five_seconds_each_way_are_no_lost_line(door: Door):
    await slow(door, delay_s=5.0, how_many=15)


@pytest.mark.full
async def test_a_trickle_is_no_lost_line(door: Door):
    await slow(door, bytes_s=400, how_many=12)


@pytest.mark.parametrize("minutes", [4, 90])
async def test_coming_back_after_minutes_finds_the_same_place_and_all_that_came_meanwhile(
    door: Door, clock: MovableClock, quick, minutes: int
):
    async with AsyncExitStack() as leaving:
        cable = await leaving.enter_async_context(Cable(door.url).standing())
        person = SteadyPerson(cable.url, random.Random(seed()), silent_s=SILENT_S)
        person.start()
        leaving.push_async_callback(person.close)
        await person.until("the welcome", lambda: person.contact)
        await person.put("person")
        await person.all_acknowledged()
        (before,) = door.rows("SELECT id, band, entered_at FROM queue_entry")
        cable.out = True
        cable.cut()  # it sleeps
        people = People(door, leaving)
        advisor = await people.advisor()
        await advisor.row(person.contact, here=False, state="waiting")
        await person.say("i am still here")  # on a page without a line
        clock.forward(minutes=minutes)
        await advisor.claim(person.contact)
        for n in range(3):
            await advisor.say(person.contact, f"while you were away {n}")
        cable.heal()
        await person.all_acknowledged()
        await advisor.reads(person.contact, "i am still here")
        texts = [e["text"] for _, e in sorted(person.entries.items())]
        assert [t for t in texts if t.startswith("while")] == [f"while you were away {n}" for n in range(3)]
        assert sorted(person.entries) == list(range(1, person.last + 1))
        (after,) = door.rows("SELECT id, band, entered_at FROM queue_entry")
        assert after["id"] == before["id"]
        assert after["entered_at"] == before["entered_at"], "with their age"
