"""A number that is missing is never passed over: the rooms ask for it again, and where it can't be had they say so."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

LOST, NEXT = "It is about my brother.", "We spoke on Monday."
CANNOT = "1 entry is missing here, and cannot be had. What you read is not all that was said."


class LeakyLine:
    """Between the room and the front door. Loses `times` sendings of the entry with the words LOST."""

    def __init__(self, room: Page, *, times: float) -> None:
        self.times = times
        self.lost = 0
        self.asked: list[int] = []  # `after` of every open
        room.route_web_socket("**/ws/staff", self._connect)

    def _connect(self, page_side: WebSocketRoute) -> None:
        door = page_side.connect_to_server()

        def up(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame["t"] == "open":
                self.asked.append(frame["after"])
            door.send(message)

        def down(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame["t"] == "entry" and frame["entry"]["text"] == LOST and self.lost < self.times:
                self.lost += 1
            else:
                page_side.send(message)

        page_side.on_message(up)
        door.on_message(down)


def says(person: Page, text: str) -> None:
    person.get_by_role("textbox", name="Your message").fill(text)
    person.keyboard.press("Enter")
    expect(person.get_by_text(text)).to_be_visible()


@pytest.fixture
def held(start_chat, sign_in) -> Callable[..., tuple[LeakyLine, Page, Page, Locator]]:
    """(the line, the person, the advisor who holds them, what the advisor reads) over a line that loses entries."""

    def go(*, times: float) -> tuple[LeakyLine, Page, Page, Locator]:
        desk = sign_in("Test Advisor")
        line = LeakyLine(desk, times=times)
        desk.reload()
        person: Page = start_chat()
        person.get_by_role("button", name="Talk to a person").click()
        desk.get_by_role("region", name="Queue").get_by_role("button", name="Claim").first.click()
        expect(person.get_by_text("You are talking to Test Advisor.")).to_be_visible()
        return line, person, desk, desk.get_by_role("log", name="What has been said")

    return go


def leave(person: Page) -> None:
    person.get_by_role("button", name="End chat").click()
    person.get_by_role("button", name="End the chat", exact=True).click()
    expect(person.get_by_role("button", name="Start a new chat")).to_be_visible()


def test_an_entry_that_is_lost_on_its_way_is_asked_for_and_stands_in_its_place(held) -> None:
    line, person, _, log = held(times=1)
    says(person, LOST)
    says(person, NEXT)
    expect(log.get_by_text(NEXT)).to_be_visible()
    expect(log.get_by_text(LOST)).to_be_visible()
    expect(log.locator(".gap")).to_have_count(0)
    numbers = [int(n) for n in log.locator("[data-seq]").evaluate_all("nodes => nodes.map((n) => n.dataset.seq)")]
    assert numbers == list(range(1, numbers[-1] + 1))
    lost = int(log.locator("[data-seq]", has_text=LOST).get_attribute("data-seq") or 0)
    assert (line.lost, line.asked) == (1, [lost - 1])
    leave(person)


def test_an_entry_that_cannot_be_had_is_said_to_be_missing_where_it_should_stand(held) -> None:
    line, person, desk, log = held(times=float("inf"))
    says(person, LOST)
    says(person, NEXT)
    expect(log.get_by_text(NEXT)).to_be_visible()
    expect(log.get_by_text(CANNOT)).to_be_visible()
    assert NEXT in log.get_by_text(CANNOT).evaluate("(sign) => sign.nextElementSibling.textContent")
    expect(person.locator(".entry.person", has_text=NEXT).get_by_text("Read by the advisor")).to_be_visible()
    expect(person.locator(".entry.person", has_text=LOST).get_by_text("Read by the advisor")).to_have_count(0)
    asked = len(line.asked)
    says(person, "and one more")
    expect(log.get_by_text("and one more")).to_be_visible()
    assert len(line.asked) == asked  # it is not asked for again and again
    expect(log.locator(".gap")).to_have_count(1)
    line.times = 0  # a new line asks once more
    desk.reload()
    expect(log.get_by_text(LOST)).to_be_visible()
    expect(log.locator(".gap")).to_have_count(0)
    leave(person)


def test_a_supervisor_who_observes_is_told_of_a_gap_as_well(start_chat, sign_in) -> None:
    room = sign_in("Test Supervisor")
    LeakyLine(room, times=float("inf"))
    room.reload()
    person: Page = start_chat()
    person.get_by_role("button", name="Talk to a person").click()
    room.get_by_role("button", name="Observe").first.click()
    room.get_by_label("Reason").fill("quality")
    room.locator("#observe").get_by_role("button").first.click()
    log = room.get_by_role("log", name="What has been said")
    expect(log.locator("[data-seq]").first).to_be_visible()
    says(person, LOST)
    says(person, NEXT)
    expect(log.get_by_text(CANNOT)).to_be_visible()
    leave(person)
