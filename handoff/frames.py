"""Every frame of the two sockets, both ways. JSON objects with `t` as the kind; documented in docs/protocol.md.

Frames coming in are strict: an unknown kind, an unknown field or a wrong type is refused by name and nothing else
happens. Times are RFC 3339 in UTC. `seq` counts the entries of one contact from 1 without gaps.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

VERSION = 1
MAX_FRAME = 16 * 1024  # bytes; uvicorn refuses larger ones
MAX_WORDS = 4_000  # characters in one message


class Frame(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Seq: TypeAlias = Annotated[int, Field(ge=0, lt=2**31)]  # what a column of either database holds
Words: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAX_WORDS)]
Token: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]  # 256 bits, base64url

# ── Person → us ──────────────────────────────────────────────────────────────────────────────────────────────────────


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

# ── Us → person ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Option(Frame):
    id: str
    label: str


class CardView(Frame):
    """What the page draws for a card: the options still open (none once answered)."""

    name: str
    title: str = ""
    options: tuple[Option, ...] = ()
    version: int = 1
    lang: str = "en"


class Welcome(Frame):
    """`head` is the newest seq; `gap` true means that earlier entries are gone and cannot be replayed.

    `continues`: this contact continues one whose ending was overturned (promise 12)."""

    t: Literal["welcome"] = "welcome"
    v: Literal[1] = 1
    contact: str
    head: Seq
    gap: bool = False
    continues: bool = False


class Entry(Frame):
    """One entry of the transcript. `kind`: words, card, choice, reply or event."""

    t: Literal["entry"] = "entry"
    seq: Seq
    author: Literal["person", "bot", "advisor", "service"]
    kind: Literal["words", "card", "choice", "reply", "event"]
    text: str
    name: str | None = None  # the advisor's working name (M9)
    card: CardView | None = None
    id: str | None = None  # the client id, for the one who sent it
    at: str


class Ack(Frame):
    """Stored and committed (promise 4)."""

    t: Literal["ack"] = "ack"
    id: str
    seq: Seq


class State(Frame):
    """Where the contact stands. Honest: None where it is not known."""

    t: Literal["state"] = "state"
    phase: Literal["with_bot", "waiting", "with_advisor", "ended"]
    card_seq: Seq | None = None  # the asking card the spine stands at: free words are taken as its answer
    live: tuple[Seq, ...] = ()  # every card whose buttons still work: that one, and an unanswered notice
    position: int | None = None
    wait_min: tuple[int, int] | None = None  # minutes, from recent waits
    advisor: str | None = None
    bot: Literal["here", "away"] = "here"
    open: bool = True  # with the bot: whether one may still join the queue; in it: whether advisors are there
    staffed: bool = True  # somebody is at a desk who could claim
    end_reason: str | None = None


class TypingFrom(Frame):
    t: Literal["typing"] = "typing"
    who: Literal["advisor", "bot", "person"]
    contact: str | None = None  # on staff sockets


class Mark(Frame):
    """How far the other side has got. `delivered`: entries up to this one have reached their page. `read`: this very
    entry was on their screen, in a page that is being looked at; of those before it, it says nothing."""

    t: Literal["mark"] = "mark"
    contact: str | None = None
    delivered: Seq
    read: Seq


class Refused(Frame):
    """Nothing happened. `words` are for people: what happened, what to do. `retry`: trying again may help."""

    t: Literal["refused"] = "refused"
    id: str | None = None
    code: str
    words: str
    retry: bool = False


class Pong(Frame):
    t: Literal["pong"] = "pong"


class StillThere(Frame):
    """Is the page there? Answered with `pong`. A page that never answers is a lost line."""

    t: Literal["ping"] = "ping"


class Bye(Frame):
    """The connection is about to close; come back after so many seconds (None: don't)."""

    t: Literal["bye"] = "bye"
    code: str
    words: str = ""
    retry_after: float | None = None


# ── Staff → us (writes carry `id` and, where claimed, `lease_no`) ────────────────────────────────────────────────────


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

# ── Us → staff (entry, ack, mark, typing, refused, pong, bye as to a person, and:) ───────────────────────────────────


class StaffWelcome(Frame):
    t: Literal["welcome"] = "welcome"
    v: Literal[1] = 1
    staff: str
    name: str
    role: Literal["advisor", "moderator", "supervisor"]
    may_claim: bool  # false until the current policies are acknowledged (R13)
    paused: bool = False


class QueueRow(Frame):
    contact: str
    service: str
    state: Literal["waiting", "claimed"]
    band: int
    since: str  # entered the queue
    risk: Literal["none", "concern", "immediate"]
    flag_open: bool
    uncertain: bool
    here: bool  # the person's page is connected
    left: Literal["exit", "closed", "lost"] | None = None  # how who is not here went
    left_at: str | None = None
    back_at: str | None = None  # here again, after they had left at `left_at`
    by: str | None = None  # the working name of who holds it
    mine: bool = False
    declined: bool = False  # you left them to others
    declined_by: int = 0  # how many did
    unanswered_since: str | None = None  # claimed, and the person has heard nothing since
    quiet: Literal["first_words", "silent"] | None = None  # that is too long: first words are due; a supervisor is told


class Queue(Frame):
    t: Literal["queue"] = "queue"
    rows: tuple[QueueRow, ...]


class Summary(Frame):
    """What the advisor sees first, in PRACTICE's order; the person's own words, verbatim."""

    t: Literal["summary"] = "summary"
    contact: str
    service: str
    phase: str
    risk: str
    flag_open: bool
    flagged: tuple[FlaggedWords, ...] = ()
    answers: dict[str, str] = {}  # card → the label chosen, or the words
    notice: Literal["sent", "displayed", "acknowledged", "declined"] | None = None
    told: tuple[str, ...] = ()  # titles of the cards already shown
    waited_s: int | None = None
    here: bool = False
    left: str | None = None
    left_at: str | None = None
    back_at: str | None = None
    ladder: tuple[str, ...] = ()
    notes: tuple[NoteView, ...] = ()
    asked: tuple[Asking, ...] = ()  # colleagues who read along
    complaint: bool = False
    end_reason: str | None = None
    continues: str | None = None  # the contact whose ending was overturned; its words may be opened too


class FlaggedWords(Frame):
    """One flagged entry: its exact words, when, and what was found where (offsets into the text)."""

    seq: Seq
    text: str
    at: str
    risk: str
    abuse: str
    uncertain: bool
    categories: tuple[str, ...] = ()
    target: str | None = None
    spans: tuple[tuple[int, int, str], ...] = ()


class NoteView(Frame):
    n: int
    kind: Literal["note", "wrap_up"]
    by: str
    text: str
    at: str


class Asking(Frame):
    """A colleague who is asked to take over (`transfer`), or for advice (`consult`)."""

    staff: str
    name: str
    how: Literal["transfer", "consult"]


class StaffEntry(Frame):
    """An entry of a contact that this member of staff has open."""

    t: Literal["entry"] = "entry"
    contact: str
    entry: Entry
    flagged: FlaggedWords | None = None


class Claimed(Frame):
    t: Literal["claimed"] = "claimed"
    id: str
    contact: str
    lease_no: int
    until: str


class StaffAck(Frame):
    t: Literal["ack"] = "ack"
    id: str
    contact: str | None = None  # None: the write was about no contact
    seq: Seq | None = None  # of the entry, where the write made one


class Lost(Frame):
    """You no longer hold this contact: the lease ran out, a colleague has it now, or it ended; or (`asked`) you are no
    longer asked about it."""

    t: Literal["lost"] = "lost"
    contact: str
    why: Literal["lease", "handed_on", "asked", "ended"]


class AskedRow(Frame):
    """What a colleague asks of you. `handed`: the contact is yours already, by this `lease_no`."""

    contact: str
    service: str
    band: int
    how: Literal["transfer", "consult", "handed"]
    by: str  # working name
    reason: Reason | None = None
    lease_no: int | None = None


class Asked(Frame):
    """All that you are asked now."""

    t: Literal["asked"] = "asked"
    rows: tuple[AskedRow, ...] = ()


class Flagged(Frame):
    """An alert for staff: a message of this contact was flagged. Never sent to the person's side."""

    t: Literal["flagged"] = "flagged"
    contact: str
    seq: Seq
    risk: str
    abuse: str
    uncertain: bool


class AlarmRow(Frame):
    """Somebody is to look now. `id`: of one that a supervisor's press takes off; None: it goes by itself."""

    id: int | None = None
    what: str
    contact: str | None = None
    service: str | None = None
    since: str


class Alarms(Frame):
    """All that stand, for whoever watches: to supervisors every one, to others those that concern every desk."""

    t: Literal["alarms"] = "alarms"
    rows: tuple[AlarmRow, ...] = ()


Summary.model_rebuild()

person_frames: TypeAdapter[Any] = TypeAdapter(PersonFrame)
staff_frames: TypeAdapter[Any] = TypeAdapter(StaffFrame)
