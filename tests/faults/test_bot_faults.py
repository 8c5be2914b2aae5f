"""Promise 7 in every way a bot can fail, and what a bot that fails again and again costs nobody.

What the real one can be made to do is in test_bot_killed.py; here a double answers wrongly on demand. How soon is
printed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from bot_double import BREAKS_OFF, FAULTS, GOOD, HALF_THEN_HANGS, HANGS, LATE, REPLY, BotDouble
from people import People, Person, signed_in
from running import SUPERVISOR, Bot, DoorProcess, door_here, door_settings, nobody
from wire import Balancer

from handoff.breaker import FAILURES


@pytest.fixture
async def double() -> AsyncIterator[BotDouble]:
    async with BotDouble().standing() as double:
        yield double


@pytest.fixture
async def beside(double: BotDouble, seeded: Path, tmp_path: Path) -> AsyncIterator[People]:
    """The people at a front door with the double behind it."""
    settings = door_settings(seeded, tmp_path / "beside", bot_url=double.url)
    async with door_here(settings) as door, AsyncExitStack() as leaving:
        yield People(door, leaving)


async def arrives(people: People) -> Person:
    person = await people.person()
    await person.until("the bot is here", lambda: person.state["bot"] == "here")
    return person


async def is_answered(person: Person, text: str) -> None:
    seq = await person.say(text)
    assert (await person.reply(after=seq))["text"] == REPLY


async def cards_and_a_person(person: Person, text: str) -> float:
    """Say it; gives how many seconds later the person had cards and a place in the queue, by the record."""
    seq = await person.say(text)
    away = await person.card("bot_away", after=seq)
    await person.card("notice", after=seq)
    await person.card("queue", after=seq)
    await person.phase("waiting")
    said = next(e for e in person.entries if e["seq"] == seq)
    assert not [e for e in person.entries if e["author"] == "bot"]
    return (datetime.fromisoformat(away["at"]) - datetime.fromisoformat(said["at"])).total_seconds()


async def test_every_wrong_answer_is_cards_and_a_person(beside: People, double: BotDouble):
    calm = await arrives(beside)
    for fault in (*FAULTS, BREAKS_OFF):
        double.how = fault
        person = await beside.person()
        print(f"{await cards_and_a_person(person, 'is this confidential'):5.2f} s  {fault}")
        double.how = GOOD
        await is_answered(calm, "is this confidential")  # so that no three failures follow one another
        await person.close()


async def test_no_answer_is_cards_and_a_person_at_the_limit(beside: People, double: BotDouble):
    people = []
    for how in (HANGS, HALF_THEN_HANGS, LATE):
        person = await arrives(beside)
        double.how = how
        before = len(double.asked)
        people.append((how, person, asyncio.create_task(cards_and_a_person(person, "is this confidential"))))
        await person.until("it is asked", lambda before=before: len(double.asked) > before)
    for how, _, task in people:
        print(f"{await task:5.2f} s  {how}")
    double.let_go.set()  # and what comes so late nobody hears
    for _, person, _ in people:
        await person.ask_for_person()
        assert not [e for e in person.entries if e["author"] == "bot"]


async def test_a_bot_that_fails_again_and_again_keeps_nobody_waiting_and_its_return_is_seen(
    beside: People, double: BotDouble
):
    crowd = [await arrives(beside) for _ in range(FAILURES + 3)]
    double.how = HANGS
    took = await asyncio.gather(*(cards_and_a_person(p, "is this confidential") for p in crowd[:FAILURES]))
    print(f"{max(took):5.2f} s  while nobody knew")
    asked = [turn for turn in double.asked if turn.turn != "probe"]
    for person in crowd[FAILURES:]:
        print(f"{await cards_and_a_person(person, 'is this confidential'):5.2f} s  once it was known")
    assert [turn for turn in double.asked if turn.turn != "probe"] == asked, "nobody's words were asked any more"
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{beside.door.url}/health")).json()["bot"] in ("failing", "away")
    supervisor = await signed_in(beside.door, SUPERVISOR)
    assert (await supervisor.get("/staff/api/overview")).json()["bot"]["state"] in ("failing", "away")
    await supervisor.aclose()
    double.how = GOOD
    newcomer = await arrives(beside)  # which waits until the page says that the bot is here
    assert double.asked[-1].turn == "probe"
    await is_answered(newcomer, "is this confidential")


# ── replicas behind one address ──────────────────────────────────────────────────────────────────────────────────────


async def talks(people: People) -> Person:
    """Several turns of one contact, of which each may go to another replica."""
    person = await arrives(people)
    await person.live("safe_to_chat")
    await person.say("yh im safe")
    await person.live("danger")
    for _ in range(3):
        await person.reply(after=await person.say("will you tell the police"))
    await person.say("nah")
    await person.live("code_of_contact")
    assert not person.cards("bot_away")
    return person


async def through(balancer: Balancer, seeded: Path, folder: Path, how_many: int) -> None:
    door = await DoorProcess.started(door_settings(seeded, folder, bot_url=balancer.url))
    try:
        async with AsyncExitStack() as leaving:
            people = People(door, leaving)
            await asyncio.gather(*(talks(people) for _ in range(how_many)))
    finally:
        door.stop()


async def test_every_other_turn_meets_a_dead_replica_and_nobody_notices(bot: Bot, seeded: Path, tmp_path: Path):
    async with Balancer(bot.url, nobody()).standing() as balancer:
        await through(balancer, seeded, tmp_path / "var", 1)
        assert balancer.tried[1] > 2, "it was really asked"


@pytest.mark.full
async def test_two_real_replicas_need_no_stickiness_and_one_may_die(bot: Bot, seeded: Path, tmp_path: Path):
    (tmp_path / "second").mkdir()
    second = Bot(tmp_path / "second")
    try:
        second.launch()
        await asyncio.to_thread(second.until_ready)
        async with Balancer(bot.url, second.url).standing() as balancer:
            await through(balancer, seeded, tmp_path / "both", 3)
            print(f"turns answered by each: {balancer.answered}")
            assert min(balancer.answered[0], balancer.answered[1]) > 5
            second.kill_rasa()
            await through(balancer, seeded, tmp_path / "one", 1)  # of several at once, both tries may meet the dead one
    finally:
        second.stop()
