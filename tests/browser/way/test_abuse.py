"""M15, M16: a boundary, a final warning, an ending; a moderator looks, and what was unfair goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from rooms import BOUNDARY, ENDING, FINAL_WARNING, NOTICE, OVERTURNED, SAFE, AdvisorRoom, Chat, ModeratorRoom
from running import ADVISOR, MODERATOR, DoorProcess, nobody

INSULTS = ("you are useless idiots", "you lot are pathetic idiots", "you people are useless")


@pytest.fixture
def bot_url() -> str:
    return nobody()  # it is not asked about abuse


@pytest.fixture
def ended(new_context: Callable[..., BrowserContext], server: DoorProcess) -> Chat:
    """Three insults, each after the last warning was on the screen."""
    chat = Chat.start(new_context().new_page(), server.url)
    chat.sees(SAFE)
    for insult, title in zip(INSULTS, (BOUNDARY, FINAL_WARNING, ENDING), strict=True):
        chat.say(insult)
        chat.sees(title)
        _is_displayed(chat, title, server)
    expect(chat.state).to_have_text("This chat has ended.")
    return chat


def test_overturned_it_goes_on_where_it_was(ended: Chat, sign_in: Callable[[str], Page]):
    moderator = ModeratorRoom(sign_in(MODERATOR))
    moderator.open_first()
    expect(moderator.case).to_contain_text("Software, by the ladder")
    expect(moderator.case.locator("ol").first).not_to_contain_text("never on their screen")
    moderator.case.get_by_role("button", name="Show the words").click()
    for insult in INSULTS:
        expect(moderator.case.locator(".line.person .words", has_text=insult)).to_be_visible()
    moderator.decide("Overturn", "They spoke of their situation, not of us.")
    # The person's page goes on by itself, and they are in the queue, notice first.
    ended.sees(OVERTURNED)
    ended.sees(NOTICE)
    expect(ended.log).to_contain_text("This chat carries on from your earlier one.")
    expect(ended.state).to_contain_text("You are number 1 in the queue.")
    ended.say("thank you for looking again")
    room = AdvisorRoom(sign_in(ADVISOR))
    room.claim()
    room.reads("thank you for looking again")
    expect(room.side).to_contain_text("An earlier contact whose ending was overturned")
    room.say("Hello, I am sorry about that.")
    ended.hears("Hello, I am sorry about that.")


def test_upheld_it_stays_and_a_new_chat_opens_all_the_same(ended: Chat, sign_in: Callable[[str], Page]):
    moderator = ModeratorRoom(sign_in(MODERATOR))
    moderator.open_first()
    moderator.decide("Uphold", "Three insults at the people here, each after a warning.")
    expect(ended.state).to_have_text("This chat has ended.")
    expect(ended.where.get_by_label("Your message")).to_be_hidden()
    ended.where.get_by_role("button", name="Start a new chat").click()
    ended.press(SAFE, "Yes, it is safe")
    expect(ended.log.get_by_role("heading", name=ENDING)).to_have_count(0)


def _is_displayed(chat: Chat, title: str, server: DoorProcess) -> None:
    """The page has told that the warning was on the screen: only then does the next step count."""
    card = chat.card(title)
    for _ in range(300):
        steps = server.rows("SELECT displayed_at FROM ladder_step ORDER BY step")
        if steps and steps[-1]["displayed_at"]:
            return
        card.scroll_into_view_if_needed()
        card.page.wait_for_timeout(50)  # the database of another process has no event for us
    raise AssertionError(f"the page never told that “{title}” was displayed")
