"""Promises 4, 5 and 6 under fire: the gateway is killed between any two steps, while people and advisors use it.

Real gateways, real SIGKILL, real sockets; nobody's bot is there, so that words become a person's turn. What is asked
after it is in `settled.py`; what pages check by themselves, frame by frame, in `crowd.py`. The seed is printed: set it
as TEST_SEED for the same people and the same plan of deaths.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import POSTGRESQL, Databases
from gateways import beside_each_other, with_staff
from killing import ANY_MOMENT, RARE, Killing
from nursery import Nursery
from servers import Redis

from handoff.settings import Settings

KILLS = int(os.environ.get("TEST_KILLS", "1000"))  # fewer for a busy machine
RECKON_EVERY = 100


@pytest.fixture
def gateways(kind: str, databases: Databases, redis_server: Redis, tmp_path: Path) -> Iterator[list[Settings]]:
    """SQLite is one gateway's; on PostgreSQL there are two at once, each killed by turns."""
    url = databases.fresh(kind, with_staff, tmp_path / "var0")
    if kind == POSTGRESQL:
        yield beside_each_other(tmp_path, url, 2, redis_url=redis_server.url)
    else:
        yield beside_each_other(tmp_path, url, 1)
    databases.drop(url)


def seed() -> int:
    known = os.environ.get("TEST_SEED")
    made = int(known) if known else random.randrange(2**32)
    print(f"seed {made}")
    return made


async def test_a_gateway_killed_between_any_two_steps_loses_nothing_that_was_acknowledged(
    nursery: Nursery, gateways: list[Settings]
) -> None:
    """The short version: some of the steps, others each time."""
    chosen = seed()
    steps = random.Random(chosen).sample(nursery.steps, 4)
    async with Killing(nursery, gateways, chosen, people=8, think_s=0.5) as killing:
        await killing.open()
        await killing.kill([*sorted(steps, key=lambda step: step not in RARE), ANY_MOMENT])
        await killing.reckon()
        print(killing.figures())


@pytest.mark.full
async def test_a_thousand_kills_under_load(
    nursery: Nursery, gateways: list[Settings], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every step and moments from outside, by chance; everything is compared after each hundred."""
    with capsys.disabled():
        began, chosen = time.monotonic(), seed()
        rng = random.Random(chosen)
        plans = [rng.choice([*nursery.steps, ANY_MOMENT, ANY_MOMENT, ANY_MOMENT]) for _ in range(KILLS)]
        async with Killing(nursery, gateways, chosen, people=12, think_s=0.6) as killing:
            await killing.open()
            for done in range(0, len(plans), RECKON_EVERY):
                await killing.kill(plans[done : done + RECKON_EVERY])
                await killing.reckon()
                print(f"{kind}: {done + RECKON_EVERY} kills after {time.monotonic() - began:.0f} s")
            print(f"{kind}, seed {chosen}: {killing.figures()}")
        assert not set(nursery.steps) - set(killing.died_at), "there are steps at which nothing was killed"
