"""What every socket and route of this process shares: the desk, who is here, the board, the turns, the limits."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Collection, Coroutine, Iterator
from datetime import timedelta
from functools import partial

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.orm import Session

from handoff.bot import Bot
from handoff.desk import advisor, person, turns
from handoff.desk.alarms import alarms
from handoff.desk.board import Board, board
from handoff.desk.duty import on_duty
from handoff.desk.office import Desk
from handoff.desk.presence import BEAT_S
from handoff.errors import BotError, StoreUnavailable
from handoff.frames import AlarmRow
from handoff.gateway.line import GOODBYE_S
from handoff.gateway.on_call import OnCall
from handoff.gateway.presence import Presence
from handoff.gateway.staffing import Staffing
from handoff.hints import BOARD, QUEUE
from handoff.paging import Pager
from handoff.screening import Screener
from handoff.settings import Settings
from handoff.verdict import Verdict

log = structlog.get_logger()

SWEEP_S = 1.0  # how often what a dead gateway or a vanished advisor left behind is looked for
AWAY_S = 10.0  # a store that was away for less has cost nobody more than one renewal of their lease
SCREEN_WITHIN_S = 5.0  # screening takes milliseconds; one that hangs is a failure, and goes to a person
BOARD_PAUSE_S = 0.2  # the board is drawn at most so often, however many people wait


class Limits:
    """Per contact and for everybody together, never per address (R3)."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._words: RateLimitItem = RateLimitItemPerSecond(20, 10)
        self._again: RateLimitItem = RateLimitItemPerSecond(1, 10)
        self._frames: RateLimitItem = RateLimitItemPerSecond(200, 10)
        self._opened: RateLimitItem = RateLimitItemPerSecond(300, 10)
        self._sign_in: RateLimitItem = RateLimitItemPerSecond(10, 60)

    def words(self, contact_id: str, client_id: str) -> bool:
        """A message that is sent again because the line broke counts once."""
        if not self._limiter.test(self._again, contact_id, client_id):
            return True
        counted = self._limiter.hit(self._words, contact_id)
        return counted and self._limiter.hit(self._again, contact_id, client_id)

    def frame(self, who: str) -> bool:
        return self._limiter.hit(self._frames, who)

    def opened(self) -> bool:
        return self._limiter.hit(self._opened, "everybody")

    def sign_in(self, name: str) -> bool:
        return self._limiter.hit(self._sign_in, name)

    def forget(self) -> None:
        """Whoever has done nothing for a while. The storage empties its lists and keeps them, and looks at all of them
        again and again; and nobody's id should stay here after they have gone."""
        for key in [key for key, events in self._storage.events.items() if not events]:
            self._storage.clear(key)


class Gateway:
    """One process's share of the work. `start()` before serving, `stop()` after."""

    def __init__(
        self, *, desk: Desk, bot: Bot, screener: Screener, settings: Settings, pager: Pager | None = None
    ) -> None:
        self.desk = desk
        self.office = desk.office
        self.hints = desk.hints
        self.bot = bot
        self.screener = screener
        self.settings = settings
        self.pager = pager or Pager()
        self.limits = Limits()
        self.board = Board()
        self.alarms: tuple[AlarmRow, ...] = ()
        self.staffing = Staffing(self.office.clock())
        self.bot_since = self.office.clock()
        self.closing = asyncio.Event()
        self.keeps = True  # the last beat was written: so can be what people say
        self._kept_at = self._lenient_until = self.office.clock()
        self._me = secrets.token_urlsafe(6)
        self.presence = Presence(desk, self._me)
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking: set[str] = set()
        desk.on_bot_asked = self._ask_soon

    async def start(self) -> None:
        await self.hints.start()
        self._be_lenient()
        await self._draw_board()  # before anybody is let in: an empty queue would be a lie
        for work in (self._keep_board(), self._sweep(), self._beat(), self._look_at_bot(), OnCall(self).watch()):
            self.spawn(work)

    async def say_goodbye(self) -> None:
        """Every page is told when to come back. Returns once all have gone, or after `GOODBYE_S`."""
        self.presence.ending = True
        self.closing.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await self.presence.nobody()

    async def stop(self) -> None:
        self.presence.ending = True
        self.closing.set()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.presence.end()
        await self.hints.close()
        await self.bot.close()

    # ── screening ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def screen(self, contact_id: str, service: str, text: str) -> Verdict:
        """Every message, in every state (promise 2). What goes wrong here is uncertain, and goes to a person."""
        try:
            async with asyncio.timeout(SCREEN_WITHIN_S):
                earlier = await self.desk.see(lambda s: person.history(s, self.office, contact_id))
                return await asyncio.to_thread(self.screener.screen, text, service=service, history=earlier)
        except Exception as error:
            log.error("screening_failed", kind=type(error).__name__)
            return Verdict(uncertain=True, reason=f"screening failed: {type(error).__name__}")

    # ── the board ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _keep_board(self) -> None:
        with self.hints.subscribe(QUEUE) as changes:
            while True:
                await self._draw_board()
                await asyncio.sleep(BOARD_PAUSE_S)
                await changes.changed(2.0)

    async def _draw_board(self) -> None:
        with self.surviving("board"):
            present = await self.presence.look()
            before, alarmed = self.board, self.alarms
            at_desk = await self.presence.at_desk()
            self.board, self.alarms = await self.desk.see(partial(self._look, here=present, at_desk=at_desk))
            if self.board != before or self.alarms != alarmed:
                self.hints.poke_here(BOARD)
            for contact_id, place in self.board.places.items():
                if before.places.get(contact_id) != place or before.staffed != self.board.staffed:
                    self.hints.poke_here(contact_id)

    def _look(
        self, session: Session, *, here: Collection[str], at_desk: Collection[str]
    ) -> tuple[Board, tuple[AlarmRow, ...]]:
        duty = on_duty(session, self.office, at_desk)
        self.staffing.saw(duty, self.office.clock())
        standing = alarms(session, self.office, on_duty=duty, no_advisor_since=self.staffing.no_advisor_since)
        return board(session, self.office, here=here, staffed=self.staffing.somebody), standing

    # ── the bot's turns ──────────────────────────────────────────────────────────────────────────────────────────────

    def _ask_soon(self, contact_id: str) -> None:
        if contact_id not in self._asking and not self.closing.is_set():
            self._asking.add(contact_id)
            self.spawn(self._ask(contact_id))

    async def _ask(self, contact_id: str) -> None:
        """Ask the contact's turns, one after the other, until there is none."""
        try:
            while await self._one_turn(contact_id):
                pass
        except StoreUnavailable:  # the turn stays in the database; the sweep takes it up again
            log.error("turn_not_closed", kind="StoreUnavailable")
        except Exception as error:
            log.error("turn_not_closed", kind=type(error).__name__)
            await self._give_up(contact_id)
        finally:
            self._asking.discard(contact_id)

    async def _one_turn(self, contact_id: str) -> bool:
        leased = await self.desk.do(lambda u: turns.lease(u, contact_id, by=self._me))
        if leased is None:
            return False
        answer = None
        try:
            left = (leased.due_at - self.office.clock()).total_seconds()
            answer = await self.bot.ask(leased.request, within_s=left)
        except BotError as error:
            log.warning("bot_failed", kind=error.kind)
        except Exception as error:  # whatever it is, the person must not wait for it
            log.error("bot_failed", kind=type(error).__name__)
        turn_id = leased.request.turn
        await self.desk.do(partial(turns.close, contact_id=contact_id, turn_id=turn_id, answer=answer))
        return True

    async def _give_up(self, contact_id: str) -> None:
        """No turn is asked for ever: cards and a person; where even that fails, a supervisor."""
        for way in (turns.give_up, turns.tell_supervisor):
            try:
                await self.desk.do(partial(way, contact_id=contact_id))
                return
            except Exception as error:
                log.error("turn_not_given_up", kind=type(error).__name__, way=way.__name__)

    async def _look_at_bot(self) -> None:
        was = None
        while True:
            with self.surviving("look"):
                await self.bot.look()
                await self.bot.probe()
                if self.bot.state != was:
                    was, self.bot_since = self.bot.state, self.office.clock()
                    log.info(f"bot_{was}")
            await asyncio.sleep(5 if was == "here" else 2)

    # ── being alive ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def _beat(self) -> None:
        while True:
            kept = False
            with self.surviving("beat"):
                await self.presence.beat()
                kept = True
            if kept:
                now = self.office.clock()
                if (now - self._kept_at).total_seconds() > AWAY_S:
                    self._be_lenient()
                self._kept_at = now
            self.keeps = kept
            await asyncio.sleep(BEAT_S)

    def _be_lenient(self) -> None:
        """No lease could be renewed until now: whoever is at their desk has the length of one to say so."""
        longest = max(service.file.clocks.lease_s for service in self.office.services.values())
        self._lenient_until = self.office.clock() + timedelta(seconds=longest)

    # ── what others left behind ──────────────────────────────────────────────────────────────────────────────────────

    async def _sweep(self) -> None:
        while True:
            with self.surviving("sweep"):
                self.limits.forget()
                now = self.office.clock()
                for contact_id in await self.desk.see(partial(turns.waiting_turns, now=now)):
                    self._ask_soon(contact_id)
                if self.keeps and now > self._lenient_until:
                    for contact_id in await self.desk.see(partial(advisor.expired, now=now)):
                        await self._give_back(contact_id)
            await asyncio.sleep(SWEEP_S)

    async def _give_back(self, contact_id: str) -> None:
        """One that cannot be given back as it should holds up nobody else, and is not forgotten."""
        try:
            await self.desk.do(partial(advisor.give_back_if_expired, contact_id=contact_id))
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("give_back_failed", kind=type(error).__name__)
            await self.desk.do(partial(advisor.put_back, contact_id=contact_id))

    @contextlib.contextmanager
    def surviving(self, what: str) -> Iterator[None]:
        """What goes on for ever outlives its own faults, loudly: people depend on the next round."""
        try:
            yield
        except Exception as error:
            log.error("round_failed", what=what, kind=type(error).__name__)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background_work_failed", kind=type(error).__name__)
