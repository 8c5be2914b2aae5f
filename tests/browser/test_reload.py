"""A page opened anew within a minute is one calm thing to staff. Nobody else is in this queue."""

from __future__ import annotations

from playwright.sync_api import expect


def test_a_reload_is_one_calm_thing_to_staff(start_chat, sign_in) -> None:
    queue = sign_in("Test Advisor").get_by_role("region", name="Queue")
    closed = queue.get_by_text("Closed the page. They may come back")
    person = start_chat()
    person.get_by_text("Leaving quickly, and keeping your place").click()
    person.get_by_label("Keep my place in this tab").locator("visible=true").check()
    person.get_by_role("button", name="Talk to a person").click()
    expect(person.locator("#state")).to_contain_text("in the queue")
    person.reload()
    expect(closed).to_have_count(1)
    person.get_by_role("button", name="Carry on, keep it hidden").click()
    expect(person.locator("#state")).to_contain_text("in the queue")
    expect(queue.get_by_text("Opened the page again at")).to_have_count(1)
    expect(closed).to_have_count(0)
