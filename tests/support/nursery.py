"""Gateways that are killed: each a real process, there in a fraction of a second. See faults/serve_and_be_killed.py."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from running import LONG, LOOPBACK, as_environment

from handoff.settings import Settings
from handoff.tether import tethered

SCRIPT = Path(__file__).resolve().parents[1] / "faults" / "serve_and_be_killed.py"


@dataclass
class Life:
    """One gateway process, from its start to its death."""

    n: int
    settings: Settings
    loop: asyncio.AbstractEventLoop
    nursery: Nursery
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    by: int | None = None  # the signal it died by; 0: it ended by itself

    async def up(self) -> bool:
        """It takes connections; or False: it died before."""
        async with asyncio.timeout(LONG):
            while not self.gone.is_set():
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(LOOPBACK, self.settings.port)
                    writer.transport.abort()
                    return True
                await asyncio.sleep(0.01)  # another process's readiness is no event of ours
        return False

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def pause(self) -> None:
        """It hangs: connections are taken and nothing is answered."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, which: signal.Signals) -> None:
        self.nursery.order(signal=int(which), to=self.n)


class Nursery:
    """Started once for all tests; holds what is slow to load."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "gateways.log"
        self._count = itertools.count(1)
        self._lives: dict[int, Life] = {}
        env = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDOOR_")}
        with (folder / "nursery.log").open("wb") as said:
            self._process = subprocess.Popen(
                tethered([sys.executable, str(SCRIPT)]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
                env=env | {"FRONTDOOR_VAR": str(folder)}, text=True,
            )  # fmt: skip
        assert self._process.stdout
        first = self._process.stdout.readline()
        assert first, (folder / "nursery.log").read_text(errors="replace")[-3000:]
        self.steps: tuple[str, ...] = tuple(json.loads(first)["ready"])
        threading.Thread(target=self._hear, daemon=True).start()

    def start(self, settings: Settings, *, die_at: str | None = None, after: int = 1) -> Life:
        life = Life(next(self._count), settings, asyncio.get_running_loop(), self)
        self._lives[life.n] = life
        self.order(start=life.n, env=as_environment(settings), log=str(self.log), die_at=die_at, after=after)
        return life

    def order(self, **what: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def said(self) -> str:
        """The end of what the gateways have logged."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _hear(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            report = json.loads(line)
            life = self._lives.pop(report["gone"])
            life.by = report["signal"]
            with suppress(RuntimeError):  # its test is over
                life.loop.call_soon_threadsafe(life.gone.set)
