"""What a page of a person is sent."""

from __future__ import annotations

from typing import Literal

from handoff.frames.basics import Frame, Seq


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
