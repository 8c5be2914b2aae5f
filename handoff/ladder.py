"""The boundary ladder: warn → final warning → end. Pure; the clauses are M15 and M16.

A rung counts only after the previous warning was *displayed*, so a burst of messages counts once. Only words aimed at
the service's own people count. Software may end at the last step alone, and never anyone ever flagged; whatever it may
not do goes to a human.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from handoff.errors import Illegal
from handoff.verdict import Abuse, Target, Verdict


class Rung(IntEnum):
    NONE = 0
    BOUNDARY = 1  # M15: we speak to the person about it; a warning, not an ending
    FINAL_WARNING = 2
    ENDED = 3  # M16


CARD = {Rung.BOUNDARY: "boundary", Rung.FINAL_WARNING: "final_warning", Rung.ENDED: "ending"}
CLAUSE = {Rung.BOUNDARY: "M15", Rung.FINAL_WARNING: "M16", Rung.ENDED: "M16"}


class Kind(Enum):
    NOT_OURS = "not ours"  # not aimed at us, or nothing to say about it
    HOLD = "hold"  # flagged; the last warning has not been displayed yet, so nothing counts
    WARN = "warn"
    MACHINE = "machine"  # plainly at the program
    HUMAN = "human"  # the next step belongs to a person
    END = "end"
    ALARM = "alarm"  # a threat: no ladder


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    kind: Kind
    rung: Rung = Rung.NONE


def threatens_us(verdict: Verdict) -> bool:
    """R1: a threat at the service's people, or at nobody named."""
    return verdict.abuse is Abuse.THREATENING and verdict.target in (Target.STAFF, None)


def judge(verdict: Verdict, *, rung: Rung, displayed: bool, may_end: bool) -> Step:
    """The step that one abusive message calls for. `displayed`: the warning of `rung` was on the person's screen."""
    if threatens_us(verdict):
        return Step(kind=Kind.ALARM)
    if verdict.target is Target.MACHINE:
        return Step(kind=Kind.MACHINE)
    if verdict.target is not Target.STAFF:
        # M15: a discriminatory view of others is spoken to, once, and never goes further up the ladder. What was said
        # to a person, and their own word for themselves, are nobody's to correct.
        theirs = verdict.target in (Target.QUOTED, Target.SELF)
        if verdict.abuse is Abuse.DISCRIMINATORY and not theirs and rung is Rung.NONE:
            return Step(kind=Kind.WARN, rung=Rung.BOUNDARY)
        return Step(kind=Kind.NOT_OURS)
    if rung is not Rung.NONE and not displayed:
        return Step(kind=Kind.HOLD)
    if rung is Rung.NONE:
        # PRACTICE: sexual gratification gets the final warning at once, then a human ending.
        return Step(kind=Kind.WARN, rung=Rung.FINAL_WARNING if "sexual" in verdict.abuse_categories else Rung.BOUNDARY)
    if rung is Rung.BOUNDARY:
        return Step(kind=Kind.WARN, rung=Rung.FINAL_WARNING)
    if may_end and "sexual" not in verdict.abuse_categories:
        return Step(kind=Kind.END, rung=Rung.ENDED)
    return Step(kind=Kind.HUMAN)


def next_warning(rung: Rung) -> Rung:
    """The warning a member of staff gives next."""
    if rung >= Rung.FINAL_WARNING:
        raise Illegal("The final warning has been given. The next step is to end the contact.")
    return Rung(rung + 1)
