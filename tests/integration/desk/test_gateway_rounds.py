"""Whatever breaks behind the person's back, somebody takes over: the bot, a turn, a round, screening itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from sqlalchemy import delete, update

from handoff.bot import Bot
from handoff.gateway import gateway as gateway_module
from handoff.gateway.gateway import Gateway
from handoff.hints import BOARD, QUEUE
from handoff.screening import Screener
from handoff.settings import Settings
from handoff.standing import Phase
from handoff.store.tables import Alarm, BotTurn, ContactKey, QueueEntry

LONG = 60  # seconds after which a test has hung


class Broken(httpx.AsyncBaseTransport):
    """A bot's line that fails in a way nobody has thought of."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise LookupError("unforeseen")


@pytest.fixture
async def gateway(house) -> AsyncIterator[Gateway]:
    """Started, over the house's desk; its bot's line is broken."""
    bot = Bot("http://127.0.0.1:9", "secret", httpx.AsyncClient(transport=Broken()))
    made = Gateway(desk=house.desk, bot=bot, screener=Screener.load(), settings=Settings())
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def until(house) -> Callable[..., Awaitable[None]]:
    """Wait for hints until `condition` holds."""

    async def wait(contact: str, condition: Callable[[], Awaitable[bool]]) -> None:
        with house.desk.hints.subscribe(contact, QUEUE, BOARD) as changes:
            async with asyncio.timeout(LONG):
                while not await condition():
                    await changes.changed(1.0)

    return wait


async def test_a_bot_that_fails_in_an_unforeseen_way_is_cards_and_a_person(house, gateway, until) -> None:
    contact = await house.opens()
    await house.says(contact, "hello")

    async def waits() -> bool:
        return (await house.state(contact)).phase is Phase.WAITING

    await until(contact, waits)
    assert "bot_away" in await house.cards(contact)


async def test_a_turn_left_behind_by_a_killed_process_is_taken_up(house, until) -> None:
    contact = await house.opens()
    await house.says(contact, "hello")  # stored and acknowledged; then the process is gone
    house.later(60)
    bot = Bot("http://127.0.0.1:9", "secret", httpx.AsyncClient(transport=Broken()))
    after = Gateway(desk=house.desk, bot=bot, screener=Screener.load(), settings=Settings())
    await after.start()
    try:

        async def waits() -> bool:
            return (await house.state(contact)).phase is Phase.WAITING

        await until(contact, waits)
    finally:
        await after.stop()


async def test_a_turn_whose_key_is_gone_ends_with_a_supervisor_and_not_in_a_loop(house, gateway, until) -> None:
    house.desk.on_bot_asked = lambda contact: None  # the sweep finds it
    contact = await house.opens()
    await house.says(contact, "hello")
    await house.store.write(lambda s: s.execute(delete(ContactKey).where(ContactKey.contact_id == contact)))

    async def told() -> bool:
        return [a.what for a in await house.all(Alarm)] == ["turn_failed"] and not await house.all(BotTurn)

    await until(contact, told)


async def test_one_contact_that_cannot_be_given_back_holds_up_nobody_else(house, gateway, until) -> None:
    broken, other = await house.opens(), await house.opens()
    ash = await house.hires("Ash")
    for contact in (broken, other):
        await house.asks_for_person(contact)
        await house.claims(ash, contact)
    await house.store.write(lambda s: s.execute(delete(ContactKey).where(ContactKey.contact_id == broken)))
    house.later(31)

    async def back() -> bool:
        return {(await house.place(contact)).state for contact in (broken, other)} == {"waiting"}

    await until(other, back)
    assert [(a.contact_id, a.what) for a in await house.all(Alarm)] == [(broken, "give_back_failed")]


async def test_a_round_that_fails_is_followed_by_the_next(house, gateway, until, monkeypatch) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    await house.claims(await house.hires("Ash"), contact)
    real, failed = gateway_module.turns.waiting_turns, asyncio.Event()

    def once(*args, **kwargs):
        if not failed.is_set():
            failed.set()
            raise LookupError("unforeseen")
        return real(*args, **kwargs)

    monkeypatch.setattr(gateway_module.turns, "waiting_turns", once)
    async with asyncio.timeout(LONG):
        await failed.wait()
    house.later(31)

    async def back() -> bool:
        place = await house.place(contact)
        return place is not None and place.state == "waiting"

    await until(contact, back)


async def test_screening_that_hangs_is_uncertain_and_goes_to_a_person(house, gateway, monkeypatch) -> None:
    contact = await house.opens()
    release = threading.Event()
    monkeypatch.setattr(gateway_module, "SCREEN_WITHIN_S", 0.05)
    monkeypatch.setattr(gateway.screener, "screen", lambda text, **more: release.wait(LONG))
    verdict = await gateway.screen(contact, "survivors", "hello")
    release.set()
    assert verdict.uncertain
    await house.says(contact, "hello", verdict)
    assert (await house.place(contact)).band == 1


async def test_screening_that_raises_is_uncertain_and_says_nothing_of_the_words(house, gateway, monkeypatch) -> None:
    def broken(text: str, **more: object) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(gateway.screener, "screen", broken)
    verdict = await gateway.screen(await house.opens(), "survivors", "a canary word")
    assert verdict.uncertain
    assert "canary" not in verdict.reason


async def test_a_place_that_disagrees_with_its_record_goes_back_and_is_claimed_again(house, gateway, until) -> None:
    """A restored backup, a hand in the database: a claimed place of somebody whose record says that they wait."""
    contact = await house.opens()
    ash = await house.hires("Ash")
    await house.asks_for_person(contact)
    odd = {"state": "claimed", "staff_id": ash.id, "lease_until": house.now}
    await house.store.write(lambda s: s.execute(update(QueueEntry).values(**odd)))
    house.later(31)

    async def back() -> bool:
        return (await house.place(contact)).state == "waiting"

    await until(contact, back)
    assert await house.claims(ash, contact)
    assert [a.what for a in await house.all(Alarm)] == ["give_back_failed"]


async def test_a_gateway_that_has_just_started_knows_the_queue_before_it_lets_anybody_in(house) -> None:
    """An advisor's page that comes back at once must not be shown an empty one."""
    contact = await house.opens()
    await house.asks_for_person(contact)
    bot = Bot("http://127.0.0.1:9", "secret")
    made = Gateway(desk=house.desk, bot=bot, screener=Screener.load(), settings=Settings())
    await made.start()
    try:
        assert [row.contact for row in made.board.rows] == [contact]
    finally:
        await made.stop()
