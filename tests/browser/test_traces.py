"""R3 and promise 14: what pages ask for, keep and give away: nothing that is not needed."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, WebSocket, expect

PUBLIC = [
    "/",
    "/sample/missing",
    "/chat/missing",
    "/embed/missing",
    "/policy/missing",
    "/policy/missing/notice/1",
    "/chat/x",
]


@pytest.mark.parametrize("path", [*PUBLIC, "/staff/sign-in"])
def test_every_page_forbids_what_it_does_not_need(server, path: str) -> None:
    headers = httpx.get(server.url + path).headers
    rules = dict(rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert rules["frame-ancestors"] == "'none'" or path.startswith("/embed/")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "geolocation=()" in headers["permissions-policy"]
    assert "camera=()" in headers["permissions-policy"]
    assert "set-cookie" not in headers
    assert headers["referrer-policy"] == ("same-origin" if path.startswith("/staff") else "no-referrer")


def test_only_listed_pages_may_frame_the_chat(server) -> None:
    rules = httpx.get(f"{server.url}/embed/missing").headers["content-security-policy"]
    framed_by = rules.split("frame-ancestors ")[1].split(";")[0].split()
    assert framed_by[0] == "'self'"
    assert all(urlsplit(origin).scheme in ("http", "https") and "*" not in origin for origin in framed_by[1:])


def test_scripts_and_styles_come_with_their_own_type_and_templates_not_at_all(server) -> None:
    types = {"chat/chat.js": "text/javascript", "shared/base.css": "text/css", "shared/icon.svg": "image/svg+xml"}
    for path, kind in types.items():
        assert httpx.get(f"{server.url}/web/{path}").headers["content-type"].startswith(kind)
    for path in ("chat/chat.html", "../settings.py", "%2e%2e/settings.py", "launcher"):
        assert httpx.get(f"{server.url}/web/{path}").status_code == 404


def test_a_whole_chat_asks_nothing_of_any_third_party(start_chat, page: Page, server) -> None:
    start_chat()
    page.get_by_role("button", name="Yes, it is safe").click()
    page.get_by_role("textbox", name="Your message").fill("hello")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("Sent", exact=True).last).to_be_visible()
    assert {urlsplit(url).netloc for url in page.context.heard.requests} == {urlsplit(server.url).netloc}
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.title() == "Chat"


def test_nothing_connects_before_the_person_starts(page: Page, server) -> None:
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))
    page.goto(f"{server.url}/chat/missing")
    page.get_by_role("button", name="Start the chat").wait_for()
    assert sockets == []
    with page.expect_websocket():
        page.get_by_role("button", name="Start the chat").click()


def test_the_token_travels_in_hello_alone(page: Page, server) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda payload: frames.append(str(payload))))
    page.goto(f"{server.url}/chat/missing")
    page.get_by_role("button", name="Start the chat").click()
    page.get_by_role("button", name="Yes, it is safe").click()
    page.get_by_role("button", name="Yes", exact=False).first.wait_for()
    with_token = [frame for frame in frames if '"token"' in frame]
    assert len(with_token) == 1
    assert '"t":"hello"' in with_token[0]
    token = with_token[0].split('"token":"')[1].split('"')[0]
    assert len(token) == 43
    assert not any(token in url for url in page.context.heard.requests)


def test_words_that_are_not_sent_never_leave_the_page(start_chat, page: Page) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda payload: frames.append(str(payload))))
    start_chat()
    box = page.get_by_role("textbox", name="Your message")
    box.press_sequentially("not for anyone ")
    box.fill("")
    box.fill("sent")
    box.press("Enter")
    expect(page.get_by_role("log").get_by_text("Sent", exact=True)).to_be_visible()
    assert any('"typing"' in frame for frame in frames)
    assert not any("not for" in frame for frame in frames)


def test_a_page_that_was_loaded_again_shows_nothing_until_asked(start_chat, page: Page) -> None:
    start_chat()
    page.get_by_text("Leaving quickly, and keeping your place").click()
    page.get_by_label("Keep my place in this tab").locator("visible=true").check()
    page.get_by_role("textbox", name="Your message").fill("earlier words")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("Sent", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Show what was said?")).to_be_visible()
    page.get_by_role("button", name="Carry on, keep it hidden").click()
    reveal = page.get_by_role("button", name="Show what was said before")
    reveal.wait_for()
    expect(page.get_by_text("earlier words")).to_be_hidden()
    reveal.click()
    expect(page.get_by_text("earlier words")).to_be_visible()


def test_a_reload_forgets_the_place_unless_it_was_kept(start_chat, page: Page) -> None:
    start_chat()
    page.reload()
    expect(page.get_by_role("button", name="Start the chat")).to_be_visible()
