"""The launcher on a charity's page of another origin: nothing before the press, focus given back, leaving together."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect

CHARITY = "http://localhost:8000"  # listed under `origins` in the service
STRANGER = "http://stranger.test"


def charity_page(server) -> str:
    return f"""<!doctype html><html lang="en"><title>A charity</title><h1>A charity</h1>
        <a data-frontdoor href="{server.url}/chat/missing">Chat with us</a>
        <script src="{server.url}/web/launcher/launcher.js" defer
          data-service="missing" data-exit="{server.exit_to}"></script>"""


@pytest.fixture
def at_charity(page: Page, server) -> Page:
    """A charity's page on its own origin, with its own strict rules."""
    rules = f"default-src 'none'; script-src {server.url}; frame-src {server.url}"
    body = charity_page(server)
    page.context.route(
        f"{CHARITY}/**",
        lambda route: route.fulfill(body=body, content_type="text/html", headers={"Content-Security-Policy": rules}),
    )
    page.goto(f"{CHARITY}/help")
    page.get_by_role("button", name="Chat with us").wait_for()
    return page


def frame(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title=Chat]")


def open_chat(page: Page) -> FrameLocator:
    page.get_by_role("button", name="Chat with us").click()
    frame(page).get_by_role("button", name="Yes, it is safe").wait_for()
    return frame(page)


def test_nothing_but_the_script_is_asked_for_before_the_press(at_charity: Page, server) -> None:
    ours = [url for url in at_charity.context.heard.requests if url.startswith(server.url)]
    assert ours == [f"{server.url}/web/launcher/launcher.js"]
    expect(at_charity.locator("iframe")).to_have_count(0)


def test_the_press_starts_the_chat_with_the_focus_inside(at_charity: Page) -> None:
    chat = open_chat(at_charity)
    expect(chat.get_by_role("textbox", name="Your message")).to_be_focused()
    at_charity.keyboard.type("hello")
    at_charity.keyboard.press("Enter")
    expect(chat.get_by_role("log").get_by_text("Sent", exact=True)).to_be_visible()


def test_minimise_gives_the_focus_back_and_keeps_the_chat(at_charity: Page) -> None:
    chat = open_chat(at_charity)
    at_charity.get_by_role("button", name="Minimise").click()
    launcher = at_charity.get_by_role("button", name="Chat with us")
    expect(launcher).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "false")
    expect(at_charity.locator("iframe")).to_be_hidden()
    at_charity.keyboard.press("Enter")
    expect(chat.get_by_role("button", name="Yes, it is safe")).to_be_visible()
    expect(chat.get_by_role("button", name="Start the chat")).to_be_hidden()


def test_escape_neither_leaves_nor_closes(at_charity: Page) -> None:
    open_chat(at_charity)
    for _ in range(3):
        at_charity.keyboard.press("Escape")
    expect(at_charity.locator("iframe")).to_be_visible()
    assert at_charity.url == f"{CHARITY}/help"


def test_leaving_from_the_frame_takes_the_whole_page(at_charity: Page, server) -> None:
    open_chat(at_charity).get_by_role("link", name="Leave quickly").click()
    at_charity.wait_for_url(f"{server.exit_to}**")
    at_charity.go_back()
    assert not at_charity.url.startswith(CHARITY)


def test_shift_three_times_in_the_frame_takes_the_whole_page(at_charity: Page, server) -> None:
    open_chat(at_charity)
    for _ in range(3):
        at_charity.keyboard.press("Shift")
    at_charity.wait_for_url(f"{server.exit_to}**")


def test_shift_three_times_in_the_charitys_page_ends_the_place_in_the_chat_too(at_charity: Page, server) -> None:
    open_chat(at_charity)
    at_charity.get_by_role("button", name="Minimise").click()
    with at_charity.context.expect_event("request", lambda request: request.url == f"{server.url}/leave"):
        for _ in range(3):
            at_charity.keyboard.press("Shift")
    at_charity.wait_for_url(f"{server.exit_to}**")


def test_messages_of_others_are_ignored(at_charity: Page) -> None:
    open_chat(at_charity)
    at_charity.evaluate("window.postMessage({frontdoor: 'exit', to: 'https://elsewhere.test'}, '*')")
    at_charity.evaluate("new Promise(done => setTimeout(done))")
    expect(at_charity.locator("iframe")).to_be_visible()
    assert at_charity.url == f"{CHARITY}/help"


def test_a_page_that_is_not_listed_cannot_frame_the_chat_and_its_link_still_works(page: Page, server) -> None:
    body = charity_page(server)
    page.context.route(f"{STRANGER}/**", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.clock.install()
    page.goto(f"{STRANGER}/help")
    with page.context.expect_event("console", lambda message: "frame-ancestors" in message.text):
        page.get_by_role("button", name="Chat with us").click()
    page.clock.fast_forward(10_000)
    page.context.heard.problems.clear()  # the refusal is what was asked for
    expect(frame(page).locator("#main")).to_have_count(0)
    page.get_by_role("link", name="Open the chat in a page of its own").click()
    page.wait_for_url("**/chat/missing")
    page.context.heard.problems.clear()


def test_the_words_are_out_of_reach_of_the_charitys_page(at_charity: Page) -> None:
    chat = open_chat(at_charity)
    chat.get_by_role("textbox", name="Your message").fill("only inside")
    at_charity.keyboard.press("Enter")
    expect(chat.get_by_text("only inside")).to_be_visible()
    assert "only inside" not in at_charity.content()
    assert at_charity.evaluate("document.querySelector('iframe').contentDocument") is None
