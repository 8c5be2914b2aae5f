"""A person on one gateway and an advisor on another; a gateway that is killed; hints that are lost."""

from __future__ import annotations

import httpx
import pytest
from people import Refused, signed_in
from running import MODERATOR, SECOND_ADVISOR, SUPERVISOR
from servers import PASSWORD, Redis


async def test_a_person_on_one_gateway_and_an_advisor_on_another_talk(gateways) -> None:
    one, other = await gateways.open(2)
    person = await gateways.person(one)
    advisor = await gateways.advisor(other)
    colleague = await gateways.advisor(one, SECOND_ADVISOR)
    await person.ask_for_person()
    await advisor.row(person.contact, state="waiting", here=True)
    # Exactly one of the two gets the person, whichever gateway they are on.
    await advisor.claim(person.contact)
    with pytest.raises(Refused):
        await colleague.claim(person.contact)
    await person.phase("with_advisor")
    await advisor.send("open", contact=person.contact, after=0)
    await advisor.say(person.contact, "Hello, I have read what you wrote.")
    await person.hears("Hello, I have read what you wrote.")
    await person.say("thank you")
    await advisor.reads(person.contact, "thank you")
    # Signs that are never stored go across, too,
    await person.send("typing")
    await advisor.frame("typing", contact=person.contact, who="person")
    await advisor.send("typing", contact=person.contact)
    await person.frame("typing", who="advisor")
    # and an alert reaches every desk at once.
    seq = await person.say("he is at the door with a knife")
    for desk in (advisor, colleague):
        await desk.frame("flagged", contact=person.contact, seq=seq, risk="immediate")
    # Whoever goes is away for all.
    await person.close()
    await advisor.row(person.contact, here=False)
    await colleague.row(person.contact, here=False)
    assert not any(PASSWORD in door.log for door in (one, other))


async def test_with_redis_dead_everything_goes_on_by_the_slow_polls(gateways, own_redis: Redis) -> None:
    one, other = await gateways.open(2)
    person = await gateways.person(one)
    advisor = await gateways.advisor(other)
    own_redis.kill()
    await person.ask_for_person()
    await advisor.claim(person.contact)
    await advisor.send("open", contact=person.contact, after=0)
    await person.phase("with_advisor")
    await advisor.say(person.contact, "I am here.")
    await person.hears("I am here.")
    await person.say("he is at the door with a knife")
    await advisor.row(person.contact, flag_open=True, risk="immediate", here=True)


async def test_a_killed_gateways_turn_is_taken_over_once_and_its_pages_are_away(gateways, hanging_bot) -> None:
    one, other, third = await gateways.open(3, bot_url=hanging_bot.url)
    desks = [await gateways.advisor(door, name) for door, name in ((other, SECOND_ADVISOR), (third, "Test Advisor"))]
    person = await gateways.person(one)
    seq = await person.say("are you there", id="mine")
    await hanging_bot.is_asked()
    one.stop()  # with the turn leased and a question on its way
    # Both others look for what the dead one left behind; one of them takes it over: cards and a person, once.
    for desk in desks:
        await desk.row(person.contact, state="waiting")
        await desk.row(person.contact, here=False)
    back = await gateways.person(other, token=person.token)
    assert back.contact == person.contact
    await back.phase("waiting")
    assert await back.say("are you there", id="mine") == seq, "said again, it is the same message"
    for desk in desks:
        await desk.row(person.contact, here=True)
    assert len(back.cards("bot_away")) == len(back.cards("notice")) == 1
    assert [e["seq"] for e in back.entries] == list(range(1, len(back.entries) + 1))
    assert other.rows("SELECT count(*) AS n FROM queue_entry") == [{"n": 1}]
    assert hanging_bot.asked == 1


async def test_what_postgresql_does_not_take_is_no_fault_of_ours(gateways) -> None:
    """It has no zero sign in its texts, and its numbers end."""
    (door,) = await gateways.open(1)
    async with httpx.AsyncClient(base_url=door.url, headers={"origin": door.url}) as nobody:
        answer = await nobody.post("/staff/sign-in", data={"name": "Test\x00Advisor", "password": "x" * 12})
        assert answer.status_code < 500
    for role, path in (
        (MODERATOR, "/staff/api/cases/%00"),
        (MODERATOR, "/staff/api/cases/%00/take"),
        (SUPERVISOR, f"/staff/api/alarms/{2**31}/seen"),
        (SUPERVISOR, f"/staff/api/alarms/{2**80}/seen"),
    ):
        client = await signed_in(door, role)
        answer = await (client.post(path) if path.endswith(("take", "seen")) else client.get(path))
        assert 400 <= answer.status_code < 500, path
        await client.aclose()
    person = await gateways.person(door)
    for seq in (2**31 - 1, 2**31, 2**63, -1):
        await person.send("shown", seq=seq)
        await person.send("seen", seq=seq)
        with pytest.raises(Refused):
            await person.ask("choose", card_seq=seq, option="yes")
    advisor = await gateways.advisor(door)
    for after in (2**31 - 1, 2**31):
        await advisor.send("open", contact=person.contact, after=after, reason="\x00")
    with pytest.raises(Refused):
        await advisor.ask("claim", contact="nobody")
    assert "DataError" not in door.log
