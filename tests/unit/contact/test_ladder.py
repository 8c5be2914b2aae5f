"""The boundary ladder: fair, slow, aimed at our own people only, and never for anyone at risk (M15, M16)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from handoff import effects as ef
from handoff import events as ev
from handoff import standing
from handoff import turn as t
from handoff.errors import Illegal
from handoff.ladder import Rung
from handoff.standing import Phase
from handoff.verdict import Abuse, Risk, Target


def steps(effects: tuple[ef.Effect, ...]) -> list[Rung]:
    return [effect.rung for effect in effects if isinstance(effect, ef.StepLadder)]


def see(person: object, rung: Rung) -> None:
    person.happen(ev.WarningDisplayed(rung=rung))  # type: ignore[attr-defined]


def warned(begin: Callable, **how: object) -> object:
    """A person whose boundary and final warning were both displayed."""
    person = begin(**how)
    for rung in (Rung.BOUNDARY, Rung.FINAL_WARNING):
        assert steps(person.abuses()) == [rung]
        see(person, rung)
    return person


def test_warn_then_final_warning_then_an_ending_that_is_reviewed(begin: Callable, cards: Callable) -> None:
    person = warned(begin)
    effects = person.abuses()
    assert steps(effects) == [Rung.ENDED]
    assert cards(effects) == ["ending"]
    assert effects[-2:] == (ef.EndContact(reason="abuse"), ef.OpenCase())


def test_after_a_warning_the_question_is_asked_again(begin: Callable, cards: Callable) -> None:
    assert cards(begin().abuses()) == ["boundary", "safe_to_chat"]


def test_a_burst_counts_once(begin: Callable) -> None:
    person = begin()
    assert [steps(person.abuses()) for _ in range(5)] == [[Rung.BOUNDARY], [], [], [], []]


def test_seeing_an_old_warning_does_not_stand_for_the_new_one(begin: Callable) -> None:
    person = begin()
    person.abuses()
    see(person, Rung.BOUNDARY)
    person.abuses()
    see(person, Rung.BOUNDARY)  # scrolled back to it
    assert steps(person.abuses()) == []
    assert person.contact.phase is Phase.WITH_BOT


@pytest.mark.parametrize("risk", [Risk.CONCERN, Risk.IMMEDIATE])
def test_nobody_at_risk_is_ended_by_software(begin: Callable, risk: Risk) -> None:
    person = warned(begin)
    person.says(risk=risk)
    effects = person.abuses()
    assert steps(effects) == []
    assert ef.Flag() in effects
    assert person.contact.phase is Phase.WAITING, "both flags, to a person"


def test_nobody_whose_flag_was_closed_is_ended_by_software_either(begin: Callable) -> None:
    person = warned(begin)
    person.says(risk=Risk.CONCERN)
    person.happen(ev.PersonAskedFor())
    person.happen(ev.Claimed())
    person.happen(ev.FlagClosed())
    person.happen(ev.GivenBack())
    assert steps(person.abuses()) == []


@pytest.mark.parametrize(
    "command", [t.RecordFact(name="under_18"), t.Choose(card="age", option="under_18")], ids=["fact", "answer"]
)
def test_nobody_who_may_be_under_18_is_ended_by_software(begin: Callable, command: t.Command) -> None:
    person = begin("missing")
    person.happen(ev.BotAnswered(replies=0, commands=(command,)))
    for rung in (Rung.BOUNDARY, Rung.FINAL_WARNING):
        person.abuses()
        see(person, rung)
    assert steps(person.abuses()) == []
    assert person.contact.phase is Phase.WAITING


def test_nobody_is_ended_over_a_message_that_screening_was_torn_about(begin: Callable) -> None:
    person = warned(begin)
    person.says(abuse=Abuse.ABUSIVE, target=Target.STAFF, uncertain=True)
    assert person.contact.phase is Phase.WAITING
    assert steps(person.abuses()) == []


@pytest.mark.parametrize("target", [Target.QUOTED, Target.SELF, Target.OTHER, None])
def test_abuse_that_is_not_aimed_at_us_never_steps(begin: Callable, target: Target | None) -> None:
    person = begin()
    effects = person.abuses(target)
    assert steps(effects) == []
    assert ef.AskBot() in effects


@pytest.mark.parametrize("target", [Target.QUOTED, Target.SELF])
def test_their_own_words_for_themselves_and_what_was_said_to_them_are_not_corrected(
    begin: Callable, target: Target
) -> None:
    assert steps(begin().abuses(target, level=Abuse.DISCRIMINATORY)) == []


def test_a_discriminatory_view_is_spoken_to_once_and_never_ends_anything(begin: Callable) -> None:
    person = begin()
    assert steps(person.abuses(Target.OTHER, level=Abuse.DISCRIMINATORY)) == [Rung.BOUNDARY]
    see(person, Rung.BOUNDARY)
    for _ in range(5):
        assert steps(person.abuses(Target.OTHER, level=Abuse.DISCRIMINATORY)) == []
    assert person.contact.phase is Phase.WITH_BOT


def test_discrimination_repeated_at_our_people_counts_as_abuse(begin: Callable) -> None:
    person = begin()
    person.abuses(Target.OTHER, level=Abuse.DISCRIMINATORY)
    see(person, Rung.BOUNDARY)
    assert steps(person.abuses(Target.STAFF, level=Abuse.DISCRIMINATORY)) == [Rung.FINAL_WARNING]


def test_sexual_gratification_is_a_final_warning_and_then_a_humans_to_end(begin: Callable, cards: Callable) -> None:
    person = begin()
    sexual = {"abuse": Abuse.ABUSIVE, "target": Target.STAFF, "abuse_categories": frozenset({"sexual"})}
    assert steps(person.says(**sexual)) == [Rung.FINAL_WARNING]
    see(person, Rung.FINAL_WARNING)
    effects = person.says(**sexual)
    assert steps(effects) == []
    assert person.contact.phase is Phase.WAITING


def test_an_insult_to_the_machine_is_one_boundary_and_no_rung(begin: Callable, cards: Callable) -> None:
    person = begin()
    effects = person.abuses(Target.MACHINE)
    assert steps(effects) == []
    assert cards(effects) == ["boundary_machine", "safe_to_chat"]
    assert ef.AskBot() in person.abuses(Target.MACHINE), "said once"


def test_a_service_may_leave_every_ending_to_people(begin: Callable) -> None:
    person = warned(begin)
    person.rules = standing.Rules(spine=person.rules.spine, software_may_end=False)  # type: ignore[attr-defined]
    assert steps(person.abuses()) == []  # type: ignore[attr-defined]


def test_staff_give_each_warning_once(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    person.happen(ev.Claimed())
    assert steps(person.happen(ev.StaffWarned())) == [Rung.BOUNDARY]
    assert steps(person.happen(ev.StaffWarned())) == [Rung.FINAL_WARNING]
    with pytest.raises(Illegal):
        person.happen(ev.StaffWarned())


def test_with_an_advisor_only_staff_warn_or_end(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    person.happen(ev.Claimed())
    assert person.abuses() == (ef.Flag(),)


def test_an_overturned_ending_goes_on_a_clean_ladder_with_answers_and_risk_kept(
    begin: Callable, cards: Callable
) -> None:
    person = warned(begin)
    person.happen(ev.CardChosen(card="safe_to_chat", option="yes"))
    person.abuses()
    assert person.contact.phase is Phase.ENDED
    person.contact = standing.continuing(person.contact)
    effects = person.happen(ev.Continued())
    assert cards(effects) == ["overturned", "notice", "queue"]
    assert person.contact.rung is Rung.NONE
    assert person.contact.answer("safe_to_chat") == "yes"
    assert steps(person.abuses()) == [Rung.BOUNDARY], "a new contact starts at nothing"
