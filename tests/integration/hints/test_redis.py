"""Redis goes, hangs, comes back, or carries somebody else's messages: a hint is lost, and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
from hearing import LONG, connected, heard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis as Client
from running import LOOPBACK, free_port
from servers import PASSWORD, Redis

from handoff import redis_hints
from handoff.hints import BOARD, QUEUE
from handoff.redis_hints import CHANNEL, ThroughRedis, UnknownRedis


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.remove()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"TICK_S": 0.1, "SILENT_S": 0.5, "FIRST_PAUSE_S": 0.02, "LONGEST_PAUSE_S": 0.1}.items():
        monkeypatch.setattr(redis_hints, name, seconds)


@pytest.fixture
async def pair(own_redis: Redis) -> AsyncIterator[tuple[ThroughRedis, ThroughRedis]]:
    one, other = ThroughRedis(own_redis.url), ThroughRedis(own_redis.url)
    for hints in (one, other):
        await hints.start()
        await connected(hints)
    yield one, other
    for hints in (one, other):
        await hints.close()


async def test_while_redis_is_away_this_process_goes_on_and_when_it_is_back_everybody_looks(
    own_redis: Redis, pair: tuple[ThroughRedis, ThroughRedis]
) -> None:
    one, other = pair
    with one.subscribe("a") as near, other.subscribe("a") as far:
        own_redis.kill()
        for hints in pair:
            await connected(hints, False)
        one.poke("a")
        await heard(near)
        assert not far._event.is_set()  # lost; the slow poll would find it
        await asyncio.to_thread(own_redis.start)
        await heard(far)  # nobody has to know what was lost
        for hints in pair:
            await connected(hints)
        near._event.clear()
        other.poke("a")
        await heard(near)


async def test_a_redis_that_hangs_is_away_too(own_redis: Redis, pair: tuple[ThroughRedis, ThroughRedis]) -> None:
    assert own_redis._process is not None
    os.kill(own_redis._process.pid, signal.SIGSTOP)
    try:
        for hints in pair:
            await connected(hints, False)
    finally:
        os.kill(own_redis._process.pid, signal.SIGCONT)
    for hints in pair:
        await connected(hints)


async def test_a_redis_that_is_not_there_yet_is_no_failure() -> None:
    hints = ThroughRedis(f"redis://{LOOPBACK}:{free_port()}")
    await hints.start()
    with hints.subscribe("a") as changes:
        hints.poke("a")
        await heard(changes)
    assert not hints.here
    await hints.close()


async def test_only_ids_and_numbers_travel(own_redis: Redis, pair: tuple[ThroughRedis, ThroughRedis]) -> None:
    one, other = pair
    async with Client.from_url(own_redis.url) as client, client.pubsub() as line:
        await line.subscribe(CHANNEL)
        with other.subscribe("a", QUEUE, BOARD) as changes:
            for give in (lambda: one.poke("a"), lambda: one.flagged("a", 3), lambda: one.poke(QUEUE)):
                give()
                await heard(changes)
        seen = []
        while len(seen) < 3:
            message = await line.get_message(ignore_subscribe_messages=True, timeout=LONG)
            if message:
                seen += json.loads(message["data"])["hints"]
        assert seen == [["poke", "a"], ["flag", "a", 3], ["poke", "queue"]]
        assert await client.dbsize() == 0, "Redis keeps nothing"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda x: st.lists(x, max_size=4), max_leaves=8
)
HINT = st.tuples(st.sampled_from(["poke", "flag", "typing", "end"]), ANYTHING, ANYTHING) | ANYTHING


@given(said=st.lists(HINT, max_size=5).map(lambda h: json.dumps({"from": "x", "hints": h})) | st.text(max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_is_no_hint_of_ours_is_passed_over(said: str) -> None:
    hints = ThroughRedis(f"redis://{LOOPBACK}:1")
    with hints.subscribe("a", BOARD) as changes:
        hints._pass_on(said)
        assert all(isinstance(seq, int) and 0 < seq < 2**31 for seq in changes.take_flagged().values())
        hints._pass_on(json.dumps({"from": "x", "hints": [["poke", "a"]]}))
        await heard(changes)


def test_an_address_that_is_none_is_said_without_the_password() -> None:
    with pytest.raises(UnknownRedis, match="Mend: ") as refusal:
        ThroughRedis(f"http://:{PASSWORD}@localhost")
    assert PASSWORD not in str(refusal.value)
