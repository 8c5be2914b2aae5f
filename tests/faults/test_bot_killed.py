"""Promise 7: a broken bot means cards and a person, and nobody's words are lost; and it comes back when Rasa does.

Real processes and real signals. How soon is `bot_limit_s`, tested with an injected clock elsewhere; here only that it
happens.
"""

from __future__ import annotations

import pytest
from people import People, Person
from running import Bot
from wire import Wire


async def at_the_danger_question(people: People) -> Person:
    """A person whom the bot has understood once: its part has begun."""
    person = await people.person()
    await person.live("safe_to_chat")
    await person.say("yh im safe")
    await person.live("danger")
    return person


async def is_with_cards_and_a_person(people: People, person: Person, words: list[str]) -> None:
    """What a broken bot leaves everybody with."""
    # Told so, once, and in the queue, notice first.
    await person.card("bot_away")
    await person.phase("waiting")
    await person.card("queue")
    assert len(person.cards("bot_away")) == len(person.cards("notice")) == 1
    (place,) = people.door.rows("SELECT * FROM queue_entry WHERE contact_id = ?", person.contact)
    (notice,) = people.door.rows("SELECT * FROM notice_record WHERE id = ?", place["notice_id"])
    assert notice["contact_id"] == person.contact
    assert notice["sent_at"] <= place["entered_at"]
    # The question stands, and its buttons go on to the next.
    await person.press("danger", "no")
    await person.live("code_of_contact")
    # Every word that was acknowledged is there for an advisor, once and in order.
    advisor = await people.advisor()
    await advisor.claim(person.contact)
    await advisor.reads(person.contact, words[-1])
    assert advisor.words(person.contact) == person.words == words
    await advisor.say(person.contact, "Hello, I have read what you wrote.")
    await person.hears("Hello, I have read what you wrote.")


async def is_answered_again(people: People, bot: Bot) -> None:
    """A new contact, once the bot is there again: free words are understood as before."""
    bot.start()
    person = await people.person()
    await person.until("the bot is here", lambda: person.state["bot"] == "here")
    await person.say("yh im safe")
    await person.live("danger")
    assert not person.cards("bot_away")
    await person.say("will you tell the police")
    await person.reply()


async def test_rasa_killed_while_it_thinks_and_started_again(people: People, bot: Bot, wire: Wire):
    person = await at_the_danger_question(people)
    bot.rasa.pause()
    await person.say("will you tell the police")
    await wire.turn(2)  # it is in flight,
    await person.say("its about my dad")  # more words come meanwhile,
    bot.rasa.kill()  # and then there is nobody to answer
    await is_with_cards_and_a_person(people, person, ["yh im safe", "will you tell the police", "its about my dad"])
    await is_answered_again(people, bot)


async def test_rasa_killed_before_anybody_comes(people: People, bot: Bot, wire: Wire):
    bot.rasa.kill()
    person = await people.person()
    await person.until("the bot is away", lambda: person.state["bot"] == "away")
    await person.press("safe_to_chat", "yes")
    await person.say("will you tell the police")
    await is_with_cards_and_a_person(people, person, ["will you tell the police"])


async def test_rasa_killed_after_it_has_answered(people: People, bot: Bot, wire: Wire):
    person = await at_the_danger_question(people)
    answered = await person.say("will you tell the police")
    await person.reply(after=answered)
    bot.rasa.kill()
    await person.say("ok thanks. what about my mum")
    await is_with_cards_and_a_person(
        people, person, ["yh im safe", "will you tell the police", "ok thanks. what about my mum"]
    )
    await is_answered_again(people, bot)


async def test_rasa_that_hangs_and_never_dies(people: People, bot: Bot, wire: Wire):
    person = await at_the_danger_question(people)
    bot.rasa.pause()
    try:
        await person.say("will you tell the police")
        await is_with_cards_and_a_person(people, person, ["yh im safe", "will you tell the police"])
        late = len(wire.turns)
    finally:
        bot.rasa.go_on()  # what it answers now, nobody hears
    await wire.over(late)
    assert not [entry for entry in person.entries if entry["author"] == "bot"]


async def test_actions_killed_before_anybody_comes(people: People, bot: Bot, wire: Wire):
    bot.actions.kill()
    person = await people.person()
    await person.press("safe_to_chat", "yes")
    await person.live("danger")
    await person.say("im ok nobody is here")
    await is_with_cards_and_a_person(people, person, ["im ok nobody is here"])
    await is_answered_again(people, bot)


async def test_actions_killed_while_rasa_waits_for_them(people: People, bot: Bot, wire: Wire):
    person = await at_the_danger_question(people)
    bot.actions.pause()
    await person.say("nah")
    await wire.turn(2)
    bot.actions.kill()
    await is_with_cards_and_a_person(people, person, ["yh im safe", "nah"])


async def test_actions_killed_after_they_have_answered(people: People, bot: Bot, wire: Wire):
    person = await at_the_danger_question(people)
    bot.actions.kill()
    await person.say("nah")
    await is_with_cards_and_a_person(people, person, ["yh im safe", "nah"])


async def test_actions_that_hang_and_never_die(people: People, bot: Bot, wire: Wire):
    person = await at_the_danger_question(people)
    bot.actions.pause()
    try:
        await person.say("nah")
        await is_with_cards_and_a_person(people, person, ["yh im safe", "nah"])
    finally:
        bot.actions.go_on()


@pytest.mark.parametrize("victim", ["rasa", "actions"])
async def test_danger_said_while_the_bot_dies_is_on_the_desk_all_the_same(people: People, bot: Bot, victim: str):
    person, advisor = await people.person(), await people.advisor()
    getattr(bot, victim).kill()
    seq = await person.say("he's smashing the window to get in")
    await advisor.frame("flagged", contact=person.contact, seq=seq, risk="immediate")
    await advisor.row(person.contact, band=0, state="waiting")
    await person.card("emergency")
