"""The one place that wires everything together. Read it to know what the front door is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from fastapi import FastAPI
from sqlalchemy.orm import Session

from handoff.bot import Bot
from handoff.clock import Clock, system_clock
from handoff.desk.office import Desk, Office
from handoff.gateway.app import make_app
from handoff.gateway.gateway import Gateway
from handoff.hints import Hints, InProcess
from handoff.paging import Pager
from handoff.screening import Screener, extra, own_phrases
from handoff.services.load import load_services
from handoff.settings import Settings
from handoff.store.keys import KeyRing
from handoff.store.store import Store
from handoff.store.texts import register

T = TypeVar("T")


@dataclass(kw_only=True)
class Frontdoor:
    """Everything one process holds. `close()` when done."""

    settings: Settings
    store: Store
    desk: Desk

    def close(self) -> None:
        self.store.close()


def open_desk(settings: Settings, *, clock: Clock = system_clock) -> Frontdoor:
    """Services checked, database opened, texts registered: enough for commands. Raises before anything is half open."""
    services = load_services(settings.services)
    ring = KeyRing(settings.key_ring_folder)
    hints = make_hints(settings)
    store = Store(settings.database_url)
    store.start()
    try:
        now = clock()
        text_ids = asyncio.run(store.write(lambda session: register(session, services, now)))
    except BaseException:
        store.close()
        raise
    office = Office(services=services, text_ids=text_ids, ring=ring, clock=clock)
    return Frontdoor(settings=settings, store=store, desk=Desk(store, office, hints))


def make_hints(settings: Settings) -> Hints:
    """In process, or through Redis where one is set (and only then is its client loaded)."""
    url = settings.redis_url.get_secret_value()
    if not url:
        return InProcess()
    from handoff.redis_hints import ThroughRedis

    return ThroughRedis(url)


def make_screener(settings: Settings) -> Screener:
    """Lexicon, model, and what the settings add: the charity's own phrases and listener. Look at its `problems`."""
    made = Screener.load()
    if settings.screening_phrases and made.lexicon:
        try:
            made.add(own_phrases.step(own_phrases.read(settings.screening_phrases), made.lexicon.words))
        except own_phrases.PhrasesError as error:
            made.lacks(own_phrases.NAME, str(error))
    if settings.screening_step:
        try:
            listener = extra.named(settings.screening_step)
            made.add(extra.step(settings.screening_step, listener, settings.screening_step_seconds))
        except extra.NoListener as error:
            made.lacks(settings.screening_step, str(error))
    return made


def make_frontdoor(
    settings: Settings, *, clock: Clock = system_clock, screener: Screener | None = None
) -> tuple[Frontdoor, FastAPI]:
    """The whole front door, ready to be served. `screener`: one that is loaded already; it keeps nothing of anybody."""
    opened = open_desk(settings, clock=clock)
    gateway = Gateway(
        desk=opened.desk,
        bot=Bot(settings.bot_address, settings.shared_secret()),
        screener=screener or make_screener(settings),
        settings=settings,
        pager=make_pager(settings),
    )
    return opened, make_app(gateway)


def make_pager(settings: Settings) -> Pager:
    return Pager(command=settings.on_call_command, webhook=settings.on_call_webhook.get_secret_value())


def read_once(settings: Settings, view: Callable[[Session], T]) -> T:
    """For commands that only look."""
    store = Store(settings.database_url)
    store.start()
    try:
        return asyncio.run(store.read(view))
    finally:
        store.close()
