"""Promise 8, with the real Rasa: words are only ever words, and the bot is silent once a human has the contact."""

from __future__ import annotations

import pytest
from people import People
from wire import Wire


async def test_free_words_answer_the_card_and_a_question_comes_back_to_it(people_with_bot: People):
    # Given a person at the first question,
    person = await people_with_bot.person()
    await person.live("safe_to_chat")
    # when they answer in their own way,
    await person.say("yh im safe")
    # then the next question stands there; and a question of theirs is answered before it is asked again.
    danger = await person.live("danger")
    asked = await person.say("will you tell the police")
    reply = await person.reply(after=asked)
    assert "[[" not in reply["text"]
    again = await person.card("danger", after=reply["seq"])
    assert again["seq"] > danger["seq"]
    await person.say("nah")
    await person.live("code_of_contact")


@pytest.mark.parametrize("text", ["/intents", "  /restart", "/session_start"])
async def test_a_slash_is_never_an_intent(people_with_bot: People, wire: Wire, text: str):
    # Given a person at a question,
    person = await people_with_bot.person()
    await person.live("safe_to_chat")
    # when they type what Rasa would read as a command,
    await person.say(text)
    # then Rasa gets it behind a sign that makes it words,
    turn = await wire.over(1)
    assert turn.words == "\u2060" + text
    # answers as to any words it doesn't understand, and the question stands.
    assert turn.answered is not None
    assert [command["do"] for command in turn.answered["commands"]] == ["unclear"]
    reply = await person.reply()
    await person.card("safe_to_chat", after=reply["seq"])
    await person.live("safe_to_chat")
    assert person.words == [text]
    assert not person.cards("bot_away")


async def test_a_late_answer_of_the_bot_is_dropped_once_an_advisor_has_the_contact(people_with_bot: People, wire: Wire):
    # Given a person in the queue whose question the bot is still thinking about,
    person, advisor = await people_with_bot.person(), await people_with_bot.advisor()
    await person.ask_for_person()
    wire.hold()
    await person.say("will you tell the police")
    await wire.turn(1)
    # when an advisor takes them, and only then the answer comes,
    await advisor.claim(person.contact)
    await person.phase("with_advisor")
    wire.let_go()
    turn = await wire.over(1)
    # then nobody hears it, whether it came in time or not,
    await advisor.say(person.contact, "Hello, what is happening?")
    await person.hears("Hello, what is happening?")
    await person.say("hi, will you tell the police")
    await advisor.reads(person.contact, "hi, will you tell the police")
    assert not [entry for entry in person.entries if entry["author"] == "bot"]
    # and nothing more is asked of the bot.
    assert wire.turns == [turn]


async def test_danger_heard_by_screening_is_not_asked_of_the_bot(people_with_bot: People, wire: Wire):
    # Given a person with the bot,
    person = await people_with_bot.person()
    await person.live("safe_to_chat")
    # when they say that somebody is breaking in,
    await person.say("he's smashing the window to get in")
    # then a person is told at once, and the bot is asked nothing.
    await person.phase("waiting")
    await person.card("emergency")
    assert wire.turns == []
