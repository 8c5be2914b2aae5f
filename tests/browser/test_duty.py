"""In the room: leave to others, pause, and a claim too many is said in words."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_an_advisor_leaves_somebody_to_others_pauses_and_comes_back(start_chat, sign_in) -> None:
    desk, other = sign_in("Test Advisor"), sign_in("Second Advisor")
    person: Page = start_chat()
    person.get_by_role("button", name="Talk to a person").click()
    queue, others = desk.get_by_role("region", name="Queue"), other.get_by_role("region", name="Queue")
    queue.get_by_role("button", name="Leave to others").click()
    expect(queue.get_by_text("You left them to others")).to_be_visible()
    expect(others.get_by_text("1 of your colleagues left them to others.")).to_be_visible()
    expect(person.get_by_text("You are number 1 in the queue.")).to_be_visible()  # nothing changed for them

    desk.get_by_role("button", name="Pause: nobody new").click()
    expect(desk.get_by_role("button", name="End your pause")).to_have_attribute("aria-pressed", "true")
    queue.get_by_role("button", name="Claim").click()
    expect(queue.get_by_text("You have paused, so nobody new comes to you.")).to_be_visible()
    desk.reload()
    desk.get_by_role("button", name="End your pause").click()
    expect(desk.get_by_role("button", name="Pause: nobody new")).to_be_visible()
    queue.get_by_role("button", name="Claim").click()
    expect(person.get_by_text("You are talking to Test Advisor.")).to_be_visible()
