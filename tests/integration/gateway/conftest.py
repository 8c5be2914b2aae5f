"""A real front door: uvicorn on a free port, a database of its own, real WebSockets. No bot is behind it."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from databases import Databases, migrated
from sqlalchemy.orm import Session
from websockets.sync.client import ClientConnection, connect

from handoff.bootstrap import make_frontdoor
from handoff.commands.serving import server as served_by
from handoff.desk import staff as desk_staff
from handoff.desk.staff import policies
from handoff.settings import Settings
from handoff.store.tables import Staff

LONG = 30.0  # seconds after which a test has hung; nothing waits so long when it works


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Page:
    """One socket, hello said or not. Every frame that came in is kept in `seen`."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.seen: list[dict[str, Any]] = []
        self._n = 0

    def send(self, **frame: Any) -> None:
        self.line.send(json.dumps(frame))

    def next(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self.line.recv(timeout=LONG))
        while frame["t"] == "ping":  # as every page does
            self.send(t="pong")
            frame = json.loads(self.line.recv(timeout=LONG))
        self.seen.append(frame)
        return frame

    def until(self, *kinds: str, **match: Any) -> dict[str, Any]:
        """The next frame of one of these kinds with these fields; others are passed over (and kept in `seen`)."""
        while True:
            frame = self.next()
            if frame["t"] in kinds and all(frame.get(k) == v for k, v in match.items()):
                return frame

    def becomes(self, **match: Any) -> dict[str, Any]:
        """The last state sent, if it is this one (it may come before the answer to what asked for it), or the next."""
        last = next((frame for frame in reversed(self.seen) if frame["t"] == "state"), {})
        return last if match.items() <= last.items() else self.until("state", **match)

    def ask(self, *, kinds: tuple[str, ...] = ("ack", "claimed", "refused"), **frame: Any) -> dict[str, Any]:
        """Send a write with an id of its own; gives its answer."""
        self._n += 1
        sent = {"id": f"w{self._n}", **frame}
        self.send(**sent)
        return self.until(*kinds, id=sent["id"])

    def alive(self) -> None:
        """The connection still works: everything before the pong has been answered."""
        self.send(t="ping")
        self.until("pong")

    def looked_round(self) -> None:
        """Staff: whatever there was to be sent has been sent; what is asked for twice comes after one whole look."""
        for _ in range(2):
            self.send(t="watch")
            self.until("queue")

    def card(self, name: str) -> dict[str, Any]:
        """The entry of a card, seen already or still to come."""
        for frame in self.seen:
            if frame["t"] == "entry" and (frame.get("card") or {}).get("name") == name:
                return frame
        while True:
            frame = self.until("entry")
            if (frame["card"] or {}).get("name") == name:
                return frame

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()


class Door:
    """The front door in a thread of its own."""

    def __init__(self, folder: Path, url: str, **settings: Any) -> None:
        self.port = free_port()
        self.settings = Settings(
            _env_file=None,
            port=self.port,
            var=folder,
            database=url,
            demonstration=True,
            bot_url=f"http://127.0.0.1:{free_port()}",
            bot_secret="no bot is here",
            **settings,
        )
        self.database = folder / "frontdoor.db"
        self.opened, self.app = make_frontdoor(self.settings)
        self.gateway = self.app.state.gateway
        self._server = served_by(self.app, self.settings)
        self._thread = threading.Thread(target=self._server.run, name="front-door")

    @property
    def origin(self) -> str:
        return self.settings.origin

    def open(self) -> None:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the front door did not open"
            with httpx.Client() as client:
                try:
                    client.get(f"{self.origin}/health")
                except httpx.TransportError:
                    continue

    def shut(self) -> None:
        self._server.should_exit = True
        self._thread.join(LONG)
        self.opened.close()

    # ── the person ───────────────────────────────────────────────────────────────────────────────────────────────────

    def line(self, path: str = "/ws/person", *, origin: str | None = "", **headers: str) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.port}{path}",
            origin=self.origin if origin == "" else origin,  # type: ignore[arg-type]
            additional_headers=headers,
            compression=None,
            proxy=None,
            open_timeout=LONG,
            max_size=None,
            legacy=True,  # opened here, closed by whoever asked
        )

    def page_line(self, service: str = "missing") -> Page:
        """A page that has said hello; what comes of it is the test's business."""
        page = Page(self.line())
        page.send(t="hello", v=1, service=service, token=secrets.token_urlsafe(32))
        return page

    def page_line_with(self, token: str, **hello: Any) -> Page:
        """A page that comes back, whatever it is told."""
        page = Page(self.line())
        page.send(t="hello", v=1, service="missing", token=token, **hello)
        return page

    def page(self, service: str = "missing", *, token: str | None = None, **hello: Any) -> Page:
        """A page that has said hello and been welcomed."""
        page = Page(self.line())
        page.token = token or secrets.token_urlsafe(32)  # type: ignore[attr-defined]
        page.send(t="hello", v=1, service=service, token=page.token, **hello)  # type: ignore[attr-defined]
        page.contact = page.until("welcome")["contact"]  # type: ignore[attr-defined]
        return page

    def transcript(self, page: Page, service: str = "missing") -> list[dict[str, Any]]:
        """Every entry of the page's contact, as a page that comes back is given them."""
        with Page(self.line()) as again:
            again.send(t="hello", v=1, service=service, token=page.token)  # type: ignore[attr-defined]
            head = again.until("welcome")["head"]
            return [again.until("entry", seq=seq) for seq in range(1, head + 1)]

    # ── staff ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def session(self, role: str) -> str:
        """A signed-in member of staff who has acknowledged every policy; the session's token."""
        desk, name = self.opened.desk, f"Test {role} {secrets.token_hex(4)}"

        def make(unit: Any) -> str:
            # Nobody signs in with a password here, and hashing one is slow on purpose.
            made = Staff(
                id=secrets.token_urlsafe(9), name=name, role=role, password_hash="-", active=True, created_at=unit.now
            )
            unit.session.add(made)
            unit.session.flush()
            for policy in policies(unit.session, unit.office, made):
                desk_staff.acknowledge(unit, made, policy.text_id)
            return made.id

        staff_id = asyncio.run(desk.do(make))
        return asyncio.run(desk.do(lambda u: desk_staff.begin_session(u, staff_id, hours=1)))

    def desk(self, role: str = "advisor", *, session: str | None = None) -> Page:
        """A staff page that has been welcomed."""
        page = Page(self.line("/ws/staff", Cookie=f"frontdoor={session or self.session(role)}"))
        page.send(t="hello", v=1)
        page.staff = page.until("welcome")["staff"]  # type: ignore[attr-defined]
        return page

    def page_on(self, line: ClientConnection) -> Page:
        return Page(line)

    def staff_line(self, session: str) -> Page:
        return Page(self.line("/ws/staff", Cookie=f"frontdoor={session}"))

    def http(self, session: str | None = None) -> httpx.Client:
        return httpx.Client(
            base_url=self.origin, cookies={"frontdoor": session} if session else None, trust_env=False, timeout=LONG
        )

    def look(self, view: Callable[[Session], Any]) -> Any:
        return asyncio.run(self.opened.store.read(view))

    def in_store(self, work: Callable[[Session], Any]) -> None:
        """Something done to the database behind everybody's back."""
        asyncio.run(self.opened.store.write(work))


@pytest.fixture(scope="session")
def new_door(databases: Databases, pytestconfig: pytest.Config) -> Callable[..., Door]:
    """Makes a front door in a folder, over a database of its own."""
    kind = pytestconfig.getoption("--database")

    def make(folder: Path, **settings: Any) -> Door:
        return Door(folder, databases.fresh(kind, migrated, folder), **settings)

    return make


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory, new_door: Callable[..., Door]) -> Iterator[Door]:
    """One front door for all tests that leave it as it was: each uses contacts of its own."""
    door = new_door(tmp_path_factory.mktemp("door") / "var")
    door.open()
    yield door
    door.shut()


@pytest.fixture
def own_door(tmp_path: Path, new_door: Callable[..., Door]) -> Iterator[Callable[..., Door]]:
    """For tests that break something, or need settings of their own: makes a front door of this test's own."""
    doors: list[Door] = []

    def make(**settings: Any) -> Door:
        doors.append(new_door(tmp_path / f"var{len(doors)}", **settings))
        doors[-1].open()
        return doors[-1]

    yield make
    for made in doors:
        made.shut()
