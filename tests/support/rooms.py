"""What people do on the pages: a person in the chat, an advisor in their room, a moderator in theirs."""

from __future__ import annotations

import re

from playwright.sync_api import FrameLocator, Locator, Page, expect

SAFE = "Is it safe for you to chat here?"
DANGER = "Is anyone in danger right now?"
CODE = "How we treat each other"
NEED = "What would you like help with?"
AGE = "Are you under 18?"
NAME = "What can we call you?"
NOTICE = "What happens to what you tell us"
QUEUE = "You are waiting for an advisor"
EMERGENCY = "If someone is in danger now"
BOT_AWAY = "The buttons still work"
BOUNDARY, FINAL_WARNING = "About the words in your message", "Please read this before you go on"
ENDING = "This chat has ended"
OVERTURNED = "You can go on here"
STORED = re.compile("^(Sent|Delivered|Read by the advisor)$")  # whichever mark has come by now


class Chat:
    """The chat, on a page of its own or in the frame on a charity's page."""

    def __init__(self, where: Page | FrameLocator) -> None:
        self.where = where
        self.log = where.locator("#log")
        self.state = where.locator("#state")

    @classmethod
    def start(cls, page: Page, url: str, service: str = "missing") -> Chat:
        """On the hosted page."""
        page.goto(f"{url}/chat/{service}")
        page.get_by_role("button", name="Start the chat").click()
        return cls(page)

    @classmethod
    def launch(cls, page: Page, url: str, service: str = "missing") -> Chat:
        """From a charity's page, in the frame that the launcher opens."""
        page.goto(f"{url}/sample/{service}")
        page.get_by_role("button", name="Chat with us").click()
        return cls(page.frame_locator("iframe[title=Chat]"))

    def card(self, title: str) -> Locator:
        """The newest card of this title."""
        return self.log.locator(".entry", has=self.where.get_by_role("heading", name=title, exact=True)).last

    def sees(self, title: str) -> None:
        expect(self.card(title)).to_be_visible()

    def press(self, title: str, label: str) -> None:
        """Press a button of the card, once it can be pressed."""
        self.card(title).get_by_role("button", name=label, exact=True).click()

    def say(self, text: str) -> None:
        """Type it and press Enter. It is stored when this returns."""
        box = self.where.get_by_label("Your message")
        box.fill(text)
        box.press("Enter")
        said = self.log.locator(".entry.person", has_text=text).last
        expect(said.locator(".sending")).to_have_text(STORED)

    def hears(self, text: str) -> None:
        expect(self.log.locator(".entry.advisor", has_text=text)).to_be_visible()


class AdvisorRoom:
    """An advisor's page, signed in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.alerts = page.locator("#alerts")
        self.queue = page.locator("#queue li")
        self.said = page.locator("#contacts .transcript")
        self.side = page.locator("#side")

    def read_policies(self) -> None:
        """R13: every current text, one after the other."""
        box = self.page.locator("#policies")
        unread = box.locator("details")
        expect(unread.first).to_be_visible()
        for left in range(unread.count(), 0, -1):
            expect(unread).to_have_count(left)
            unread.first.locator("summary").click()
            unread.first.get_by_role("button", name="I have read and understood this").click()
        expect(box).to_be_hidden()

    def claim(self) -> None:
        """The first of the queue."""
        self.queue.first.get_by_role("button", name="Claim").click()

    def reads(self, *texts: str) -> None:
        """What the person typed and pressed, verbatim and in this order."""
        words = self.said.locator(".line.person .words")
        expect(words).to_have_text(list(texts))

    def say(self, text: str) -> None:
        self.page.get_by_label("To the person").fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()

    def act(self, name: str, confirm: str, words: str = "") -> None:
        """One of the things an advisor can do, which asks once more."""
        action = self.side.locator("details.action", has=self.page.get_by_text(name, exact=True))
        if action.get_attribute("open") is None:
            action.locator("summary").click()
        if words:
            action.locator("textarea").fill(words)
        action.get_by_role("button", name=confirm).click()


class ModeratorRoom:
    """A moderator's page, signed in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.case = page.locator("#case")

    def open_first(self) -> None:
        self.page.reload()
        self.page.locator("#cases").get_by_role("button", name="Open").first.click()

    def decide(self, outcome: str, reason: str) -> None:
        self.case.get_by_role("button", name="Take this case").click()
        self.case.get_by_label(outcome).check()
        self.case.get_by_label("Reason, in a sentence or two").fill(reason)
        self.case.get_by_role("button", name="Decide").click()
        expect(self.case.get_by_role("heading", name="Decided")).to_be_visible()
