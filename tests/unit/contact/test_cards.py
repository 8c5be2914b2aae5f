"""The order of cards of each service, and that none of them holds anybody up (PRACTICE, "Safety before ceremony")."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from handoff import effects as ef
from handoff import events as ev
from handoff import turn as t
from handoff.cards import CARDS
from handoff.errors import Illegal
from handoff.services.model import Service
from handoff.standing import Phase

ORDER = {
    "missing": "greeting safe_to_chat danger limits code_of_contact need age name notice queue",
    "survivors": "greeting safe_to_chat danger limits code_of_contact need name language notice queue",
    "phoneline": "greeting safe_to_chat danger limits notice code_of_contact need name queue",
}


CALM = {"safe_to_chat": "yes", "danger": "no"}


def walk(person: object, cards: Callable, **answers: str) -> list[str]:
    """Every card in the order shown; questions without an answer here are skipped."""
    seen = cards(person.first)  # type: ignore[attr-defined]
    while (card := person.contact.card) is not None:  # type: ignore[attr-defined]
        chosen = answers.get(card, "carry_on")
        seen += cards(person.happen(ev.CardChosen(card=card, option=chosen)))  # type: ignore[attr-defined]
    return seen


def test_the_cards_come_in_the_services_order(begin: Callable, cards: Callable, service: Service) -> None:
    assert walk(begin(service.id), cards, **CALM) == ORDER[service.id].split()


def test_every_question_can_be_skipped_and_a_person_still_comes(
    begin: Callable, cards: Callable, service: Service
) -> None:
    person = begin(service.id)
    assert walk(person, cards) == ORDER[service.id].split()
    assert person.contact.phase is Phase.WAITING


def test_declining_the_code_of_contact_or_the_notice_never_refuses_service(
    begin: Callable, cards: Callable, service: Service
) -> None:
    person = begin(service.id)
    walk(person, cards, code_of_contact="decline", notice="decline")
    assert person.contact.answer("code_of_contact") == "decline"
    assert person.contact.phase is Phase.WAITING


def test_on_the_phoneline_the_whole_notice_waits_to_be_read_before_any_story(begin: Callable, cards: Callable) -> None:
    """R6, R7."""
    person = begin("phoneline")
    for card, option in (("safe_to_chat", "yes"), ("danger", "no")):
        effects = person.happen(ev.CardChosen(card=card, option=option))
    assert cards(effects) == ["limits", "notice"]
    assert person.contact.card == "notice"
    assert cards(person.happen(ev.CardChosen(card="notice", option="acknowledge"))) == ["code_of_contact"]


def test_the_notice_holds_nobody_up_elsewhere(begin: Callable, cards: Callable) -> None:
    person = begin("survivors")
    walk(person, cards)
    assert person.contact.answer("notice") is None
    assert ef.MarkNotice(answer="decline") in person.happen(ev.CardChosen(card="notice", option="decline"))


def test_not_safe_here_offers_ways_on_and_then_the_next_question(begin: Callable, cards: Callable) -> None:
    person = begin()
    assert cards(person.happen(ev.CardChosen(card="safe_to_chat", option="no"))) == ["safety_options"]
    assert cards(person.happen(ev.CardChosen(card="safety_options", option="carry_on"))) == ["danger"]


@pytest.mark.parametrize("option", ["unsure", "cant_say"])
def test_unsure_about_danger_counts_as_concern_and_a_person_comes(
    begin: Callable, cards: Callable, option: str
) -> None:
    person = begin()
    person.happen(ev.CardChosen(card="safe_to_chat", option="yes"))
    assert cards(person.happen(ev.CardChosen(card="danger", option=option)))[:2] == ["notice", "queue"]
    assert person.contact.band == 2
    assert person.contact.risk_open


@pytest.mark.parametrize("option", ["yes", "someone_else"])
def test_yes_to_danger_is_an_immediate(begin: Callable, cards: Callable, option: str) -> None:
    person = begin()
    assert cards(person.happen(ev.CardChosen(card="safe_to_chat", option="yes"))) == ["danger"]
    assert cards(person.happen(ev.CardChosen(card="danger", option=option)))[0] == "emergency"
    assert person.contact.band == 0


def test_after_an_aside_the_question_is_asked_again(begin: Callable) -> None:
    person = begin()
    effects = person.happen(ev.BotAnswered(replies=1, commands=(t.Signpost(topic="police"),)))
    assert effects == (ef.Show(card="signpost", topic="police"), ef.Show(card="safe_to_chat", again=True))
    person.happen(ev.BotAnswered(replies=0, commands=(t.OfferEnd(),)))
    stay = person.happen(ev.CardChosen(card="offer_end", option="stay"))
    assert stay == (ef.Show(card="safe_to_chat", again=True),)


def test_what_was_told_early_is_not_asked_again(begin: Callable, cards: Callable) -> None:
    person = begin()
    told = (t.RecordFact(name="need"), t.Choose(card="need", option="leaving"))
    person.happen(ev.BotAnswered(replies=0, commands=told))
    assert "need" not in walk(person, cards, **CALM)
    assert person.contact.answer("need") == "leaving"


@pytest.mark.parametrize("card", ["notice", "code_of_contact"])
def test_words_never_answer_a_policy_that_was_not_shown(begin: Callable, cards: Callable, card: str) -> None:
    """Or the queue would be refused for want of a notice (promise 1)."""
    person = begin()
    option = sorted(CARDS[card].options)[0]
    person.happen(ev.BotAnswered(replies=0, commands=(t.Choose(card=card, option=option),)))
    assert person.contact.answer(card) is None
    assert card in walk(person, cards, **CALM)


def test_closed_is_said_first_and_no_story_is_asked_for(begin: Callable, cards: Callable, service: Service) -> None:
    person = begin(service.id, open=False)
    assert walk(person, cards, **CALM) == ["greeting", "closed", "safe_to_chat", "danger"]
    assert person.contact.phase is Phase.WITH_BOT


def test_closed_an_immediate_still_queues(begin: Callable, cards: Callable) -> None:
    person = begin(open=False)
    person.happen(ev.CardChosen(card="safe_to_chat", option="yes"))
    person.happen(ev.CardChosen(card="danger", option="yes"))
    assert person.contact.band == 0


def test_closed_what_screening_could_not_decide_still_queues(begin: Callable) -> None:
    person = begin(open=False)
    person.says(uncertain=True)
    assert person.contact.phase is Phase.WAITING


@pytest.mark.parametrize("event", [ev.PersonAskedFor(), ev.BotFailed()])
def test_closed_nobody_is_put_in_a_queue_that_nobody_reads(begin: Callable, cards: Callable, event: ev.Event) -> None:
    person = begin(open=False)
    assert cards(person.happen(event)) == ["closed", "safe_to_chat"], "M6: why, until when, where else"
    assert person.contact.phase is Phase.WITH_BOT


def test_a_card_that_asks_nothing_cannot_be_pressed(begin: Callable) -> None:
    with pytest.raises(Illegal):
        begin().happen(ev.CardChosen(card="greeting", option="carry_on"))


def test_a_card_that_was_not_shown_cannot_be_pressed(begin: Callable) -> None:
    with pytest.raises(Illegal):
        begin().happen(ev.CardChosen(card="offer_end", option="end"))


def test_every_service_has_words_for_every_card(service: Service) -> None:
    assert all(service.text(card).body for card in CARDS)


def test_every_option_of_every_card_has_a_label_in_every_service(service: Service) -> None:
    for name, card in CARDS.items():
        wanted = card.options if name != "need" else frozenset(service.file.needs)
        assert wanted <= set(service.text(name).options), name
