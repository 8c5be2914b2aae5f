"""Every word the bot says (M1, PRACTICE "Words"), read as the product fills it in for each service."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import textstat
from ruamel.yaml import YAML

from handoff.services.fill import fill, unfilled
from handoff.services.load import load_services

SERVICES = load_services()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DOMAIN = YAML(typ="safe").load(Path(__file__).parents[2] / "domain.yml")
REPLIES = [
    pytest.param(name, variation["text"], id=f"{name}-{n}")
    for name, variations in DOMAIN["responses"].items()
    for n, variation in enumerate(variations)
]
OLDEST = 11  # years; PRACTICE asks for a reading age of 9 to 11
LONGEST = 25  # words in one sentence
NEVER = (
    "calm down", "why", "understand", "victim", "abuser", "perpetrator", "offender", "vulnerable", "suffering", "user",
    "customer", "client", "ticket", "don't worry", "you must", "you should", "you are at risk", "guarantee",
    "keep you safe", "completely", "100%", "always confidential", "secret", "anonymous", "commit suicide", "regarding",
    "via", "utilise", "rescue",
)  # fmt: skip
HAPPENED = re.compile(
    r"\b(i am|i'm|we are|we're|i have|i've|we have|we've) (now )?"
    r"(pass|connect|transfer|queu|call|tell|sen[dt]|told|put)",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d{3}|https?:|www\.|@|\b\d{1,2} ?(am|pm)\b")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")


def plain(text: str) -> str:
    """Our own words: names, numbers and addresses of the service count as one short word."""
    return re.sub(r"\[\[[a-z_:]+\]\]", "helpline", text)


@pytest.mark.parametrize(("name", "text"), REPLIES)
def test_a_child_of_eleven_can_read_every_reply(name: str, text: str) -> None:
    words = plain(text)
    # School grades of two indexes that need no dictionary to be downloaded; the worse counts, and age is grade plus 5.
    grade = max(textstat.automated_readability_index(words), textstat.coleman_liau_index(words))
    assert grade + 5 <= OLDEST, f"reading age {grade + 5:.1f}"


@pytest.mark.parametrize(("name", "text"), REPLIES)
def test_no_sentence_of_a_reply_is_too_long(name: str, text: str) -> None:
    assert [s for s in re.split(r"(?<=[.?:])\s+", plain(text)) if len(s.split()) > LONGEST] == []


@pytest.mark.parametrize(("name", "text"), REPLIES)
def test_no_reply_holds_words_that_hurt_or_promise_too_much(name: str, text: str) -> None:
    words = text.lower()
    assert [w for w in NEVER if re.search(rf"\b{re.escape(w)}\b", words)] == []
    assert "!" not in words
    assert not EMOJI.search(words)


@pytest.mark.parametrize(("name", "text"), REPLIES)
def test_no_reply_says_that_something_happened(name: str, text: str) -> None:
    """Handoff says it, in the transaction that does it."""
    assert not HAPPENED.search(text)


@pytest.mark.parametrize(("name", "text"), REPLIES)
def test_the_bot_types_no_number_hour_or_address_itself(name: str, text: str) -> None:
    assert not NUMBER.search(re.sub(r"\[\[[a-z_:]+\]\]", "", text))
    assert "{" not in text


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda s: s.id)
@pytest.mark.parametrize(("name", "text"), REPLIES)
def test_every_service_can_fill_every_reply(service: object, name: str, text: str) -> None:
    assert unfilled(text, service) == []  # type: ignore[arg-type]
    assert "[[" not in fill(text, service, now=NOON)  # type: ignore[arg-type]


def test_the_bot_says_honestly_what_it_is() -> None:
    words = DOMAIN["responses"]["utter_bot"][0]["text"]
    assert words.startswith("No.")
    assert "automated assistant" in words
