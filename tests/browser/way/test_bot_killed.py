"""Promise 7 on the page: the bot is killed in the middle of a chat, and the chat goes on."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect
from rooms import BOT_AWAY, CODE, DANGER, NOTICE, QUEUE, SAFE, AdvisorRoom, Chat
from running import ADVISOR, Bot, DoorProcess


def test_the_bot_is_killed_in_the_middle_of_a_chat(
    new_context: Callable[..., BrowserContext], sign_in: Callable[[str], Page], server: DoorProcess, bot: Bot
):
    # Given a person whom the bot has understood,
    chat = Chat.launch(new_context().new_page(), server.url)
    chat.sees(SAFE)
    chat.say("yh im safe")
    chat.sees(DANGER)
    # when it is killed while they write,
    bot.kill_rasa()
    chat.say("will you tell the police")
    # then they are told, the buttons go on, and they are in the queue with the notice.
    chat.sees(BOT_AWAY)
    chat.sees(NOTICE)
    chat.sees(QUEUE)
    chat.press(DANGER, "No")
    chat.sees(CODE)
    expect(chat.log.get_by_role("heading", name=BOT_AWAY)).to_have_count(1)
    # An advisor reads every word, those the bot heard and those it never did.
    room = AdvisorRoom(sign_in(ADVISOR))
    room.claim()
    room.reads("yh im safe", "will you tell the police", "No")
    room.say("Hello, I have read what you wrote.")
    chat.hears("Hello, I have read what you wrote.")
