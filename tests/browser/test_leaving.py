"""Three leavings are shown as three things; and whoever is away long finds nothing on the screen until they ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from changed import changed_services
from playwright.sync_api import Page, WebSocketRoute, expect

SECRET = "I don't want anybody here to read this"


def of_the_door(folder: Path) -> dict[str, Any]:
    return {"services": changed_services(folder, ("hide_after_s: 300", "hide_after_s: 2"))}


def waits(person: Page) -> None:
    person.get_by_role("button", name="Talk to a person").click()
    expect(person.locator("#state")).to_contain_text("in the queue")


def test_quick_exit_and_a_closed_tab_are_two_things_to_staff(start_chat, sign_in, new_context) -> None:
    queue = sign_in("Test Advisor").get_by_role("region", name="Queue")
    leaves, closes = (start_chat(new_context().new_page()) for _ in range(2))
    for person in (leaves, closes):
        waits(person)
    leaves.get_by_role("link", name="Leave quickly").click()
    expect(queue.get_by_text("Left quickly (quick exit). They cannot come back to this chat")).to_be_visible()
    closes.close()
    expect(queue.get_by_text("Closed the page. They may come back")).to_be_visible()
    assert queue.get_by_text("Left quickly (quick exit)").count() == 1


def test_a_line_lost_for_long_leaves_a_screen_that_tells_nothing_until_it_is_asked(start_chat, page, sign_in) -> None:
    lines: list[WebSocketRoute] = []
    cut: list[bool] = []

    def connect(line: WebSocketRoute) -> None:
        lines.append(line)
        if cut:
            line.close()
        else:
            line.connect_to_server()

    page.route_web_socket("**/ws/person", connect)
    person = start_chat()
    waits(person)
    person.get_by_role("textbox", name="Your message").fill(SECRET)
    person.keyboard.press("Enter")
    expect(person.get_by_role("log").get_by_text(SECRET)).to_be_visible()
    cut.append(True)
    lines[-1].close()
    check = person.get_by_text("Check that it is safe to show it here.")
    expect(check).to_be_visible()
    expect(person.get_by_text(SECRET)).to_be_hidden()
    cut.clear()
    person.get_by_role("button", name="Carry on, keep it hidden").click()
    expect(person.locator("#state")).to_contain_text("in the queue")
    expect(person.get_by_text(SECRET)).to_be_hidden()
    person.get_by_role("button", name="Show what was said before").click()
    expect(person.get_by_role("log").get_by_text(SECRET)).to_be_visible()
    expect(person.get_by_role("log").get_by_text(SECRET)).to_have_count(1)
    queue = sign_in("Second Advisor").get_by_role("region", name="Queue")
    expect(queue.get_by_text("Back at").first).to_be_visible()  # and staff see that they had been away
