"""Time is injected, so that a deadline can be tested without waiting for it; nobody can set it while people wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock

import structlog

log = structlog.get_logger()

Clock = Callable[[], datetime]

SET_S = 5.0  # further from the machine's clock than this, somebody has set that


def _wall() -> float:
    return time.time()


def _passed() -> float:
    """Seconds on a clock that nobody sets; where it can, one that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class SteadyClock:
    """The machine's clock as it was at the start and what has passed since; it never jumps and never goes back.

    When the machine's clock is set, this one follows by at most a second in twenty: leases, turns and waits that are
    under way keep their lengths, where a jump would take people from their advisors or leave them unseen for hours.
    """

    def __init__(self, wall: Callable[[], float] = _wall, passed: Callable[[], float] = _passed) -> None:
        self._wall, self._passed = wall, passed
        self._now, self._at = wall(), passed()
        self._said = False
        self._lock = Lock()  # the store's writer asks from a thread of its own

    def __call__(self) -> datetime:
        with self._lock:
            at, wall = self._passed(), self._wall()
            since = at - self._at
            behind = wall - (self._now + since)
            self._now += since + max(-since / 20, min(behind, since / 20))
            self._at = at
            was_set = abs(behind) > SET_S
            if was_set and not self._said:
                log.error("clock_was_set", by_s=round(behind))
            self._said = was_set
            return datetime.fromtimestamp(self._now, UTC)


system_clock: Clock = SteadyClock()
