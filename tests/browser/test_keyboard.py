"""M13: everything by keyboard alone, and the focus is never stolen."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def test_a_chat_can_be_had_by_keyboard_alone(page: Page, server) -> None:
    page.goto(f"{server.url}/chat/missing")
    start = page.get_by_role("button", name="Start the chat")
    start.wait_for()
    tab_to(page, start)
    page.keyboard.press("Enter")
    answer = page.get_by_role("button", name="Yes, it is safe")
    answer.wait_for()
    tab_to(page, answer)
    page.keyboard.press("Space")
    expect(answer).to_be_focused()  # the button stays, so the focus does too
    expect(answer).to_contain_text("your answer")  # in words, not by colour alone
    box = page.get_by_role("textbox", name="Your message")
    tab_to(page, box)
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(box).to_have_value("one\ntwo")
    page.keyboard.press("Enter")
    expect(box).to_have_value("")
    expect(page.get_by_role("log").get_by_text("one\ntwo")).to_be_visible()


def test_replies_never_steal_the_focus(start_chat, page: Page) -> None:
    start_chat()
    box = page.get_by_role("textbox", name="Your message")
    box.fill("he has got in")
    box.press("Enter")
    page.get_by_role("log").get_by_text("Sent", exact=True).wait_for()
    expect(page.locator("#log .entry")).not_to_have_count(3)
    expect(box).to_be_focused()


def test_the_complaint_form_takes_and_gives_back_the_focus(start_chat, page: Page) -> None:
    start_chat()
    complain = page.get_by_role("button", name="Complain", exact=True)
    complain.click()
    expect(page.get_by_label("What went wrong?")).to_be_focused()
    page.get_by_role("button", name="Go back to the chat").click()
    expect(complain).to_be_focused()


def test_a_complaint_is_sent_at_any_point(start_chat, page: Page) -> None:
    start_chat()
    page.get_by_role("button", name="Complain", exact=True).click()
    page.get_by_label("What went wrong?").fill("Nobody listened.")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.get_by_text("Your complaint has reached us.")).to_be_visible()


def test_a_complaint_that_is_too_long_loses_nothing(start_chat, page: Page) -> None:
    start_chat()
    page.get_by_role("button", name="Complain", exact=True).click()
    box = page.get_by_label("What went wrong?")
    box.fill("a" * 4001)
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.get_by_text("1 character too long")).to_be_visible()
    expect(box).to_have_value("a" * 4001)


def test_the_live_card_alone_can_be_answered_and_every_question_can_be_skipped(start_chat, page: Page) -> None:
    start_chat()
    expect(page.get_by_role("button", name="Skip this")).to_have_count(1)
    page.get_by_role("button", name="Skip this").click()
    page.get_by_role("button", name="Skip this").nth(1).wait_for()
    expect(page.get_by_role("button", name="Yes, it is safe")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("button", name="Skip this").nth(1)).to_have_attribute("aria-disabled", "false")


def test_a_message_that_is_too_long_is_kept_and_said_plainly(start_chat, page: Page) -> None:
    start_chat()
    box = page.get_by_role("textbox", name="Your message")
    box.fill("a" * 4001)
    expect(page.get_by_text("This message is 1 character too long")).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("a" * 4001)
    box.fill("😀" * 4000)  # four thousand characters, however many bytes
    expect(page.get_by_text("characters too long")).to_have_count(0)


def test_ending_asks_once_and_a_new_chat_is_always_offered(start_chat, page: Page) -> None:
    start_chat()
    page.get_by_role("button", name="End chat").click()
    page.get_by_role("button", name="Stay in the chat").click()
    expect(page.get_by_role("textbox", name="Your message")).to_be_visible()
    page.get_by_role("button", name="End chat").click()
    page.get_by_role("button", name="End the chat", exact=True).click()
    again = page.get_by_role("button", name="Start a new chat")
    expect(again).to_be_visible()
    expect(page.get_by_role("textbox", name="Your message")).to_be_hidden()
    again.click()
    expect(page.get_by_role("button", name="Yes, it is safe")).to_be_visible()
