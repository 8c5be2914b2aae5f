"""Keep programs running, and leave none of them behind.

Each child is a process group of its own, tied to this process (`tether.py`). It is started again after it ends, with
growing pauses; it is ended politely, then by force, with everything it started. Nothing here knows what the children
are: that table is in `run.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from handoff.tether import tethered

Say: TypeAlias = Callable[[str, str], None]  # (who, line)
Answers: TypeAlias = Callable[[], Awaitable[bool]]
MISSED = 3  # looks in a row
LONGEST_LINE = 8_192  # characters of a child's line before it is broken


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """A program and how to start it."""

    name: str
    command: Sequence[str]
    cwd: Path
    env: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pauses:
    """Seconds before a child that died is started again: 1, 2, 4 … 60; after a healthy minute, 1 again."""

    first: float = 1
    most: float = 60
    healthy: float = 60  # ran so long: its earlier deaths are forgotten

    def after(self, deaths: int) -> float:
        """The pause after so many deaths in a row (at least one)."""
        return min(self.first * 2.0 ** min(deaths - 1, 30), self.most)


class Supervisor:
    """Runs children. Cancelling `keep` or `once` ends the child; when the cancelled task is done, the child is gone.

    `grace` is how many seconds a child has between being asked to end and being killed; `hurry()` makes it none.
    `look_every`: seconds between looks at a child that is asked whether it answers.
    """

    def __init__(
        self,
        say: Say,
        *,
        pauses: Pauses | None = None,
        grace: float = 10,
        look_every: float = 10,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.say = say
        self._pauses = pauses or Pauses()
        self._grace = grace
        self._look_every = look_every
        self._clock = clock
        self._sleep = sleep
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Kill what has not ended by now."""
        self._hurry.set()

    async def keep(self, child: Child, *, answers: Answers | None = None) -> NoReturn:
        """Run `child` for ever: whenever it ends, for whatever reason, start it again after a pause.

        `answers`: whether it still does. Once it has, three looks in a row without an answer end it, too.
        """
        deaths = 0
        while True:
            began = self._clock()
            try:
                how = await self._life(child, answers)
            except OSError as error:  # no memory, no processes left: that passes too
                how = f"could not be started: {error.strerror}"
            if self._clock() - began >= self._pauses.healthy:
                deaths = 0
            deaths += 1
            pause = self._pauses.after(deaths)
            self.say(child.name, f"{how}; starting again in {pause:g} s")
            await self._sleep(pause)

    async def _life(self, child: Child, answers: Answers | None) -> str:
        """One life of `child`, and how it ended."""
        life = asyncio.create_task(self.once(child))
        silence = asyncio.create_task(self._silence(answers))
        try:
            await asyncio.wait({life, silence}, return_when=asyncio.FIRST_COMPLETED)
            if life.done():
                return ended(life.result())
            silence.result()
            return "no longer answers"
        finally:
            silence.cancel()
            life.cancel()
            await _surely(life)

    async def _silence(self, answers: Answers | None) -> None:
        """Return once a child that answered does not any more."""
        if answers is None:
            await asyncio.Event().wait()
            return
        has_answered, missed = False, 0
        while missed < MISSED:
            await asyncio.sleep(self._look_every)
            if await answers():
                has_answered, missed = True, 0
            elif has_answered:
                missed += 1

    async def once(self, child: Child) -> int:
        """Run `child` to its end and return its exit code (negative: the signal that killed it)."""
        # A pipe of our own: asyncio's would keep `wait` waiting for a grandchild that holds it open.
        ours, theirs = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *tethered(child.command),
                cwd=child.cwd,
                env=dict(child.env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,  # Ctrl-C reaches us alone, and a group can be ended as a whole
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        relay = asyncio.create_task(self._relay(child.name, ours))
        try:
            return await process.wait()
        finally:
            await _surely(asyncio.create_task(self._end(process)))
            await asyncio.wait({relay}, timeout=1)  # its last words
            relay.cancel()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            _signal_group(process.pid, signal.SIGTERM)
            gone = asyncio.create_task(process.wait())
            hurry = asyncio.create_task(self._hurry.wait())
            await asyncio.wait({gone, hurry}, timeout=self._grace, return_when=asyncio.FIRST_COMPLETED)
            hurry.cancel()
        _signal_group(process.pid, signal.SIGKILL)  # and whatever it started that is still there
        await process.wait()

    async def _relay(self, name: str, pipe: int) -> None:
        """Say the child's lines as they come; a line without an end is broken, never kept growing."""
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb", 0)
        )
        try:
            rest = b""
            while chunk := await reader.read(65_536):
                *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
                if len(rest) > LONGEST_LINE:
                    lines, rest = [*lines, rest], b""
                for line in lines:
                    self._say_line(name, line)
            self._say_line(name, rest)
        finally:
            transport.close()

    def _say_line(self, name: str, line: bytes) -> None:
        if words := line.decode(errors="replace").rstrip():
            self.say(name, words)


async def _surely(task: asyncio.Task[Any]) -> None:
    """Wait for `task` although we are cancelled meanwhile (nothing may be left behind), and only then be cancelled."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled


def ended(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
