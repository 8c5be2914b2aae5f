"""The turn protocol: one question to the bot, and its answer. Documented in docs/protocol.md.

    POST {bot_url}/webhooks/frontdoor/turn       Authorization: Bearer <shared secret>
    TurnRequest  → 200 TurnAnswer
                 → 400 malformed · 401 wrong secret · 502 the bot failed (never a half answer)

Any program that speaks this can stand behind handoff. The bot keeps nothing between turns, is told every
fact it needs, and cannot make anything happen except by asking with a command. There is deliberately no
command that ends a contact, and none that carries the person's words.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1

CardName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
OptionName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Facts(_Strict):
    """What the bot may know about the contact. Every field is a Rasa slot of the same name."""

    service: str
    phase: Literal["with_bot", "waiting"]
    card: str | None = None  # the asking card now on the person's screen
    risk: Literal["none", "concern", "immediate"] = "none"
    unclear: int = 0  # turns in a row that the bot did not understand
    open: bool = True  # the service's hours
    need: str | None = None  # the option chosen, if any
    under_18: bool = False
    language: str = "en"


class TurnRequest(_Strict):
    v: Literal[1] = 1
    turn: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=20_000)  # the pending messages, one a line
    facts: Facts


class Choose(_Strict):
    """The person's free words answer the card on screen: "yh hes here" → danger: yes."""

    do: Literal["choose"] = "choose"
    card: CardName
    option: OptionName


class CarryOn(_Strict):
    """Skip this card ("rather not say", "next"). Every card can be skipped (M2)."""

    do: Literal["carry_on"] = "carry_on"


class RecordFact(_Strict):
    """Keep the words of this turn as the named fact; handoff has the words."""

    do: Literal["record_fact"] = "record_fact"
    name: Literal["need", "name", "language", "access", "under_18"]


class RaiseRisk(_Strict):
    """The second net: the bot may raise risk, never lower it."""

    do: Literal["raise_risk"] = "raise_risk"
    category: str
    level: Literal["concern", "immediate"] = "immediate"


class RequestAdvisor(_Strict):
    """ "A person please", from anywhere. `urgent`: asked as something that can't wait (PRACTICE, "Queue bands")."""

    do: Literal["request_advisor"] = "request_advisor"
    urgent: bool = False


class Signpost(_Strict):
    """Show the directory entries of a topic; the bot never types a number itself."""

    do: Literal["signpost"] = "signpost"
    topic: CardName


class OpenComplaint(_Strict):
    do: Literal["open_complaint"] = "open_complaint"


class OpenRecordRequest(_Strict):
    do: Literal["open_record_request"] = "open_record_request"


class OfferEnd(_Strict):
    """Ask whether the person wants to end. Only the person's own press ends."""

    do: Literal["offer_end"] = "offer_end"


class Unclear(_Strict):
    """The bot did not understand. Handoff counts; the second time in a row it is a person's turn."""

    do: Literal["unclear"] = "unclear"


Command: TypeAlias = Annotated[
    Choose
    | CarryOn
    | RecordFact
    | RaiseRisk
    | RequestAdvisor
    | Signpost
    | OpenComplaint
    | OpenRecordRequest
    | OfferEnd
    | Unclear,
    Field(discriminator="do"),
]


class Reply(_Strict):
    """Words for the person; `[[placeholders]]` are filled by handoff from the service."""

    name: str  # the response's name in domain.yml, e.g. utter_confidential
    text: str = Field(min_length=1, max_length=4_000)


class TurnAnswer(_Strict):
    """At least one reply or command; an empty answer is a failure."""

    v: Literal[1] = 1
    turn: str
    replies: tuple[Reply, ...] = ()
    commands: tuple[Command, ...] = ()
