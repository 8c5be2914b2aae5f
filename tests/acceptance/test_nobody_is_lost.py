"""Promises 5 and 6: exactly one advisor; nobody waiting is lost, passed over, or closed."""

from __future__ import annotations

import asyncio

import pytest
from people import People, Refused
from running import SECOND_ADVISOR, MovableClock

from handoff.services.load import load_services

LEASE_S = load_services()["missing"].file.clocks.lease_s


async def test_nobody_waiting_is_auto_closed(people: People, clock: MovableClock):
    # Given one person who waits and has left the page open, one who closed it, and one with an advisor,
    stays, goes, talks = await people.person(), await people.person(), await people.person()
    for person in (stays, goes, talks):
        await person.ask_for_person()
    advisor = await people.advisor()
    await advisor.claim(talks.contact)
    await goes.close()
    await advisor.row(goes.contact, here=False)
    # when weeks pass in which nobody does anything,
    clock.forward(weeks=3)
    # then the advisor who vanished gives their person back (so what looks for things to tidy has been round),
    await advisor.row(talks.contact, state="waiting")
    # and the two who wait, wait: in the same place, one of them marked as away.
    await advisor.row(stays.contact, state="waiting", here=True)
    await advisor.row(goes.contact, state="waiting", here=False)
    for person in (stays, talks):
        await person.phase("waiting")
    # Who comes back with the place they kept is still in the queue, and nothing they were shown is gone.
    back = await people.person(token=goes.token)
    assert back.contact == goes.contact
    await back.phase("waiting")
    assert [e["seq"] for e in back.entries][: len(goes.entries)] == [e["seq"] for e in goes.entries]


async def test_two_advisors_one_claim(people: People):
    # Given one person who waits, and two advisors who both see them,
    person = await people.person()
    await person.ask_for_person()
    one, two = await people.advisor(), await people.advisor(SECOND_ADVISOR)
    await asyncio.gather(*(each.row(person.contact, state="waiting") for each in (one, two)))
    # when both claim at once,
    outcomes = await asyncio.gather(*(each.claim(person.contact) for each in (one, two)), return_exceptions=True)
    # then exactly one has them,
    won = [who for who, how in zip((one, two), outcomes, strict=True) if isinstance(how, int)]
    (refused,) = [how for how in outcomes if isinstance(how, Refused)]
    assert len(won) == 1
    # the other is told who cannot, in words,
    assert refused.code == "already_claimed"
    # and the person is joined once.
    await person.phase("with_advisor")
    assert len(person.cards("joined")) == 1


async def test_an_advisor_who_vanishes_gives_the_person_back_at_the_front(people: People, clock: MovableClock):
    # Given two people of the same band who wait, and a third who came before them and is with an advisor,
    first, second, third = [await people.person() for _ in range(3)]
    for person in (first, second, third):
        await person.ask_for_person()
    gone, watching = await people.advisor(), await people.advisor(SECOND_ADVISOR)
    since = (await watching.row(third.contact))["since"]
    lease_no = await gone.claim(third.contact)
    await watching.row(third.contact, state="claimed")
    # when that advisor vanishes,
    await gone.close()
    clock.forward(seconds=LEASE_S + 1)
    # then the person is told, and stands before everybody of their band, with the time they have waited already;
    await third.card("given_back")
    assert (await watching.row(third.contact, state="waiting"))["since"] == since
    assert watching.waiting == [third.contact, first.contact, second.contact]
    # and what the lost advisor writes late, under the old lease, reaches nobody.
    back = await people.advisor()
    back.leases[third.contact] = lease_no
    with pytest.raises(Refused) as refused:
        await back.say(third.contact, "Sorry, I was away.")
    assert refused.value.code == "lease_lost"
    await watching.claim(third.contact)
    await watching.say(third.contact, "Hello, I am here now.")
    await third.hears("Hello, I am here now.")
    assert "Sorry, I was away." not in [entry["text"] for entry in third.entries]


async def test_danger_goes_before_everybody_however_long_they_have_waited(people: People, clock: MovableClock):
    # Given people who have waited for an hour,
    waiting = [await people.person() for _ in range(2)]
    for person in waiting:
        await person.ask_for_person()
    clock.forward(hours=1)
    advisor = await people.advisor()
    # when somebody comes who is in danger now,
    person = await people.person()
    await person.say("he's smashing the window to get in")
    # then they are first, and each of the others is told their place honestly.
    await advisor.row(person.contact, band=0)
    await advisor.until("them first", lambda: advisor.waiting[:1] == [person.contact])
    await waiting[0].until("second place", lambda: waiting[0].state["position"] == 2)
    await waiting[1].until("third place", lambda: waiting[1].state["position"] == 3)
