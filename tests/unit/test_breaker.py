"""Nobody waits for a bot that fails again and again; and its coming back is found out by us, not by a person."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from handoff import breaker, turn
from handoff.bot import AT_ONCE, PROBE, Bot
from handoff.breaker import FAILURES, Breaker
from handoff.errors import BotError

HELLO = turn.TurnRequest(turn="t-1", text="hello", facts=turn.Facts(service="missing", phase="with_bot"))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Line(httpx.AsyncBaseTransport):
    """What the bot's line does next: `good`, a status, or an error. `asked`: how often it was."""

    def __init__(self) -> None:
        self.next: object = "good"
        self.asked = 0
        self.at_once = self.most = 0
        self.open = asyncio.Event()
        self.open.set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await self.open.wait()
        finally:
            self.at_once -= 1
        if isinstance(self.next, Exception):
            raise self.next
        if isinstance(self.next, int):
            return httpx.Response(self.next)
        name = turn.TurnRequest.model_validate_json(request.content).turn
        return httpx.Response(200, json={"turn": name, "replies": [{"name": "utter", "text": "Yes."}]})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def bot(line: Line, clock: Clock) -> Bot:
    return Bot("http://bot", "secret", httpx.AsyncClient(transport=line), Breaker(clock))


async def fails(bot: Bot, kind: str) -> None:
    with pytest.raises(BotError) as error:
        await bot.ask(HELLO, within_s=4)
    assert error.value.kind == kind


async def opened(bot: Bot, line: Line) -> None:
    line.next = 500
    for _ in range(FAILURES):
        await fails(bot, "status")


async def test_after_so_many_failures_in_a_row_nobody_is_made_to_wait(bot: Bot, line: Line) -> None:
    await opened(bot, line)
    asked = line.asked
    await fails(bot, "resting")
    assert line.asked == asked
    assert not bot.here


async def test_an_answer_between_begins_the_count_anew(bot: Bot, line: Line) -> None:
    for _ in range(FAILURES * 2):
        line.next = 500
        await fails(bot, "status")
        line.next = "good"
        await bot.ask(HELLO, within_s=4)
    assert bot.here


async def test_a_probe_that_is_answered_lets_people_through_again(bot: Bot, line: Line, clock: Clock) -> None:
    await opened(bot, line)
    line.next = "good"
    assert not await bot.probe(), "not yet"
    clock.now += breaker.FIRST_PAUSE_S
    assert await bot.probe()
    assert bot.state == "here"
    assert (await bot.ask(HELLO, within_s=4)).replies


async def test_the_pauses_between_probes_grow_and_end(bot: Bot, line: Line, clock: Clock) -> None:
    await opened(bot, line)
    pauses = []
    while len(pauses) < 7:
        waited, before = 0, line.asked
        while line.asked == before:
            clock.now, waited = clock.now + 1, waited + 1
            assert not await bot.probe()
        pauses.append(waited)
    assert pauses == [2, 4, 8, 16, 30, 30, 30]


async def test_only_so_many_turns_are_with_the_bot_at_once(bot: Bot, line: Line) -> None:
    line.open.clear()
    turns = [asyncio.create_task(bot.ask(HELLO, within_s=60)) for _ in range(AT_ONCE * 3)]
    while line.at_once < AT_ONCE:  # noqa: ASYNC110
        await asyncio.sleep(0)
    line.open.set()
    assert len(await asyncio.gather(*turns)) == AT_ONCE * 3
    assert line.most == AT_ONCE


async def test_a_turn_that_never_had_its_place_is_no_failure_of_the_bot(bot: Bot, line: Line) -> None:
    line.open.clear()
    turns = [asyncio.create_task(bot.ask(HELLO, within_s=60)) for _ in range(AT_ONCE)]
    while line.at_once < AT_ONCE:  # noqa: ASYNC110
        await asyncio.sleep(0)
    for _ in range(FAILURES + 1):
        with pytest.raises(BotError) as error:
            await bot.ask(HELLO, within_s=0)
        assert error.value.kind == "busy"
    line.open.set()
    await asyncio.gather(*turns)
    assert bot.here


async def test_a_line_that_breaks_is_tried_once_more(bot: Bot, line: Line) -> None:
    line.next = httpx.ConnectError("nobody there")
    await fails(bot, "refused")
    assert line.asked == 2


def test_the_probe_is_nobodys_words() -> None:
    assert PROBE.text == "no"
