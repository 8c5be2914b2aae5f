"""What hints promise, over both makings: two gateways of one process's hints, and two through a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hearing import connected, heard
from servers import Redis

from handoff.hints import BOARD, QUEUE, Hints, InProcess, Subscription
from handoff.redis_hints import ThroughRedis

LONG = 30.0  # seconds after which a test has hung


@dataclass
class Two:
    """Where a hint is given, and where it is heard: in one process they are the same."""

    give: Hints
    hear: Hints


@pytest.fixture(params=["in process", "through Redis"])
async def two(request: pytest.FixtureRequest) -> AsyncIterator[Two]:
    if request.param == "in process":
        one = InProcess()
        yield Two(one, one)
        return
    redis: Redis = request.getfixturevalue("redis_server")
    both = [ThroughRedis(redis.url) for _ in range(2)]
    for hints in both:
        await hints.start()
    for hints in both:
        await connected(hints)
    yield Two(*both)
    for hints in both:
        await hints.close()


async def nothing_more(two: Two, changes: Subscription) -> None:
    """What was given before has arrived, as hints keep their order; `changes` heard none of it."""
    with two.hear.subscribe("last") as last:
        two.give.poke("last")
        await heard(last)
    assert not changes._event.is_set()


async def test_whoever_looks_at_a_contact_looks_again_and_nobody_else(two: Two) -> None:
    with two.hear.subscribe("one") as one, two.hear.subscribe("other") as other:
        two.give.poke("one")
        await heard(one)
        await nothing_more(two, other)


@pytest.mark.parametrize("topic", [QUEUE, "AbC-_123"])
async def test_the_queue_and_any_contact_are_topics(two: Two, topic: str) -> None:
    with two.hear.subscribe(topic) as changes:
        two.give.poke(topic)
        await heard(changes)


async def test_many_hints_while_one_is_busy_are_one_look(two: Two) -> None:
    with two.hear.subscribe("one") as changes:
        for _ in range(1_000):
            two.give.poke("one")
        await heard(changes)
        with two.hear.subscribe("last") as last:
            two.give.poke("last")
            await heard(last)
        changes._event.clear()
        await nothing_more(two, changes)


async def test_a_flag_comes_with_its_number_to_whoever_watches(two: Two) -> None:
    with two.hear.subscribe(BOARD) as desk, two.hear.subscribe("one") as person:
        two.give.flagged("one", 7)
        await heard(desk)
        assert (desk.take_flagged(), desk.take_flagged()) == ({"one": 7}, {})
        await nothing_more(two, person)  # staff only


async def test_typing_comes_to_the_other_side_and_not_back(two: Two) -> None:
    with two.give.subscribe("one") as mine, two.hear.subscribe("one") as theirs:
        two.give.typing("one", "person", but=mine)
        await heard(theirs)
        assert theirs.take_typing() == {("one", "person")}
        assert mine.take_typing() == set()


async def test_joining_later_and_leaving_again(two: Two) -> None:
    with two.hear.subscribe(BOARD) as changes:
        two.hear.join(changes, "one")
        two.give.poke("one")
        await heard(changes)
        two.hear.leave(changes, "one")
        two.hear.leave(changes, "one")
        two.give.poke("one")
        await nothing_more(two, changes)


async def test_after_the_context_nothing_is_kept(two: Two) -> None:
    with two.hear.subscribe("one", QUEUE, BOARD) as changes:
        two.hear.join(changes, "two")
    assert not two.hear._of  # type: ignore[attr-defined]


async def test_without_a_hint_the_slow_poll_comes_all_the_same(two: Two) -> None:
    with two.hear.subscribe("one") as changes:
        async with asyncio.timeout(LONG):
            await changes.changed(0.01)


async def test_what_is_one_gateways_own_stays_there(two: Two) -> None:
    if two.give is two.hear:
        return  # there is no other
    with two.hear.subscribe("one", BOARD) as changes:
        two.give.poke_here("one")
        two.give.poke(BOARD)
        await nothing_more(two, changes)
