"""Claimed and silent: the advisor is reminded, the supervisor told; nobody who is gone is shown as writing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from changed import changed_services
from playwright.sync_api import Page, expect


def of_the_door(folder: Path) -> dict[str, Any]:
    sooner = (("first_words_s: 60", "first_words_s: 1"), ("silent_advisor_s: 90", "silent_advisor_s: 2"))
    return {"services": changed_services(folder, *sooner)}


def test_a_silent_advisor_is_reminded_and_the_supervisor_told_until_the_person_hears_something(
    start_chat, sign_in
) -> None:
    desk, supervisor = sign_in("Test Advisor"), sign_in("Test Supervisor")
    person: Page = start_chat()
    person.get_by_role("button", name="Talk to a person").click()
    desk.get_by_role("region", name="Queue").get_by_role("button", name="Claim").first.click()
    expect(desk.get_by_role("alert").get_by_text("a supervisor has been told")).to_be_visible(timeout=15_000)
    expect(supervisor.get_by_role("alert").get_by_text("hears nothing from their advisor")).to_be_visible(
        timeout=15_000
    )
    expect(supervisor.get_by_role("region", name="Queue").get_by_text("Has heard nothing for")).to_be_visible()
    box = desk.get_by_role("textbox", name="To the person")
    box.fill("Hello.")
    box.press("Enter")
    expect(supervisor.get_by_role("alert").get_by_text("hears nothing")).to_have_count(0)
    expect(desk.get_by_role("alert").get_by_text("a supervisor has been told")).to_have_count(0)
    desk.locator("summary").get_by_text("End", exact=True).click()
    desk.get_by_role("button", name="End the contact").click()
    expect(person.get_by_role("button", name="Start a new chat")).to_be_visible()


def test_whoever_gave_the_person_back_is_not_shown_as_writing(start_chat, sign_in) -> None:
    desk = sign_in("Test Advisor")
    person: Page = start_chat()
    person.get_by_role("button", name="Talk to a person").click()
    desk.get_by_role("region", name="Queue").get_by_role("button", name="Claim").first.click()
    desk.get_by_role("textbox", name="To the person").press_sequentially("One moment")
    expect(person.get_by_text("Test Advisor is writing.")).to_be_visible()
    desk.locator("summary").get_by_text("Give back", exact=True).click()
    desk.get_by_role("button", name="Give back to the queue").click()
    expect(person.get_by_text("You are number")).to_be_visible()
    assert person.get_by_text("Test Advisor is writing.").count() == 0  # nobody is there
