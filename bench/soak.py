"""A front door under steady life for a long time: does its memory grow, do its open handles come back?

    python bench/soak.py [--minutes 30] [--people 24] [--think 3]

One real `frontdoor serve` on SQLite with a folder of its own. People arrive, press, write, wait, talk, lose their line,
leave (by the end, by quick exit, by closing the page); three advisors claim, write, give back and end; after whoever
leaves comes somebody new. It first runs warm for a tenth of the time; then everybody leaves, and what is open is the
baseline. Memory and handles are read from /proc (Linux). Exits with 1 where a bound below is passed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from crowd import AtDesk, Page, Somebody
from people import signed_in
from running import ADVISOR, SECOND_ADVISOR, SUPERVISOR, DoorProcess, door_settings, nobody, seed

MOST_MIB_AN_HOUR = 24.0  # of memory, fitted over the second half: beyond this something of each contact stays behind
LEAST_S = 300  # a shorter half says nothing of memory, and is not judged by it
MOST_HANDLES_LEFT = 4  # more open than at the baseline, once everybody has left
LEFT_WITHIN_S = 30.0  # for the front door to notice that they have


@dataclass(frozen=True, slots=True)
class Sample:
    at_s: float
    mib: float
    handles: int
    threads: int
    people: int  # who have come so far
    waiting: int


class Soak:
    def __init__(self, door: DoorProcess, rng: random.Random, *, people: int, think_s: float) -> None:
        self._door, self._rng, self._people, self._think_s = door, rng, people, think_s
        self._proc = Path("/proc") / str(door.program.process.pid)
        self._calm = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._cookies: list[str] = []
        self.came = 0
        self.began = time.monotonic()

    async def sign_in(self) -> None:
        for name in (ADVISOR, SECOND_ADVISOR, SUPERVISOR):
            client = await signed_in(self._door, name)
            self._cookies.append("; ".join(f"{key}={value}" for key, value in client.cookies.items()))
            await client.aclose()

    async def live(self, for_s: float, every_s: float) -> list[Sample]:
        """Everybody comes, does what people do for so long, and goes. A broken promise is raised."""
        for cookie in self._cookies:
            self._joins(AtDesk(self._where, self._another(), self._think_s / 3, self._calm, cookie=cookie))
        for _ in range(self._people):
            self._arrives()
        samples = []
        until = time.monotonic() + for_s
        while (left := until - time.monotonic()) > 0:
            done, _ = await asyncio.wait(self._tasks, timeout=min(every_s, left), return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                self._tasks.discard(task)
                task.result()
            samples.append(self.sample())
        for task in self._tasks:
            task.remove_done_callback(self._next_please)
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        return samples

    async def everybody_has_left(self, at_most: int | None = None) -> Sample:
        """What is open now that nobody is there: as soon as it is no more than `at_most`, or when it stays as it is."""
        before, until = self.sample(), time.monotonic() + LEFT_WITHIN_S
        while time.monotonic() < until:
            await asyncio.sleep(1)
            now = self.sample()
            if now.handles <= at_most if at_most is not None else now.handles == before.handles:
                return now
            before = now
        return before

    def sample(self) -> Sample:
        status = dict(line.split(":", 1) for line in (self._proc / "status").read_text().splitlines())
        waiting = self._door.rows("SELECT count(*) AS n FROM queue_entry WHERE state = 'waiting'")[0]["n"]
        return Sample(
            at_s=time.monotonic() - self.began,
            mib=int(status["VmRSS"].split()[0]) / 1024,
            handles=sum(1 for _ in (self._proc / "fd").iterdir()),
            threads=int(status["Threads"]),
            people=self.came,
            waiting=waiting,
        )

    async def _where(self) -> str:
        return self._door.url

    def _arrives(self) -> None:
        self.came += 1
        self._joins(Somebody(self._where, self._another(), self._think_s, self._calm)).add_done_callback(
            self._next_please
        )

    def _next_please(self, left: asyncio.Task[None]) -> None:
        if not left.cancelled() and left.exception() is None:
            self._arrives()

    def _joins(self, page: Page) -> asyncio.Task[None]:
        task = asyncio.create_task(page.live())
        self._tasks.add(task)
        return task

    def _another(self) -> random.Random:
        return random.Random(self._rng.random())


def slope_an_hour(samples: list[Sample], of: Callable[[Sample], float]) -> float:
    """Fitted by least squares."""
    return statistics.linear_regression([s.at_s / 3600 for s in samples], [of(s) for s in samples]).slope


def table(samples: list[Sample]) -> str:
    shown = samples[:: max(1, len(samples) // 20)]
    head = f"{'minute':>7} {'MiB':>8} {'handles':>8} {'threads':>8} {'people':>8} {'waiting':>8}"
    rows = (
        f"{s.at_s / 60:7.1f} {s.mib:8.1f} {s.handles:8d} {s.threads:8d} {s.people:8d} {s.waiting:8d}" for s in shown
    )
    return "\n".join([head, *rows])


def judged(baseline: Sample, samples: list[Sample], last: Sample) -> list[str]:
    """What is said of it, line by line; what is beyond a bound begins with FAILED."""
    left = last.handles - baseline.handles
    said = [
        f"{'FAILED: ' if left > MOST_HANDLES_LEFT else ''}open handles: {baseline.handles} before, {last.handles} once "
        f"everybody had left; at most {MOST_HANDLES_LEFT} more are allowed"
    ]
    half = samples[len(samples) // 2 :]
    if half[-1].at_s - half[0].at_s < LEAST_S:
        said.append(f"memory: not judged, the second half is shorter than {LEAST_S} s")
        return said
    mib, handles = slope_an_hour(half, lambda s: s.mib), slope_an_hour(half, lambda s: s.handles)
    grows = mib > MOST_MIB_AN_HOUR
    people = half[-1].people - half[0].people
    said.append(
        f"{'FAILED: ' if grows else ''}memory: {mib:+.1f} MiB an hour over the second half, in which {people} people "
        f"came; at most {MOST_MIB_AN_HOUR:.0f} are allowed. Handles while people are there: {handles:+.1f} an hour"
    )
    return said


async def soak(minutes: float, people: int, think_s: float, chosen: int) -> bool:
    """True: within the bounds."""
    with tempfile.TemporaryDirectory() as folder:
        settings = door_settings(seeded(Path(folder)), Path(folder) / "var", bot_url=nobody())
        door = await DoorProcess.started(settings)
        try:
            run = Soak(door, random.Random(chosen), people=people, think_s=think_s)
            await run.sign_in()
            every_s = min(10.0, minutes * 60 / 20)
            await run.live(max(3.0, minutes * 6), every_s)
            baseline = await run.everybody_has_left()
            samples = await run.live(minutes * 54, every_s)
            last = await run.everybody_has_left(baseline.handles + MOST_HANDLES_LEFT)
        finally:
            door.stop()
    print(table([baseline, *samples, last]))
    said = judged(baseline, samples, last)
    print("\n".join(said))
    return not any(line.startswith("FAILED") for line in said)


def seeded(folder: Path) -> Path:
    """In a thread of its own: seeding has an event loop, and so have we."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(seed, folder / "seeded").result()


def main() -> None:
    asked = argparse.ArgumentParser(description="A front door under steady life, for a long time.")
    asked.add_argument("--minutes", type=float, default=30.0)
    asked.add_argument("--people", type=int, default=24, help="how many are in a chat at a time")
    asked.add_argument("--think", type=float, default=3.0, help="seconds between two things that one person does")
    asked.add_argument("--seed", type=int, default=random.randrange(2**32))
    chosen = asked.parse_args()
    print(f"{chosen.minutes:g} minutes, {chosen.people} people at a time, seed {chosen.seed}", flush=True)
    sys.exit(0 if asyncio.run(soak(chosen.minutes, chosen.people, chosen.think, chosen.seed)) else 1)


if __name__ == "__main__":
    main()
