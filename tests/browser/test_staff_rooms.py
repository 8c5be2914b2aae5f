"""What staff see: an immediate at once, exact words, the policies first; and words that no one reads by chance."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect


def say(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Your message").fill(words)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Sending…")).to_have_count(0)


def claim_alert(desk: Page) -> None:
    desk.get_by_role("alert").get_by_role("button", name="Claim").first.click()
    desk.get_by_role("textbox", name="To the person").wait_for()


def end(desk: Page) -> None:
    """Leave nobody behind for the next test."""
    desk.locator("summary").get_by_text("End", exact=True).click()
    desk.get_by_role("button", name="End the contact").click()
    desk.get_by_label("Wrap-up note").wait_for()


def test_somebody_in_danger_is_on_the_advisors_screen_at_once_with_their_exact_words(start_chat, sign_in) -> None:
    desk = sign_in("Test Advisor")
    person = start_chat()
    say(person, "he has a knife and he is at the door")
    claim_alert(desk)
    side = desk.get_by_role("region", name="What to know first")
    expect(side.get_by_text("he has a knife and he is at the door")).to_be_visible()
    expect(side.get_by_text("▲ Danger now").first).to_be_visible()  # words and a sign, not colour alone
    expect(side.locator("mark").first).to_be_visible()
    expect(side.get_by_text("Safe to chat")).to_have_count(0)  # nothing is shown that was not answered
    end(desk)


def test_the_person_sees_the_advisors_words_and_the_advisor_that_they_were_read(start_chat, sign_in) -> None:
    desk = sign_in("Test Advisor")
    person = start_chat()
    say(person, "i have taken an overdose just now")
    claim_alert(desk)
    box = desk.get_by_role("textbox", name="To the person")
    box.fill("Hello. I am here with you.")
    box.press("Enter")
    expect(person.get_by_text("Hello. I am here with you.")).to_be_visible()
    expect(person.get_by_text("You are talking to Test Advisor.")).to_be_visible()
    expect(desk.get_by_text("Delivered", exact=True)).to_be_visible()  # their page has it, and they have not seen it
    person.get_by_role("button", name="New words").click()  # below what the person was reading, which is left alone
    expect(desk.get_by_text("Read", exact=True)).to_be_visible()
    desk.reload()  # a reload drops nobody
    expect(desk.get_by_role("log").get_by_text("Hello. I am here with you.")).to_be_visible()
    end(desk)


def test_the_persons_words_are_read_only_once_the_advisor_looks_at_them(start_chat, sign_in) -> None:
    desk = sign_in("Test Advisor")
    person = start_chat()
    say(person, "i have taken an overdose just now")
    claim_alert(desk)
    expect(person.get_by_text("Read by the advisor")).to_be_visible()
    look = (
        "how => { Object.defineProperty(document, 'visibilityState', {value: how, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange')); }"
    )
    desk.evaluate(look, "hidden")
    say(person, "please say something")
    line = person.locator(".entry.person", has_text="please say something")
    expect(line.get_by_text("Delivered")).to_be_visible()
    desk.get_by_role("log").get_by_text("please say something").wait_for()
    expect(line.get_by_text("Read by the advisor")).to_have_count(0)
    desk.evaluate(look, "visible")
    expect(line.get_by_text("Read by the advisor")).to_be_visible()
    end(desk)


def test_a_person_whose_claim_was_answered_into_a_lost_line_can_be_opened_all_the_same(start_chat, sign_in) -> None:
    """Promise 5: the person has an advisor, who must be able to speak to them."""
    lost: list[str] = []

    def connect(page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()
        page_side.on_message(server_side.send)
        server_side.on_message(lambda message: arrive(page_side, str(message)))

    def arrive(page_side: WebSocketRoute, message: str) -> None:
        if json.loads(message)["t"] == "claimed" and not lost:
            lost.append(message)
            page_side.close()
        else:
            page_side.send(message)

    desk = sign_in("Second Advisor")
    desk.route_web_socket("**/ws/staff", connect)
    desk.reload()
    say(start_chat(), "he has a knife and he is at the door")
    desk.get_by_role("alert").get_by_role("button", name="Claim").first.click()
    desk.get_by_role("region", name="Queue").get_by_role("button", name="Open").click()
    expect(desk.get_by_role("log").get_by_text("he has a knife and he is at the door")).to_be_visible()
    assert lost
    end(desk)


def test_nothing_flagged_is_never_called_an_assessment(start_chat, sign_in) -> None:
    desk = sign_in("Second Advisor")
    person = start_chat()
    person.get_by_role("button", name="Talk to a person").click()
    queue = desk.get_by_role("region", name="Queue")
    expect(queue.get_by_text("Nothing flagged — not an assessment").first).to_be_visible()
    assert "risk: none" not in desk.content().lower()
    person.get_by_role("button", name="End chat").click()
    person.get_by_role("button", name="End the chat", exact=True).click()


def test_a_new_advisor_reads_every_policy_before_the_first_claim(sign_in) -> None:  # R13
    desk = sign_in("New Advisor")
    policies = desk.get_by_role("region", name="Policies to read")
    expect(policies).to_be_visible()
    texts = policies.locator("details")
    for left in range(texts.count(), 0, -1):
        texts.first.locator("summary").click()
        policies.get_by_role("button", name="I have read and understood this").first.click()
        expect(texts).to_have_count(left - 1)
    expect(policies).to_be_hidden()


def test_an_ending_for_abuse_is_reviewed_with_the_words_blurred_until_asked_for(start_chat, sign_in) -> None:
    desk = sign_in("Test Advisor")
    person = start_chat()
    say(person, "he says he will kill me tonight")
    claim_alert(desk)
    desk.locator("summary").get_by_text("End for abuse", exact=True).click()
    desk.get_by_label("What happened, for the moderator").fill("Insulted me twice.")
    desk.get_by_role("button", name="End for abuse").click()
    expect(desk.get_by_text("risk flag is open")).to_be_visible()  # promise 3
    expect(desk.get_by_label("What happened, for the moderator")).to_have_value("Insulted me twice.")
    desk.locator("summary").get_by_text("Close the flag", exact=True).click()
    desk.get_by_role("button", name="Close the flag").click()
    expect(desk.get_by_text("Flag closed by staff").first).to_be_visible()
    desk.get_by_role("button", name="End for abuse").click()
    expect(person.get_by_role("button", name="Start a new chat")).to_be_visible()  # never a lock-out

    moderator = sign_in("Test Moderator")
    moderator.get_by_role("button", name="Open").first.click()
    expect(moderator.get_by_text("Insulted me twice.")).to_be_visible()
    said = moderator.get_by_role("region", name="What was said")
    expect(said).to_have_class("transcript blurred")
    assert said.locator(".words").first.get_attribute("aria-hidden") == "true"
    moderator.get_by_role("button", name="Show the words").click()
    expect(said).to_have_class("transcript")
    moderator.get_by_role("button", name="Take this case").click()
    moderator.get_by_label("Overturn: the record is cleared, and the person may go on").check()
    moderator.get_by_label("Reason, in a sentence or two").fill("Those were words of fear.")
    moderator.get_by_role("button", name="Decide").click()
    expect(moderator.get_by_role("heading", name="Decided")).to_be_visible()

    expect(person.get_by_text("This chat carries on from your earlier one.")).to_be_visible()  # promise 12
    expect(person.get_by_role("textbox", name="Your message")).to_be_visible()
    claim_alert(desk)
    end(desk)


def test_observing_needs_a_reason(start_chat, sign_in) -> None:  # R2
    supervisor = sign_in("Test Supervisor")
    person = start_chat()
    person.get_by_role("button", name="Talk to a person").click()
    supervisor.get_by_role("region", name="Queue").get_by_role("button", name="Observe").first.click()
    supervisor.get_by_role("button", name="Observe").last.click()
    expect(supervisor.locator("#observed")).to_be_empty()
    supervisor.get_by_label("Reason").fill("Quality of the opening.")
    supervisor.get_by_role("button", name="Observe").last.click()
    expect(supervisor.get_by_role("log").locator(".line").first).to_be_visible()
    person.get_by_role("button", name="End chat").click()
    person.get_by_role("button", name="End the chat", exact=True).click()


@pytest.mark.parametrize("room", ["advisor", "moderator", "supervisor"])
def test_a_room_needs_a_session(page: Page, server, room: str) -> None:
    page.goto(f"{server.url}/staff/{room}")
    page.wait_for_url("**/staff/sign-in")


def test_a_wrong_password_is_said_plainly(page: Page, server) -> None:
    page.goto(f"{server.url}/staff/sign-in")
    page.get_by_label("Working name").fill("Test Advisor")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("is not right")
