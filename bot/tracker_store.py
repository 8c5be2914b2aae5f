"""A tracker store that holds a tracker for one turn and nothing after it (promise 8, R11).

Rasa wants somewhere to put a tracker while it answers. Every turn has a sender of its own, and the channel drops it
in `finally`; nothing is serialised, streamed, or kept beyond the process.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig


class TurnStore(TrackerStore):
    """`save`, `retrieve`, `drop`: a dictionary as long as the number of turns in flight."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: EndpointConfig | None = None,
        event_broker: EventBroker | None = None,
        **_: Any,
    ) -> None:
        # No broker, whatever is configured: an event broker would carry words out of the turn.
        super().__init__(domain, None)
        self._in_flight: dict[str, DialogueStateTracker] = {}

    async def save(self, tracker: DialogueStateTracker) -> None:
        self._in_flight[tracker.sender_id] = tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return self._in_flight.get(sender_id)

    async def keys(self) -> Iterable[str]:
        return list(self._in_flight)

    def drop(self, sender_id: str) -> None:
        """Forget the turn. Dropping one that isn't there is no error."""
        self._in_flight.pop(sender_id, None)

    def __len__(self) -> int:
        return len(self._in_flight)


def only_store(processor: MessageProcessor) -> TurnStore | None:
    """The processor's own `TurnStore`, without Rasa's wrapping, or None if another store is configured.

    Rasa wraps every store in one that falls back to keeping trackers in memory, silently, when a call fails. A turn
    that fails must fail, so the wrapping is taken off.
    """
    store: Any = processor.tracker_store
    while store is not None and not isinstance(store, TurnStore):
        store = getattr(store, "_tracker_store", None)
    if store is not None:
        processor.tracker_store = store
    return store
