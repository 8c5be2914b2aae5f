"""A crowd at gateways that are killed again and again: who lives, who dies when, and what is asked at the end."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Self

from crowd import AtDesk, Somebody
from nursery import Life, Nursery
from people import signed_in
from running import ADVISOR, LONG, SECOND_ADVISOR, SUPERVISOR, Door
from settled import acknowledged, no_turn_left, screens

from handoff.settings import Settings

ANY_MOMENT = "any moment, from outside"
RARE = ("a turn is leased, the bot is not asked", "the bot has answered, nothing is stored")
REACHED_S = 12.0  # a step that is not passed in so long is not passed by this crowd just now
OFTEN = 12  # how often a step is passed at the most before the kill


class Killing:
    """`settings`: one for each gateway that serves at once; all on the same database."""

    def __init__(self, nursery: Nursery, settings: list[Settings], seed: int, *, people: int, think_s: float) -> None:
        self._nursery, self._settings, self._people, self._think_s = nursery, settings, people, think_s
        self._rng = random.Random(seed)
        self._up: dict[int, Life] = {}  # by the place in `settings`
        self._changed = asyncio.Event()
        self._calm = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.people: list[Somebody] = []
        self.desks: list[AtDesk] = []
        self.died_at: Counter[str] = Counter()
        self.not_reached: Counter[str] = Counter()
        self.checked = 0  # messages, presses, answers and notes found in the database as acknowledged
        self.stands_s: list[float] = []  # from a death to the next gateway that takes connections

    # ── gateways ──

    async def where(self) -> str:
        """A gateway that takes connections, any."""
        while not self._up:
            self._changed.clear()
            await self._changed.wait()
        return self._rng.choice(list(self._up.values())).settings.origin

    async def _start(self, place: int, *, die_at: str | None = None, after: int = 1) -> Life:
        began = time.monotonic()
        life = self._nursery.start(self._settings[place], die_at=die_at, after=after)
        if await life.up():
            self.stands_s.append(time.monotonic() - began)
            self._up[place] = life
            self._changed.set()
        return life

    async def _bury(self, place: int, life: Life) -> None:
        async with asyncio.timeout(LONG):
            await life.gone.wait()
        self._up.pop(place, None)

    async def kill(self, plans: list[str], said: Callable[[int], None] = lambda n: None) -> None:
        """One death for each plan: a step, or `ANY_MOMENT`. All gateways take their turns from one list."""
        left = iter(enumerate(plans, 1))

        async def one_after_another(place: int) -> None:
            for n, plan in left:
                await self._one_life(place, plan)
                self._raise_what_broke()
                said(n)

        await asyncio.gather(*(one_after_another(place) for place in range(len(self._settings))))

    async def _one_life(self, place: int, plan: str) -> None:
        step = None if plan == ANY_MOMENT else plan
        life = await self._start(place, die_at=step, after=1 if plan in RARE else self._rng.randint(1, OFTEN))
        if plan in RARE:
            for _ in range(3 * len(self._settings) - 2):  # only who has just come is with the bot, at any gateway
                self._arrives(writes=True)
        within_s = self._rng.uniform(0, 1.5) if step is None else REACHED_S
        try:
            async with asyncio.timeout(within_s):
                await life.gone.wait()
        except TimeoutError:
            life.kill()
            plan = ANY_MOMENT
            if step is not None:
                self.not_reached[step] += 1
        await self._bury(place, life)
        assert life.by == signal.SIGKILL, f"a gateway ended by itself: {self._nursery.said()}"
        self.died_at[plan] += 1

    # ── the crowd ──

    async def open(self) -> None:
        """Everybody arrives, at gateways that live until they are told otherwise."""
        lives = [await self._start(place) for place in range(len(self._settings))]
        for name in (ADVISOR, SECOND_ADVISOR, SUPERVISOR):
            client = await signed_in(Door(self._settings[0]), name)
            cookie = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
            await client.aclose()
            self._joins(
                AtDesk(self.where, self._another_rng(), self._think_s / 2, self._calm, cookie=cookie), self.desks
            )
        for _ in range(self._people):
            self._arrives()
        for person in self.people:
            await asyncio.wait_for(person.until(lambda person=person: bool(person.state)), LONG)
        for place, life in enumerate(lives):
            life.kill()
            await self._bury(place, life)

    def _arrives(self, *, writes: bool = False) -> None:
        stays = len(self.people) % 4 == 0
        person = Somebody(self.where, self._another_rng(), self._think_s, self._calm, stays=stays, writes=writes)
        self._joins(person, self.people).add_done_callback(self._next_please)

    def _next_please(self, left: asyncio.Task[None]) -> None:
        if not left.cancelled() and left.exception() is None and self._present < self._people:
            self._arrives()

    @property
    def _present(self) -> int:
        return sum(not person.over for person in self.people)

    def _joins(self, who: Somebody | AtDesk, among: list[Somebody] | list[AtDesk]) -> asyncio.Task[None]:
        among.append(who)  # type: ignore[arg-type]
        task = asyncio.create_task(who.live())
        self._tasks.append(task)
        return task

    def _another_rng(self) -> random.Random:
        return random.Random(self._rng.random())

    def _raise_what_broke(self) -> None:
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.remove(task)
            task.result()

    # ── the reckoning ──

    async def reckon(self) -> None:
        """Everybody comes to rest at gateways that live; everything is compared; then it may go on."""
        lives = [await self._start(place) for place in range(len(self._settings))]
        door = Door(self._settings[0])
        self._calm.set()
        for page in [*self.people, *self.desks]:
            await asyncio.wait_for(page.until(lambda page=page: page.over or not page.waiting), LONG)
        self._raise_what_broke()
        await no_turn_left(door)
        await screens(lives[-1].settings.origin, self.people, self.desks)
        self.checked = await acknowledged(self._settings[0], self.people, self.desks)
        self._raise_what_broke()
        self._calm.clear()
        for place, life in enumerate(lives):
            life.kill()
            await self._bury(place, life)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for life in self._up.values():
            life.kill()

    def figures(self) -> str:
        deaths = "\n".join(f"  {n:5}  {step}" for step, n in sorted(self.died_at.items()))
        missed = "".join(f"  not passed in time, so killed from outside: {step}\n" for step in self.not_reached)
        lines = sum(page.lines for page in [*self.people, *self.desks])
        stands = sorted(self.stands_s)
        return (
            f"{sum(self.died_at.values())} kills:\n{deaths}\n{missed}"
            f"{len(self.people)} people, {sum(d.claims for d in self.desks)} claims, {lines} lines had and lost; "
            f"{self.checked} acknowledged messages, presses and notes, every one there, once, in order. "
            f"A gateway stood again after {stands[len(stands) // 2]:.2f} s (median)."
        )
