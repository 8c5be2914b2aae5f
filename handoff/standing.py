"""Where a contact stands: everything decisions depend on. Pure, frozen, and of fixed size."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from handoff.ladder import CARD, Rung
from handoff.verdict import Risk


class Phase(StrEnum):
    WITH_BOT = "with_bot"  # cards, and the bot for free words
    WAITING = "waiting"  # in the queue; cards and the bot go on meanwhile
    WITH_ADVISOR = "with_advisor"  # the bot is silent (promise 8)
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What the service's data says, as far as the contact needs it."""

    spine: tuple[str, ...]
    open: bool = True
    software_may_end: bool = True
    own_behaviour: bool = False  # the phoneline


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """Everything decisions depend on. Small and of fixed size: it never grows with the history."""

    phase: Phase = Phase.WITH_BOT
    epoch: int = 0
    risk: Risk = Risk.NONE  # the worst ever found; software never lowers it
    risk_open: bool = False  # only staff close the flag
    uncertain: bool = False  # ever
    band: int | None = None  # of the open queue entry
    rung: Rung = Rung.NONE
    rung_displayed: bool = False  # the warning of `rung` was really on the person's screen
    card: str | None = None  # the asking card the person stands at
    shown: frozenset[str] = frozenset()  # cards shown at least once
    answers: tuple[tuple[str, str], ...] = ()  # card → option, `carry_on`, or `words`
    due: tuple[str, ...] = ()  # cards to show next, before the spine goes on
    unclear: int = 0
    under_18: bool = False
    bot_failed: bool = False
    asked_urgently: bool = False  # for a person, as something that can't wait
    dropped: bool = False  # their line was lost while they waited or talked, and they came back

    def answer(self, card: str) -> str | None:
        return dict(self.answers).get(card)


def may_never_be_ended_by_software(contact: Contact) -> bool:
    """PRACTICE, "Never by software alone": anyone ever at concern, immediate or uncertain, or perhaps under 18."""
    return contact.risk is not Risk.NONE or contact.risk_open or contact.uncertain or contact.under_18


def continuing(old: Contact) -> Contact:
    """What is carried over from a contact whose ending was overturned: what the person told us, and a clean ladder."""
    return Contact(
        risk=old.risk,
        risk_open=old.risk_open,
        uncertain=old.uncertain,
        shown=old.shown - {"notice", "queue"} - frozenset(CARD.values()),
        answers=old.answers,
        under_18=old.under_18,
    )
