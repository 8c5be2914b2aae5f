"""What follows from one message: DESIGN's table, row by row, and what must never follow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from handoff import effects as ef
from handoff import events as ev
from handoff import turn as t
from handoff.errors import Illegal
from handoff.standing import Phase
from handoff.verdict import Abuse, Risk, Target

CATEGORIES = frozenset({"violence"})


def kinds(effects: tuple[ef.Effect, ...]) -> list[str]:
    return [effect.card if isinstance(effect, ef.Show) else type(effect).__name__ for effect in effects]


def test_an_immediate_is_emergency_words_then_the_notice_then_the_top_of_the_queue(begin: Callable) -> None:
    person = begin()
    effects = person.says(risk=Risk.IMMEDIATE, risk_categories=CATEGORIES)
    assert kinds(effects) == ["Flag", "emergency", "notice", "Enqueue", "queue", "still_there"]
    assert ef.Enqueue(band=0) in effects


def test_an_immediate_raised_while_waiting_moves_up_and_is_answered_at_once(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    assert person.contact.band == 3
    effects = person.says(risk=Risk.IMMEDIATE, risk_categories=CATEGORIES)
    assert kinds(effects)[:3] == ["Flag", "emergency", "Enqueue"]
    assert person.contact.band == 0


def test_a_second_immediate_shows_no_second_notice_and_still_tells_staff(begin: Callable) -> None:
    person = begin()
    person.says(risk=Risk.IMMEDIATE, risk_categories=CATEGORIES)
    assert kinds(person.says(risk=Risk.IMMEDIATE, risk_categories=CATEGORIES)) == ["Flag"]
    later = person.says(risk=Risk.IMMEDIATE, risk_categories=frozenset({"suicide"}))
    assert kinds(later) == ["Flag", "emergency_suicide", "Enqueue"]


def test_after_an_immediate_nothing_more_is_asked(begin: Callable, cards: Callable, asking: frozenset[str]) -> None:
    person = begin()
    person.says(risk=Risk.IMMEDIATE)
    for event in (
        ev.CardChosen(card="still_there", option="yes"),
        ev.BotFailed(),
        ev.BotAnswered(replies=1, commands=()),
    ):
        assert not asking & set(cards(person.happen(event)))


@pytest.mark.parametrize(
    ("service", "category", "card"),
    [
        ("survivors", "violence", "emergency"),
        ("survivors", "suicide", "emergency_suicide"),
        ("phoneline", "threat_to_others", "emergency_own_behaviour"),
        ("phoneline", "suicide", "emergency_suicide"),
        ("phoneline", "medical", "emergency"),
    ],
)
def test_the_emergency_words_fit_what_was_found(
    begin: Callable, cards: Callable, service: str, category: str, card: str
) -> None:
    assert cards(begin(service).says(risk=Risk.IMMEDIATE, risk_categories=frozenset({category})))[0] == card


def test_a_child_in_danger_gets_words_for_a_child(begin: Callable, cards: Callable) -> None:
    person = begin("missing")
    person.happen(ev.BotAnswered(replies=0, commands=(t.RecordFact(name="under_18"),)))
    assert cards(person.says(risk=Risk.IMMEDIATE))[0] == "emergency_child"


def test_what_screening_could_not_decide_goes_to_a_person(begin: Callable) -> None:
    person = begin()
    effects = person.says(uncertain=True)
    assert kinds(effects) == ["Flag", "notice", "Enqueue", "queue"]
    assert person.contact.band == 1


def test_what_a_half_failed_screening_found_still_counts(begin: Callable) -> None:
    person = begin()
    person.says(uncertain=True, risk=Risk.CONCERN)
    assert person.contact.risk is Risk.CONCERN


def test_a_concern_asks_about_danger_next_and_only_once(begin: Callable, cards: Callable) -> None:
    person = begin()
    for card, option in (("safe_to_chat", "yes"), ("danger", "no"), ("code_of_contact", "ok")):
        person.happen(ev.CardChosen(card=card, option=option))
    assert ef.AskBot() in person.says(risk=Risk.CONCERN)
    assert cards(person.happen(ev.BotAnswered(replies=1, commands=()))) == ["danger"]
    person.happen(ev.CardChosen(card="danger", option="no"))
    person.says(risk=Risk.CONCERN)
    assert "danger" not in cards(person.happen(ev.BotAnswered(replies=1, commands=())))
    assert person.contact.risk is Risk.CONCERN, "a no lowers nothing"


def test_a_concern_of_the_second_net_asks_about_danger_too(begin: Callable, cards: Callable) -> None:
    person = begin()
    for card, option in (("safe_to_chat", "yes"), ("danger", "no")):
        person.happen(ev.CardChosen(card=card, option=option))
    raised = t.RaiseRisk(category="suicide", level="concern")
    assert cards(person.happen(ev.BotAnswered(replies=1, commands=(raised,)))) == ["danger"]


def test_a_concern_while_waiting_moves_the_person_up(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    assert ef.Enqueue(band=2) in person.says(risk=Risk.CONCERN)


def test_an_age_told_while_waiting_moves_the_person_up(begin: Callable) -> None:
    person = begin("missing")
    person.happen(ev.PersonAskedFor())
    person.happen(ev.BotAnswered(replies=0, commands=(t.Choose(card="age", option="under_18"),)))
    assert person.contact.under_18
    assert person.contact.band == 1


@pytest.mark.parametrize("waiting", [False, True])
def test_a_person_asked_for_as_urgent_is_soon_and_waiting_moves_up(begin: Callable, waiting: bool) -> None:
    person = begin("missing")
    if waiting:
        person.happen(ev.PersonAskedFor())
        assert person.contact.band == 3
    effects = person.happen(ev.BotAnswered(replies=0, commands=(t.RequestAdvisor(urgent=True),)))
    assert ef.Enqueue(band=1) in effects
    assert (person.contact.phase, person.contact.band) == (Phase.WAITING, 1)


def test_a_danger_found_while_with_an_advisor_stays_on_top_when_they_are_given_back(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    person.happen(ev.Claimed())
    assert kinds(person.says(risk=Risk.IMMEDIATE)) == ["Flag", "Enqueue"]
    person.happen(ev.GivenBack())
    assert person.contact.band == 0


def test_a_threat_to_our_people_is_a_supervisors_whatever_else_the_message_is(begin: Callable) -> None:
    for found in ({}, {"uncertain": True}, {"risk": Risk.IMMEDIATE}, {"risk": Risk.CONCERN}):
        for phase in (Phase.WITH_BOT, Phase.WITH_ADVISOR):
            person = begin()
            if phase is Phase.WITH_ADVISOR:
                person.happen(ev.PersonAskedFor())
                person.happen(ev.Claimed())
            effects = person.says(abuse=Abuse.THREATENING, target=Target.STAFF, **found)
            assert ef.Alarm(what="threat_to_staff") in effects
            assert "StepLadder" not in kinds(effects)


def test_a_threat_that_was_made_to_the_person_is_no_threat_to_us(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    person.happen(ev.Claimed())
    assert kinds(person.says(abuse=Abuse.THREATENING, target=Target.QUOTED)) == ["Flag"]


def test_words_that_say_nothing_are_the_bots_to_answer(begin: Callable) -> None:
    assert kinds(begin().says()) == ["AskBot"]


def test_with_an_advisor_the_bot_is_never_asked_and_only_its_second_net_counts(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    person.happen(ev.Claimed())
    assert kinds(person.says()) == []
    late = ev.BotAnswered(replies=1, commands=(t.OfferEnd(), t.RaiseRisk(category="suicide", level="immediate")))
    assert kinds(person.happen(late)) == ["Flag", "Enqueue"]
    assert person.contact.risk is Risk.IMMEDIATE


def test_an_old_button_pressed_while_with_an_advisor_tells_them_and_shows_nothing(begin: Callable) -> None:
    person = begin()
    person.happen(ev.CardChosen(card="safe_to_chat", option="yes"))
    person.happen(ev.PersonAskedFor())
    person.happen(ev.Claimed())
    assert kinds(person.happen(ev.CardChosen(card="safe_to_chat", option="no"))) == []
    assert kinds(person.happen(ev.CardChosen(card="danger", option="yes"))) == ["Flag", "Enqueue"]
    assert person.contact.phase is Phase.WITH_ADVISOR


def test_asking_for_a_person_while_with_one_does_nothing(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    person.happen(ev.Claimed())
    assert person.happen(ev.PersonAskedFor()) == ()


def test_nobody_goes_down_a_band_for_what_they_tell_while_waiting(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    person.happen(ev.BotAnswered(replies=0, commands=(t.Choose(card="need", option="professional"),)))
    person.happen(ev.PersonAskedFor())
    assert person.contact.band == 3


def test_after_an_ending_nothing_is_asked_any_more(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    person.happen(ev.Claimed())
    person.happen(ev.StaffEnded(reason="abuse"))
    assert (person.contact.card, person.contact.band) == (None, None)


def test_a_command_never_ends_a_contact(begin: Callable, cards: Callable) -> None:
    """ "bye everyone" is not a goodbye."""
    person = begin()
    end = ev.BotAnswered(replies=0, commands=(t.Choose(card="offer_end", option="end"),))
    assert cards(person.happen(end)) == ["offer_end"]
    assert cards(person.happen(end)) == ["offer_end"]
    assert person.contact.phase is Phase.WITH_BOT
    person.happen(ev.CardChosen(card="offer_end", option="end"))
    assert person.contact.phase is Phase.ENDED


def test_danger_beside_a_command_nobody_knows_is_still_danger(begin: Callable) -> None:
    person = begin()
    raised = t.RaiseRisk(category="violence", level="immediate")
    person.happen(ev.BotAnswered(replies=0, commands=(t.Choose(card="no_such_card", option="yes"), raised)))
    assert person.contact.band == 0


@pytest.mark.parametrize(
    "command", [t.Choose(card="no_such_card", option="yes"), t.Choose(card="danger", option="maybe")]
)
def test_a_command_nobody_knows_is_illegal_and_changes_nothing(begin: Callable, command: t.Command) -> None:
    person = begin()
    before = person.contact
    with pytest.raises(Illegal):
        person.happen(ev.BotAnswered(replies=0, commands=(command,)))
    assert person.contact is before


def test_unclear_twice_in_a_row_is_a_persons_turn(begin: Callable) -> None:
    person = begin()
    unclear = ev.BotAnswered(replies=1, commands=(t.Unclear(),))
    person.happen(unclear)
    person.happen(ev.BotAnswered(replies=1, commands=(t.Signpost(topic="police"),)))
    person.happen(unclear)
    assert person.contact.phase is Phase.WITH_BOT, "not in a row"
    assert "Enqueue" in kinds(person.happen(unclear))


def test_a_broken_bot_means_cards_and_a_person(begin: Callable) -> None:
    person = begin()
    assert kinds(person.happen(ev.BotFailed())) == ["bot_away", "notice", "Enqueue", "queue", "safe_to_chat"]
    assert person.contact.band == 1
    assert kinds(person.happen(ev.BotFailed())) == ["safe_to_chat"], "said once; the same cards go on"


def test_quick_exit_with_an_open_flag_leaves_the_person_for_staff_to_read(begin: Callable) -> None:
    person = begin()
    person.says(risk=Risk.CONCERN)
    assert "Enqueue" in kinds(person.happen(ev.PersonLeft(how="exit")))
    assert person.contact.phase is Phase.WAITING


def test_a_goodbye_with_an_open_flag_ends_and_tells_a_supervisor(begin: Callable) -> None:
    person = begin()
    person.says(risk=Risk.CONCERN)
    effects = person.happen(ev.PersonLeft(how="end"))
    assert ef.Alarm(what="left_with_open_flag") in effects
    assert person.contact.phase is Phase.ENDED


def test_quick_exit_with_nothing_found_and_nobody_waiting_ends_quietly(begin: Callable) -> None:
    assert kinds(begin().happen(ev.PersonLeft(how="exit"))) == ["EndContact"]


def test_quick_exit_of_a_queued_person_keeps_their_place(begin: Callable) -> None:
    person = begin()
    person.happen(ev.PersonAskedFor())
    assert person.happen(ev.PersonLeft(how="exit")) == ()
    assert person.contact.phase is Phase.WAITING
