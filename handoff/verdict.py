"""What screening found in one message: the words every other room uses for it.

A verdict is made by `handoff.screening.screen` and acted on by `handoff.contact`. Nothing here looks at text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Risk(IntEnum):
    """How soon somebody could be harmed. Ordered, so that `max` keeps the worst."""

    NONE = 0  # nothing flagged; never to be shown to staff as an assessment
    CONCERN = 1  # serious, not now: opens a risk flag
    IMMEDIATE = 2  # now or within hours, or intent, plan, means or an attempt is stated

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Risk:
        return cls[word.upper()]


class Abuse(IntEnum):
    """How a message treats the people who answer. Ordered by how soon staff must look."""

    NONE = 0
    DISCRIMINATORY = 1  # M15: we speak to the person about it
    ABUSIVE = 2  # M16: the ladder
    THREATENING = 3  # R1: no ladder, no software ending; a supervisor now

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Abuse:
        return cls[word.upper()]


class Target(StrEnum):
    """At whom abusive words are aimed. Only `staff` and `machine` can ever step the ladder."""

    STAFF = "staff"  # whoever is answering: people seldom know that it's a program
    MACHINE = "machine"  # plainly at the program ("stupid bot"): one boundary, then a person is offered
    OTHER = "other"  # somebody else: a partner, a group
    SELF = "self"
    QUOTED = "quoted"  # the person tells us what was said to them


RISK_CATEGORIES = frozenset(
    {
        "suicide",
        "self_harm",
        "medical",
        "violence",
        "threat_to_others",
        "child_at_risk",
        "adult_at_risk",
        "missing_at_risk",
        "exploitation",
        "terrorism",
    }
)
ABUSE_CATEGORIES = frozenset(
    {
        "racist",
        "sexist",
        "homophobic",
        "transphobic",
        "ableist",
        "religious",
        "xenophobic",
        "insult",
        "sexual",
        "threat",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Where in the text *as typed* something was found: `text[start:end]`, and by which step."""

    start: int
    end: int
    label: str
    step: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The outcome of screening one message.

    `uncertain` means that a step failed or the steps are torn: it goes to a person (promise 2).
    `reason` says why, in the operator's words; it never holds the person's.
    """

    risk: Risk = Risk.NONE
    risk_categories: frozenset[str] = frozenset()
    abuse: Abuse = Abuse.NONE
    abuse_categories: frozenset[str] = frozenset()
    target: Target | None = None
    spans: tuple[Span, ...] = ()
    uncertain: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One earlier entry given to screening as history: "yes" means nothing without its question."""

    author: str  # person | bot | advisor
    text: str
    card: str | None = None
