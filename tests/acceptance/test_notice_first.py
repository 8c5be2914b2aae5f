"""Promise 1: nobody is in the queue before the notice was sent to them, whatever way they came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from people import People, Person


async def asks_for_a_person(person: Person) -> None:
    await person.ask_for_person()


async def presses_yes_on_danger(person: Person) -> None:
    await person.press("safe_to_chat", "yes")
    await person.press("danger", "yes")


async def presses_cannot_say(person: Person) -> None:
    await person.press("safe_to_chat", "yes")
    await person.press("danger", "cant_say")


async def types_of_danger_now(person: Person) -> None:
    await person.say("he's smashing the window to get in")


async def types_while_the_bot_is_away(person: Person) -> None:
    await person.say("hello can you help me")


async def presses_through_every_card(person: Person) -> None:
    for card, option in (
        ("safe_to_chat", "yes"),
        ("danger", "no"),
        ("code_of_contact", "decline"),  # never refuses service
        ("need", "missing_self"),
        ("age", "carry_on"),
        ("name", "none"),
    ):
        await person.press(card, option)


WAYS = [
    asks_for_a_person,
    presses_yes_on_danger,
    presses_cannot_say,
    types_of_danger_now,
    types_while_the_bot_is_away,
    presses_through_every_card,
]


@pytest.mark.parametrize("comes", WAYS, ids=lambda way: way.__name__)
async def test_the_notice_is_sent_before_the_queue(people: People, comes: Callable[[Person], Awaitable[None]]):
    # Given a person who has just opened the chat,
    person = await people.person()
    # when they come to the queue, in whatever way,
    await comes(person)
    queue = await person.card("queue")
    await person.phase("waiting")
    # then the notice was on their way before it, in full,
    (notice,) = person.cards("notice")
    assert notice["seq"] < queue["seq"]
    # and the record says so too: this very contact's notice, sent no later than the queue was entered.
    (place,) = people.door.rows("SELECT * FROM queue_entry WHERE contact_id = ?", person.contact)
    (record,) = people.door.rows("SELECT * FROM notice_record WHERE id = ?", place["notice_id"])
    assert record["contact_id"] == person.contact
    assert record["sent_at"] <= place["entered_at"]
    assert record["seq"] == notice["seq"]


async def test_declining_the_notice_still_reaches_an_advisor(people: People):
    # Given a person in the queue who is not happy with the notice,
    person, advisor = await people.person(), await people.advisor()
    await person.ask_for_person()
    await person.press("notice", "decline")
    # when an advisor takes them,
    await advisor.claim(person.contact)
    # then they talk, and the advisor knows.
    await advisor.summary(person.contact, notice="declined")
    await advisor.say(person.contact, "Hello, I am here.")
    await person.hears("Hello, I am here.")
