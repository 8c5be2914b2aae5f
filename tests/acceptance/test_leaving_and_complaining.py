"""Promises 4 and 14, M14: quick exit leaves nothing to come back to; a complaint can be made at any point."""

from __future__ import annotations

import httpx
from people import Advisor, People, Person


async def test_quick_exit_gives_up_the_place_and_staff_still_see_what_was_said(people: People):
    # Given a person who has said something and waits,
    person, advisor = await people.person(), await people.advisor()
    await person.say("i cant talk long he is downstairs")
    await person.phase("waiting")
    # when they leave quickly,
    await person.send("leave", how="exit")
    await person.until("the end of the line", lambda: person.closed)
    # then the token of that page opens nothing of theirs any more,
    other = await people.person(token=person.token)
    assert other.contact != person.contact
    assert "i cant talk long he is downstairs" not in [entry["text"] for entry in other.entries]
    # they still wait, as away, and an advisor sees every word of it.
    await advisor.row(person.contact, state="waiting", here=False)
    await advisor.claim(person.contact)
    await advisor.reads(person.contact, "i cant talk long he is downstairs")


async def test_the_beacon_of_quick_exit_does_the_same(people: People):
    # Given a person whose page goes at once, with no time for the socket,
    person = await people.person()
    await person.ask_for_person()
    # when all that gets through is the beacon,
    async with httpx.AsyncClient(base_url=people.door.url) as browser:
        known = await browser.post("/leave", content=person.token)
        unknown = await browser.post("/leave", content="x" * 43)
    # then it tells nobody whether it knew them,
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (204, b"")
    # and the open line of that page ends.
    await person.frame("bye", code="left")
    assert (await people.person(token=person.token)).contact != person.contact


async def test_a_complaint_can_be_made_in_every_phase(people: People):
    """M14, outside the advisor's control."""
    # Given a person, in each phase of a contact,
    person, advisor = await people.person(), await people.advisor()
    for phase, comes in STEPS:
        await comes(person, advisor)
        await person.phase(phase)
        before = len(person.entries)
        # when they complain,
        await person.complain(f"I was not listened to while {phase}")
        # then it is kept, and they are told so.
        await person.card("complaint_received", after=before)
    kept = people.door.rows("SELECT at FROM complaint WHERE contact_id = ?", person.contact)
    assert len(kept) == len(STEPS)
    # The words are for supervisors: in the transcript that the advisor reads there are none of them.
    await advisor.summary(person.contact, complaint=True)
    assert not [e for e in advisor.entries[person.contact] if "not listened to" in e["entry"]["text"]]


async def _nothing_yet(person: Person, advisor: Advisor) -> None:
    pass


async def _asks_for_a_person(person: Person, advisor: Advisor) -> None:
    await person.ask_for_person()


async def _is_claimed(person: Person, advisor: Advisor) -> None:
    await advisor.claim(person.contact)


async def _is_ended(person: Person, advisor: Advisor) -> None:
    await advisor.write("end", person.contact, reason="done")


STEPS = [
    ("with_bot", _nothing_yet),
    ("waiting", _asks_for_a_person),
    ("with_advisor", _is_claimed),
    ("ended", _is_ended),
]


async def test_words_are_kept_once_however_often_they_are_sent(people: People):
    # Given a page that does not know whether its words arrived,
    person = await people.person()
    first = await person.say("is anyone there", id="the-same")
    # when it says them again, also after coming back,
    assert await person.say("is anyone there", id="the-same") == first
    await person.close()
    back = await people.person(token=person.token)
    assert await back.say("is anyone there", id="the-same") == first
    # then they stand in the record once, and every entry is there, without a gap.
    await back.until("every entry", lambda: len(back.entries) >= len(person.entries))
    assert back.words == ["is anyone there"]
    assert [entry["seq"] for entry in back.entries] == list(range(1, len(back.entries) + 1))
