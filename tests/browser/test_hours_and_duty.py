"""What a person who waits is told: nobody at a desk, an unknown wait, doors that are closed; never a promise."""

from __future__ import annotations

from playwright.sync_api import Page, expect

LONG_MS = 30_000  # an empty desk is said after ten seconds


def test_an_empty_desk_and_an_unknown_wait_are_said_honestly(start_chat, sign_in) -> None:
    person: Page = start_chat()
    person.get_by_role("button", name="Talk to a person").click()
    state = person.locator("#state")
    expect(state).to_contain_text("No advisor is at their desk just now. You can call 116 000.", timeout=LONG_MS)
    supervisor = sign_in("Test Supervisor")
    alert = supervisor.get_by_role("alert").get_by_text("No advisor is at their desk (missing)")
    expect(alert).to_be_visible(timeout=LONG_MS)
    sign_in("Test Advisor")
    expect(state).to_contain_text("We don't know yet how long the wait is.", timeout=LONG_MS)
    expect(state).not_to_contain_text("No advisor")
    expect(alert).to_have_count(0, timeout=LONG_MS)
