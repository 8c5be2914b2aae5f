"""In the rooms: a colleague reads and takes over, is handed a contact, or is asked; the person is told in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

WORDS = "It is about my sister"


@pytest.fixture
def held(start_chat, sign_in) -> tuple[Page, Page, Page]:
    """(the person, the advisor who holds them, a colleague)"""
    desk, colleague = sign_in("Test Advisor"), sign_in("Second Advisor")
    person: Page = start_chat()
    person.get_by_role("textbox", name="Your message").fill(WORDS)
    person.keyboard.press("Enter")
    person.get_by_role("button", name="Talk to a person").click()
    desk.get_by_role("region", name="Queue").get_by_role("button", name="Claim").first.click()
    expect(person.get_by_text("You are talking to Test Advisor.")).to_be_visible()
    return person, desk, colleague


def hand_on(desk: Page, how: str, reason: str) -> None:
    box = desk.locator("details.action", has=desk.locator("summary").get_by_text("Hand on", exact=True))
    box.locator("summary").click()
    box.get_by_label("Colleague").select_option(label="Second Advisor, advisor, 0 contacts")
    box.get_by_label("How").select_option(label=how)
    box.get_by_label("Reason").select_option(label=reason)
    box.get_by_role("button", name="Hand on").click()


def end(desk: Page, person: Page) -> None:
    """Leave nobody behind for the next test."""
    desk.locator("summary").get_by_text("End", exact=True).click()
    desk.get_by_role("button", name="End the contact").click()
    expect(person.get_by_role("button", name="Start a new chat")).to_be_visible()


def test_warm_a_colleague_reads_first_and_then_takes_over(held) -> None:
    person, desk, colleague = held
    hand_on(desk, "A colleague reads first. You stay with them until your colleague accepts", "My shift is ending")
    expect(desk.get_by_text("Second Advisor is asked to take over.")).to_be_visible()
    alert = colleague.get_by_role("alert").filter(has_text="Test Advisor asks you to take over a contact")
    expect(alert.get_by_text("My shift is ending.")).to_be_visible()
    alert.get_by_role("button", name="Read").click()
    expect(colleague.get_by_role("log").get_by_text(WORDS)).to_be_visible()
    expect(colleague.get_by_role("textbox", name="To the person")).to_be_hidden()
    expect(person.get_by_text("You are talking to Test Advisor.")).to_be_visible()  # nothing has happened to them yet
    colleague.locator("summary").get_by_text("Take over", exact=True).click()
    colleague.get_by_role("button", name="Take over").click()
    expect(person.get_by_text("You are talking to Second Advisor.")).to_be_visible()
    expect(person.get_by_text("Second Advisor is here and goes on with you.")).to_be_attached()
    expect(desk.get_by_text("Your colleague has this person now.")).to_be_visible()
    expect(desk.get_by_role("textbox", name="To the person")).to_be_hidden()
    box = colleague.get_by_role("textbox", name="To the person")
    box.fill("Hello. I have read what you wrote.")
    box.press("Enter")
    expect(person.get_by_text("Hello. I have read what you wrote.")).to_be_attached()
    end(colleague, person)


def test_cold_a_colleague_has_them_at_once_and_keeps_them(held) -> None:
    person, desk, colleague = held
    hand_on(desk, "To a colleague at once", "I need to step away")
    expect(colleague.get_by_role("alert").get_by_text("Test Advisor has handed you a contact")).to_be_visible()
    expect(colleague.get_by_role("log").get_by_text(WORDS)).to_be_visible()
    expect(person.get_by_text("You are talking to Second Advisor.")).to_be_visible()
    box = colleague.get_by_role("textbox", name="To the person")
    box.fill("I go on with you.")
    box.press("Enter")
    expect(person.get_by_text("I go on with you.")).to_be_attached()
    colleague.reload()  # a reload drops nobody
    expect(colleague.get_by_role("log").get_by_text("I go on with you.")).to_be_visible()
    end(colleague, person)


def test_cold_to_a_colleague_who_has_gone_says_so_and_nothing_changes(held) -> None:
    person, desk, colleague = held
    box = desk.locator("details.action", has=desk.locator("summary").get_by_text("Hand on", exact=True))
    box.locator("summary").click()
    box.get_by_label("Colleague").select_option(label="Second Advisor, advisor, 0 contacts")
    colleague.close()
    box.get_by_label("How").select_option(label="To a colleague at once")
    box.get_by_role("button", name="Hand on").click()
    said = "Second Advisor is not at their desk just now, so nothing has changed and the person is still with you."
    expect(box.get_by_role("status")).to_contain_text(said)
    expect(desk.get_by_role("textbox", name="To the person")).to_be_visible()
    expect(person.get_by_text("You are talking to Test Advisor.")).to_be_visible()
    end(desk, person)


def test_a_supervisor_who_is_asked_reads_along_and_advises_in_a_note(held, sign_in) -> None:  # M10
    person, desk, _ = held
    supervisor = sign_in("Test Supervisor")
    expect(supervisor.get_by_text("Test Advisor, advisor: 1 contact")).to_be_visible()  # at their desk: on the line
    box = desk.locator("details.action", has=desk.locator("summary").get_by_text("Ask a colleague", exact=True))
    box.locator("summary").click()
    box.get_by_label("Colleague").select_option(label="Test Supervisor, supervisor, 0 contacts")
    box.get_by_role("button", name="Ask", exact=True).click()
    expect(person.get_by_text("A colleague is asked to help")).to_be_attached()
    supervisor.get_by_role("alert").get_by_role("button", name="Talk with people").click()
    supervisor.get_by_role("alert").get_by_role("button", name="Read").click()
    expect(supervisor.get_by_role("log").get_by_text(WORDS)).to_be_visible()
    supervisor.locator("summary").get_by_text("Note", exact=True).click()
    supervisor.get_by_label("Note", exact=True).fill("Ask where she slept.")
    supervisor.get_by_role("button", name="Keep the note").click()
    expect(desk.get_by_role("region", name="What to know first").get_by_text("Ask where she slept.")).to_be_visible()
    assert "where she slept" not in person.content()
    desk.get_by_role("button", name="Stop asking").click()
    expect(supervisor.get_by_text("You are no longer asked about this contact.")).to_be_visible()
    end(desk, person)
