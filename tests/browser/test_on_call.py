"""A page that reached nobody on call is a banner on every desk, until somebody claims the person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from changed import changed_services
from playwright.sync_api import Page, expect


def of_the_door(folder: Path) -> dict[str, Any]:
    services = changed_services(folder, ("{after_s: 120, to: on_call}", "{after_s: 1, to: on_call}"))
    return {"services": services, "on_call_command": "false"}


def test_paging_that_fails_is_a_banner_on_every_desk_until_somebody_claims(start_chat, sign_in) -> None:
    desk, supervisor = sign_in("Test Advisor"), sign_in("Test Supervisor")
    person: Page = start_chat()
    person.get_by_role("textbox", name="Your message").fill("he has a knife and he is at the door")
    person.keyboard.press("Enter")
    banner = "the on-call contact could not be reached"
    for room in (desk, supervisor):
        expect(room.get_by_role("alert").get_by_text(banner)).to_be_visible()
    desk.get_by_role("alert").get_by_role("button", name="Claim").click()
    for room in (desk, supervisor):
        expect(room.get_by_role("alert").get_by_text(banner)).to_have_count(0)
    assert "on-call" not in person.content()
