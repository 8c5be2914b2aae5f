"""The moves that transitions are made of: show a card, go on along the spine, take the person to the queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from handoff import ladder, queue, spine
from handoff.cards import CARDS
from handoff.effects import Effect, EndContact, Enqueue, Flag, OpenCase, Show, StepLadder
from handoff.standing import Contact, Phase, Rules
from handoff.verdict import Risk


class Moves:
    """The contact being worked on, and the effects so far."""

    def __init__(self, contact: Contact, rules: Rules) -> None:
        self.contact = contact
        self.rules = rules
        self.effects: list[Effect] = []

    def set(self, **changes: object) -> None:
        self.contact = replace(self.contact, **changes)  # type: ignore[arg-type]

    def do(self, *effects: Effect) -> None:
        self.effects.extend(effects)

    def show(self, name: str, *, again: bool = False, topic: str | None = None) -> None:
        self.do(Show(card=name, again=again, topic=topic))
        self.set(shown=self.contact.shown | {name})
        if CARDS[name].asks and name != "notice":  # the notice never holds anybody up by itself (promise 1)
            self.set(card=name)

    def raise_risk(self, level: Risk) -> None:
        self.set(risk=max(self.contact.risk, level), risk_open=True)

    def concern(self) -> None:
        """Staff are told, and the danger question comes next; once: a flag that is open is not asked about again."""
        fresh = not self.contact.risk_open
        self.raise_risk(Risk.CONCERN)
        self.do(Flag())
        if fresh and "danger" not in self.contact.due and self.contact.card != "danger":
            self.set(due=(*self.contact.due, "danger"))

    def to_queue(self) -> None:
        """Every way to a person is this one way: the notice first (promise 1), then the queue."""
        band = queue.band_for(self.contact)
        self.set(band=band)
        if "notice" not in self.contact.shown:
            self.show("notice")
        self.do(Enqueue(band=band))
        if self.contact.phase is Phase.WITH_BOT:
            self.set(phase=Phase.WAITING)
            self.show("queue")

    def move_up(self) -> None:
        """Whoever waits moves up as soon as more is known; who is held by an advisor, for when they are given back."""
        contact = self.contact
        in_queue = contact.band is not None and contact.phase in (Phase.WAITING, Phase.WITH_ADVISOR)
        if in_queue and queue.band_for(contact) != contact.band:
            self.to_queue()

    @property
    def nobody_there(self) -> bool:
        """Closed, and nothing found that anybody is called for: no queue that nobody reads (PRACTICE, "Closed")."""
        contact = self.contact
        found = contact.risk is not Risk.NONE or contact.risk_open or contact.uncertain
        return not self.rules.open and contact.phase is Phase.WITH_BOT and not found

    @property
    def stopped_asking(self) -> bool:
        """At immediate risk nothing more is asked; a person is coming (PRACTICE)."""
        return self.contact.risk is Risk.IMMEDIATE and self.contact.risk_open

    def go_on(self) -> None:
        """What is due, then a card left for an aside, then the spine up to its next question; at its end, the queue."""
        if self.stopped_asking:
            return
        if self.contact.due:
            first, *rest = self.contact.due
            self.set(due=tuple(rest))
            self.show(first)
            return
        self.set(card=None)
        resting = spine.resting_card(self.rules.spine, self.contact.shown, dict(self.contact.answers))
        if resting is not None:
            self.show(resting, again=True)
            return
        for name in spine.next_cards(self.rules.spine, self.contact.shown, open=self.rules.open):
            if name == "queue":
                if self.contact.phase is Phase.WITH_BOT:
                    self.to_queue()
                return
            self.show(name)
            if name == "notice" and spine.notice_is_read_first(self.rules.spine):
                self.set(card="notice")  # R6, R7: before any story
            if self.contact.card is not None:
                return

    def back_to_card(self) -> None:
        """After an aside: what is due, or the current question once more."""
        if self.stopped_asking:
            return
        if self.contact.card is None or self.contact.due:
            self.go_on()
        else:
            self.show(self.contact.card, again=True)

    def immediate(self, categories: Iterable[str]) -> None:
        """Stop asking. In one step: emergency words, notice, the top of the queue, staff told."""
        repeated = self.contact.risk is Risk.IMMEDIATE and self.contact.risk_open
        self.raise_risk(Risk.IMMEDIATE)
        self.do(Flag())
        if self.contact.phase is Phase.WITH_ADVISOR:
            return
        card = spine.emergency_card(
            frozenset(categories), under_18=self.contact.under_18, own_behaviour=self.rules.own_behaviour
        )
        if not repeated or card not in self.contact.shown:
            self.set(card=None, due=())
            self.show(card)
            self.to_queue()
            if "still_there" not in self.contact.shown:
                self.show("still_there")

    def ending(self, *, by_software: bool) -> None:
        self.do(StepLadder(rung=ladder.Rung.ENDED, clause="M16", by_software=by_software))
        self.set(rung=ladder.Rung.ENDED, rung_displayed=False, phase=Phase.ENDED, card=None, due=(), band=None)
        self.show("ending")
        self.do(EndContact(reason="abuse"), OpenCase())
