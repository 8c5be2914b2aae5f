"""What has to be done after an event, imperative. `desk/carry.py` does it, inside the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from handoff.ladder import Rung


@dataclass(frozen=True, kw_only=True, slots=True)
class Show:
    """Append the card; `again`: the short way of asking once more."""

    card: str
    again: bool = False
    topic: str | None = None  # of a signpost


@dataclass(frozen=True, kw_only=True, slots=True)
class Enqueue:
    """Into the queue in this band, or up to it if already there. The notice is in the same transaction (promise 1)."""

    band: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AskBot:
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Flag:
    """Tell the staff who hold or watch this contact."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """A supervisor is to look now."""

    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StepLadder:
    rung: Rung
    clause: str
    by_software: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepWords:
    """Keep the words of this turn as the named fact."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkNotice:
    answer: Literal["acknowledge", "decline"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Requeue:
    """Back to the queue with the original age, at the front of the band (promise 5)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndContact:
    reason: Literal["done", "abuse", "left"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenCase:
    """A moderator reviews every ending for abuse (promise 12)."""


Effect: TypeAlias = (
    Show | Enqueue | AskBot | Flag | Alarm | StepLadder | KeepWords | MarkNotice | Requeue | EndContact | OpenCase
)
