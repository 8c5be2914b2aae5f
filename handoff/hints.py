"""Hints: content-free "contact X changed" between the parts of the gateway. The database is the truth.

A subscriber holds a flag, never a queue: many hints while it is busy are one look at the database. In process for now;
losing a hint would cost latency and nothing else, since every socket also looks again by itself now and then.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

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


class Hints:
    def __init__(self) -> None:
        self._of: dict[str, set[Subscription]] = defaultdict(set)

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

    def join(self, subscription: Subscription, contact_id: str) -> None:
        self._of[contact_id].add(subscription)

    def leave(self, subscription: Subscription, topic: str) -> None:
        self._of[topic].discard(subscription)
        if not self._of[topic]:
            del self._of[topic]

    def poke(self, topic: str) -> None:
        """Whoever looks at `topic` (a contact's id, `QUEUE`, `BOARD`) looks again."""
        for subscription in self._of.get(topic, ()):
            subscription.poke()

    def flagged(self, contact_id: str, seq: int) -> None:
        """Staff only: whoever watches the queue hears of a flag at once."""
        for subscription in self._of.get(BOARD, ()):
            subscription.flag(contact_id, seq)

    def typing(self, contact_id: str, who: str, *, but: Subscription) -> None:
        for subscription in self._of.get(contact_id, ()):
            if subscription is not but:
                subscription.typing(contact_id, who)
