"""Hints: content-free "contact X changed" between the parts of the gateway, and between gateways. Ids, never words.

A subscriber holds a flag, never a queue: many hints while it is busy are one look at the database, which is the truth.
Losing a hint costs latency and nothing else, since everyone who waits for one also looks again by itself now and then
(`Subscription.changed`). Two makings: `InProcess` here, and `redis_hints.ThroughRedis` for several gateways.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

QUEUE = "queue"  # something about who waits has changed
BOARD = "board"  # the board of the desks has been drawn anew


class Subscription:
    """Await `changed()`; then look at the database. Transient signs (typing) are collected, not queued."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._typing: set[tuple[str, str]] = set()
        self._flagged: dict[str, int] = {}

    def poke(self) -> None:
        self._event.set()

    def typing(self, contact_id: str, who: str) -> None:
        self._typing.add((contact_id, who))
        self._event.set()

    def flag(self, contact_id: str, seq: int) -> None:
        self._flagged[contact_id] = seq
        self._event.set()

    async def changed(self, within_s: float) -> None:
        """Return when something changed, or after `within_s` (the slow poll behind the hints)."""
        try:
            async with asyncio.timeout(within_s):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event.clear()

    def take_typing(self) -> set[tuple[str, str]]:
        taken, self._typing = self._typing, set()
        return taken

    def take_flagged(self) -> dict[str, int]:
        taken, self._flagged = self._flagged, {}
        return taken


class Hints(Protocol):
    """What the gateway needs of either making. `here`: whether hints of other gateways arrive just now."""

    here: bool

    async def start(self) -> None:
        """Begin to hear of other gateways, if there are any. Never fails: they may also come later."""

    async def close(self) -> None: ...

    def subscribe(self, *topics: str) -> AbstractContextManager[Subscription]:
        """Hear of these topics (a contact's id, `QUEUE`, `BOARD`) while the context lasts."""

    def join(self, subscription: Subscription, topic: str) -> None: ...
    def leave(self, subscription: Subscription, topic: str) -> None: ...

    def poke(self, topic: str) -> None:
        """Whoever looks at `topic`, in whichever gateway, looks again."""

    def poke_here(self, topic: str) -> None:
        """The same in this process alone, for what is its own: its board, and places on it."""

    def flagged(self, contact_id: str, seq: int) -> None:
        """Staff only: whoever watches the queue hears of a flag at once."""

    def typing(self, contact_id: str, who: str, *, but: Subscription) -> None:
        """`who` (person or advisor) is typing; `but` is the one who says so."""


class InProcess:
    """One process: everyone is told directly."""

    def __init__(self) -> None:
        self.here = True
        self._of: dict[str, set[Subscription]] = defaultdict(set)

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    @contextmanager
    def subscribe(self, *topics: str) -> Iterator[Subscription]:
        subscription = Subscription()
        for topic in topics:
            self._of[topic].add(subscription)
        try:
            yield subscription
        finally:
            for topic in list(self._of):
                self.leave(subscription, topic)

    def join(self, subscription: Subscription, topic: str) -> None:
        self._of[topic].add(subscription)

    def leave(self, subscription: Subscription, topic: str) -> None:
        if topic not in self._of:
            return
        self._of[topic].discard(subscription)
        if not self._of[topic]:
            del self._of[topic]

    def poke(self, topic: str) -> None:
        self.poke_here(topic)

    def poke_here(self, topic: str) -> None:
        for subscription in self._of.get(topic, ()):
            subscription.poke()

    def poke_all_here(self) -> None:
        """Hints may have been lost: everybody looks once."""
        for topic in list(self._of):
            self.poke_here(topic)

    def flagged(self, contact_id: str, seq: int) -> None:
        for subscription in self._of.get(BOARD, ()):
            subscription.flag(contact_id, seq)

    def typing(self, contact_id: str, who: str, *, but: Subscription | None = None) -> None:
        for subscription in self._of.get(contact_id, ()):
            if subscription is not but:
                subscription.typing(contact_id, who)
