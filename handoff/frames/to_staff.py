"""What a room of staff is sent. `typing`, `mark`, `refused`, `pong`, `ping` and `bye` are as to a person."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from handoff.frames.basics import Frame, Seq
from handoff.frames.from_staff import Reason
from handoff.frames.to_person import Entry


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
    lifted: bool = False  # waited over twice their band's target: stands one band higher
    since: str  # entered the queue
    risk: Literal["none", "concern", "immediate"]
    flag_open: bool
    uncertain: bool
    here: bool  # the person's page is connected
    left: Literal["exit", "closed", "lost"] | None = None  # how who is not here went
    left_at: str | None = None
    back_at: str | None = None  # here again, after they had left at `left_at`
    reopened: bool = False  # they had closed the page, and opened it again within a minute
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
    answers: dict[str, str] = Field(default_factory=dict)  # card → the label chosen, or the words
    notice: Literal["sent", "displayed", "acknowledged", "declined"] | None = None
    told: tuple[str, ...] = ()  # titles of the cards already shown
    waited_s: int | None = None
    here: bool = False
    left: str | None = None
    left_at: str | None = None
    back_at: str | None = None
    reopened: bool = False
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
