"""Whole contacts, thousands of ways: whatever people, staff, the bot and the clock do, in any order, the promises hold.

Hypothesis chooses the moves; `contact_model` says which must be refused and where each may lead; the real use cases run
on a real database. After every move everything that must always be true is read from the database anew.

A failure prints its moves and its seed; `TEST_SEED=… pytest …` runs the same again.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import contact_model as model
import pytest
from contact_model import ADVISOR, BOT, ENDED, WAITING, Case, Colleague, Crew, One
from contact_pages import OpenPage
from databases import BEGUN, Databases, with_texts
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from seeds import seed_of_this_run
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from handoff.cards import CARDS
from handoff.desk import advisor, duty, moderator, observe, person, presence, staff, transfer, turns
from handoff.desk.office import Desk, Office, Unit
from handoff.desk.sealed import read_state
from handoff.errors import AlreadyClaimed, Illegal, NotAllowed, NotFound
from handoff.hints import InProcess
from handoff.services.hours import admits
from handoff.services.model import Hours, OpenHours, Service
from handoff.store import audit
from handoff.store.keys import KeyRing
from handoff.store.seal import seal_of
from handoff.store.store import Store
from handoff.store.tables import Base, BotTurn, ContactRow, EntryRow, ModerationCase, NoticeRecord, QueueEntry, Staff
from handoff.store.texts import register
from handoff.turn import CarryOn, Choose, OfferEnd, RaiseRisk, Reply, RequestAdvisor, TurnAnswer, Unclear

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE_HOURS = Hours(timezone="UTC", week={day: (OpenHours(opens=time(1), closes=time(3)),) for day in DAYS})
CREW = {
    "Ash": "advisor", "Bo": "advisor", "Cy": "advisor", "New": "advisor", "Sam": "supervisor", "Mo": "moderator",
    "Mia": "moderator",
}  # fmt: skip
ANSWERS = {
    "words": (), "choose": (Choose(card="danger", option="yes"),), "no_danger": (Choose(card="danger", option="no"),),
    "concern": (RaiseRisk(category="violence", level="concern"),), "person": (RequestAdvisor(),),
    "immediate": (RaiseRisk(category="suicide", level="immediate"),), "unclear": (Unclear(),), "on": (CarryOn(),),
    "end": (OfferEnd(),), "nonsense": (Choose(card="no_such_card", option="yes"),),
}  # fmt: skip
WHO = st.integers(0, 5)  # one of the contacts there are
STAFF = st.sampled_from(sorted(CREW))
OLD_LEASE = st.sampled_from([0, 0, 0, 0, -1, 1])  # added to the number that is right


@dataclass(kw_only=True)
class World:
    """What all runs of one test share; each has a database of its own."""

    kind: str
    databases: Databases
    folder: Path
    services: dict[str, Service]
    ring: KeyRing
    count: Iterator[int]


class ContactMachine(RuleBasedStateMachine):
    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.now = world, BEGUN
        self.loop = asyncio.Runner()
        self.url = world.databases.fresh(world.kind, with_texts, world.folder / str(next(world.count)))
        self.store = Store(self.url)
        self.store.start()
        text_ids = self.wait(self.store.write(lambda s: register(s, world.services, BEGUN)))
        office = Office(services=world.services, text_ids=text_ids, ring=world.ring, clock=lambda: self.now)
        self.desk = Desk(self.store, office, InProcess())
        self.contacts: list[One] = []
        self.pages: dict[str, OpenPage] = {}
        self.turns: dict[str, turns.Leased] = {}
        self.ids = count(1)

    def teardown(self) -> None:
        try:
            for page in self.pages.values():
                self.see(page.holds_what_is_there)
            self.nothing_of_the_audit_is_missing()
        finally:
            self.store.close()
            self.loop.close()
            self.world.databases.drop(self.url)

    # ── how a move is made ───────────────────────────────────────────────────────────────────────────────────────────

    def wait(self, work: Any) -> Any:
        async def whole() -> Any:
            return await work

        return self.loop.run(whole())

    def see(self, view: Callable[[Session], Any]) -> Any:
        return self.wait(self.desk.see(view))

    def move(self, use_case: Callable[[Unit], Any], error: model.Error = None) -> Any:
        """Make the move. If it has to be refused: by this error, and nothing at all is different afterwards."""
        if error is None:
            return self.wait(self.desk.do(use_case))
        before = self.see(everything)
        with pytest.raises(error) as refused:
            self.wait(self.desk.do(use_case))
        assert refused.type is error, refused.value
        assert self.see(everything) == before, "a refused move changed something"
        return None

    def as_staff(self, name: str, work: Callable[[Unit, Staff], Any], error: model.Error = None) -> Any:
        return self.move(lambda u: work(u, u.session.get_one(Staff, name)), error)

    def one(self, n: int) -> One:
        return self.contacts[n % len(self.contacts)]

    def admits(self, one: One) -> bool:
        return admits(self.desk.office.services[one.service].file.hours, self.now)

    def id(self) -> str:
        return f"c{next(self.ids)}"

    def stands(self, one: One, right: set[str]) -> None:
        """The phase is one of those, and from now on that very one."""
        place = self.see(lambda s: s.get(ContactRow, one.id).phase)
        assert place in right, f"{one.phase} → {place}, where {sorted(right)} is right"
        if place == ENDED and one.phase != ENDED:
            Crew.ended(one)
        one.phase = place

    # ── the people ───────────────────────────────────────────────────────────────────────────────────────────────────

    @initialize()
    def a_crew(self) -> None:
        def hire(unit: Unit) -> None:
            for name, role in CREW.items():
                made = Staff(id=name, name=name, role=role, password_hash="-", active=True, created_at=unit.now)
                unit.session.add(made)
                unit.session.flush()
                for policy in staff.policies(unit.session, unit.office, made) if name != "New" else ():
                    staff.acknowledge(unit, made, policy.text_id)

        self.move(hire)
        for name in CREW:
            self.move(lambda u, name=name: staff.begin_session(u, name, hours=10**5))
        self.crew = Crew([Colleague(name, role, has_read=name != "New") for name, role in CREW.items()])
        self.beats()
        self.opens("survivors")

    @precondition(lambda self: len(self.contacts) < 6)
    @rule(service=st.sampled_from(["survivors", "missing", "phoneline"]))
    def opens(self, service: str) -> None:
        token = person.hash_of(secrets.token_urlsafe(32))
        place = self.move(lambda u: person.open_contact(u, service=service, lang="en", token_hash=token))
        self.contacts.append(One(place.contact_id, service, token))
        self.comes(self.contacts[-1])

    def comes(self, one: One) -> None:
        self.move(lambda u: presence.page_came(u, "gateway", one.id))
        self.pages[one.id] = OpenPage(self.desk, one.id, one.token)

    @rule(n=WHO, verdict=st.sampled_from(model.VERDICTS), again=st.booleans())
    def says(self, n: int, verdict: model.Verdict, again: bool) -> None:
        one, client_id = self.one(n), self.id()
        say = lambda u: person.say(u, one.id, client_id=client_id, text="words", verdict=verdict)  # noqa: E731
        if one.phase == ENDED:
            self.move(say, Illegal)
            return
        seq = self.move(say)
        may_end = self.desk.office.services[one.service].file.ladder.software_may_end
        self.stands(one, one.says(verdict, self.admits(one), may_end))
        self.case_opened(one)
        if again:  # the answer was lost: stored once, and the same answer
            before = self.see(everything)
            assert self.move(say) == seq
            assert self.see(everything) == before

    @rule(n=WHO)
    def says_nothing(self, n: int) -> None:
        self.move(lambda u: person.say(u, self.one(n).id, client_id="x", text=" \u200b", verdict=model.PLAIN), Illegal)

    @rule(n=WHO, pick=st.integers(0, 60), option=st.integers(0, 12))
    def presses(self, n: int, pick: int, option: int) -> None:
        one = self.one(n)
        cards = self.see(
            lambda s: s.execute(
                select(EntryRow.seq, EntryRow.card)
                .where(EntryRow.contact_id == one.id, EntryRow.author == "service")
                .order_by(EntryRow.seq.desc())
            ).all()
        )
        asking = [row for row in cards if CARDS[row.card].asks] if pick < 55 else cards
        if not asking:
            return
        seq, card = asking[min(pick % 11 // 3, len(asking) - 1)]
        options = [*sorted(CARDS[card].options), "carry_on", "no_such_option"]
        chosen = options[option % len(options)]
        error, right = one.presses(card, chosen)
        self.move(lambda u: person.choose(u, one.id, client_id=self.id(), card_seq=seq, option=chosen), error)
        if error is None:
            self.stands(one, right)

    @rule(n=WHO)
    def presses_a_button_that_is_not_there(self, n: int) -> None:
        error = NotFound
        self.move(lambda u: person.choose(u, self.one(n).id, client_id="x", card_seq=999, option="yes"), error)

    @rule(n=WHO)
    def asks_for_a_person(self, n: int) -> None:
        one = self.one(n)
        error = Illegal if one.phase == ENDED else None
        nobody = one.nobody_there(self.admits(one))
        self.move(lambda u: person.ask_for_person(u, one.id, client_id=self.id()), error)
        if error is None:
            self.stands(one, {ADVISOR} if one.phase == ADVISOR else {BOT} if nobody else {WAITING})

    @rule(n=WHO)
    def looks_at_everything(self, n: int) -> None:
        one = self.one(n)
        rungs = {"boundary": 1, "final_warning": 2, "ending": 3}
        for seq, entry in sorted(self.pages[one.id].entries.items() if one.id in self.pages else ()):
            if entry.card and entry.author == "service" and entry.card.name in {*rungs, "notice"}:
                self.move(lambda u, seq=seq: person.shown(u, one.id, seq=seq))
                one.displayed = one.displayed or rungs.get(entry.card.name) == one.rung

    @rule(n=WHO, verdict=st.sampled_from([model.PLAIN, model.RUDE, model.IMMEDIATE]))
    def complains(self, n: int, verdict: model.Verdict) -> None:
        """In every phase, and nobody is warned for it."""
        one = self.one(n)
        self.move(lambda u: person.complain(u, one.id, client_id=self.id(), text="words", verdict=verdict))
        if verdict == model.IMMEDIATE and one.phase != ENDED:
            self.stands(one, one.says(verdict, True, False))

    # ── leaving and coming back ──────────────────────────────────────────────────────────────────────────────────────

    @rule(n=WHO, how=st.sampled_from(["end", "exit"]))
    def leaves(self, n: int, how: str) -> None:
        one = self.one(n)
        right = one.leaves(how) if one.phase != ENDED else {ENDED}
        one.token = None if how == "exit" else one.token
        self.move(lambda u: person.leave(u, one.id, how=how))
        self.stands(one, right)

    @rule(n=WHO, closed=st.booleans())
    def the_page_goes(self, n: int, closed: bool) -> None:
        """A closed tab, or a lost line. Nothing else changes: presence is no phase."""
        one = self.one(n)
        if (page := self.pages.pop(one.id, None)) is not None:
            page.close()
            self.move(lambda u: presence.page_went(u, "gateway", one.id, closed=closed))
            self.stands(one, {one.phase})

    @rule(n=WHO)
    def comes_back(self, n: int) -> None:
        one = self.one(n)
        if one.token is not None and one.id not in self.pages:
            place = self.move(lambda u: person.open_contact(u, service=one.service, lang="en", token_hash=one.token))
            assert place.contact_id == one.id
            self.comes(one)

    # ── the bot, and the clock ───────────────────────────────────────────────────────────────────────────────────────

    @rule(n=WHO)
    def a_gateway_leases_the_turn(self, n: int) -> None:
        one = self.one(n)
        leased = self.move(lambda u: turns.lease(u, one.id, by="gateway"))
        if leased is not None:
            assert one.phase in (BOT, WAITING), "the bot is silent once a person has the contact"
            self.turns[one.id] = leased

    @precondition(lambda self: self.turns)
    @rule(n=WHO, what=st.sampled_from([*ANSWERS, "fails"]), words=st.booleans())
    def the_bot_answers(self, n: int, what: str, words: bool) -> None:
        contact, leased = list(self.turns.items())[n % len(self.turns)]
        del self.turns[contact]
        one = next(each for each in self.contacts if each.id == contact)
        replies = (Reply(name="utter_x", text="An answer."),) if words or not ANSWERS.get(what) else ()
        answer = None if what == "fails" else TurnAnswer(
            turn=leased.request.turn, replies=replies, commands=ANSWERS[what]
        )  # fmt: skip
        before = self.see(lambda s: row_of(s, contact))
        late = before.epoch != self.see(lambda s: epoch_of(s, contact))
        nobody = one.nobody_there(self.admits(one))
        ours = self.move(lambda u: turns.close(u, contact, turn_id=leased.request.turn, answer=answer))
        if not ours or one.phase == ENDED:
            right = {one.phase}
        elif what in ("concern", "immediate"):
            one.found(2 if what == "immediate" else 1)
            right = {ADVISOR} if one.phase == ADVISOR else {WAITING} if what == "immediate" else {one.phase, WAITING}
        elif one.phase == ADVISOR:
            right = {ADVISOR}
        elif what == "fails":
            right = {BOT} if nobody else {WAITING}
        else:
            right = {one.phase, WAITING}  # never ended: no words end a contact
            if what == "choose" and self.see(lambda s: row_of(s, contact)).risk == "immediate" and not late:
                one.found(2)
        self.stands(one, right)

    @rule(seconds=st.sampled_from([1, 7, 29, 31, 600, 3_700]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.beats()
        for page in self.pages.values():
            self.wait(page.look(poll=True))

    @rule()
    def who_vanished_is_looked_for(self) -> None:
        gone = {one.id: one for one in self.contacts if one.phase == ADVISOR and one.until < self.now}
        assert set(self.see(lambda s: advisor.expired(s, self.now))) == set(gone)
        for one in self.contacts:
            assert self.move(lambda u, one=one: advisor.give_back_if_expired(u, one.id)) is (one.id in gone)
            if one.id in gone:
                Crew.given_back(one)

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

    # ── what is always true ──────────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def every_promise_holds(self) -> None:
        if self.contacts:
            self.see(self.promises)

    def promises(self, session: Session) -> None:
        for one in self.contacts:
            row = session.get_one(ContactRow, one.id)
            state = read_state(seal_of(session, self.desk.office.ring, one.id), row.state_ct)
            places = session.scalars(select(QueueEntry).where(QueueEntry.contact_id == one.id)).all()
            held_in_one_place(one, row, places)
            assert (row.phase, row.risk, row.risk_open, row.uncertain, row.ladder, row.epoch) == (
                state.phase, state.risk.word, state.risk_open, state.uncertain, state.rung, state.epoch
            )  # fmt: skip
            # Risk is never lowered by software, and the ladder is as the model has it.
            assert (int(state.risk), state.risk_open, state.uncertain) == (one.risk, one.flag, one.uncertain)
            assert (int(state.rung), state.rung_displayed) == (one.rung, one.displayed)
            # Notice first.
            notices = session.scalars(select(NoticeRecord).where(NoticeRecord.contact_id == one.id)).all()
            sent = {notice.id: notice.sent_at for notice in notices}
            assert all(place.notice_id in sent and sent[place.notice_id] <= place.entered_at for place in places)
            # Somebody in the queue only ever moves up.
            for place in places:
                if place.state != "closed":
                    assert state.band == place.band
                    assert one.band is None or place.band <= one.band
                    assert one.risk < 2 or place.band == 0
                    one.band = place.band
        self.entries_are_whole(session)

    def entries_are_whole(self, session: Session) -> None:
        """In order without gaps (no two have one number: that is their key), a person's never without a verdict."""
        lacking = or_(*(column.is_(None) for column in (EntryRow.risk, EntryRow.abuse, EntryRow.uncertain)))
        without = func.count().filter(EntryRow.author == "person", or_(lacking, EntryRow.verdict_ct.is_(None)))
        each = select(EntryRow.contact_id, func.min(EntryRow.seq), func.max(EntryRow.seq), func.count(), without)
        found = {row[0]: tuple(row[1:]) for row in session.execute(each.group_by(EntryRow.contact_id))}
        heads = {row.id: row.last_seq for row in session.execute(select(ContactRow.id, ContactRow.last_seq))}
        assert found == {contact: (1, head, head, 0) for contact, head in heads.items()}

    @invariant()
    def every_page_holds_what_is_there(self) -> None:
        for contact, page in list(self.pages.items()):
            self.wait(page.look())
            self.see(lambda s, page=page: page.holds_what_is_there(s, all_of_it=next(self.ids) % 8 == 0))
            if page.closed:
                del self.pages[contact]

    def nothing_of_the_audit_is_missing(self) -> None:
        verified = self.see(audit.verify)
        assert verified.broken_at is None, verified


def held_in_one_place(one: One, row: ContactRow, places: Any) -> None:
    """With the bot, in the queue, with one advisor, or at its end: one of them, and everything says the same."""
    assert row.phase == one.phase
    standing = [(p.state, p.staff_id, p.lease_no) for p in places if p.state != "closed"]
    right = {BOT: [], WAITING: [("waiting", None, one.lease)], ADVISOR: [("claimed", one.holder, one.lease)], ENDED: []}
    assert standing == right[one.phase]
    assert (row.ended_at is not None) == (one.phase == ENDED) == (row.end_reason is not None)


def row_of(session: Session, contact: str) -> ContactRow:
    return session.get_one(ContactRow, contact)


def epoch_of(session: Session, contact: str) -> int | None:
    turn = session.get(BotTurn, contact)
    return None if turn is None else turn.epoch


def everything(session: Session) -> dict[str, set[Any]]:
    """Every row of every table."""
    return {
        table.name: {tuple(row) for row in session.execute(select(table))}
        for table in Base.metadata.sorted_tables
        if table.name not in ("policy_text", "staff_ack")
    }


@pytest.fixture(scope="session")
def office_hours(services: dict[str, Service]) -> dict[str, Service]:
    """The phoneline keeps hours, and closes while the clock moves; the other two never do."""
    phoneline = services["phoneline"]
    return {**services, "phoneline": replace(phoneline, file=phoneline.file.model_copy(update={"hours": OFFICE_HOURS}))}


def holds(
    kind: str, databases: Databases, folder: Path, services: dict[str, Service], *, runs: int, moves: int
) -> None:
    world = World(
        kind=kind, databases=databases, folder=folder, services=services, ring=KeyRing(folder / "keys"), count=count()
    )
    chosen = settings(
        max_examples=runs, stateful_step_count=moves, deadline=None, suppress_health_check=list(HealthCheck),
        print_blob=True,
    )  # fmt: skip
    run_state_machine_as_test(seed(seed_of_this_run())(lambda: ContactMachine(world)), settings=chosen)


def test_whatever_happens_in_whichever_order_a_contact_keeps_every_promise(kind, databases, tmp_path, office_hours):
    holds(kind, databases, tmp_path, office_hours, runs=3, moves=40)


@pytest.mark.full
def test_the_same_of_many_contacts_for_long(kind, databases, tmp_path, office_hours):
    holds(kind, databases, tmp_path, office_hours, runs=200 if kind == "sqlite" else 60, moves=80)
