"""Who waits where. Pure; targets and escalation are data in service.yml (PRACTICE, "Queue bands")."""

from __future__ import annotations

from collections.abc import Iterable

from handoff.standing import Contact
from handoff.verdict import Risk

IMMEDIATE, SOON, CONCERN, OTHERS, INFORMATION = range(5)


def band_for(contact: Contact) -> int:
    """The band of a person, from what is known now. Being in the queue already, they never go down."""
    if contact.risk is Risk.IMMEDIATE:
        band = IMMEDIATE
    elif contact.under_18 or contact.uncertain or contact.bot_failed or contact.dropped or contact.asked_urgently:
        band = SOON
    elif contact.risk is Risk.CONCERN or contact.risk_open:
        band = CONCERN
    elif contact.answer("need") == "professional":
        band = INFORMATION
    else:
        band = OTHERS
    return band if contact.band is None else min(band, contact.band)


def stands_in(band: int, *, waited_s: float, target_s: int) -> int:
    """The band among which somebody waits by now: after twice their own band's target the one above, never 0, which
    is danger alone. Their own band stays: who hears of it, and how long others of it may wait, is counted by that."""
    return band - 1 if band > SOON and waited_s >= 2 * target_s else band


def load(bands: Iterable[int], *, danger: int) -> int:
    """How much of an advisor's capacity these contacts take, where one in band 0 counts as `danger`."""
    return sum(danger if band == IMMEDIATE else 1 for band in bands)
