"""M13: WCAG 2.2 AA as far as a program can tell, light and dark, and on a narrow screen. It doesn't replace people."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
PAGES = [
    "/",
    "/sample/missing",
    "/chat/missing",
    "/policy/missing",
    "/policy/missing/notice/1",
    "/chat/x",
    "/staff/sign-in",
]


def check(page: Page) -> None:
    results = Axe().run(page, options=RULES)
    found = [(v["id"], [node["target"] for node in v["nodes"]]) for v in results.response["violations"]]
    assert not found


def fits(page: Page) -> None:
    """No sideways scrolling: 320 pixels is a phone, or 400 % zoom."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_can_be_used_by_everyone(new_context, server, path: str, scheme: str) -> None:
    page = new_context(color_scheme=scheme).new_page()
    page.goto(server.url + path)
    check(page)


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_a_narrow_screen(new_context, server, path: str) -> None:
    page = new_context(viewport={"width": 320, "height": 640}).new_page()
    page.goto(server.url + path)
    fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chat_can_be_used_by_everyone_at_every_moment(new_context, start_chat, scheme: str) -> None:
    page = start_chat(new_context(color_scheme=scheme, viewport={"width": 320, "height": 640}).new_page())
    check(page)
    page.get_by_text("Urgent help", exact=True).click()
    check(page)
    page.get_by_text("Urgent help", exact=True).click()
    page.get_by_role("button", name="Yes, it is safe").click()
    page.get_by_role("button", name="Complain").click()
    check(page)
    page.get_by_role("button", name="Go back to the chat").click()
    page.get_by_role("button", name="End chat").click()
    check(page)
    page.get_by_role("button", name="End the chat", exact=True).click()
    page.get_by_role("button", name="Start a new chat").wait_for()
    check(page)
    fits(page)


def test_every_target_in_the_chat_is_big_enough_for_shaking_fingers(start_chat, page: Page) -> None:
    start_chat()
    small = page.evaluate(
        """[...document.querySelectorAll('button, a.button, summary, textarea')]
           .filter(node => node.checkVisibility() && node.getBoundingClientRect().height < 44)
           .map(node => node.outerHTML)"""
    )
    assert small == []


@pytest.mark.parametrize("name", ["Test Advisor", "New Advisor", "Test Moderator", "Test Supervisor"])
def test_staff_rooms_can_be_used_by_everyone(sign_in, name: str) -> None:
    page = sign_in(name)
    page.wait_for_load_state("networkidle")
    check(page)


def test_the_advisors_room_with_a_person_in_it_can_be_used_by_everyone(start_chat, sign_in) -> None:
    person = start_chat()
    desk = sign_in("Test Advisor")
    person.get_by_role("textbox", name="Your message").fill("he is going to kill me tonight")
    person.keyboard.press("Enter")
    alert = desk.get_by_role("alert").get_by_role("button", name="Claim").first
    alert.wait_for()
    check(desk)
    alert.click()
    desk.get_by_role("log").get_by_text("he is going to kill me tonight").wait_for()
    check(desk)
    desk.locator("summary", has_text="End for abuse").click()
    check(desk)
    desk.get_by_text("End", exact=True).click()
    desk.get_by_role("button", name="End the contact").click()
    desk.get_by_label("Wrap-up note").wait_for()
    check(desk)
