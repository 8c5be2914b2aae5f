"""Promise 7: a broken bot means cards and a person, and nobody's words are lost; and it comes back when Rasa does.

Real processes and real signals. How soon is `bot_limit_s`, tested with an injected clock elsewhere; here only that it
happens.
"""

from __future__ import annotations

import asyncio

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


async def is_answered(people: People) -> None:
    """A new contact, now that the bot is there: free words are understood."""
    person = await people.person()
    await person.until("the bot is here", lambda: person.state["bot"] == "here")
    await person.say("yh im safe")
    await person.live("danger")
    await person.say("will you tell the police")
    await person.reply()
    assert not person.cards("bot_away")


# ── the action server ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_actions_killed_before_anybody_comes(bot: Bot, people: People):
    bot.kill_actions()
    person = await people.person()
    await person.press("safe_to_chat", "yes")
    await person.live("danger")
    await person.say("nah")
    await is_with_cards_and_a_person(people, person, ["nah"])


async def test_actions_killed_while_rasa_waits_for_them_and_started_again(bot: Bot, people: People, wire: Wire):
    person = await at_the_danger_question(people)
    bot.actions.pause()
    await person.say("nah")
    await wire.turn(2)  # it is in flight
    bot.kill_actions()
    await is_with_cards_and_a_person(people, person, ["yh im safe", "nah"])
    bot.start()
    await is_answered(people)


async def test_actions_killed_after_they_have_answered(bot: Bot, people: People):
    person = await at_the_danger_question(people)
    bot.kill_actions()
    await person.say("nah")
    await is_with_cards_and_a_person(people, person, ["yh im safe", "nah"])


async def test_actions_that_hang_and_never_die(bot: Bot, people: People):
    person = await at_the_danger_question(people)
    bot.actions.pause()
    try:
        await person.say("nah")
        await is_with_cards_and_a_person(people, person, ["yh im safe", "nah"])
    finally:
        bot.actions.go_on()


# ── Rasa ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_rasa_that_hangs_and_never_dies(bot: Bot, people: People, wire: Wire):
    person = await at_the_danger_question(people)
    bot.rasa.pause()
    try:
        await person.say("will you tell the police")
        await is_with_cards_and_a_person(people, person, ["yh im safe", "will you tell the police"])
    finally:
        bot.rasa.go_on()
    # Then it answers, and nobody hears what comes so late.
    await wire.over(2)
    await is_answered(people)
    assert not [entry for entry in person.entries if entry["author"] == "bot"]


async def test_rasa_killed_while_it_thinks(bot: Bot, people: People, wire: Wire):
    person = await at_the_danger_question(people)
    bot.rasa.pause()
    await person.say("will you tell the police")
    await wire.turn(2)  # it is in flight,
    await person.say("are you there")  # more words come meanwhile,
    bot.kill_rasa()  # and then there is nobody to answer
    await is_with_cards_and_a_person(people, person, ["yh im safe", "will you tell the police", "are you there"])


async def test_danger_said_while_there_is_no_rasa_is_on_the_desk_all_the_same(no_rasa: Bot, people: People):
    person, advisor = await people.person(), await people.advisor()
    seq = await person.say("he's smashing the window to get in")
    await advisor.frame("flagged", contact=person.contact, seq=seq, risk="immediate")
    await advisor.row(person.contact, band=0, state="waiting")
    await person.card("emergency")


async def test_rasa_killed_before_anybody_comes_and_started_again(no_rasa: Bot, people: People):
    person = await people.person()
    assert person.state["bot"] == "away"
    await person.press("safe_to_chat", "yes")
    await person.say("will you tell the police")
    await is_with_cards_and_a_person(people, person, ["will you tell the police"])
    no_rasa.launch()
    await asyncio.to_thread(no_rasa.until_ready)
    await is_answered(people)


async def test_rasa_killed_after_it_has_answered(bot: Bot, people: People):
    person = await at_the_danger_question(people)
    answered = await person.say("will you tell the police")
    await person.reply(after=answered)
    bot.kill_rasa()
    await person.say("thank you")
    await is_with_cards_and_a_person(people, person, ["yh im safe", "will you tell the police", "thank you"])
