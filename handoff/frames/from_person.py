"""What a page of a person may send."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from handoff.frames.basics import Frame, Id, Seq, Token, Words


class Hello(Frame):
    """First frame of a connection. `after` is the last seq the page has of `contact`; the gap is replayed."""

    t: Literal["hello"] = "hello"
    v: Literal[1]
    service: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    lang: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    token: Token
    contact: Id | None = None  # as welcome gave it; entries of another contact are no gap, but all new
    after: Seq = 0


class Say(Frame):
    """Words of the person. `id` is the page's own, so that saying it again changes nothing."""

    t: Literal["say"] = "say"
    id: Id
    text: Words


class ChooseOption(Frame):
    """A press on a card. `carry_on` as option skips any card (M2)."""

    t: Literal["choose"] = "choose"
    id: Id
    card_seq: Seq
    option: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]


class AskPerson(Frame):
    """The *talk to a person* button, always on screen."""

    t: Literal["person"] = "person"
    id: Id


class Shown(Frame):
    """The entry was really on screen: a warning counts only then, a notice is `displayed` then."""

    t: Literal["shown"] = "shown"
    seq: Seq


class Got(Frame):
    """Every entry up to this one has reached the page, on screen or not."""

    t: Literal["got"] = "got"
    seq: Seq


class Seen(Frame):
    """The advisor's entry `seq` was on screen, in a page that is being looked at."""

    t: Literal["seen"] = "seen"
    seq: Seq


class Typing(Frame):
    t: Literal["typing"] = "typing"


class Complain(Frame):
    """M14: at every point, outside the advisor's control."""

    t: Literal["complain"] = "complain"
    id: Id
    text: Words


class Leave(Frame):
    """`end`: the person ends the contact. `exit`: quick exit; staff still see what was said."""

    t: Literal["leave"] = "leave"
    how: Literal["end", "exit"]


class Ping(Frame):
    t: Literal["ping"] = "ping"


class StillHere(Frame):
    """The answer to `ping`, at once."""

    t: Literal["pong"] = "pong"


PersonFrame: TypeAlias = Annotated[
    Hello | Say | ChooseOption | AskPerson | Shown | Got | Seen | Typing | Complain | Leave | Ping | StillHere,
    Field(discriminator="t"),
]

person_frames: TypeAdapter[Any] = TypeAdapter(PersonFrame)
