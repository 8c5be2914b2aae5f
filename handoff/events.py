"""What happens to a contact, in the past tense. What each leads to, in which phase: `contact.TRANSITIONS`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from handoff.ladder import Rung
from handoff.turn import Command
from handoff.verdict import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """The person opened the chat."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Continued:
    """An ending was overturned: this contact continues the old one, on a clean ladder (promise 12)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonSaid:
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class CardChosen:
    card: str
    option: str  # one of the card's, or `carry_on`


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonAskedFor:
    """*Talk to a person* was pressed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BotAnswered:
    replies: int
    commands: tuple[Command, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BotFailed:
    """Refused, hang, nonsense, or the limit passed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WarningDisplayed:
    rung: Rung


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenBack:
    """The advisor released the person, or vanished."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOn:
    """Another advisor has the contact now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Consulted:
    """The advisor asks a colleague, who reads along (M10)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameBack:
    """The person's line was lost, long enough to be a drop, and they are here again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffWarned:
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class FlagClosed:
    """By a human; the only way a risk flag closes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffEnded:
    reason: Literal["done", "abuse"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonLeft:
    how: Literal["end", "exit"]


Event: TypeAlias = (
    Opened
    | Continued
    | PersonSaid
    | CardChosen
    | PersonAskedFor
    | BotAnswered
    | BotFailed
    | WarningDisplayed
    | Claimed
    | GivenBack
    | HandedOn
    | Consulted
    | CameBack
    | StaffWarned
    | FlagClosed
    | StaffEnded
    | PersonLeft
)
