"""When a service is open: for any week, in any timezone, also on the nights when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.services.hours import DAYS, admits, hours_in_words, is_open, opens_in_words, opens_next
from handoff.services.model import Hours, OpenHours

LONDON = ZoneInfo("Europe/London")
WEEKDAYS = {day: (OpenHours(opens=time(9), closes=time(17)),) for day in DAYS[:5]}
OFFICE = Hours(week=WEEKDAYS, last_admission_min=30)
ALWAYS = Hours(always=True)

quarters = st.integers(0, 95).map(lambda q: time(q // 4, q % 4 * 15))
openings = st.builds(OpenHours, opens=quarters, closes=quarters)
weeks = st.dictionaries(st.sampled_from(DAYS), st.lists(openings, min_size=1, max_size=2).map(tuple), min_size=1)
zones = st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
any_hours = st.builds(Hours, timezone=zones, week=weeks, last_admission_min=st.integers(0, 90))
moments = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2028, 12, 31), timezones=st.just(UTC))
clock_changes = st.sampled_from(
    [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)]
)
near_a_change = st.builds(lambda at, minutes: at + timedelta(minutes=minutes), clock_changes, st.integers(-1500, 1500))
any_time = moments | near_a_change


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[misc,arg-type]


@given(any_hours, any_time)
def test_nobody_is_admitted_while_closed(hours: Hours, now: datetime) -> None:
    assert is_open(hours, now) or not admits(hours, now)


@given(any_hours, any_time)
def test_the_next_opening_is_ahead_within_nine_days_and_really_is_an_opening(hours: Hours, now: datetime) -> None:
    opens = opens_next(hours, now)
    if opens is None:  # only a week without any gap has no next opening
        assert all(is_open(hours, now + timedelta(hours=h)) for h in range(24 * 8))
        return
    assert now < opens <= now + timedelta(days=9)
    assert is_open(hours, opens)
    assert not is_open(hours, opens - timedelta(microseconds=1))


@given(any_hours, any_time)
def test_closed_means_closed_until_the_next_opening(hours: Hours, now: datetime) -> None:
    if is_open(hours, now):
        return
    opens = opens_next(hours, now)
    assert opens is not None
    gap = opens - now
    assert not any(is_open(hours, now + gap * part / 40) for part in range(40))


@given(any_hours, any_time)
def test_admission_stops_exactly_so_many_minutes_before_closing(hours: Hours, now: datetime) -> None:
    if not is_open(hours, now):
        return
    open_then = is_open(hours, now + timedelta(minutes=hours.last_admission_min))
    if admits(hours, now):
        assert open_then
    # Not admitted, and still open then: only if it closed in between, or that moment is past its closing.
    elif open_then and hours.last_admission_min:
        steps = (now + timedelta(minutes=m) for m in range(hours.last_admission_min + 1))
        assert not all(is_open(hours, step) for step in steps)


@given(any_hours, any_time, zones)
def test_the_answer_is_the_same_in_whatever_timezone_one_asks(hours: Hours, now: datetime, zone: str) -> None:
    there = now.astimezone(ZoneInfo(zone))
    assert (is_open(hours, now), admits(hours, now)) == (is_open(hours, there), admits(hours, there))
    assert opens_next(hours, now) == opens_next(hours, there)


@given(any_hours, any_time)
@settings(max_examples=300)
def test_an_opening_is_never_lost_to_a_change_of_the_clocks(hours: Hours, now: datetime) -> None:
    """On each of the seven days ahead, each opening of at least two hours is open in its middle."""
    zone = ZoneInfo(hours.timezone)
    for ahead in range(7):
        day = now.astimezone(zone).date() + timedelta(days=ahead)
        for opening in hours.week.get(DAYS[day.weekday()], ()):
            start = datetime.combine(day, opening.opens)
            end = datetime.combine(day, opening.closes) + timedelta(days=opening.closes <= opening.opens)
            if end - start >= timedelta(hours=3):
                middle = (start + (end - start) / 2).replace(tzinfo=zone)
                assert is_open(hours, middle)


@given(any_hours, any_time)
def test_hours_are_always_words_and_never_raise(hours: Hours, now: datetime) -> None:
    for words in (hours_in_words(hours), hours_in_words(hours, now), opens_in_words(hours, now)):
        assert words
        assert "None" not in words


def test_on_the_night_the_clocks_go_back_the_service_stays_open_to_the_second_half_past_one() -> None:
    night = Hours(week={"sat": (OpenHours(opens=time(20), closes=time(1, 30)),)}, last_admission_min=0)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 01:30 for the first time
    assert is_open(night, first)
    assert is_open(night, first + timedelta(minutes=59))
    assert not is_open(night, first + timedelta(minutes=60))


def test_on_the_night_the_clocks_go_forward_an_opening_in_the_skipped_hour_waits_an_hour() -> None:
    night = Hours(week={"sun": (OpenHours(opens=time(1, 30), closes=time(6)),)}, last_admission_min=0)
    assert not is_open(night, london(2026, 3, 29, 2, 29))
    assert is_open(night, london(2026, 3, 29, 2, 30))


def test_midnight_does_not_stop_admission_in_a_service_that_goes_on() -> None:
    both = Hours(
        week={
            "mon": (OpenHours(opens=time(9), closes=time(0)),),
            "tue": (OpenHours(opens=time(0), closes=time(9)),),
        }
    )
    assert admits(both, london(2026, 11, 23, 23, 59))
    assert not admits(both, london(2026, 11, 24, 8, 45))


@pytest.mark.parametrize(
    ("now", "words", "opens"),
    [
        (london(2026, 11, 23, 12), "today from 9am to 5pm", "tomorrow at 9am"),
        (london(2026, 11, 23, 7), "today from 9am to 5pm", "today at 9am"),
        (london(2026, 11, 23, 18), "tomorrow from 9am to 5pm", "tomorrow at 9am"),
        (london(2026, 11, 27, 18), "on Monday from 9am to 5pm", "on Monday at 9am"),
        (london(2026, 11, 28, 12), "on Monday from 9am to 5pm", "on Monday at 9am"),
    ],
)
def test_hours_are_said_as_people_say_them(now: datetime, words: str, opens: str) -> None:
    assert hours_in_words(OFFICE, now) == words
    assert opens_in_words(OFFICE, now) == opens


def test_a_week_is_said_in_few_words() -> None:
    weekend = Hours(week={**WEEKDAYS, "sat": (OpenHours(opens=time(10), closes=time(12, 30)),)})
    assert hours_in_words(OFFICE) == "Monday to Friday from 9am to 5pm"
    assert hours_in_words(weekend) == "Monday to Friday from 9am to 5pm, and Saturday from 10am to 12:30pm"
    assert hours_in_words(ALWAYS) == "all day, every day"


def test_a_weekly_opening_that_is_past_is_said_to_be_next_week() -> None:
    mondays = Hours(week={"mon": (OpenHours(opens=time(9), closes=time(12)),)})
    assert opens_in_words(mondays, london(2026, 11, 23, 13)) == "next Monday at 9am"
