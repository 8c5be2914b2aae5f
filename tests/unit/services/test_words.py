"""M1: respect, in clear words. Every text of every service is read here as a person would read it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import textstat

from handoff.services.fill import fill
from handoff.services.load import load_services
from handoff.services.model import Service, Text

SERVICES = load_services()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVERY_TEXT = [
    pytest.param(service, text, id=f"{service.id}-{text.kind}-{text.version}.{text.lang}")
    for service in SERVICES.values()
    for text in service.texts.values()
]

OLDEST = 11  # years; PRACTICE asks for a reading age of 9 to 11
LONGEST = 25  # words in one sentence
NEVER = (
    "calm down", "why", "we understand", "i understand", "victim", "abuser", "perpetrator", "offender", "vulnerable",
    "suffering", "user", "customer", "client", "ticket", "please don't worry", "don't worry", "you must", "you should",
    "you are at risk", "at your own risk", "guarantee", "we will keep you safe", "completely confidential",
    "100%", "always confidential", "commit suicide", "in order to", "regarding", "via", "utilise",
)  # fmt: skip
NOT_RECORDED = re.compile(r"\b(not|never|n't|isn't|aren't) (be |being )?(recorded|kept|stored|saved)\b")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
PHONE = re.compile(r"\+?\d[\d ]{4,}\d")


def everything(text: Text) -> str:
    return "\n".join((text.title, text.body, text.again, *text.options.values()))


def sentences(text: Text, service: Service) -> list[str]:
    """What is read, sentence by sentence: without markup, numbers and lists of the directory."""
    body = re.sub(r"\[\[(topic|entry)[^\]]*\]\]", "", text.body)
    body = fill(body, service, now=NOON)
    body = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", body)  # links
    body = re.sub(r"^(- |## )|\*\*", "", body, flags=re.MULTILINE)
    for name in service.file.reach.model_dump().values():  # names and addresses are not our words
        body = body.replace(name, "us")
    body = body.replace(service.file.name, "helpline")
    parts = [part for line in body.split("\n") for part in re.split(r"(?<=[.?:])\s+", line.strip())]
    return [part.rstrip(".:?") + "." for part in parts if re.search("[a-z]", part)]


@pytest.mark.parametrize(("service", "text"), EVERY_TEXT)
def test_a_child_of_eleven_can_read_every_text(service: Service, text: Text) -> None:
    """These indexes count letters, words and sentences; the others of textstat want a dictionary to be downloaded."""
    words = " ".join(sentences(text, service))
    # Two indexes, and the worse counts; both give an American school grade: the age less five.
    grade = max(textstat.automated_readability_index(words), textstat.coleman_liau_index(words))
    assert grade + 5 <= OLDEST, f"reading age {grade + 5:.1f}: {words}"


def test_the_measure_of_reading_age_can_fail() -> None:
    hard = "Confidentiality considerations notwithstanding, disclosure to statutory safeguarding authorities may occur."
    assert textstat.automated_readability_index(hard) + 5 > OLDEST
    assert textstat.coleman_liau_index(hard) + 5 > OLDEST


@pytest.mark.parametrize(("service", "text"), EVERY_TEXT)
def test_no_sentence_is_too_long_to_read_aloud_in_fright(service: Service, text: Text) -> None:
    assert [s for s in sentences(text, service) if len(s.split()) > LONGEST] == []


@pytest.mark.parametrize(("service", "text"), EVERY_TEXT)
def test_no_text_holds_words_that_hurt_or_promise_too_much(service: Service, text: Text) -> None:
    words = everything(text).lower()
    assert [w for w in NEVER if re.search(rf"\b{re.escape(w)}\b", words)] == []
    assert "!" not in words
    assert not EMOJI.search(words)


@pytest.mark.parametrize(("service", "text"), EVERY_TEXT)
def test_no_text_says_that_words_are_not_kept(service: Service, text: Text) -> None:
    assert not NOT_RECORDED.search(everything(text).lower())


@pytest.mark.parametrize(("service", "text"), EVERY_TEXT)
def test_no_text_holds_a_phone_number_that_belongs_in_the_directory(service: Service, text: Text) -> None:
    assert PHONE.findall(everything(text)) == []


@pytest.mark.parametrize(("service", "text"), EVERY_TEXT)
def test_titles_are_short_and_a_card_that_asks_has_a_question_or_a_choice_for_title(
    service: Service, text: Text
) -> None:
    assert len(text.title.split()) <= 8
    if text.kind in {"safe_to_chat", "danger", "need", "age", "name", "language", "still_there", "offer_end"}:
        assert text.title.endswith("?")


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_emergency_texts_say_the_truth_about_what_we_can_do(service: Service) -> None:
    for kind in ("emergency", "emergency_suicide", "emergency_child", "emergency_own_behaviour"):
        body = fill(service.text(kind).body, service, now=NOON)
        assert all(len(line.split()) <= 20 for line in body.split("\n"))
        for words in ("999", "We can't see where you are. We can't send help unless you tell us where.",
                      "A person here is being told now",
                      "You can leave this page at any time"):  # fmt: skip
            assert words in body, f"{kind} does not say: {words}"
    for kind in ("emergency", "emergency_child"):
        body = service.text(kind).body
        assert "press 55" in body
        assert "Pressing 55 does not tell the police where you are" in body


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_an_ending_says_the_reason_the_review_the_complaint_other_help_and_the_way_back(service: Service) -> None:
    body = fill(service.text("ending").body, service, now=NOON)
    for words in ("Our code of contact says", "A person will look at what happened", "complain",
                  service.file.reach.complaints, "You can start a new chat", "Samaritans", "999"):  # fmt: skip
        assert words in body


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_declining_a_policy_never_refuses_the_service(service: Service) -> None:
    assert "If you don't agree, you still get help" in service.text("code_of_contact").body
    assert "You will still talk to a person" in service.text("notice").body


def test_the_phoneline_never_points_to_a_refuge() -> None:
    phoneline = SERVICES["phoneline"]
    said = " ".join(f"{e.name} {' '.join(e.topics)}".lower() for e in phoneline.directory)
    assert "refuge" not in said
    local = {"scotland_abuse", "wales_abuse", "northern_ireland_abuse"}
    assert not local & {e.id for e in phoneline.directory}
