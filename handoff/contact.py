"""The contact: where a person stands, what may happen next, and what follows. Pure: no clock, no database, no words.

Theory. A contact is in one of four phases. `decide(contact, event, rules)` looks the pair (phase, event) up in one
table, `TRANSITIONS`; a pair that is not there is illegal, and nothing happens. The function found there returns what
has to be done, in order, as effects, and works on a copy of the contact. `desk/` carries the effects out inside the
transaction that stores the event, so that what is said to have happened has happened.

    with_bot ──▶ waiting ──▶ with_advisor ──▶ ended
       │           │  ▲           │             ▲ ▲
       │           │  └───────────┘ given back  │ │
       └───────────┴────────────────────────────┘ └ staff
                     the person's press, the ladder

    Every safety step that fails or is torn ends in `waiting`: with a person, never in silence.

Order of judgement over one message (DESIGN, "The verdict acts first"): immediate, uncertain, abuse, concern, nothing.
The epoch rises whenever phase, risk or ladder changed; a bot's answer to an older epoch is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from handoff import ladder
from handoff.cards import CARDS, POLICY_CARDS
from handoff.effects import (
    Alarm,
    AskBot,
    Effect,
    EndContact,
    Flag,
    KeepWords,
    MarkNotice,
    Requeue,
    StepLadder,
)
from handoff.errors import Illegal
from handoff.events import (
    BotAnswered,
    BotFailed,
    CameBack,
    CardChosen,
    Claimed,
    Consulted,
    Continued,
    Event,
    FlagClosed,
    GivenBack,
    HandedOn,
    Opened,
    PersonAskedFor,
    PersonLeft,
    PersonSaid,
    StaffEnded,
    StaffWarned,
    WarningDisplayed,
)
from handoff.moves import Moves
from handoff.standing import Contact, Phase, Rules, may_never_be_ended_by_software
from handoff.turn import (
    CarryOn,
    Choose,
    OfferEnd,
    OpenComplaint,
    OpenRecordRequest,
    RaiseRisk,
    RecordFact,
    RequestAdvisor,
    Signpost,
    Unclear,
)
from handoff.verdict import RISK_CATEGORIES, Abuse, Risk, Verdict

# ── Transitions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _opened(n: Moves, event: Opened) -> None:
    n.go_on()


def _continued(n: Moves, event: Continued) -> None:
    n.show("overturned")
    n.to_queue()


def _said(n: Moves, event: PersonSaid) -> None:
    verdict = event.verdict
    if verdict.risk is Risk.IMMEDIATE:
        n.immediate(verdict.risk_categories)
        if verdict.uncertain:
            n.set(uncertain=True)
        _alarm_if_threatened(n, verdict)
        return
    if verdict.uncertain:
        n.set(uncertain=True)
        n.raise_risk(verdict.risk)  # what the steps that worked have found still counts
        n.do(Flag())
        n.to_queue()
        _alarm_if_threatened(n, verdict)
        return
    if verdict.risk is Risk.CONCERN:
        n.concern()
    if verdict.abuse is not Abuse.NONE and _abused(n, verdict):
        return
    n.do(AskBot())


def _alarm_if_threatened(n: Moves, verdict: Verdict) -> None:
    """R1: a threat to our people is a supervisor's, whatever else the message is."""
    if ladder.threatens_us(verdict):
        n.do(Alarm(what="threat_to_staff"))


def _abused(n: Moves, verdict: Verdict) -> bool:
    """Whether the ladder (or a human) took the message, so that the bot is not asked."""
    contact = n.contact
    step = ladder.judge(
        verdict,
        rung=contact.rung,
        displayed=contact.rung_displayed,
        may_end=n.rules.software_may_end and not may_never_be_ended_by_software(contact),
    )
    if step.kind is ladder.Kind.NOT_OURS:
        return False
    n.do(Flag())
    if step.kind is ladder.Kind.ALARM:  # a threat to staff: no ladder, no software ending (PRACTICE)
        n.do(Alarm(what="threat_to_staff"))
        n.set(uncertain=True)
        n.to_queue()
        return True
    if contact.risk_open or step.kind is ladder.Kind.HUMAN:
        if n.nobody_there:
            n.show("closed")
        else:
            n.to_queue()  # risk outranks abuse (promise 3): both flags, to a person
        n.back_to_card()
        return True
    if step.kind is ladder.Kind.END:
        n.ending(by_software=True)
        return True
    if step.kind is ladder.Kind.WARN:
        _warn(n, step.rung, by_software=True)
    elif step.kind is ladder.Kind.MACHINE:
        if "boundary_machine" in contact.shown:
            return False  # said once; the offer of a person stands
        n.show("boundary_machine")
    n.back_to_card()
    return True


def _chosen(n: Moves, event: CardChosen) -> None:
    card = CARDS.get(event.card)
    known = card is not None and card.asks and event.option in card.options | {"carry_on"}
    if not known or event.card not in n.contact.shown:
        raise Illegal("That button is not part of this chat.")
    _answer(n, event.card, event.option)


def _answer(n: Moves, card: str, option: str) -> bool:
    """Take the answer and do what it means. True if the chat moved on."""
    answers = {**dict(n.contact.answers), card: option}
    n.set(answers=tuple(answers.items()), unclear=0)
    current = n.contact.card == card
    if current:
        n.set(card=None)
    match card, option:
        case "danger", "yes" | "someone_else":
            n.immediate(())
            return True
        case "danger", "unsure" | "cant_say":
            n.raise_risk(Risk.CONCERN)  # counts as concern, and a person now
            n.do(Flag())
            if n.contact.phase is not Phase.WITH_ADVISOR:
                n.to_queue()
        case "safe_to_chat", "no" | "unsure":
            n.set(due=("safety_options", *n.contact.due))
        case "age", "under_18":
            n.set(under_18=True)
        case "notice", "acknowledge" | "decline":
            n.do(MarkNotice(answer="acknowledge" if option == "acknowledge" else "decline"))
        case "offer_end", "end":
            _left(n, PersonLeft(how="end"))
            return True
    if n.contact.phase is Phase.WITH_ADVISOR:
        return True
    if current or n.contact.due:
        n.go_on()
        return True
    return False


def _asked_for_person(n: Moves, event: PersonAskedFor) -> None:
    if n.nobody_there:
        n.show("closed")  # M6: why, until when, where else
        n.back_to_card()
        return
    n.to_queue()


def _bot_answered(n: Moves, event: BotAnswered) -> None:
    for command in event.commands:  # first, whatever stands beside it
        if isinstance(command, RaiseRisk) and command.level == "immediate":
            n.immediate({command.category} & RISK_CATEGORIES)
            return
    progressed = False
    understood = True
    for command in event.commands:
        match command:
            case RaiseRisk(category=category):
                if category not in RISK_CATEGORIES:
                    raise Illegal("unknown risk category")
                n.concern()
            case Choose(card=card, option=option):
                known = CARDS.get(card)
                if known is None or option not in known.options:
                    raise Illegal("unknown card or option")
                progressed = _bot_chose(n, card, option) or progressed
                if n.stopped_asking:
                    return
            case CarryOn():
                if n.contact.card is not None:
                    progressed = _answer(n, n.contact.card, "carry_on") or progressed
            case RecordFact(name=name):
                n.do(KeepWords(name=name))
                if name == "under_18":
                    n.set(under_18=True)
                elif name == n.contact.card:
                    progressed = _answer(n, name, "words") or progressed
            case RequestAdvisor(urgent=urgent):
                n.set(asked_urgently=n.contact.asked_urgently or urgent)
                _asked_for_person(n, PersonAskedFor())
                progressed = True
            case Signpost(topic=topic):
                n.show("signpost", topic=topic)
            case OpenComplaint():
                n.show("complaint")
            case OpenRecordRequest():
                n.show("record_request")
            case OfferEnd():
                n.show("offer_end")
                progressed = True
            case Unclear():
                understood = False
    if understood:
        n.set(unclear=0)
    else:
        n.set(unclear=n.contact.unclear + 1)
        if n.contact.unclear >= 2 and n.contact.phase is Phase.WITH_BOT:
            if n.nobody_there:
                n.show("closed")
            else:
                n.to_queue()  # unclear twice → a person
                progressed = True
    if not progressed or n.contact.due:
        n.back_to_card()


def _bot_chose(n: Moves, card: str, option: str) -> bool:
    """Free words answered a card. One not reached yet is kept, so that nobody has to tell it twice."""
    if (card, option) == ("offer_end", "end"):
        n.show("offer_end")  # no words end a contact, only the person's own press (DESIGN, "Commands")
        return True
    if card == n.contact.card or card == "danger" or card in n.contact.shown:
        return _answer(n, card, option)
    if card not in n.rules.spine or card in POLICY_CARDS:
        return False  # a notice is only ever answered after it was shown (promise 1)
    n.set(shown=n.contact.shown | {card})
    return _answer(n, card, option)


def _bot_answered_late(n: Moves, event: BotAnswered) -> None:
    """A person has joined: the bot is silent (promise 8), but its second net still counts."""
    for command in event.commands:
        if isinstance(command, RaiseRisk):
            n.raise_risk(Risk.of(command.level))
            n.do(Flag())


def _bot_failed(n: Moves, event: BotFailed) -> None:
    n.set(bot_failed=True)
    if n.nobody_there:
        n.show("closed")
        n.back_to_card()
        return
    if "bot_away" not in n.contact.shown:
        n.show("bot_away")
    if n.contact.phase is Phase.WITH_BOT:
        n.to_queue()
    n.back_to_card()  # the same cards go on: that is the degraded mode


def _warning_displayed(n: Moves, event: WarningDisplayed) -> None:
    if event.rung is n.contact.rung:
        n.set(rung_displayed=True)


def _claimed(n: Moves, event: Claimed) -> None:
    n.set(phase=Phase.WITH_ADVISOR, card=None, due=())
    n.show("joined")


def _given_back(n: Moves, event: GivenBack) -> None:
    n.set(phase=Phase.WAITING)
    n.do(Requeue())
    n.show("given_back")


def _handed_on(n: Moves, event: HandedOn) -> None:
    n.show("handed_on")


def _consulted(n: Moves, event: Consulted) -> None:
    if "consulted" not in n.contact.shown:  # said once; who is asked next is asked in the same way
        n.show("consulted")


def _came_back(n: Moves, event: CameBack) -> None:
    n.set(dropped=True)  # band 1 from now on (PRACTICE, "Queue bands"); nothing is said of it


def _said_to_advisor(n: Moves, event: PersonSaid) -> None:
    verdict = event.verdict
    if verdict.risk is not Risk.NONE:
        n.raise_risk(verdict.risk)
    if verdict.uncertain:
        n.set(uncertain=True, risk_open=True)
    if verdict.risk is not Risk.NONE or verdict.uncertain or verdict.abuse is not Abuse.NONE:
        n.do(Flag())
    _alarm_if_threatened(n, verdict)


def _staff_warned(n: Moves, event: StaffWarned) -> None:
    _warn(n, ladder.next_warning(n.contact.rung), by_software=False)


def _warn(n: Moves, rung: ladder.Rung, *, by_software: bool) -> None:
    n.do(StepLadder(rung=rung, clause=ladder.CLAUSE[rung], by_software=by_software))
    n.set(rung=rung, rung_displayed=False)
    n.show(ladder.CARD[rung])


def _flag_closed(n: Moves, event: FlagClosed) -> None:
    n.set(risk_open=False)


def _staff_ended(n: Moves, event: StaffEnded) -> None:
    if event.reason == "abuse":
        n.ending(by_software=False)
        return
    n.set(phase=Phase.ENDED, card=None, due=(), band=None)
    n.show("goodbye")
    n.do(EndContact(reason="done"))


def _left(n: Moves, event: PersonLeft) -> None:
    """Their own press. Quick exit and a closed tab leave a queued person where they are (promise 6)."""
    if event.how == "exit" and n.contact.phase is not Phase.WITH_BOT:
        return
    if n.contact.risk_open and n.contact.phase is not Phase.WITH_ADVISOR:  # only staff close a flag: it never vanishes
        if event.how == "exit":
            n.to_queue()  # as away, so that somebody reads it
            return
        n.do(Alarm(what="left_with_open_flag"))
    n.set(phase=Phase.ENDED, card=None, due=(), band=None)
    if event.how == "end":
        n.show("goodbye")
    n.do(EndContact(reason="left"))


def _nothing(n: Moves, event: object) -> None:
    """Legal, and nothing follows."""


TRANSITIONS: dict[tuple[Phase, type], Callable[..., None]] = {
    (Phase.WITH_BOT, Opened): _opened,
    (Phase.WITH_BOT, Continued): _continued,
    (Phase.WITH_BOT, PersonSaid): _said,
    (Phase.WITH_BOT, CardChosen): _chosen,
    (Phase.WITH_BOT, PersonAskedFor): _asked_for_person,
    (Phase.WITH_BOT, BotAnswered): _bot_answered,
    (Phase.WITH_BOT, BotFailed): _bot_failed,
    (Phase.WITH_BOT, WarningDisplayed): _warning_displayed,
    (Phase.WITH_BOT, PersonLeft): _left,
    (Phase.WAITING, PersonSaid): _said,
    (Phase.WAITING, CardChosen): _chosen,
    (Phase.WAITING, PersonAskedFor): _asked_for_person,
    (Phase.WAITING, BotAnswered): _bot_answered,
    (Phase.WAITING, BotFailed): _bot_failed,
    (Phase.WAITING, WarningDisplayed): _warning_displayed,
    (Phase.WAITING, Claimed): _claimed,
    (Phase.WAITING, CameBack): _came_back,
    (Phase.WAITING, PersonLeft): _left,
    (Phase.WITH_ADVISOR, PersonSaid): _said_to_advisor,
    (Phase.WITH_ADVISOR, CardChosen): _chosen,
    (Phase.WITH_ADVISOR, PersonAskedFor): _nothing,
    (Phase.WITH_ADVISOR, BotAnswered): _bot_answered_late,
    (Phase.WITH_ADVISOR, BotFailed): _nothing,
    (Phase.WITH_ADVISOR, WarningDisplayed): _warning_displayed,
    (Phase.WITH_ADVISOR, GivenBack): _given_back,
    (Phase.WITH_ADVISOR, HandedOn): _handed_on,
    (Phase.WITH_ADVISOR, Consulted): _consulted,
    (Phase.WITH_ADVISOR, CameBack): _came_back,
    (Phase.WITH_ADVISOR, StaffWarned): _staff_warned,
    (Phase.WITH_ADVISOR, FlagClosed): _flag_closed,
    (Phase.WITH_ADVISOR, StaffEnded): _staff_ended,
    (Phase.WITH_ADVISOR, PersonLeft): _left,
    (Phase.ENDED, WarningDisplayed): _warning_displayed,  # when the ending was displayed: the moderator asks
    (Phase.ENDED, PersonLeft): _nothing,
}


def decide(contact: Contact, event: Event, rules: Rules) -> tuple[Contact, tuple[Effect, ...]]:
    """The contact after `event`, and what to do about it, in order. Raises `Illegal`, changing nothing."""
    transition = TRANSITIONS.get((contact.phase, type(event)))
    if transition is None:
        raise Illegal(f"{type(event).__name__} cannot happen while {contact.phase}.")
    work = Moves(contact, rules)
    transition(work, event)
    work.move_up()
    after = work.contact
    if (after.phase, after.risk, after.risk_open, after.rung) != (
        contact.phase,
        contact.risk,
        contact.risk_open,
        contact.rung,
    ):
        after = replace(after, epoch=contact.epoch + 1)
    return after, tuple(work.effects)
