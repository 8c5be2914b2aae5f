"""What people, their pages, the bot and the clock do to whole contacts."""

from __future__ import annotations

import secrets
from datetime import timedelta

import contact_model as model
from contact_model import ADVISOR, BOT, ENDED, WAITING, Colleague, Crew, One
from contact_moves import CREW, WHO, Moves, epoch_of, everything, row_of
from contact_pages import OpenPage
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from sqlalchemy import select

from handoff.cards import CARDS
from handoff.desk import advisor, person, presence, staff, turns
from handoff.desk.office import Unit
from handoff.errors import Illegal, NotFound
from handoff.store.tables import EntryRow, Staff
from handoff.turn import CarryOn, Choose, OfferEnd, RaiseRisk, Reply, RequestAdvisor, TurnAnswer, Unclear

ANSWERS = {
    "words": (), "choose": (Choose(card="danger", option="yes"),), "no_danger": (Choose(card="danger", option="no"),),
    "concern": (RaiseRisk(category="violence", level="concern"),), "person": (RequestAdvisor(),),
    "person_now": (RequestAdvisor(urgent=True),),
    "immediate": (RaiseRisk(category="suicide", level="immediate"),), "unclear": (Unclear(),), "on": (CarryOn(),),
    "end": (OfferEnd(),), "nonsense": (Choose(card="no_such_card", option="yes"),),
}  # fmt: skip


class PeopleMoves(Moves):
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

    @rule(seconds=st.sampled_from([1, 7, 24, 26, 600, 3_700]))
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
