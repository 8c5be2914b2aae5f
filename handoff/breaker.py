"""When the bot fails again and again nobody is made to wait for it any more, until it has answered a question of ours.

Closed: every turn is asked. After `FAILURES` failed turns in a row it opens: turns fail at once, which is cards and
a person. While it is open a probe is due after 2, 4, 8 … 30 seconds; one that is answered closes it. The bot keeps
nothing between turns, so that a probe costs nobody anything, and no person is the one who finds out.
"""

from __future__ import annotations

import time
from collections.abc import Callable

FAILURES = 3
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 30.0


class Breaker:
    """`clock`: seconds that only go forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._pause_s = FIRST_PAUSE_S
        self._probe_at = 0.0
        self.open = False

    def failed(self) -> None:
        """A turn or a probe failed, whatever way."""
        self._failures += 1
        if self.open:
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        elif self._failures < FAILURES:
            return
        self.open = True
        self._probe_at = self._clock() + self._pause_s

    def answered(self) -> None:
        self.open, self._failures, self._pause_s = False, 0, FIRST_PAUSE_S

    @property
    def probe_is_due(self) -> bool:
        return self.open and self._clock() >= self._probe_at
