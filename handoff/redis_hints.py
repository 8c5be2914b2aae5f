"""Hints between several gateways, by Redis publish and subscribe. Ids and numbers travel, never words (promise 9).

Every gateway hears all hints and passes on those that somebody here waits for. While Redis is away hints go to this
process alone and the slow polls behind them find the rest; when it is back everybody looks once. Redis keeps nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import secrets
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from handoff.errors import FrontdoorError
from handoff.hints import BOARD, InProcess, Subscription

log = structlog.get_logger()

CHANNEL = "frontdoor:hints"
TICK_S = 5.0  # a sign of life to ourselves through Redis
SILENT_S = 15.0  # without even our own for so long, Redis is away whatever the line says
MOST_SEQ = 2**31
MOST_PENDING = 10_000  # hints; more is a fault, and they are only hints
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 15.0

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WHO = ("person", "advisor")


class UnknownRedis(FrontdoorError):
    code = "unknown_redis"


class ThroughRedis(InProcess):
    """See `hints.Hints`. Raises UnknownRedis where `url` is no address; one where nobody is may come to life later."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.here = False
        self._me = secrets.token_urlsafe(6)
        try:
            self._redis = Redis.from_url(
                url,
                socket_connect_timeout=TICK_S,
                socket_timeout=TICK_S,
                client_name="frontdoor",
                decode_responses=True,
            )
        except ValueError:
            raise UnknownRedis(
                "FRONTDOOR_REDIS_URL is no address. Mend: use redis://<host>:<port>, or rediss:// over an open line."
            ) from None
        self._pending: dict[tuple[str | int, ...], None] = {}  # in order, each once
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        self._loop = None
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        with contextlib.suppress(RedisError, OSError):
            await self._redis.aclose()

    # ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    def poke(self, topic: str) -> None:
        super().poke(topic)
        if topic != BOARD:  # each gateway draws its own
            self._send("poke", topic)

    def flagged(self, contact_id: str, seq: int) -> None:
        super().flagged(contact_id, seq)
        self._send("flag", contact_id, seq)

    def typing(self, contact_id: str, who: str, *, but: Subscription | None = None) -> None:
        super().typing(contact_id, who, but=but)
        self._send("typing", contact_id, who)

    def _send(self, *hint: str | int) -> None:
        if self._loop is not None:  # before the start, in a command, nobody else is told: they poll
            self._loop.call_soon_threadsafe(self._put, hint)

    def _put(self, hint: tuple[str | int, ...]) -> None:
        if self.here and len(self._pending) < MOST_PENDING:
            self._pending[hint] = None
            self._wake.set()

    async def _publish(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._wake.wait()
            self._wake.clear()
            hints, self._pending = list(self._pending), {}
            await self._redis.publish(CHANNEL, json.dumps({"from": self._me, "hints": hints}))

    # ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _listen(self, line: PubSub) -> None:
        while True:
            message = await line.get_message(timeout=SILENT_S)
            if message is None:
                raise TimeoutError("Redis is silent")
            if message["type"] == "message":
                self._pass_on(message["data"])

    def _pass_on(self, said: str) -> None:
        """Only what is one of our hints; whatever else somebody publishes there is nothing to us."""
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
            message = json.loads(said)
            if message["from"] != self._me:
                for hint in message["hints"]:
                    self._pass_on_one(hint)

    def _pass_on_one(self, hint: Any) -> None:
        match hint:
            case ["poke", str(topic)] if _ID.fullmatch(topic) and topic != BOARD:
                super().poke(topic)
            case ["flag", str(contact_id), int(seq)] if _ID.fullmatch(contact_id) and 0 < seq < MOST_SEQ:
                super().flagged(contact_id, seq)
            case ["typing", str(contact_id), str(who)] if _ID.fullmatch(contact_id) and who in _WHO:
                super().typing(contact_id, who)

    # ── the line ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _keep(self) -> None:
        """Stay connected, for ever; with growing pauses while Redis is away."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                async with self._redis.pubsub() as line:
                    await line.subscribe(CHANNEL)
                    await line.get_message(timeout=TICK_S)  # the answer to it: from here on nothing is missed
                    pause = FIRST_PAUSE_S
                    self._arrived()
                    async with asyncio.TaskGroup() as both:
                        both.create_task(self._listen(line))
                        both.create_task(self._publish())
            except Exception as error:  # whatever it is: people depend on nothing here, and the next try may do
                self._went(error)
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _arrived(self) -> None:
        self.here = True
        log.info("hints_here")
        self.poke_all_here()

    def _went(self, error: BaseException) -> None:
        if self.here:
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            log.warning("hints_away", kind=type(error).__name__)
        self.here = False
        self._pending.clear()
