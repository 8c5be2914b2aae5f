"""What staff do to whole contacts: claim and talk, ask each other, hand on, end, and review endings."""

from __future__ import annotations

from typing import Any

import contact_model as model
from contact_model import ENDED, WAITING, Case, Crew, One
from contact_moves import STAFF, WHO, Moves
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from handoff.desk import advisor, duty, moderator, observe, person, presence, transfer
from handoff.errors import AlreadyClaimed, Illegal, NotAllowed, NotFound
from handoff.store.tables import ModerationCase

OLD_LEASE = st.sampled_from([0, 0, 0, 0, -1, 1])  # added to the number that is right


class StaffMoves(Moves):
    # ── staff ────────────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(n=WHO, name=STAFF)
    def claims(self, n: int, name: str) -> None:
        one, who = self.one(n), self.crew.staff[name]
        error = self.crew.claims(who, one, self.contacts)
        lease = self.as_staff(name, lambda u, me: advisor.claim(u, me, one.id), error)
        if lease is not None and one.holder == name:
            assert lease.lease_no == one.lease  # claimed again: the first answer was lost
            one.until = self.now + model.LEASE
        elif lease is not None:
            Crew.has(who, one, self.now)
            assert lease.lease_no == one.lease

    @rule(n=WHO, name=STAFF)
    def declines(self, n: int, name: str) -> None:
        one = self.one(n)
        error = NotAllowed if not self.crew.staff[name].may_claim else NotFound if one.phase != WAITING else None
        self.as_staff(name, lambda u, me: duty.decline(u, me, one.id), error)

    @rule(name=STAFF, on=st.booleans())
    def pauses(self, name: str, on: bool) -> None:
        self.as_staff(name, lambda u, me: duty.pause(u, me, on=on))
        self.crew.staff[name].paused = on

    def held(self, n: int, name: str, off: int) -> tuple[One, int, model.Error]:
        """A contact, preferably one that is held; the number that is said; what refuses it."""
        held = [one for one in self.contacts if one.holder == name] or self.contacts
        one = held[n % len(held)]
        no = max(1, one.lease + off)
        return one, no, self.crew.holds(self.crew.staff[name], one, no)

    @rule(n=WHO, name=STAFF, off=OLD_LEASE, what=st.sampled_from(["say", "note", "renew", "warn", "flag"]))
    def writes(self, n: int, name: str, off: int, what: str) -> None:
        one, no, error = self.held(n, name, off)
        if what == "warn" and error is None and one.rung >= model.FINAL:
            error = Illegal
        work: Any = {
            "say": lambda u, me: advisor.say(u, me, one.id, lease_no=no, client_id=self.id(), text="words"),
            "note": lambda u, me: advisor.note(u, me, one.id, lease_no=no, client_id=self.id(), text="words"),
            "renew": lambda u, me: advisor.renew(u, me, one.id, lease_no=no),
            "warn": lambda u, me: advisor.warn(u, me, one.id, lease_no=no),
            "flag": lambda u, me: advisor.close_flag(u, me, one.id, lease_no=no),
        }[what]
        self.as_staff(name, work, error)
        if error is None and what == "renew":
            one.until = self.now + model.LEASE
        elif error is None and what == "warn":
            one.rung, one.displayed = one.rung + 1, False
        elif error is None and what == "flag":
            one.flag = False

    @rule(n=WHO, name=STAFF, off=OLD_LEASE)
    def releases(self, n: int, name: str, off: int) -> None:
        one, no, error = self.held(n, name, off)
        self.as_staff(name, lambda u, me: advisor.release(u, me, one.id, lease_no=no), error)
        if error is None:
            Crew.given_back(one)

    @rule(n=WHO, name=STAFF, off=OLD_LEASE, reason=st.sampled_from(["done", "abuse", "abuse"]))
    def ends(self, n: int, name: str, off: int, reason: str) -> None:
        one, no, _ = self.held(n, name, off)
        error = self.crew.ends(self.crew.staff[name], one, no, reason)
        self.as_staff(name, lambda u, me: advisor.end(u, me, one.id, lease_no=no, reason=reason, why="words"), error)
        if error is None:
            if reason == "abuse":
                one.case, one.rung, one.displayed = Case("", ended_by=name), 3, False
            self.stands(one, {ENDED})
            self.case_opened(one)

    @rule(n=WHO, name=STAFF)
    def wraps_up(self, n: int, name: str) -> None:
        one = self.one(n)
        error = None if one.last_holder == name else NotAllowed
        self.as_staff(name, lambda u, me: advisor.wrap_up(u, me, one.id, client_id=self.id(), text="words"), error)

    @rule(n=WHO, name=STAFF, reason=st.sampled_from(["", "quality"]))
    def opens_to_read(self, n: int, name: str, reason: str) -> None:
        one = self.one(n)
        error = self.crew.opens(self.crew.staff[name], one, self.contacts, reason)
        self.as_staff(name, lambda u, me: observe.open_contact(u, me, one.id, reason=reason), error)

    # ── colleagues ───────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(
        n=WHO,
        name=STAFF,
        to=STAFF,
        off=OLD_LEASE,
        how=st.sampled_from(["queue", "cold", "warm", "consult", "withdraw"]),
    )
    def asks_a_colleague(self, n: int, name: str, to: str, off: int, how: str) -> None:
        one, no, error = self.held(n, name, off)
        other = self.crew.staff[to]
        if how in ("cold", "warm", "consult"):
            error = error or self.crew.may_ask(self.crew.staff[name], other)
        if how == "cold" and error is None:
            error = self.crew.can_be_handed(other, one, self.contacts)
        work: Any = {
            "consult": lambda u, me: transfer.consult(u, me, one.id, lease_no=no, to=to),
            "withdraw": lambda u, me: transfer.withdraw(u, me, one.id, lease_no=no, to=to),
        }.get(how, lambda u, me: transfer.hand_on(u, me, one.id, lease_no=no, how=how, to=to, reason="language"))
        self.as_staff(name, work, error)
        if error is not None:
            return
        if how == "queue":
            Crew.given_back(one)
        elif how == "cold":
            Crew.has(other, one, self.now)
            one.asked = {to: ("handed", one.lease)}
        elif how == "withdraw":
            one.asked.pop(to, None)
        else:
            one.asked[to] = ("transfer" if how == "warm" else "consult", one.lease)

    @rule(name=STAFF, at_desk=st.booleans())
    def sits_down_or_gets_up(self, name: str, at_desk: bool) -> None:
        self.crew.staff[name].at_desk = at_desk
        self.move(lambda u: presence.write_room(u, "gateway", name, rooms=self.at_desk))

    def at_desk(self) -> set[str]:
        return {one.id for one in self.crew.staff.values() if one.at_desk}

    def beats(self) -> None:
        """The gateway lives, whatever the clock does."""
        self.move(lambda u: presence.beat(u, "gateway", pages=lambda: set(self.pages), rooms=self.at_desk))

    @rule(n=WHO, name=STAFF, how=st.sampled_from(["accept", "turn_down", "note"]))
    def is_asked(self, n: int, name: str, how: str) -> None:
        asked = [one for one in self.contacts if one.is_asked(self.crew.staff[name])] or self.contacts
        one, who = asked[n % len(asked)], self.crew.staff[name]
        if how == "accept":
            error = self.crew.accepts(who, one, self.contacts)
            self.as_staff(name, lambda u, me: transfer.accept(u, me, one.id), error)
            if error is None:
                Crew.has(who, one, self.now)
                one.asked = {}
        elif how == "turn_down":
            error = None if one.is_asked(who) else NotFound
            self.as_staff(name, lambda u, me: transfer.turn_down(u, me, one.id), error)
            if error is None:
                del one.asked[name]
        else:
            error = None if one.is_asked(who) else model.LeaseLost
            self.as_staff(
                name,
                lambda u, me: advisor.note(u, me, one.id, lease_no=None, client_id=self.id(), text="words"),
                error,
            )

    # ── the moderators ───────────────────────────────────────────────────────────────────────────────────────────────

    def case_opened(self, one: One) -> None:
        cases = self.see(lambda s: s.scalars(select(ModerationCase).where(ModerationCase.contact_id == one.id)).all())
        assert [case.ended_by for case in cases] == ([one.case.ended_by] if one.case else [])
        if one.case:
            one.case.id = cases[0].id

    @precondition(lambda self: any(one.case for one in self.contacts))
    @rule(n=WHO, name=st.sampled_from(["Mo", "Mia", "Mo", "Sam", "Ash"]))
    def takes_a_case(self, n: int, name: str) -> None:
        cases = [one.case for one in self.contacts if one.case]
        case = cases[n % len(cases)]
        error = self.crew.takes_case(self.crew.staff[name], case)
        self.as_staff(name, lambda u, me: moderator.take(u, me, case.id), error)
        if error is None:
            case.state, case.moderator = "taken", name
        else:
            assert error in (NotAllowed, AlreadyClaimed)

    @precondition(lambda self: any(one.case for one in self.contacts))
    @rule(n=WHO, name=st.sampled_from(["Mo", "Mia", "Mo", "Sam", "Ash"]), outcome=st.sampled_from(moderator.OUTCOMES))
    def decides_a_case(self, n: int, name: str, outcome: str) -> None:
        ended = [one for one in self.contacts if one.case]
        one = ended[n % len(ended)]
        error = self.crew.decides(self.crew.staff[name], one.case)
        work = lambda u, me: moderator.decide(u, me, one.case.id, outcome=outcome, reason="words")  # noqa: E731
        goes_on = self.as_staff(name, work, error)
        if error is not None:
            return
        one.case.state = "decided"
        assert goes_on is (outcome in moderator.CLEARS and one.token is not None)
        if goes_on:
            place = self.see(lambda s: person.find(s, one.token))
            new = One(
                place.contact_id, one.service, one.token, phase=WAITING, risk=one.risk, flag=one.flag,
                uncertain=one.uncertain, under_18=one.under_18, continues=one.id,
            )  # fmt: skip
            one.token = None
            self.contacts.append(new)
            if one.id in self.pages:
                self.pages[new.id] = self.pages.pop(one.id)
