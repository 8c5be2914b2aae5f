"""From a charity's page to a wrap-up note, as two people see it: nobody has to say anything twice."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect
from rooms import AGE, BOT_AWAY, CODE, DANGER, EMERGENCY, NAME, NEED, NOTICE, QUEUE, SAFE, AdvisorRoom, Chat
from running import ADVISOR, NEW_ADVISOR, DoorProcess

ANSWERS = ("yh im safe", "will you tell the police", "nah", "i miss my brother and i want someone to listen")


def test_a_person_and_an_advisor_find_each_other(
    new_context: Callable[..., BrowserContext], sign_in: Callable[[str], Page], server: DoorProcess
):
    # A person opens the chat on the charity's page, and answers in words of their own.
    chat = Chat.launch(new_context().new_page(), server.url)
    chat.sees(SAFE)
    expect(chat.state).to_contain_text("assistant is answering")
    safe, police, danger, need = ANSWERS
    chat.say(safe)
    chat.sees(DANGER)
    chat.say(police)
    expect(chat.log.locator(".entry.bot")).to_have_count(1)
    chat.say(danger)
    chat.sees(CODE)
    chat.press(CODE, "OK")
    chat.sees(NEED)
    chat.say(need)
    for title in (AGE, NAME):  # optional, and every card can be skipped (M2)
        chat.press(title, "Skip this")
    chat.sees(NOTICE)
    chat.sees(QUEUE)
    expect(chat.log.get_by_role("heading", name=BOT_AWAY)).to_have_count(0)
    expect(chat.state).to_contain_text("You are number 1 in the queue.")
    chat.press(NOTICE, "I have read this")

    # An advisor who has not read the policies cannot claim; then reads them, and does.
    room = AdvisorRoom(sign_in(NEW_ADVISOR))
    room.claim()
    expect(room.page.locator("#said")).to_contain_text("read and acknowledge the current policies")
    room.read_policies()
    room.claim()
    said = (safe, police, danger, "OK", need, "Skip", "Skip", "I have read this")
    room.reads(*said)  # every word and every press, verbatim
    expect(room.side).to_contain_text(f"“{need}”")
    expect(room.side.locator("dt:has-text('Notice') + dd").last).to_have_text("Acknowledged")

    # They talk, both ways; the person knows who is there, and the assistant is silent.
    expect(chat.state).to_have_text(f"You are talking to {NEW_ADVISOR}.")
    room.say("Hello. I have read what you wrote.")
    chat.hears("Hello. I have read what you wrote.")
    chat.say("thank you, that helps")
    room.reads(*said, "thank you, that helps")
    expect(chat.log.locator(".entry.bot")).to_have_count(1)

    # The advisor ends, the person is told so, and a note is kept between staff.
    room.act("End", "End the contact")
    chat.sees("This chat has ended")
    expect(chat.where.get_by_role("button", name="Start a new chat")).to_be_visible()
    room.act("Wrap-up", "Keep the wrap-up", "Talked about missing a brother. No worries for safety.")
    expect(room.side).to_contain_text(f"Wrap-up, {NEW_ADVISOR}")
    expect(chat.log).not_to_contain_text("No worries for safety")


def test_he_has_got_in_is_on_the_advisors_screen_at_once(
    new_context: Callable[..., BrowserContext], sign_in: Callable[[str], Page], server: DoorProcess
):
    # Given an advisor who looks at the queue, in which somebody else waits already,
    room = AdvisorRoom(sign_in(ADVISOR))
    other = Chat.start(new_context().new_page(), server.url)
    other.where.get_by_role("button", name="Talk to a person").click()
    expect(room.queue).to_have_count(1)
    # when a person writes that somebody is breaking in,
    chat = Chat.start(new_context().new_page(), server.url)
    chat.sees(SAFE)
    chat.say("he's smashing the window to get in")
    # then the advisor has an alert, and them at the top of the queue,
    expect(room.alerts).to_contain_text("Someone may be in danger now and is waiting")
    expect(room.queue.first).to_contain_text("Band 0: danger now")
    # the person sees what can be done now,
    chat.sees(EMERGENCY)
    chat.sees(NOTICE)
    # and the notice was on record before the place in the queue.
    (place,) = server.rows("SELECT * FROM queue_entry WHERE band = 0")
    (notice,) = server.rows("SELECT * FROM notice_record WHERE id = ?", place["notice_id"])
    assert notice["contact_id"] == place["contact_id"]
    assert notice["sent_at"] <= place["entered_at"]
    # One press on the alert, and they talk.
    room.alerts.get_by_role("button", name="Claim").click()
    room.reads("he's smashing the window to get in")
    room.say("I am here. Have you been able to call 999?")
    chat.hears("I am here. Have you been able to call 999?")
