"""A real front door in a process of its own, and real pages in a browser. There is no bot: cards and people go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from chromium import launched
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route
from running import PASSWORD, STAFF, Door, DoorProcess, door_settings, nobody

PHONE = {"width": 390, "height": 780}
DESK = {"width": 1280, "height": 850}


@dataclass
class Heard:
    """Everything the pages of one context asked for and complained about."""

    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")  # its own queue: nobody left waiting by another module is claimed in this one
def server(seeded: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Door]:
    """A module's own `of_the_door(folder)` gives more of the settings."""
    folder = tmp_path_factory.mktemp("door")
    more = getattr(request.module, "of_the_door", lambda folder: {})(folder)
    door = DoorProcess(door_settings(seeded, folder / "var", bot_url=nobody(), **more))
    try:
        door.until_it_answers()
        yield door
    finally:
        door.stop()


@pytest.fixture(scope="module")  # ends with the module: its event loop must not be in the way of other folders' tests
def browser(server: Door) -> Iterator[Browser]:  # after the server, which is seeded by a loop of its own
    with launched() as browser:
        yield browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture
def new_context(
    browser: Browser, server: Door, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browsers of different people. Any error or refused content in a page fails the test."""
    made: list[tuple[BrowserContext, Heard]] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**{"viewport": PHONE, **options})  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        heard = Heard()
        context.on("request", lambda request: _note_request(request, heard))
        context.on("console", lambda message: _note_problem(message, heard))
        context.on("weberror", lambda error: heard.problems.append(str(error.error)))
        context.route(f"{server.exit_to}**", _everyday_page)
        context.heard = heard  # type: ignore[attr-defined]
        made.append((context, heard))
        return context

    yield make
    problems = [problem for _, heard in made for problem in heard.problems]
    if problems or request.node.stash.get(FAILED, False):
        for number, page in enumerate((page for context, _ in made for page in context.pages), 1):
            page.screenshot(path=tmp_path / f"page-{number}.png")
        print(f"What each page looked like at the end: {tmp_path}")  # shown with the failure
    for context, _ in made:
        context.close()
    assert not problems


def _note_request(request: Request, heard: Heard) -> None:
    heard.requests.append(request.url)


def _note_problem(message: ConsoleMessage, heard: Heard) -> None:
    expected = "Failed to load resource"  # a page tried for its 401, 404 or 409 says so
    if message.type in ("error", "warning") and expected not in message.text:
        heard.problems.append(message.text)


def _everyday_page(route: Route) -> None:
    """Quick exit's page: nothing leaves this machine in a test."""
    route.fulfill(status=200, content_type="text/html", body="<title>Weather</title><h1>Weather</h1>")


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A person's phone."""
    return new_context().new_page()


@pytest.fixture
def sign_in(new_context: Callable[..., BrowserContext], server: Door) -> Callable[[str], Page]:
    """A member of staff at their desk, in their room."""

    def go(name: str) -> Page:
        page = new_context(viewport=DESK).new_page()
        page.goto(f"{server.url}/staff/sign-in")
        page.get_by_label("Working name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**/staff/{STAFF[name]}")
        return page

    return go


@pytest.fixture
def start_chat(page: Page, server: Door) -> Callable[..., Page]:
    """The person opens the hosted page and starts; the first question is on screen when it returns."""

    def go(on: Page | None = None, service: str = "missing") -> Page:
        person = on or page
        person.goto(f"{server.url}/chat/{service}")
        person.get_by_role("button", name="Start the chat").click()
        person.get_by_role("button", name="Yes, it is safe").wait_for()
        return person

    return go
