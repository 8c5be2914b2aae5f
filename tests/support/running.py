"""The real programs, for tests: a front door with a folder of its own, and Rasa with its action server.

Every program dies with the test run, however that ends; what it said goes to a file that is shown if it doesn't start.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, nullcontext, suppress
from datetime import datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

import httpx
import psycopg
from psycopg.rows import dict_row

from handoff.bootstrap import make_frontdoor, open_desk
from handoff.clock import Clock, system_clock
from handoff.commands.serving import server as served_by
from handoff.desk import staff
from handoff.desk.office import Unit
from handoff.run import LOOPBACK, PROJECT, Programs
from handoff.screening import Screener
from handoff.services.load import load_services
from handoff.settings import Settings
from handoff.store.migrate import migrate
from handoff.supervise import Child
from handoff.tether import tethered
from handoff.training import MODEL, RASA

LONG = 90.0  # seconds after which a test has hung; nothing waits so long when it works
PASSWORD = "a password for tests"
SECRET = "a shared secret for tests"
ADVISOR, SECOND_ADVISOR, NEW_ADVISOR = "Test Advisor", "Second Advisor", "New Advisor"
MODERATOR, SUPERVISOR = "Test Moderator", "Test Supervisor"
STAFF = {
    ADVISOR: "advisor",
    SECOND_ADVISOR: "advisor",
    NEW_ADVISOR: "advisor",  # has not read the policies yet (R13)
    MODERATOR: "moderator",
    SUPERVISOR: "supervisor",
}


def free_port() -> int:
    """Of those that no connection going out is given: a port must still be ours while its server is dead."""
    while True:
        port = 15_000 + secrets.randbelow(17_000)
        with socket.socket() as taken, suppress(OSError):
            taken.bind((LOOPBACK, port))
            return port


def nobody() -> str:
    """An address where nothing listens: a bot that is not there."""
    return f"http://{LOOPBACK}:{free_port()}"


class Program:
    """One process and whatever it starts."""

    def __init__(self, child: Child, log: Path) -> None:
        self.name, self.log = child.name, log
        env = {k: v for k, v in child.env.items() if k != "PYTHONDONTWRITEBYTECODE"}  # halves Rasa's start
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                tethered(child.command), cwd=child.cwd, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                start_new_session=True,
            )  # fmt: skip

    def pause(self) -> None:
        """It hangs: connections are taken and nothing is answered."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL, at once, and it is gone when this returns."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def until(self, answers: Callable[[], bool]) -> None:
        give_up = time.monotonic() + LONG
        while self.alive and time.monotonic() < give_up:
            if answers():
                return
            time.sleep(0.1)  # another process's readiness is no event of ours
        raise AssertionError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-3000:]}")


def answers(url: str, *statuses: int) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code in (statuses or (200,))
    except httpx.TransportError:
        return False


class Bot:
    """Rasa and its action server: two real processes that can be killed, hung and started again."""

    def __init__(self, folder: Path) -> None:
        if not (PROJECT / MODEL).is_file() or not (PROJECT / RASA).exists():
            raise AssertionError("There is no trained bot to test with: make train")
        ports = {"bot_port": free_port(), "actions_port": free_port()}
        self.settings = Settings(_env_file=None, var=folder, bot_secret=SECRET, **ports)  # type: ignore[call-arg]
        self.url = f"http://{LOOPBACK}:{self.settings.bot_port}"
        self._folder = folder
        self._programs = Programs(self.settings)
        self.actions: Program | None = None
        self.rasa: Program | None = None

    def start(self) -> None:
        """Both are up when this returns; what is up already stays."""
        self.launch()
        self.until_ready()

    def launch(self) -> None:
        if self.actions is None or not self.actions.alive:
            self.actions = Program(self._programs.actions, self._folder / "actions.log")
        if self.rasa is None or not self.rasa.alive:
            self.rasa = Program(self._programs.rasa, self._folder / "rasa.log")

    def until_ready(self) -> None:
        """Both answer. May be awaited in a thread; what starts a process may not: it would die with its thread."""
        assert self.actions
        assert self.rasa
        self.actions.until(lambda: answers(f"http://{LOOPBACK}:{self.settings.actions_port}/health"))
        self.rasa.until(lambda: answers(f"{self.url}/webhooks/frontdoor/"))

    def kill_rasa(self) -> None:
        if self.rasa is not None:
            self.rasa.kill()

    def kill_actions(self) -> None:
        if self.actions is not None:
            self.actions.kill()

    def stop(self) -> None:
        self.kill_rasa()
        self.kill_actions()


class Door:
    """A front door, wherever it runs: its address, and its database to look into."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = settings.origin

    @cached_property
    def exit_to(self) -> str:
        """Where quick exit goes."""
        return load_services(self.settings.services)["missing"].file.exit_to

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What the database says, read beside the running front door."""
        url = self.settings.database_url
        if url.startswith("postgresql"):
            with psycopg.connect(url, row_factory=dict_row) as other:
                return other.execute(query.replace("?", "%s"), values).fetchall()  # type: ignore[arg-type]
        path = self.settings.var / "frontdoor.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query, values)]


class DoorProcess(Door):
    """`frontdoor serve` in a process of its own."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        env = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDOOR_")} | as_environment(settings)
        child = Child(name="front door", command=Programs(settings).door.command, cwd=settings.var, env=env)
        self.program = Program(child, settings.var / "door.log")

    @classmethod
    async def started(cls, settings: Settings) -> Self:
        """From a test's loop, which must not stand still meanwhile: the wire to the bot is in it."""
        door = cls(settings)  # not in a thread: the process would die with it
        await asyncio.to_thread(door.until_it_answers)
        return door

    def until_it_answers(self) -> None:
        self.program.until(lambda: answers(f"{self.url}/health"))

    @property
    def log(self) -> str:
        return self.program.log.read_text(errors="replace")

    def stop(self) -> None:
        self.program.kill()


@asynccontextmanager
async def door_here(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[Door]:
    """The same front door in the loop of the test, so that its clock can be moved."""
    opened, app = await asyncio.to_thread(make_frontdoor, settings, clock=clock, screener=_screener())
    server = served_by(app, settings)
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign]  # Ctrl-C is pytest's
    with socket.create_server((settings.host, settings.port)) as listening:  # from here on whoever comes is let in
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield Door(settings)
        finally:
            server.should_exit = True
            await serving
            await asyncio.to_thread(opened.close)


@cache
def _screener() -> Screener:
    """Slow to load, and the same for every front door."""
    return Screener.load()


class MovableClock:
    """Time as it is, plus whatever a test has put it forward by."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self._ahead

    def forward(self, **much: float) -> None:
        self._ahead += timedelta(**much)


def door_settings(seeded: Path, var: Path, *, bot_url: str, **more: Any) -> Settings:
    """Settings of a front door over a copy of the seeded folder."""
    shutil.copytree(seeded, var)
    return Settings(
        _env_file=None, var=var, port=free_port(), bot_url=bot_url, bot_secret=SECRET, demonstration=True,
        sign_in_hours=100_000, **more,
    )  # type: ignore[call-arg]  # fmt: skip


def as_environment(settings: Settings) -> dict[str, str]:
    values = {
        "PORT": settings.port, "VAR": settings.var, "BOT_URL": settings.bot_url, "BOT_SECRET": SECRET,
        "SERVICES": settings.services or "", "DEMONSTRATION": "true", "KEY_RING": settings.key_ring or "",
        "ON_CALL_COMMAND": settings.on_call_command,
        "DATABASE": settings.database.get_secret_value(), "REDIS_URL": settings.redis_url.get_secret_value(),
    }  # fmt: skip
    return {f"FRONTDOOR_{name}": str(value) for name, value in values.items()}


def seed(var: Path) -> Path:
    """A migrated var folder with staff, who have read the policies but for one; to be copied, never used."""
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    seed_database(Settings(_env_file=None, var=var))  # type: ignore[call-arg]
    return var


def seed_database(settings: Settings) -> None:
    """The same, of any database."""
    migrate(settings.database_url)
    opened = open_desk(settings)

    def make(unit: Unit) -> None:
        for name, role in STAFF.items():
            made = staff.create(unit, name=name, role=role, password=PASSWORD)
            for policy in () if name == NEW_ADVISOR else staff.policies(unit.session, unit.office, made):
                staff.acknowledge(unit, made, policy.text_id)

    try:
        asyncio.run(opened.desk.do(make))
    finally:
        opened.close()
