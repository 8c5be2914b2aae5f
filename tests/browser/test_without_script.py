"""Useful before JavaScript: a real number, a real link, urgent help, the policy (R14)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def plain(new_context) -> Page:
    return new_context(java_script_enabled=False).new_page()


@pytest.mark.parametrize("service", ["missing", "survivors", "phoneline"])
@pytest.mark.parametrize("place", ["chat", "embed"])
def test_the_chat_page_says_what_it_needs_and_where_to_call(plain: Page, server, service: str, place: str) -> None:
    plain.goto(f"{server.url}/{place}/{service}")
    expect(plain.get_by_text("This page needs JavaScript to chat")).to_be_visible()
    number = plain.locator("#no-script a[href^='tel:']")
    expect(number).to_be_visible()
    assert re.fullmatch(r"tel:\+?\d+", number.get_attribute("href") or "")
    expect(plain.get_by_role("button", name="Start the chat")).to_be_hidden()


def test_urgent_help_opens_without_script(plain: Page, server) -> None:
    plain.goto(f"{server.url}/chat/survivors")
    plain.get_by_text("Urgent help", exact=True).click()
    expect(plain.locator("#urgent a[href='tel:999']").first).to_be_visible()
    expect(plain.get_by_text("press 55")).to_be_visible()
    expect(plain.get_by_text("We cannot see where you are")).to_be_visible()


def test_every_number_of_urgent_help_can_be_called_or_texted(plain: Page, server) -> None:
    plain.goto(f"{server.url}/chat/missing")
    links = plain.locator("#urgent a").all()
    assert len(links) > 3
    for link in links:
        assert re.fullmatch(r"(tel|sms):\+?\d+", link.get_attribute("href") or ""), link.inner_text()


def test_a_charitys_page_has_a_real_link_and_a_real_number(plain: Page, server) -> None:
    plain.goto(f"{server.url}/sample/missing")
    expect(plain.locator("a[href^='tel:']").first).to_be_visible()
    plain.get_by_role("link", name="Chat with us").click()
    plain.wait_for_url("**/chat/missing")


def test_every_version_of_the_policy_can_be_read(plain: Page, server) -> None:
    plain.goto(f"{server.url}/chat/missing")
    plain.goto(f"{server.url}{plain.get_by_role('link', name='Policy').get_attribute('href')}")
    expect(plain.get_by_text("Next review").first).to_be_visible()  # R15
    plain.get_by_role("link", name="Version 1").first.click()
    plain.wait_for_url("**/policy/missing/*/1")
    assert "[[" not in plain.content()


def test_an_unknown_service_is_told_plainly_with_real_numbers(plain: Page, server) -> None:
    response = plain.goto(f"{server.url}/chat/nothing_here")
    assert response is not None
    assert response.status == 404
    expect(plain.get_by_role("heading", name="This page is not here")).to_be_visible()
    assert plain.locator("a[href^='tel:']").count() > 1
