"""A unit of work that a test holds in the middle."""

from __future__ import annotations

import asyncio
import threading

from sqlalchemy.orm import Session

from handoff.store.store import Store


class Held:
    """Keeps the writer busy, so that what is written meanwhile is committed together."""

    def __init__(self, store: Store) -> None:
        self._let_go = threading.Event()
        self._begun = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(store.write(self._unit))

    def _unit(self, session: Session) -> None:
        self._loop.call_soon_threadsafe(self._begun.set)
        self._let_go.wait(30)

    async def begun(self) -> None:
        await self._begun.wait()

    async def let_go(self) -> None:
        await asyncio.sleep(0)  # every task that was made has handed its unit over
        self._let_go.set()
        await self._task
