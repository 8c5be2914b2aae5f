"""Claimed, and nobody says anything: the advisor is reminded, then a supervisor is told (PRACTICE, "Queue bands")."""

from __future__ import annotations

from handoff.desk import advisor
from handoff.desk.alarms import alarms
from handoff.desk.board import board


async def claimed(house) -> tuple:
    contact = await house.opens()
    await house.asks_for_person(contact)
    ash = await house.hires("Ash")
    return contact, ash, await house.claims(ash, contact)


async def row(house):
    return (await house.see(lambda s: board(s, house.office, here=()))).rows[0]


async def silent(house) -> list[str]:
    return [a.contact for a in await house.see(lambda s: alarms(s, house.office)) if a.what == "advisor_silent"]


def stays(house, seconds: int, contact, ash, lease):
    """Time goes by and the advisor's page is there."""
    house.later(seconds)
    return house.do(lambda u: advisor.renew(u, ash, contact, lease_no=lease.lease_no))


def words(ash, contact, lease, client_id: str = "a"):
    return lambda u: advisor.say(u, ash, contact, lease_no=lease.lease_no, client_id=client_id, text="Hello.")


async def test_first_words_are_due_a_minute_after_the_claim(house) -> None:
    contact, ash, lease = await claimed(house)
    house.later(59)
    assert (await row(house)).quiet is None
    house.later(1)
    assert (await row(house)).quiet == "first_words"
    await house.do(words(ash, contact, lease))
    assert ((await row(house)).quiet, (await row(house)).unanswered_since) == (None, None)


async def test_of_an_advisor_who_is_silent_for_ninety_seconds_a_supervisor_is_told(house) -> None:
    contact, ash, lease = await claimed(house)
    await stays(house, 89, contact, ash, lease)
    assert await silent(house) == []
    await stays(house, 1, contact, ash, lease)
    assert await silent(house) == [contact]
    assert (await row(house)).quiet == "silent"
    await house.do(words(ash, contact, lease))
    assert await silent(house) == []


async def test_words_that_are_not_answered_count_from_the_first_of_them(house) -> None:
    contact, ash, lease = await claimed(house)
    await house.do(words(ash, contact, lease))
    house.later(600)
    assert await silent(house) == []  # nobody waits for anything
    await house.says(contact, "are you there")
    house.later(60)
    await house.says(contact, "hello?")
    assert (await row(house)).quiet is None  # the advisor has spoken to them before
    house.later(30)
    assert await silent(house) == [contact]


async def test_a_note_between_staff_is_no_word_to_the_person(house) -> None:
    contact, ash, lease = await claimed(house)
    await house.do(lambda u: advisor.note(u, ash, contact, lease_no=lease.lease_no, client_id="n", text="one moment"))
    house.later(90)
    assert await silent(house) == [contact]


async def test_who_is_given_back_is_waiting_again_and_the_next_claim_counts_anew(house) -> None:
    contact, ash, lease = await claimed(house)
    house.later(100)
    await house.do(lambda u: advisor.release(u, ash, contact, lease_no=lease.lease_no))
    assert await silent(house) == []
    await house.claims(await house.hires("Bo"), contact)
    assert await silent(house) == []
    house.later(90)
    assert await silent(house) == [contact]
