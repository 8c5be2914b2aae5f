"""Promise 4, from the page's side: what was said is kept, sent again, and stands once."""

from __future__ import annotations

import json

from playwright.sync_api import Page, WebSocketRoute, expect


class Wire:
    """The line between a page and the server, which a test can cut."""

    def __init__(self, page: Page) -> None:
        self.cut = False
        self.drop_acks = False
        self.silent = False  # a line that stands or begins now: nothing comes or goes on it any more
        self.dead: list[WebSocketRoute] = []
        self.said: list[str] = []  # kinds of frame, by the page
        self.now: WebSocketRoute | None = None
        page.route_web_socket("**/ws/person", self._connect)

    def _connect(self, page_side: WebSocketRoute) -> None:
        self.now = page_side
        if self.cut:
            page_side.close()
            return
        server_side = page_side.connect_to_server()
        page_side.on_message(lambda message: self._leave(server_side, str(message)))
        server_side.on_message(lambda message: self._arrive(page_side, server_side, str(message)))

    def _leave(self, server_side: WebSocketRoute, message: str) -> None:
        self.said.append(json.loads(message)["t"])
        if not self._is_dead(server_side):
            server_side.send(message)

    def _arrive(self, page_side: WebSocketRoute, server_side: WebSocketRoute, message: str) -> None:
        if self._is_dead(server_side):
            return
        if not (self.drop_acks and json.loads(message)["t"] in ("ack", "entry")):
            page_side.send(message)

    def _is_dead(self, server_side: WebSocketRoute) -> bool:
        """No line loses its first frame and brings the second: what was silent once stays so."""
        if self.silent:
            self.dead.append(server_side)
        return server_side in self.dead

    def hang_up(self) -> None:
        assert self.now is not None
        self.now.close()

    def hears(self, kind: str, page: Page) -> None:
        """Waits until the page has said a frame of this kind: the real line keeps no time with a page's clock."""
        for _ in range(200):
            if kind in self.said:
                return
            page.wait_for_timeout(50)
        raise AssertionError(f"The page never said {kind}.")


def say(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Your message").fill(words)
    page.keyboard.press("Enter")


def test_words_said_while_the_line_is_lost_are_kept_and_arrive_once(page: Page, start_chat, server) -> None:
    wire = Wire(page)
    start_chat()
    wire.cut = True
    wire.hang_up()
    lost = page.get_by_text("We've lost the connection. Your words are kept here until it's back.")
    expect(lost).to_be_visible()
    say(page, "are you there")
    expect(page.get_by_text("Sending…")).to_be_visible()
    wire.cut = False
    expect(page.get_by_text("Sending…")).to_have_count(0, timeout=20_000)
    expect(lost).to_have_count(0)
    expect(page.get_by_role("log").get_by_text("are you there")).to_have_count(1)


def test_words_whose_ack_was_lost_stand_once(page: Page, start_chat, server) -> None:
    wire = Wire(page)
    start_chat()
    wire.drop_acks = True
    say(page, "only once")
    expect(page.get_by_text("Sending…")).to_be_visible()
    wire.drop_acks = False
    wire.hang_up()
    expect(page.get_by_text("Sending…")).to_have_count(0, timeout=20_000)
    expect(page.get_by_role("log").get_by_text("only once")).to_have_count(1)


def test_after_a_lost_line_every_entry_stands_once_and_in_order(page: Page, start_chat, server) -> None:
    wire = Wire(page)
    start_chat()
    for words in ("first", "second"):
        say(page, words)
        wire.hang_up()
    say(page, "third")
    expect(page.get_by_text("Sending…")).to_have_count(0, timeout=20_000)
    order = page.locator("#log > [data-seq]").evaluate_all("nodes => nodes.map(node => Number(node.dataset.seq))")
    assert order == sorted(set(order))
    said = page.locator("#log .entry.person .said").all_inner_texts()
    assert [words for words in said if words in ("first", "second", "third")] == ["first", "second", "third"]


def test_refused_words_stay_beside_their_reason_and_can_be_changed(page: Page, start_chat, server) -> None:
    def refuse(page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()

        def on_message(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame["t"] != "say":
                server_side.send(message)
                return
            no = {
                "t": "refused",
                "id": frame["id"],
                "code": "slow_down",
                "words": "Please wait a moment.",
                "retry": True,
            }
            page_side.send(json.dumps(no))

        page_side.on_message(on_message)

    page.route_web_socket("**/ws/person", refuse)
    start_chat()
    say(page, "keep me")
    expect(page.get_by_text("Please wait a moment.")).to_be_visible()
    expect(page.get_by_role("button", name="Send again")).to_be_visible()
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("textbox", name="Your message")).to_have_value("keep me")


LOST = "We've lost the connection. Your words are kept here until it's back."


def test_a_server_that_falls_silent_is_noticed_said_and_left_for_a_new_line(page: Page, start_chat, server) -> None:
    """A browser never notices by itself."""
    wire = Wire(page)
    page.clock.install()
    start_chat()
    wire.silent = True
    wire.said.clear()
    say(page, "are you there")
    page.clock.run_for(32_000)
    wire.hears("hello", page)  # it has left the old line, and the new one is silent too
    expect(page.get_by_text(LOST)).to_be_visible()
    wire.silent = False
    page.clock.run_for(32_000)
    expect(page.get_by_text(LOST)).to_have_count(0)
    expect(page.get_by_text("Sending…")).to_have_count(0)
    expect(page.get_by_role("log").get_by_text("are you there")).to_have_count(1)


def test_a_line_that_never_opens_is_given_up_and_tried_again(page: Page, start_chat, server) -> None:
    wire = Wire(page)
    page.clock.install()
    start_chat()
    wire.silent = True
    wire.said.clear()
    wire.hang_up()
    page.clock.run_for(1_000)
    wire.hears("hello", page)  # it has connected, and no welcome comes
    expect(page.get_by_text(LOST)).to_be_visible()
    wire.silent = False
    page.clock.run_for(32_000)
    expect(page.get_by_text(LOST)).to_have_count(0)


def test_a_device_that_wakes_makes_sure_of_its_line(page: Page, start_chat, server) -> None:
    wire = Wire(page)
    page.clock.install()
    start_chat()
    wire.silent = True
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(12_500)
    expect(page.get_by_text(LOST)).to_be_visible()


def test_the_servers_heartbeat_is_answered_at_once(page: Page, start_chat, server) -> None:
    wire = Wire(page)
    page.clock.install()
    start_chat()
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)  # a hidden page's own timers hardly run
    wire.said.clear()
    assert wire.now is not None
    wire.now.send('{"t": "ping"}')
    wire.hears("pong", page)
