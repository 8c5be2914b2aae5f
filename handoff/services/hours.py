"""When a service is open, and how to say so. Pure: the time is always given, and is always timezone-aware.

Hours are times of day where the service is. On the night the clocks go back, an opening lasts until the second time
the clock shows its closing time; on the night they go forward, a time that the clock skips counts as an hour later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from handoff.services.model import Hours, OpenHours, Weekday

DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def is_open(hours: Hours, now: datetime) -> bool:
    """Whether advisors are there at `now`."""
    return hours.always or _opening_at(hours, now) is not None


def admits(hours: Hours, now: datetime) -> bool:
    """Whether a new person may still join the queue: admission stops before closing, so that staff can drain it."""
    if hours.always:
        return True
    opening = _opening_at(hours, now)
    return opening is not None and now < opening[1] - timedelta(minutes=hours.last_admission_min)


def opens_next(hours: Hours, now: datetime) -> datetime | None:
    """The next time the doors open after `now`, in the service's timezone; None if they never close, or never open."""
    if hours.always:
        return None
    starts = [start for start, _ in _openings(hours, now) if start > now]
    return min(starts).astimezone(ZoneInfo(hours.timezone)) if starts else None


def hours_in_words(hours: Hours, now: datetime | None = None) -> str:
    """Words that go after "We are open": today's or the next opening if `now` is given, or else the whole week.

    "today from 9am to 9pm" · "on Monday from 9am to 5pm" · "Monday to Friday from 9am to 5pm" · "all day, every day"
    """
    if hours.always:
        return "all day, every day"
    if now is None:
        return _week_in_words(hours)
    opening = _opening_at(hours, now) or _next_opening(hours, now)
    if opening is None:
        return "at times we can't tell you here"
    zone = ZoneInfo(hours.timezone)
    opens, closes = (moment.astimezone(zone) for moment in opening)
    return f"{_day_in_words(opens, now.astimezone(zone))} from {clock(opens)} to {clock(closes)}"


def opens_in_words(hours: Hours, now: datetime) -> str:
    """Words that go after "We open again": "today at 2pm" · "tomorrow at 9am" · "on Monday at 9am"."""
    if hours.always:
        return "all day, every day"
    opens = opens_next(hours, now)
    if opens is None:
        return "at a time we can't tell you here"
    return f"{_day_in_words(opens, now.astimezone(opens.tzinfo))} at {clock(opens)}"


def clock(moment: datetime | time) -> str:
    """A time of day as people say it: 9am, 9:30pm, noon, midnight."""
    if (moment.hour, moment.minute) in ((0, 0), (12, 0)):
        return "noon" if moment.hour else "midnight"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{(moment.hour - 1) % 12 + 1}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def _openings(hours: Hours, now: datetime) -> list[tuple[datetime, datetime]]:
    """Openings from yesterday to nine days ahead, as UTC; those that touch are one."""
    zone = ZoneInfo(hours.timezone)
    today = now.astimezone(zone).date()
    spans = sorted(
        _instants(day, opening, zone)
        for day in (today + timedelta(days=n) for n in range(-1, 10))
        for opening in hours.week.get(DAYS[day.weekday()], ())
    )
    merged: list[tuple[datetime, datetime]] = []
    for opens, closes in spans:
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return merged


def _instants(day: date, opening: OpenHours, zone: ZoneInfo) -> tuple[datetime, datetime]:
    last = day + timedelta(days=1) if opening.closes <= opening.opens else day  # past midnight
    return _instant(day, opening.opens, zone, fold=0), _instant(last, opening.closes, zone, fold=1)


def _instant(day: date, at: time, zone: ZoneInfo, *, fold: int) -> datetime:
    local = datetime.combine(day, at, zone).replace(fold=fold)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):  # a time the clock skips
        return local.replace(fold=0).astimezone(UTC)
    return instant


def _opening_at(hours: Hours, now: datetime) -> tuple[datetime, datetime] | None:
    return next((o for o in _openings(hours, now) if o[0] <= now < o[1]), None)


def _next_opening(hours: Hours, now: datetime) -> tuple[datetime, datetime] | None:
    return next((o for o in _openings(hours, now) if o[0] > now), None)


def _day_in_words(day: datetime, now: datetime) -> str:
    match (day.date() - now.date()).days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case -1:
            return "since yesterday"
        case 7:
            return f"next {NAMES[day.weekday()]}"
        case _:
            return f"on {NAMES[day.weekday()]}"


def _week_in_words(hours: Hours) -> str:
    parts = []
    days: list[tuple[int, tuple[OpenHours, ...]]] = [
        (n, tuple(sorted(hours.week[day], key=lambda o: o.opens))) for n, day in enumerate(DAYS) if hours.week.get(day)
    ]
    # Days in a row with the same hours are said together.
    for _, group in groupby(enumerate(days), key=lambda pair: (pair[1][0] - pair[0], pair[1][1])):
        same = [days_and_hours for _, days_and_hours in group]
        first, last, openings = same[0][0], same[-1][0], same[0][1]
        if len(same) == len(DAYS):
            when = "every day"
        elif first == last:
            when = NAMES[first]
        else:
            when = f"{NAMES[first]} {'and' if last == first + 1 else 'to'} {NAMES[last]}"
        parts.append(f"{when} {_join([f'from {clock(o.opens)} to {clock(o.closes)}' for o in openings])}")
    return _join(parts, ", and ") if parts else "at times we can't tell you here"


def _join(parts: Sequence[str], last: str = " and ") -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + last + parts[-1]
