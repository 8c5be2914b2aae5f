"""The same cards with no bot at all: pressing is enough, and free words go to a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from rooms import AGE, BOT_AWAY, CODE, DANGER, NAME, NEED, NOTICE, QUEUE, SAFE, AdvisorRoom, Chat
from running import ADVISOR, DoorProcess, nobody

PRESSES = [
    (SAFE, "Yes, it is safe"),
    (DANGER, "No"),
    (CODE, "I don't agree"),  # never refuses service
    (NEED, "Someone I know is missing"),
    (AGE, "Skip this"),
    (NAME, "No name"),
]


@pytest.fixture
def bot_url() -> str:
    return nobody()


def test_pressing_alone_leads_to_a_person(
    new_context: Callable[..., BrowserContext], sign_in: Callable[[str], Page], server: DoorProcess
):
    chat = Chat.launch(new_context().new_page(), server.url)
    chat.sees(SAFE)
    expect(chat.state).to_contain_text("assistant is away")
    for title, label in PRESSES:
        chat.press(title, label)
    chat.sees(NOTICE)
    chat.sees(QUEUE)
    expect(chat.log.get_by_role("heading", name=BOT_AWAY)).to_have_count(0)  # nobody asked it anything
    room = AdvisorRoom(sign_in(ADVISOR))
    room.claim()
    expect(room.side).to_contain_text("Someone I know is missing")
    expect(room.side).to_contain_text("I don't agree")
    room.say("Hello, I am here.")
    chat.hears("Hello, I am here.")


def test_free_words_are_kept_for_a_person_and_the_buttons_go_on(
    new_context: Callable[..., BrowserContext], sign_in: Callable[[str], Page], server: DoorProcess
):
    chat = Chat.start(new_context().new_page(), server.url)
    chat.press(SAFE, "Yes, it is safe")
    chat.sees(DANGER)
    chat.say("nah")
    chat.sees(BOT_AWAY)
    chat.sees(NOTICE)
    chat.sees(QUEUE)
    chat.press(DANGER, "No")
    chat.press(CODE, "OK")
    chat.sees(NEED)
    chat.say("i miss my brother and i want someone to listen")
    expect(chat.log.get_by_role("heading", name=BOT_AWAY)).to_have_count(1)  # said once
    room = AdvisorRoom(sign_in(ADVISOR))
    room.claim()
    room.reads("Yes, it is safe", "nah", "No", "OK", "i miss my brother and i want someone to listen")
    room.say("Hello, I have read what you wrote.")
    chat.hears("Hello, I have read what you wrote.")
