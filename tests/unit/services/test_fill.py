"""Words get the service's own numbers, names and hours, and nobody is ever shown raw brackets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handoff.services.fill import GIVEN, entries, fill, said, unfilled
from handoff.services.load import load_services

SERVICES = load_services()
MISSING = SERVICES["missing"]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
pieces = st.sampled_from(
    ["[[", "]]", "[", "]", "helpline", "number:", "samaritans", "entry:", "topic:", " ", "\n", "call ", ":", "x"]
)


def quiet(_: str) -> None:
    """A report that nobody reads."""


@given(st.lists(pieces, max_size=30).map("".join) | st.text())
@example("[[helpline]")
@example("[[[helpline]]]")
@example("call [[number:nobody]] now")
def test_whatever_a_text_or_a_bot_says_nobody_sees_raw_brackets(text: str) -> None:
    filled = fill(text, MISSING, now=NOON, report=quiet)
    assert "[[" not in filled
    assert "]]" not in filled


@given(st.lists(pieces, max_size=20).map("".join))
def test_what_the_loader_lets_through_is_filled_without_any_report(text: str) -> None:
    reports: list[str] = []
    fill(text, MISSING, now=NOON, report=reports.append)
    assert bool(reports) == bool(unfilled(text, MISSING))


@given(st.text(alphabet=st.characters(exclude_characters="[]")))
def test_words_without_placeholders_are_left_as_they_are(text: str) -> None:
    assert fill(text, MISSING, now=NOON, report=quiet) == text


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_every_text_of_every_service_can_be_shown(service) -> None:  # type: ignore[no-untyped-def]
    reports: list[str] = []
    for text in service.texts.values():
        for words in (text.title, text.body, text.again, *text.options.values()):
            for now in (None, NOON):
                filled = fill(words, service, now=now, report=reports.append)
                assert "[[" not in filled
    assert reports == []


def test_a_line_that_cannot_be_filled_gives_the_helpline_and_keeps_the_other_lines() -> None:
    reports: list[str] = []
    filled = fill("You can stay.\nCall [[number:nobody]].\nYou can go.", MISSING, report=reports.append)
    assert filled == "You can stay.\nYou can call us on 116 000.\nYou can go."
    assert reports == ["[[number:nobody]]"]


def test_what_is_filled_in_is_never_looked_at_again() -> None:
    assert fill("[[advisor]] is here", MISSING, report=quiet, advisor="Sam [helpline]") == "Sam [helpline] is here"
    assert fill("[[advisor]] is here", MISSING, report=quiet, advisor="[[helpline]]") != "116 000 is here"


def test_an_advisor_without_a_name_is_still_an_advisor() -> None:
    assert fill("[[advisor]] is here", MISSING) == "An advisor is here"
    assert fill("[[advisor]] is here", MISSING, advisor="") == "An advisor is here"


def test_numbers_entries_and_topics_come_from_the_directory() -> None:
    assert fill("[[number:childline]]", MISSING) == "0800 1111"
    assert fill("[[entry:samaritans]]", MISSING) == "Samaritans: 116 123"
    assert "- Samaritans: 116 123" in fill("[[topic:suicide]]", MISSING).split("\n")
    assert fill("[[topic]]", MISSING, topic="suicide") == fill("[[topic:suicide]]", MISSING)


def test_a_topic_the_service_has_nothing_on_gives_the_general_numbers() -> None:
    assert fill("[[topic]]", MISSING, topic="own_behaviour") == fill("[[topic:other_help]]", MISSING)
    assert entries(MISSING, "own_behaviour") == entries(MISSING, "other_help") != ()


def test_hours_nobody_has_checked_are_never_shown() -> None:
    for service in SERVICES.values():
        assert not any("check" in said(entry) for entry in service.directory)


def test_hours_and_the_next_opening_are_said_for_the_time_given() -> None:
    assert fill("We are open [[hours]].", MISSING, now=NOON) == "We are open all day, every day."


def test_links_to_the_policy_stay_on_our_own_pages() -> None:
    for service in SERVICES.values():
        assert fill("[it]([[policy]])", service) == f"[it](/policy/{service.id})"


def test_what_a_text_may_be_given_is_known_to_the_loader() -> None:
    assert frozenset({"wait", "position", "advisor"}) == GIVEN
    assert unfilled("[[wait]]", MISSING) == ["[[wait]]"]
    assert unfilled("[[wait]]", MISSING, GIVEN) == []


@pytest.mark.parametrize("topic", ["domestic_abuse", "police", "suicide", "children", "missing", "other_help"])
def test_every_topic_the_bot_may_name_has_a_number_in_every_service(topic: str) -> None:
    for service in SERVICES.values():
        assert entries(service, topic)
