"""What a room of staff may send: writes carry `id` and, where claimed, `lease_no`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from handoff.frames.basics import Frame, Id, Seq, Words
from handoff.frames.from_person import Ping, StillHere


class StaffHello(Frame):
    t: Literal["hello"] = "hello"
    v: Literal[1]


class Watch(Frame):
    """Send me the queue, and keep sending it."""

    t: Literal["watch"] = "watch"


class Open(Frame):
    """Read a contact: mine, or, for a supervisor, to observe (R2: an audit event, `reason` needed)."""

    t: Literal["open"] = "open"
    contact: Id
    after: Seq = 0
    reason: Annotated[str, Field(max_length=400)] = ""


class Close(Frame):
    """Stop sending me this contact."""

    t: Literal["close"] = "close"
    contact: Id


class ClaimContact(Frame):
    t: Literal["claim"] = "claim"
    id: Id
    contact: Id


class Decline(Frame):
    """Leave a waiting person to the others; they keep their place."""

    t: Literal["decline"] = "decline"
    id: Id
    contact: Id


class Pause(Frame):
    """Nobody new for now (`on`), or again. The queue stays in sight."""

    t: Literal["pause"] = "pause"
    id: Id
    on: bool


class _Held(Frame):
    id: Id
    contact: Id
    lease_no: Annotated[int, Field(ge=1)]


class Renew(Frame):
    t: Literal["renew"] = "renew"
    contact: Id
    lease_no: Annotated[int, Field(ge=1)]


class StaffSay(_Held):
    t: Literal["say"] = "say"
    text: Words


class WriteNote(Frame):
    """M10, M11: between staff, never visible to the person, part of the record. By a colleague who is asked about the
    contact: without `lease_no`."""

    t: Literal["note"] = "note"
    id: Id
    contact: Id
    lease_no: Annotated[int, Field(ge=1)] | None = None
    text: Words


Reason: TypeAlias = Literal["language", "specialist", "asked_for", "know_them", "shift_end", "step_away", "other"]


class Transfer(_Held):
    """Hand the contact on: to the front of its band, to a colleague at once, or to one who reads first and accepts."""

    t: Literal["transfer"] = "transfer"
    how: Literal["queue", "cold", "warm"]
    to: Id | None = None  # a staff id; None for the queue
    reason: Reason


class Consult(_Held):
    """Ask a colleague, who reads along and writes notes between staff (M10)."""

    t: Literal["consult"] = "consult"
    to: Id


class Withdraw(_Held):
    """That colleague is not asked any more."""

    t: Literal["withdraw"] = "withdraw"
    to: Id


class Accept(Frame):
    """Take over the contact one was offered."""

    t: Literal["accept"] = "accept"
    id: Id
    contact: Id


class TurnDown(Frame):
    """Not me; or: I have said what I could."""

    t: Literal["turn_down"] = "turn_down"
    id: Id
    contact: Id


class Warn(_Held):
    """The next rung of the ladder, by a person."""

    t: Literal["warn"] = "warn"


class CloseFlag(_Held):
    """Only staff close a risk flag."""

    t: Literal["flag"] = "flag"
    close: Literal[True] = True


class Release(_Held):
    """Give the person back to the queue, with the original age, at the front of their band."""

    t: Literal["release"] = "release"


class End(_Held):
    """`abuse` opens a moderation case; `why` is for the moderator."""

    t: Literal["end"] = "end"
    reason: Literal["done", "abuse"]
    why: Annotated[str, Field(max_length=2_000)] = ""


class WrapUp(Frame):
    """The note after the end (M11), by the advisor who held it."""

    t: Literal["wrap_up"] = "wrap_up"
    id: Id
    contact: Id
    text: Words


class StaffTyping(Frame):
    t: Literal["typing"] = "typing"
    contact: Id


class StaffGot(Frame):
    t: Literal["got"] = "got"
    contact: Id
    seq: Seq


class StaffSeen(Frame):
    t: Literal["seen"] = "seen"
    contact: Id
    seq: Seq


StaffFrame: TypeAlias = Annotated[
    StaffHello
    | Watch
    | Open
    | Close
    | ClaimContact
    | Decline
    | Pause
    | Renew
    | StaffSay
    | WriteNote
    | Transfer
    | Consult
    | Withdraw
    | Accept
    | TurnDown
    | Warn
    | CloseFlag
    | Release
    | End
    | WrapUp
    | StaffTyping
    | StaffGot
    | StaffSeen
    | Ping
    | StillHere,
    Field(discriminator="t"),
]

staff_frames: TypeAdapter[Any] = TypeAdapter(StaffFrame)
