"""Doors that close, desks that are empty: said honestly to people, and in front of staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from handoff.desk import advisor, duty, turns, views
from handoff.desk.alarms import alarms, for_role
from handoff.desk.board import board
from handoff.errors import NotAllowed
from handoff.gateway.staffing import PATIENCE, Staffing
from handoff.services.model import Hours, OpenHours
from handoff.standing import Phase
from handoff.store.tables import Wait

NINE_TO_FIVE = Hours(
    timezone="UTC",
    last_admission_min=30,
    week={
        day: (OpenHours(opens=time(9), closes=time(17)),) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    },
)


@pytest.fixture
def nine_to_five(house, monkeypatch):
    """The survivors' service keeps hours; the clock is put at a time of day."""
    service = house.office.services["survivors"]
    changed = replace(service, file=service.file.model_copy(update={"hours": NINE_TO_FIVE}))
    monkeypatch.setitem(house.office.services, "survivors", changed)

    def at(hour: int, minute: int = 0) -> None:
        house.now = datetime(2026, 11, 23, hour, minute, tzinfo=UTC)

    return at


async def said_to(house, contact):
    return await house.see(
        lambda s: views.person_state(s, house.office, contact, bot_here=True, position=1, wait_min=None)
    )


async def standing(house, role: str = "advisor", **seen) -> list[tuple[str, str | None]]:
    rows = await house.see(lambda s: alarms(s, house.office, **seen))
    return [(row.what, row.service) for row in for_role(rows, role)]


# ── hours ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_from_the_last_admission_on_nobody_new_joins_and_is_told_so_first(house, nine_to_five) -> None:
    nine_to_five(16, 30)
    contact = await house.opens()
    assert "closed" in await house.cards(contact)
    await house.asks_for_person(contact)
    assert await house.place(contact) is None
    assert not (await said_to(house, contact)).open
    assert "tomorrow at 9am" in next(e.text for e in await house.entries(contact) if e.card and e.card.name == "closed")


async def test_the_bot_is_told_that_nobody_new_is_admitted(house, nine_to_five) -> None:
    nine_to_five(16, 29)
    contact = await house.opens()
    await house.says(contact, "hello")
    leased = await house.leases(contact)
    assert leased.request.facts.open
    nine_to_five(16, 30)
    facts = await house.do(lambda u: turns.facts_of(turns.Record.load(u, contact)))
    assert not facts.open


async def test_who_is_in_the_queue_when_admission_stops_stays_and_every_desk_sees_it(house, nine_to_five) -> None:
    nine_to_five(16, 29)
    contact = await house.opens()
    await house.asks_for_person(contact)
    assert await standing(house) == []
    nine_to_five(16, 30)
    assert await standing(house) == [("admission_stopped", "survivors")]
    assert (await said_to(house, contact)).open  # advisors are there for who is in the queue
    nine_to_five(17)
    assert await standing(house) == [("waiting_after_closing", "survivors")]
    assert not (await said_to(house, contact)).open
    assert (await house.state(contact)).phase is Phase.WAITING  # nobody is sent away by a clock
    await house.claims(await house.hires("Ash"), contact)
    assert await standing(house) == []


async def test_danger_is_admitted_whatever_the_hour(house, nine_to_five, immediate) -> None:
    nine_to_five(3)
    contact = await house.opens()
    await house.says(contact, "hes here", immediate)
    assert (await house.place(contact)).band == 0


# ── on duty ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_empty_desk_while_the_doors_are_open_is_a_supervisors_alarm(house, nine_to_five) -> None:
    nine_to_five(3)
    seen = {"on_duty": duty.OnDuty(), "no_advisor_since": house.now}
    assert ("nobody_on_duty", "survivors") not in await standing(house, "supervisor", **seen)  # closed
    assert ("nobody_on_duty", "missing") in await standing(house, "supervisor", **seen)
    assert await standing(house, "advisor", **seen) == []


async def test_who_pauses_is_not_on_duty(house) -> None:
    ash, sol = await house.hires("Ash"), await house.hires("Sol", "supervisor")
    mo = await house.hires("Mo", "moderator")
    there = {ash.id, sol.id, mo.id}
    seen = await house.see(lambda s: duty.on_duty(s, house.office, there))
    assert (seen.advisors, seen.supervisors) == ({ash.id}, {sol.id})
    await house.do(lambda u: duty.pause(u, ash, on=True))
    assert (await house.see(lambda s: duty.on_duty(s, house.office, there))).advisors == frozenset()


async def test_who_has_not_acknowledged_the_policies_is_not_on_duty_and_leaves_nobody_to_others(house) -> None:
    """Or people waiting would be told that somebody is at a desk, and an alarm would stay away (R13)."""
    contact = await house.opens()
    await house.asks_for_person(contact)
    new = await house.hires("New", reads=False)
    assert not (await house.see(lambda s: duty.on_duty(s, house.office, {new.id}))).somebody
    with pytest.raises(NotAllowed):
        await house.do(lambda u: duty.decline(u, new, contact))


async def test_left_to_others_by_every_advisor_is_a_supervisors_alarm(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    ash, bo = await house.hires("Ash"), await house.hires("Bo")
    both = duty.OnDuty(advisors=frozenset({ash.id, bo.id}))
    await house.do(lambda u: duty.decline(u, ash, contact))
    assert await standing(house, "supervisor", on_duty=both) == []
    await house.do(lambda u: duty.decline(u, bo, contact))
    assert await standing(house, "supervisor", on_duty=both) == [("left_by_everybody", "survivors")]


def test_a_room_that_is_loaded_again_is_not_an_empty_desk() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    ash = duty.OnDuty(advisors=frozenset({"ash"}))
    staffing = Staffing(now)
    staffing.saw(ash, now)
    staffing.saw(duty.OnDuty(), now + PATIENCE - timedelta(seconds=1))
    assert (staffing.somebody, staffing.no_advisor_since) == (True, None)
    staffing.saw(duty.OnDuty(), now + PATIENCE)
    assert (staffing.somebody, staffing.no_advisor_since) == (False, now)
    staffing.saw(duty.OnDuty(supervisors=frozenset({"sol"})), now + 2 * PATIENCE)
    assert (staffing.somebody, staffing.no_advisor_since) == (True, now)  # a supervisor may claim, and has the alarm
    staffing.saw(ash, now + 3 * PATIENCE)
    assert staffing.no_advisor_since is None


# ── the wait ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def wait_of(house, contact, *, here: bool = True):
    return (await house.see(lambda s: board(s, house.office, here={contact} if here else ()))).places[contact].wait_min


async def waited(house, minutes: float, verdict=None) -> None:
    """Somebody waits so long and is claimed, by an advisor of their own."""
    contact = await house.opens()
    await (house.says(contact, "hes here", verdict) if verdict else house.asks_for_person(contact))
    house.later(minutes * 60)
    house.crew = getattr(house, "crew", 0) + 1
    await house.claims(await house.hires(f"Advisor {house.crew}"), contact)


async def test_a_wait_is_unknown_until_enough_have_waited_and_then_the_middle_half(house) -> None:
    for minutes in (1, 3, 5, 7):
        await waited(house, minutes)
    contact = await house.opens()
    await house.asks_for_person(contact)
    assert await wait_of(house, contact) is None  # and we say so
    await waited(house, 30)
    assert await wait_of(house, contact, here=False) == (3, 8)


async def test_the_fast_claims_of_people_in_danger_promise_nobody_else_anything(house, immediate) -> None:
    for _ in range(5):
        await waited(house, 0.2, immediate)
    contact = await house.opens()
    await house.asks_for_person(contact)
    assert await wait_of(house, contact) is None


async def test_a_range_never_ends_below_what_somebody_waits_now(house) -> None:
    for _ in range(5):
        await waited(house, 2)
    contact = await house.opens()
    await house.asks_for_person(contact)
    assert await wait_of(house, contact) == (2, 3)
    house.later(25 * 60)
    assert await wait_of(house, contact) == (2, 26)


async def test_yesterdays_waits_say_nothing_of_today(house) -> None:
    for _ in range(5):
        await waited(house, 2)
    house.later(5 * 3600)
    contact = await house.opens()
    await house.asks_for_person(contact)
    assert await wait_of(house, contact) is None


async def test_only_the_first_claim_is_a_wait_and_it_points_at_nobody(house) -> None:

    contact = await house.opens()
    await house.asks_for_person(contact)
    ash = await house.hires("Ash")
    lease = await house.claims(ash, contact)
    house.later(1800)
    await house.do(lambda u: advisor.release(u, ash, contact, lease_no=lease.lease_no))
    await house.claims(ash, contact)
    (kept,) = await house.all(Wait)
    assert (kept.queue, kept.band, kept.waited_s) == ("advisors", 3, 0)
    assert {column.name for column in Wait.__table__.columns} == {"id", "queue", "band", "at", "waited_s"}
