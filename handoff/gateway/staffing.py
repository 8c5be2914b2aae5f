"""Whether anybody is there to claim, with patience: a room that is loaded again is not an empty desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from handoff.desk.duty import OnDuty

PATIENCE = timedelta(seconds=10)


class Staffing:
    """Told at each look who is on duty. At the start nobody has been seen, and everybody is given time to come."""

    def __init__(self, now: datetime) -> None:
        self._now = self._advisor_seen = self._somebody_seen = now

    def saw(self, duty: OnDuty, now: datetime) -> None:
        self._now = now
        if duty.advisors:
            self._advisor_seen = now
        if duty.somebody:
            self._somebody_seen = now

    @property
    def no_advisor_since(self) -> datetime | None:
        """Since when no advisor has been at a desk, once that is worth an alarm."""
        return self._advisor_seen if self._now - self._advisor_seen >= PATIENCE else None

    @property
    def somebody(self) -> bool:
        """Whether somebody could claim; what people who wait are told."""
        return self._now - self._somebody_seen < PATIENCE
