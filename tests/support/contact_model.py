"""A whole contact as one would tell it on a page: what the state machine's tests hold the real desk against. Pure.

`One` is a contact, `Crew` who works here. Each move says first what has to refuse it (an error's class, or None), and
then what may be true afterwards. Where the cards decide (a pressed card may be the last before the queue), the model
names every phase that is right.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from handoff.cards import CARDS
from handoff.errors import AlreadyClaimed, Full, Illegal, LeaseLost, NotAllowed, NotFound, Paused
from handoff.verdict import Abuse, Risk, Target, Verdict

BOT, WAITING, ADVISOR, ENDED = "with_bot", "waiting", "with_advisor", "ended"
LEASE = timedelta(seconds=25)
CAPACITY, DANGER_COUNTS = 2, 2
FINAL = 2  # the rung of the final warning
Error = type[Exception] | None

PLAIN = Verdict()
CONCERN = Verdict(risk=Risk.CONCERN, risk_categories=frozenset({"violence"}))
IMMEDIATE = Verdict(risk=Risk.IMMEDIATE, risk_categories=frozenset({"violence"}))
UNCERTAIN = Verdict(uncertain=True, reason="screening failed")
RUDE = Verdict(abuse=Abuse.ABUSIVE, target=Target.STAFF, abuse_categories=frozenset({"insult"}))
AT_MACHINE = Verdict(abuse=Abuse.ABUSIVE, target=Target.MACHINE, abuse_categories=frozenset({"insult"}))
THREAT = Verdict(abuse=Abuse.THREATENING, target=Target.STAFF, abuse_categories=frozenset({"threat"}))
VERDICTS = (PLAIN, PLAIN, CONCERN, IMMEDIATE, UNCERTAIN, RUDE, RUDE, RUDE, AT_MACHINE, THREAT)


@dataclass
class Colleague:
    id: str
    role: str
    has_read: bool = True  # the policies (R13)
    paused: bool = False
    at_desk: bool = True

    @property
    def may_claim(self) -> bool:
        return self.role != "moderator" and self.has_read


@dataclass
class Case:
    id: str
    ended_by: str
    state: str = "open"
    moderator: str | None = None


@dataclass
class One:
    id: str
    service: str
    token: bytes | None
    phase: str = BOT
    risk: int = 0
    flag: bool = False
    uncertain: bool = False
    under_18: bool = False
    band: int | None = None  # as the queue has it; the machine checks that it only ever falls
    rung: int = 0
    displayed: bool = False
    holder: str | None = None
    last_holder: str | None = None  # of the place, also when it is closed
    lease: int = 0
    until: datetime | None = None
    asked: dict[str, tuple[str, int]] = field(default_factory=dict)  # staff → (how, the lease by which)
    case: Case | None = None
    continues: str | None = None

    def nobody_there(self, admits: bool) -> bool:
        return not admits and self.phase == BOT and not (self.risk or self.flag or self.uncertain)

    def is_asked(self, who: Colleague) -> str | None:
        how, lease = self.asked.get(who.id, ("", 0))
        return how if self.phase == ADVISOR and lease == self.lease else None

    # ── the person ───────────────────────────────────────────────────────────────────────────────────────────────────

    def found(self, risk: int) -> None:
        self.risk, self.flag = max(self.risk, risk), True

    def says(self, verdict: Verdict, admits: bool, software_may_end: bool) -> set[str]:
        """What the words lead to: the phases that are right. Not for a contact that has ended."""
        if self.phase == ADVISOR:
            if verdict.risk:
                self.found(verdict.risk)
            if verdict.uncertain:
                self.uncertain = self.flag = True
            return {ADVISOR}
        if verdict.risk is Risk.IMMEDIATE:
            self.found(2)
            return {WAITING}
        if verdict.uncertain or verdict == THREAT:
            self.uncertain = True
            self.flag = self.flag or verdict.uncertain
            return {WAITING}
        if verdict.risk:
            self.found(verdict.risk)
        if verdict == RUDE:
            return self._is_rude(admits, software_may_end)
        return {self.phase, WAITING}

    def _is_rude(self, admits: bool, software_may_end: bool) -> set[str]:
        ready = self.rung == 0 or self.displayed
        may_end = software_may_end and not (self.risk or self.flag or self.uncertain or self.under_18)
        if self.flag:
            return {WAITING}  # risk outranks abuse
        if not ready:
            return {self.phase, WAITING}  # a burst counts once
        if self.rung < FINAL:
            self.rung, self.displayed = self.rung + 1, False
            return {self.phase, WAITING}
        if may_end:
            self.rung, self.displayed = self.rung + 1, False
            self.case = Case(id="", ended_by="software")
            return {ENDED}
        return {BOT} if self.nobody_there(admits) else {WAITING}

    def presses(self, card: str, option: str) -> tuple[Error, set[str]]:
        if self.phase == ENDED:
            return Illegal, set()
        if not CARDS[card].asks or option not in CARDS[card].options | {"carry_on"}:
            return Illegal, set()
        match card, option:
            case "danger", "yes" | "someone_else":
                self.found(2)
                return None, {ADVISOR if self.phase == ADVISOR else WAITING}
            case "danger", "unsure" | "cant_say":
                self.found(1)
                return None, {ADVISOR if self.phase == ADVISOR else WAITING}
            case "age", "under_18":
                self.under_18 = True
            case "offer_end", "end":
                return None, {ENDED}
        return None, {ADVISOR} if self.phase == ADVISOR else {self.phase, WAITING}

    def leaves(self, how: str) -> set[str]:
        if how == "exit":
            self.token = None
            if self.phase == BOT:
                return {WAITING} if self.flag else {ENDED}
            return {self.phase}
        return {ENDED}


class Crew:
    """Everybody who works here, and what each may do to a contact."""

    def __init__(self, staff: Collection[Colleague]) -> None:
        self.staff = {one.id: one for one in staff}

    def room_for(self, who: Colleague, one: One, everybody: Collection[One]) -> Error:
        """Promise: somebody in band 0 can always be taken."""
        if one.band == 0:
            return None
        if who.paused:
            return Paused
        held = [other.band for other in everybody if other.holder == who.id]
        load = sum(DANGER_COUNTS if band == 0 else 1 for band in [*held, one.band])
        return Full if held and load > CAPACITY else None

    def can_be_handed(self, who: Colleague, one: One, everybody: Collection[One]) -> Error:
        """Nobody is put into hands that are not there, or pause, or are full; danger is no exception."""
        held = [other.band for other in everybody if other.holder == who.id]
        load = sum(DANGER_COUNTS if band == 0 else 1 for band in [*held, one.band])
        there = who.at_desk and not who.paused
        return None if there and not (held and load > CAPACITY) else NotAllowed

    def claims(self, who: Colleague, one: One, everybody: Collection[One]) -> Error:
        if not who.may_claim:
            return NotAllowed
        if one.phase not in (WAITING, ADVISOR):
            return NotFound
        if one.holder == who.id:
            return None
        return self.room_for(who, one, everybody) or (AlreadyClaimed if one.phase == ADVISOR else None)

    def holds(self, who: Colleague, one: One, lease: int) -> Error:
        return None if one.phase == ADVISOR and one.holder == who.id and one.lease == lease else LeaseLost

    def may_ask(self, who: Colleague, other: Colleague) -> Error:
        if other.role == "moderator":
            return NotFound
        if other.id == who.id:
            return Illegal
        return None if other.has_read else NotAllowed

    def accepts(self, who: Colleague, one: One, everybody: Collection[One]) -> Error:
        if not who.may_claim:
            return NotAllowed
        if one.is_asked(who) != "transfer":
            return NotFound
        return self.room_for(who, one, everybody)

    def ends(self, who: Colleague, one: One, lease: int, reason: str) -> Error:
        return self.holds(who, one, lease) or (
            NotAllowed if reason == "abuse" and one.flag and who.role != "supervisor" else None
        )

    def opens(self, who: Colleague, one: One, everybody: Collection[One], reason: str) -> Error:
        mine = [one, *(other for other in everybody if other.continues == one.id)]
        if any(each.last_holder == who.id for each in mine) or one.is_asked(who):
            return None
        if who.role != "supervisor":
            return NotAllowed
        return None if reason else Illegal

    def takes_case(self, who: Colleague, case: Case) -> Error:
        if who.role != "moderator":
            return NotAllowed
        return None if case.state == "open" else AlreadyClaimed

    def decides(self, who: Colleague, case: Case) -> Error:
        if who.role != "moderator":
            return NotAllowed
        return None if case.state == "taken" and case.moderator == who.id else Illegal

    # ── what follows ─────────────────────────────────────────────────────────────────────────────────────────────────

    @staticmethod
    def has(who: Colleague, one: One, now: datetime) -> None:
        one.phase, one.holder, one.last_holder = ADVISOR, who.id, who.id
        one.lease, one.until = one.lease + 1, now + LEASE

    @staticmethod
    def given_back(one: One) -> None:
        one.phase, one.holder, one.last_holder, one.until = WAITING, None, None, None

    @staticmethod
    def ended(one: One) -> None:
        one.phase, one.holder, one.until, one.band = ENDED, None, None, None
