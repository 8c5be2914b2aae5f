"""Promise 14: always on screen; a real link before any script; then at once, same tab, nothing to come back to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect


def leave_link(page: Page):
    return page.get_by_role("link", name="Leave quickly")


def press_shift(page: Page, times: int) -> None:
    for _ in range(times):
        page.keyboard.press("Shift")


def test_the_way_out_is_a_real_link_before_any_script(new_context: Callable[..., BrowserContext], server) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{server.url}/chat/missing")
    leave_link(page).click()
    page.wait_for_url(f"{server.exit_to}**")


def test_the_way_out_is_on_screen_at_every_moment(start_chat, page: Page, server) -> None:
    page.goto(f"{server.url}/chat/missing")
    expect(leave_link(page)).to_be_in_viewport()
    start_chat()
    expect(leave_link(page)).to_be_in_viewport()
    page.get_by_role("button", name="Complain").click()
    expect(leave_link(page)).to_be_in_viewport()
    page.get_by_role("button", name="Go back to the chat").click()
    page.get_by_text("Urgent help", exact=True).click()
    expect(leave_link(page)).to_be_in_viewport()


@pytest.mark.parametrize("size", [{"width": 320, "height": 256}, {"width": 640, "height": 320}])
def test_the_way_out_stays_when_zoomed_far_in(new_context, start_chat, server, size) -> None:
    page = start_chat(new_context(viewport=size).new_page())
    page.get_by_role("textbox", name="Your message").focus()
    expect(leave_link(page)).to_be_in_viewport()
    page.mouse.wheel(0, 400)
    expect(leave_link(page)).to_be_in_viewport()


def test_leaving_leads_to_an_everyday_page_and_back_shows_nothing_of_ours(start_chat, page: Page, server) -> None:
    page.goto("about:blank")
    start_chat()
    leave_link(page).click()
    page.wait_for_url(f"{server.exit_to}**")
    page.go_back()
    assert "/chat/" not in page.url
    assert "chat" not in page.content().lower()


def test_shift_three_times_leaves(start_chat, page: Page, server) -> None:
    start_chat()
    press_shift(page, 3)
    page.wait_for_url(f"{server.exit_to}**")


def test_shift_three_times_leaves_before_the_chat_is_started(page: Page, server) -> None:
    page.goto(f"{server.url}/chat/missing")
    page.get_by_role("button", name="Start the chat").wait_for()
    press_shift(page, 3)
    page.wait_for_url(f"{server.exit_to}**")


def test_capital_letters_and_escape_do_not_leave(start_chat, page: Page, server) -> None:
    start_chat()
    page.get_by_role("textbox", name="Your message").focus()
    for letter in "HELP":
        page.keyboard.press(f"Shift+{letter}")
    press_shift(page, 2)
    for _ in range(4):
        page.keyboard.press("Escape")
    page.keyboard.press("Shift")
    expect(page.get_by_role("textbox", name="Your message")).to_have_value("HELP")
    assert page.url == f"{server.url}/chat/missing"


def test_leaving_wipes_the_tab_and_gives_up_the_place_on_the_server(start_chat, page: Page, server) -> None:
    start_chat()
    page.get_by_text("Leaving quickly, and keeping your place").click()
    page.get_by_label("Keep my place in this tab").locator("visible=true").check()
    token = page.evaluate("sessionStorage.getItem('place')")
    assert len(token) == 43
    page.get_by_role("textbox", name="Your message").fill("something only I know")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("something only I know")).to_be_visible()
    expect(page.get_by_role("log").get_by_text("Sent", exact=True)).to_be_visible()
    with page.expect_request("**/leave") as beacon:
        leave_link(page).click()
    assert beacon.value.method == "POST"
    assert beacon.value.post_data == token
    page.wait_for_url(f"{server.exit_to}**")

    page.goto(f"{server.url}/chat/missing")
    page.get_by_role("button", name="Start the chat").wait_for()  # not "Show what was said?": nothing is left here
    assert page.evaluate("sessionStorage.length") == 0

    page.evaluate("token => sessionStorage.setItem('place', token)", token)  # and even the very token opens nothing old
    page.reload()
    page.get_by_role("button", name="Show it and carry on").click()
    page.get_by_role("button", name="Yes, it is safe").wait_for()
    expect(page.get_by_text("something only I know")).to_have_count(0)


def test_leaving_covers_the_words_at_once(start_chat, page: Page, server) -> None:
    page.context.unroute(f"{server.exit_to}**")
    page.context.route(f"{server.exit_to}**", lambda route: None)  # an everyday page that never comes
    start_chat()
    left = page.evaluate(
        """() => {
            document.getElementById("exit").click();
            const cover = document.getElementById("cover");
            const words = document.getElementById("log").textContent;
            return { covered: document.elementFromPoint(50, 50) === cover, words, title: document.title };
        }"""
    )
    assert left == {"covered": True, "words": "", "title": ""}
