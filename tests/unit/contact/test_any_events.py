"""Whatever happens, in whatever order: what must hold after every single event."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import Phase as Part
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from handoff import contact, ladder, queue, standing
from handoff import effects as ef
from handoff import events as ev
from handoff import turn as t
from handoff.cards import CARDS
from handoff.errors import Illegal
from handoff.ladder import Rung
from handoff.services.load import load_services
from handoff.services.model import Service
from handoff.standing import Contact, Phase
from handoff.verdict import ABUSE_CATEGORIES, RISK_CATEGORIES, Abuse, Risk, Target, Verdict

EMERGENCY = {"emergency", "emergency_suicide", "emergency_child", "emergency_own_behaviour"}
BOT_OR_QUEUE = (Phase.WITH_BOT, Phase.WAITING)
BY_STAFF = (ev.Claimed, ev.GivenBack, ev.HandedOn, ev.Consulted, ev.StaffWarned, ev.FlagClosed, ev.StaffEnded)


@cache
def services() -> dict[str, Service]:
    return load_services(None)


def some(categories: frozenset[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(sorted(categories)), max_size=2)


verdicts = st.builds(
    Verdict,
    risk=st.sampled_from([Risk.NONE, Risk.NONE, Risk.NONE, Risk.CONCERN, Risk.IMMEDIATE]),
    risk_categories=some(RISK_CATEGORIES),
    abuse=st.sampled_from([Abuse.NONE, Abuse.NONE, *Abuse]),
    abuse_categories=some(ABUSE_CATEGORIES),
    target=st.sampled_from([None, *Target]),
    uncertain=st.sampled_from([False, False, False, True]),
)
pairs = st.sampled_from([(name, option) for name, card in CARDS.items() for option in (*card.options, "nonsense")])
presses = st.sampled_from([(name, option) for name, card in CARDS.items() for option in (*card.options, "carry_on")])
commands = st.one_of(
    st.builds(lambda pair: t.Choose(card=pair[0], option=pair[1]), pairs),
    st.just(t.CarryOn()),
    st.builds(t.RecordFact, name=st.sampled_from(["need", "name", "language", "access", "under_18"])),
    st.builds(
        t.RaiseRisk,
        category=st.sampled_from([*sorted(RISK_CATEGORIES), "nonsense"]),
        level=st.sampled_from(["concern", "immediate"]),
    ),
    st.builds(t.RequestAdvisor, urgent=st.booleans()),
    st.builds(t.Signpost, topic=st.sampled_from(["housing", "police"])),
    st.sampled_from([t.OpenComplaint(), t.OpenRecordRequest(), t.OfferEnd(), t.Unclear()]),
)


class AnyEvents(RuleBasedStateMachine):
    """A contact of one of the three services, and what a careful witness writes down beside it."""

    @initialize(
        name=st.sampled_from(["missing", "phoneline", "survivors"]), open=st.sampled_from([True, True, True, False])
    )
    def begin(self, name: str, open: bool) -> None:
        self.service = services()[name]
        file = self.service.file
        self.rules = standing.Rules(
            spine=file.spine,
            open=open,
            software_may_end=file.ladder.software_may_end,
            own_behaviour=file.contempt_is_risk,
        )
        self.start(Contact(), ev.Opened())

    def start(self, contact: Contact, event: ev.Event) -> None:
        self.contact = contact
        self.opened = isinstance(event, ev.Opened)
        self.shown: list[str] = []  # whole, not "again"
        self.displayed: set[Rung] = set()
        self.steps: list[Rung] = []
        self.flagged = standing.may_never_be_ended_by_software(contact)
        self.step(event)

    # ── what may happen ──────────────────────────────────────────────────────────────────────────────────────────────

    @rule(verdict=verdicts)
    def says(self, verdict: Verdict) -> None:
        self.step(ev.PersonSaid(verdict=verdict))

    @rule(sexual=st.sampled_from([False, False, True]))
    def is_abusive(self, sexual: bool) -> None:
        categories = frozenset({"sexual" if sexual else "insult"})
        self.step(ev.PersonSaid(verdict=Verdict(abuse=Abuse.ABUSIVE, abuse_categories=categories, target=Target.STAFF)))

    @rule()
    def says_something(self) -> None:
        self.step(ev.PersonSaid(verdict=Verdict()))

    @rule(press=presses)
    def presses(self, press: tuple[str, str]) -> None:
        self.step(ev.CardChosen(card=press[0], option=press[1]))

    @precondition(lambda self: self.contact.card is not None)
    @rule(data=st.data())
    def answers(self, data: st.DataObject) -> None:
        card = self.contact.card
        assert card is not None
        self.step(ev.CardChosen(card=card, option=data.draw(st.sampled_from(sorted(CARDS[card].options)))))

    @rule()
    def asks_for_person(self) -> None:
        self.step(ev.PersonAskedFor())

    @rule(commands=st.lists(commands, max_size=3))
    def bot_answers(self, commands: list[t.Command]) -> None:
        self.step(ev.BotAnswered(replies=1, commands=tuple(commands)))

    @rule()
    def bot_fails(self) -> None:
        self.step(ev.BotFailed())

    @precondition(lambda self: self.steps)
    @rule(data=st.data())
    def warning_is_displayed(self, data: st.DataObject) -> None:
        rung = data.draw(st.sampled_from(self.steps))
        self.displayed.add(rung)
        self.step(ev.WarningDisplayed(rung=rung))

    @rule(
        event=st.sampled_from(
            [
                ev.Claimed(),
                ev.GivenBack(),
                ev.StaffWarned(),
                ev.FlagClosed(),
                ev.StaffEnded(reason="done"),
                ev.StaffEnded(reason="abuse"),
            ]
        )
    )
    def staff_act(self, event: ev.Event) -> None:
        self.step(event)

    @rule()
    def comes_back_after_a_drop(self) -> None:
        self.step(ev.CameBack())

    @rule(how=st.sampled_from(["end", "exit", "exit"]))
    def leaves(self, how: str) -> None:
        self.step(ev.PersonLeft(how=how))  # type: ignore[arg-type]

    @precondition(lambda self: self.contact.rung is Rung.ENDED)
    @rule()
    def is_overturned(self) -> None:
        old = self.contact
        self.start(standing.continuing(old), ev.Continued())
        assert self.contact.phase is Phase.WAITING, "an overturned ending goes to a person (promise 12)"
        assert self.contact.rung is Rung.NONE, "on a clean ladder"
        assert (self.contact.risk, self.contact.answers) == (old.risk, old.answers)

    # ── one event, and what must hold ────────────────────────────────────────────────────────────────────────────────

    def step(self, event: ev.Event) -> None:
        before = self.contact
        try:
            after, effects = contact.decide(before, event, self.rules)
        except Illegal:
            assert self.contact is before
            return
        self.flagged = self.flagged or found_something(event)
        self.risk_only_rises(before, event, after)
        self.flag_of_epoch(before, after)
        self.in_order(before, event, after, effects)
        self.ladder_is_fair(before, event, after, effects)
        self.queue_is_fair(before, event, after)
        self.immediate_is_at_once(before, event, after, effects)
        self.advisor_is_not_talked_over(before, event, after, effects)
        self.contact = after

    def risk_only_rises(self, before: Contact, event: ev.Event, after: Contact) -> None:
        assert after.risk >= before.risk
        assert after.uncertain >= before.uncertain
        assert after.under_18 >= before.under_18
        if before.risk_open and not after.risk_open:
            assert isinstance(event, ev.FlagClosed), "only staff close a flag"

    def flag_of_epoch(self, before: Contact, after: Contact) -> None:
        def key(x: Contact) -> tuple[object, ...]:
            return x.phase, x.risk, x.risk_open, x.rung

        assert after.epoch == before.epoch + (key(before) != key(after))

    def in_order(self, before: Contact, event: ev.Event, after: Contact, effects: tuple[ef.Effect, ...]) -> None:
        """Notice before queue; every card exists and has words; nobody is asked where nobody reads."""
        for effect in effects:
            if isinstance(effect, ef.Show):
                assert effect.card in CARDS
                assert self.service.text(effect.card).body
                if not effect.again:
                    self.shown.append(effect.card)
                if effect.card == "boundary_machine":
                    assert self.shown.count("boundary_machine") == 1
                if not self.rules.open and self.opened:
                    assert effect.card != "need", "no story is asked for that nobody reads"
                    assert effect.card == "greeting" or "closed" in self.shown, "closed is said first"
            elif isinstance(effect, ef.Enqueue):
                assert "notice" in self.shown, "the notice first (promise 1)"
        assert self.shown.count("notice") <= 1
        if after.phase in (Phase.WAITING, Phase.WITH_ADVISOR):
            assert "notice" in self.shown
        if "queue" in self.shown:
            assert self.shown.index("notice") < self.shown.index("queue")
        if after.phase is Phase.WAITING and before.phase is Phase.WITH_BOT and self.opened and not self.rules.open:
            found = after.risk is not Risk.NONE or after.uncertain or after.risk_open
            assert found, "closed: only whom somebody is called for"

    def ladder_is_fair(self, before: Contact, event: ev.Event, after: Contact, effects: tuple[ef.Effect, ...]) -> None:
        steps = [effect for effect in effects if isinstance(effect, ef.StepLadder)]
        ended = [effect for effect in effects if isinstance(effect, ef.EndContact)]
        for step in steps:
            assert step.rung is after.rung
            assert step.clause == ladder.CLAUSE[step.rung]
            assert not after.rung_displayed, "a warning just given has not been displayed"
            assert len(steps) == 1, "a message counts once"
            if step.by_software:
                assert isinstance(event, ev.PersonSaid)
                assert event.verdict.target not in (Target.QUOTED, Target.SELF, Target.MACHINE)
                assert not self.flagged or not before.risk_open, "risk outranks abuse (promise 3)"
                if step.rung > Rung.BOUNDARY:
                    assert event.verdict.target is Target.STAFF
                if before.rung is not Rung.NONE:
                    assert before.rung in self.displayed, "counts only after the last warning was displayed"
            else:
                assert isinstance(event, BY_STAFF)
            self.steps.append(step.rung)
        assert after.rung >= before.rung or isinstance(event, ev.Continued)
        assert (after.phase is Phase.ENDED) == (before.phase is Phase.ENDED or bool(ended))
        if after.phase is not Phase.ENDED or before.phase is Phase.ENDED:
            return
        own_press = isinstance(event, ev.PersonLeft) or event == ev.CardChosen(card="offer_end", option="end")
        if own_press:
            assert ended == [ef.EndContact(reason="left")]
        elif isinstance(event, ev.StaffEnded):
            assert ended == [ef.EndContact(reason=event.reason)]
        else:  # software
            assert isinstance(event, ev.PersonSaid), "nothing else ever ends a contact"
            assert not self.flagged, "never anyone at concern, immediate, uncertain or under 18 (promise 3)"
            assert self.rules.software_may_end
            assert Rung.FINAL_WARNING in self.steps
            assert Rung.FINAL_WARNING in self.displayed
            assert "sexual" not in event.verdict.abuse_categories
            assert ended == [ef.EndContact(reason="abuse")]
        if ended[0].reason == "abuse":
            assert ef.OpenCase() in effects, "every ending for abuse is reviewed (promise 12)"
            assert "ending" in self.shown

    def queue_is_fair(self, before: Contact, event: ev.Event, after: Contact) -> None:
        if before.phase is Phase.WAITING:
            assert after.phase is not Phase.WITH_BOT
            if after.phase is Phase.WITH_ADVISOR:
                assert isinstance(event, ev.Claimed)
        if after.phase in (Phase.WAITING, Phase.WITH_ADVISOR):
            assert after.band is not None
            assert before.band is None or after.band <= before.band, "nobody ever goes down"
            assert after.band == queue.band_for(replace(after, band=None)) or after.band == before.band
            assert after.band <= queue.band_for(replace(after, band=None)), "who waits moves up as more is known"
            if after.risk is Risk.IMMEDIATE:
                assert after.band == 0
            elif after.under_18 or after.uncertain or after.dropped or isinstance(event, ev.CameBack):
                assert after.band <= 1
            elif after.risk is Risk.CONCERN:
                assert after.band <= 2

    def immediate_is_at_once(
        self, before: Contact, event: ev.Event, after: Contact, effects: tuple[ef.Effect, ...]
    ) -> None:
        immediate = is_immediate(event)
        uncertain = isinstance(event, ev.PersonSaid) and event.verdict.uncertain
        if (immediate or uncertain) and before.phase in BOT_OR_QUEUE:
            assert after.phase is Phase.WAITING
            assert ef.Flag() in effects
            assert ef.AskBot() not in effects
            again = before.risk is Risk.IMMEDIATE and before.risk_open and immediate
            if not again:
                assert any(isinstance(effect, ef.Enqueue) for effect in effects)
        if immediate and before.phase in BOT_OR_QUEUE:
            assert after.band == 0
            if not (before.risk is Risk.IMMEDIATE and before.risk_open):
                cards = [e.card if isinstance(e, ef.Show) else type(e).__name__ for e in effects]
                first = next(n for n, card in enumerate(cards) if card in EMERGENCY)
                assert first < cards.index("Enqueue")
                if "notice" in cards:
                    assert first < cards.index("notice") < cards.index("Enqueue")
        if after.risk is Risk.IMMEDIATE and after.risk_open and after.phase is Phase.WAITING:
            late = [e.card for e in effects if isinstance(e, ef.Show) and CARDS[e.card].asks]
            asked = set(late) - {"notice", "still_there", "offer_end"}
            assert not asked or not before.risk_open or before.risk is not Risk.IMMEDIATE, "stop asking"

    def advisor_is_not_talked_over(
        self, before: Contact, event: ev.Event, after: Contact, effects: tuple[ef.Effect, ...]
    ) -> None:
        if Phase.WITH_ADVISOR in (before.phase, after.phase):
            assert ef.AskBot() not in effects, "the bot is silent (promise 8)"
            for effect in effects:
                assert not (isinstance(effect, ef.Show) and CARDS[effect.card].asks)

    @invariant()
    def every_question_can_be_skipped(self) -> None:
        if not hasattr(self, "contact") or self.contact.card is None:
            return
        card = self.contact.card
        assert CARDS[card].asks
        assert card in self.contact.shown
        skipped, _ = contact.decide(self.contact, ev.CardChosen(card=card, option="carry_on"), self.rules)
        assert skipped.card != card
        assert skipped.phase is not Phase.ENDED

    @invariant()
    def what_is_not_in_the_table_changes_nothing(self) -> None:
        if not hasattr(self, "contact"):
            return
        for event in (
            ev.Opened(),
            ev.Claimed(),
            ev.GivenBack(),
            ev.StaffWarned(),
            ev.FlagClosed(),
            ev.BotFailed(),
        ):
            if (self.contact.phase, type(event)) not in contact.TRANSITIONS:
                try:
                    contact.decide(self.contact, event, self.rules)
                except Illegal:
                    continue
                raise AssertionError(f"{event} happened while {self.contact.phase}")


def is_immediate(event: ev.Event) -> bool:
    match event:
        case ev.PersonSaid(verdict=verdict):
            return verdict.risk is Risk.IMMEDIATE
        case ev.CardChosen(card="danger", option="yes" | "someone_else"):
            return True
        case ev.BotAnswered(commands=commands):
            return any(isinstance(x, t.RaiseRisk) and x.level == "immediate" for x in commands)
    return False


def found_something(event: ev.Event) -> bool:
    """Anything that puts a person out of the software's reach for ever (PRACTICE, "Never by software alone")."""
    match event:
        case ev.PersonSaid(verdict=verdict):
            return verdict.risk is not Risk.NONE or verdict.uncertain
        case ev.CardChosen(card="danger", option=option):
            return option in ("yes", "someone_else", "unsure", "cant_say")
        case ev.CardChosen(card="age", option="under_18"):
            return True
        case ev.BotAnswered(commands=commands):
            return any(bot_found(x) for x in commands)
    return False


def bot_found(command: t.Command) -> bool:
    match command:
        case t.RaiseRisk() | t.RecordFact(name="under_18"):
            return True
        case t.Choose(card="danger", option=option):
            return option not in ("no", "nonsense")
        case t.Choose(card="age", option="under_18"):
            return True
    return False


AnyEvents.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=25,
    deadline=None,
    phases=[Part.explicit, Part.reuse, Part.generate],  # 25 events are read sooner than they are shrunk
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestWhateverHappens = AnyEvents.TestCase
