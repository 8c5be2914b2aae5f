"""A real front door in a process of its own, and real pages in a browser. There is no bot: cards and people go on."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from chromium import launched
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route

from handoff.bootstrap import open_desk
from handoff.desk import staff
from handoff.desk.office import Unit
from handoff.services.load import load_services
from handoff.settings import Settings
from handoff.store.migrate import migrate

PASSWORD = "a password for tests"
ADVISOR, SECOND_ADVISOR, NEW_ADVISOR = "Test Advisor", "Second Advisor", "New Advisor"
MODERATOR, SUPERVISOR = "Test Moderator", "Test Supervisor"
STAFF = {
    ADVISOR: "advisor",
    SECOND_ADVISOR: "advisor",
    NEW_ADVISOR: "advisor",  # has not read the policies yet (R13)
    MODERATOR: "moderator",
    SUPERVISOR: "supervisor",
}
PHONE = {"width": 390, "height": 780}
DESK = {"width": 1280, "height": 850}


@dataclass
class Server:
    """The front door under test."""

    url: str
    exit_to: str


@dataclass
class Heard:
    """Everything the pages of one context asked for and complained about."""

    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")  # its own queue: nobody left waiting by another module is claimed in this one
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A module's own `settings(folder)` gives more of the environment."""
    var = tmp_path_factory.mktemp("var")
    port, nobody = _free_port(), _free_port()
    settings = Settings(_env_file=None, port=port, bot_port=nobody, var=var, demonstration=True)  # type: ignore[call-arg]
    migrate(settings.database_url)
    _seed(settings)
    env = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDOOR_")}
    env |= {
        "FRONTDOOR_PORT": str(port),
        "FRONTDOOR_BOT_PORT": str(nobody),
        "FRONTDOOR_VAR": str(var),
        "FRONTDOOR_DEMONSTRATION": "true",
    }
    env |= getattr(request.module, "settings", lambda folder: {})(tmp_path_factory.mktemp("more"))
    log = (var / "server.log").open("wb")
    command = [str(Path(sys.executable).with_name("frontdoor")), "serve"]
    process = subprocess.Popen(command, env=env, cwd=var, stdout=log, stderr=log)
    try:
        _until_it_answers(settings.origin, process, var / "server.log")
        yield Server(url=settings.origin, exit_to=load_services()["missing"].file.exit_to)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _seed(settings: Settings) -> None:
    opened = open_desk(settings)

    def make(unit: Unit) -> None:
        for name, role in STAFF.items():
            made = staff.create(unit, name=name, role=role, password=PASSWORD)
            if name != NEW_ADVISOR:
                for policy in staff.policies(unit.session, unit.office, made):
                    staff.acknowledge(unit, made, policy.text_id)

    try:
        asyncio.run(opened.desk.do(make))
    finally:
        opened.close()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if httpx.get(f"{url}/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"the front door did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")  # ends with the module: its event loop must not be in the way of other folders' tests
def browser(server: Server) -> Iterator[Browser]:  # after the server, which is seeded by a loop of its own
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
    browser: Browser, server: Server, request: pytest.FixtureRequest, tmp_path: Path
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
def sign_in(new_context: Callable[..., BrowserContext], server: Server) -> Callable[[str], Page]:
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
def start_chat(page: Page, server: Server) -> Callable[..., Page]:
    """The person opens the hosted page and starts; the first question is on screen when it returns."""

    def go(on: Page | None = None, service: str = "missing") -> Page:
        person = on or page
        person.goto(f"{server.url}/chat/{service}")
        person.get_by_role("button", name="Start the chat").click()
        person.get_by_role("button", name="Yes, it is safe").wait_for()
        return person

    return go
