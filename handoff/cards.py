"""Every card there is, and the options it may be answered with.

A card is one versioned thing handoff shows. Its words are a file of the service (`services/`), never edited after
release; what a press *means* is decided in `contact.py`. Options travel as ids, never through NLU.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where a card may stand."""

    SPINE = "spine"  # in service.yml's `spine`
    OFF_SPINE = "off_spine"  # shown because something happened


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """`options` empty: the card informs and the spine goes on. Otherwise it asks, and waits (M2: it can be skipped)."""

    name: str
    place: Place
    options: frozenset[str] = frozenset()
    words_answer: bool = False  # free words are themselves the answer (a name, a need)
    own: bool = False  # each service must bring its own text; otherwise services/common may lend one

    @property
    def asks(self) -> bool:
        return bool(self.options)


NEEDS = frozenset(
    {
        "missing_self",  # missing themselves, or thinking of it
        "family_of_missing",
        "sighting",
        "hurt_by_someone",
        "own_behaviour",  # worried about their own behaviour
        "someone_else",  # worried about someone else
        "be_heard",
        "options",
        "leaving",
        "children",
        "professional",
        "something_else",
    }
)


def _spine(name: str, *options: str, words_answer: bool = False, own: bool = False) -> Card:
    return Card(name=name, place=Place.SPINE, options=frozenset(options), words_answer=words_answer, own=own)


def _off(name: str, *options: str) -> Card:
    return Card(name=name, place=Place.OFF_SPINE, options=frozenset(options))


CARDS: dict[str, Card] = {
    card.name: card
    for card in (
        # The opening, in PRACTICE's order; service.yml decides which and when.
        _spine("greeting", own=True),
        _spine("safe_to_chat", "yes", "no", "unsure"),
        _spine("danger", "yes", "someone_else", "unsure", "cant_say", "no"),
        _spine("limits", own=True),
        _spine("code_of_contact", "ok", "decline", own=True),  # declining never refuses service
        Card(name="need", place=Place.SPINE, options=NEEDS, words_answer=True, own=True),
        _spine("age", "under_18", "over_18"),
        _spine("name", "none", words_answer=True),
        _spine("language", "english", "other", words_answer=True),
        _spine("notice", "acknowledge", "decline", own=True),  # shown is not agreed
        _spine("queue"),
        # Safety.
        _off("safety_options", "carry_on"),  # after "not safe" or "unsure"
        _off("emergency"),  # someone is in danger now
        _off("emergency_suicide"),
        _off("emergency_child"),  # a child or young person alone, or with someone unsafe
        _off("emergency_own_behaviour"),  # the phoneline: about to, or just did
        _off("still_there", "yes"),
        _off("closed"),  # M6: why, until when, where else
        # The ladder.
        _off("boundary"),
        _off("boundary_machine"),
        _off("final_warning"),
        _off("ending"),  # ended for abuse: why, review, complaint, other help, may come back
        # Coming and going.
        _off("bot_away"),  # free words cannot be answered just now: a person will
        _off("joined"),
        _off("given_back"),  # the advisor's line dropped: first in the band again
        _off("handed_on"),  # another advisor takes over
        _off("consulted"),  # the advisor asks a colleague, who reads along (M10)
        _off("goodbye"),
        _off("overturned"),
        _off("offer_end", "end", "stay"),
        # Asked for.
        _off("signpost"),
        _off("complaint"),
        _off("complaint_received"),
        _off("record_request"),
    )
}

SPINE_CARDS = frozenset(c.name for c in CARDS.values() if c.place is Place.SPINE)
QUESTIONS_OPTIONAL = frozenset({"age", "name", "language"})  # at most two in a spine
POLICY_CARDS = frozenset({"code_of_contact", "notice"})  # public, every version (R14)
