""" "Yes" means nothing without its question."""

from __future__ import annotations

import pytest

from handoff.screening import screen
from handoff.services.load import load_services
from handoff.services.model import Service
from handoff.verdict import Abuse, Risk, Turn, Verdict

DANGER = Turn(author="bot", text="Are you or anyone else in danger right now?", card="danger")


def _after(turn: Turn, text: str) -> Verdict:
    return screen(text, service="survivors", history=[turn])


@pytest.mark.parametrize("text", ["yes", "Yes.", "yh", "yeah hes here", "yep", "i am", "YES", "aye", "yes please help"])
def test_danger_answered_yes_is_immediate(text: str) -> None:
    assert _after(DANGER, text).risk is Risk.IMMEDIATE


@pytest.mark.parametrize("text", ["someone else", "my kids are", "my mum"])
def test_danger_to_someone_else_is_immediate(text: str) -> None:
    assert _after(DANGER, text).risk is Risk.IMMEDIATE


@pytest.mark.parametrize("text", ["not sure", "i dont know", "maybe", "cant say", "idk"])
def test_unsure_and_cant_say_count_as_concern(text: str) -> None:
    assert _after(DANGER, text).risk is Risk.CONCERN


IN_WORDS = [
    "no one's in danger right now",
    "no one is in danger",
    "nobody's in danger at the moment",
    "no one in danger no",
]


@pytest.mark.parametrize("text", ["no", "nope", "no im ok", "not right now", *IN_WORDS])
def test_danger_answered_no_is_nothing(text: str) -> None:
    assert _after(DANGER, text).risk is Risk.NONE


@pytest.mark.parametrize(
    "text", ["ok", "ok thanks", "its about my dad", "what about my mum", "i want to talk about my son"]
)
def test_thanks_and_a_topic_are_no_answer_to_the_danger_question(text: str) -> None:
    assert _after(DANGER, text).risk is Risk.NONE


@pytest.mark.parametrize("text", ["im 34", "34", "i am 15 years old", "im a 34 year old man", "i have a question"])
def test_an_age_is_no_yes_to_the_danger_question(text: str) -> None:
    assert _after(DANGER, text).risk is Risk.NONE
    assert _after(DANGER, f"yes {text}").risk is Risk.IMMEDIATE


@pytest.mark.parametrize("text", ["i am very sad", "im so lonely", "i have no hope", "i am stressed about work"])
def test_how_somebody_feels_is_no_yes_to_the_danger_question(text: str) -> None:
    """It is heard for what it says; a "yes" before it is still a yes."""
    assert _after(DANGER, text).risk < Risk.IMMEDIATE
    assert _after(DANGER, f"yes {text}").risk is Risk.IMMEDIATE


@pytest.mark.parametrize("text", ["i am", "i am scared", "i have been hurt", "im hurt and tired of running, hes here"])
def test_danger_told_in_feelings_is_still_a_yes(text: str) -> None:
    assert _after(DANGER, text).risk is Risk.IMMEDIATE


@pytest.mark.parametrize("text", ["yh im ok to talk here", "yeah we are fine", "yes im safe now"])
def test_a_yes_that_says_they_are_safe_is_left_to_a_person_as_concern(text: str) -> None:
    assert _after(DANGER, text).risk is Risk.CONCERN
    assert _after(DANGER, "yes but im not safe").risk is Risk.IMMEDIATE


@pytest.mark.parametrize("text", ["yes im in danger", "yes, i'm in danger", "no one else is in danger, just me"])
def test_danger_in_so_many_words_needs_no_question(text: str) -> None:
    assert screen(text, service="survivors").risk is Risk.IMMEDIATE


def test_that_the_children_are_safe_is_left_to_a_person() -> None:
    assert _after(DANGER, "the kids are safe").risk is Risk.CONCERN
    assert _after(DANGER, "the kids are not safe").risk is Risk.IMMEDIATE


@pytest.mark.parametrize("text", ["ok", "yes", "no", "yh im ok to talk here"])
@pytest.mark.parametrize("service", load_services().values(), ids=lambda service: service.id)
def test_only_the_danger_card_asks_about_danger(service: Service, text: str) -> None:
    """ "ok" to a card that names 999 is no emergency."""
    for card in service.texts.values():
        turn = Turn(author="bot", text=card.body, card=card.kind)
        assert card.kind == "danger" or screen(text, service=service.id, history=[turn]).risk is Risk.NONE, card.kind


def test_rude_words_about_somebody_else_are_not_at_us() -> None:
    assert screen("i hate my mum shes a useless idiot", service="survivors").abuse is Abuse.NONE
    assert screen("my sister is a stupid cow", service="survivors").abuse is Abuse.NONE
    assert screen("you stupid cow, my sister was right", service="survivors").abuse is Abuse.ABUSIVE


def test_yes_without_a_question_is_nothing() -> None:
    assert screen("yes", service="survivors").risk is Risk.NONE


def test_no_to_are_you_safe_is_immediate() -> None:
    assert _after(Turn(author="advisor", text="Are you safe right now?"), "no").risk is Risk.IMMEDIATE
    assert _after(Turn(author="advisor", text="Are you safe right now?"), "yes").risk is Risk.NONE


def test_yes_to_a_question_about_suicide_is_immediate() -> None:
    asked = Turn(author="advisor", text="Are you thinking about ending your life?")
    assert _after(asked, "yes").risk is Risk.IMMEDIATE
    assert _after(asked, "no").risk is Risk.NONE


def test_a_sentence_sent_in_two_messages_is_heard_as_one() -> None:
    assert screen("to kill myself", service="survivors", history=[Turn(author="person", text="im going")]).risk
    assert _after(Turn(author="person", text="my husband has got a"), "knife").risk is Risk.IMMEDIATE


def test_only_the_last_twenty_turns_are_read() -> None:
    old = [DANGER] + [Turn(author="person", text="ok")] * 20
    assert screen("yes", service="survivors", history=old).risk is Risk.NONE


def test_contempt_for_a_partner_is_risk_evidence_on_the_phoneline() -> None:
    verdict = screen("shes a lazy slag and she needs a slap", service="phoneline")
    assert verdict.risk >= Risk.CONCERN
    assert not verdict.abuse
