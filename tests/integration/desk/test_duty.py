"""Decline, pause, capacity: an advisor is never given more than one can hold, and nobody loses their place by it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from handoff.desk import advisor, duty, staff
from handoff.desk.board import board
from handoff.errors import Full, NotFound, Paused
from handoff.queue import IMMEDIATE, load
from handoff.store.tables import Audit, Declined, Staff


async def waiting(house, service: str = "survivors") -> str:
    contact = await house.opens(service)
    await house.asks_for_person(contact)
    return contact


async def in_danger(house, immediate) -> str:
    contact = await house.opens("missing")
    await house.says(contact, "hes here", immediate)
    return contact


async def rows(house, here=()) -> list:
    return list((await house.see(lambda s: board(s, house.office, here=here))).rows)


def with_capacity(monkeypatch, house, service: str, **numbers: int) -> None:
    """The service's data say otherwise."""
    file = house.office.services[service].file
    changed = file.model_copy(update={"capacity": file.capacity.model_copy(update=numbers)})
    monkeypatch.setitem(house.office.services, service, replace(house.office.services[service], file=changed))


# ── capacity ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_somebody_in_danger_counts_as_two(house, immediate) -> None:
    ash = await house.hires("Ash")
    await house.claims(ash, await in_danger(house, immediate))
    with pytest.raises(Full, match="somebody in danger counts as 2"):
        await house.claims(ash, await waiting(house))


async def test_the_capacity_is_the_services_own(house, monkeypatch) -> None:
    with_capacity(monkeypatch, house, "survivors", contacts=1)
    with_capacity(monkeypatch, house, "missing", contacts=3)
    ash = await house.hires("Ash")
    await house.claims(ash, await waiting(house, "missing"))
    with pytest.raises(Full):
        await house.claims(ash, await waiting(house, "survivors"))
    for _ in range(2):
        await house.claims(ash, await waiting(house, "missing"))
    with pytest.raises(Full):
        await house.claims(ash, await waiting(house, "missing"))


async def test_an_immediate_may_always_be_claimed_and_a_wrap_up_never_blocks_it(house, immediate) -> None:
    ash = await house.hires("Ash")
    ended = await waiting(house)
    lease = await house.claims(ash, ended)
    await house.do(lambda u: advisor.end(u, ash, ended, lease_no=lease.lease_no, reason="done", why=""))  # no wrap-up
    for _ in range(2):
        await house.claims(ash, await waiting(house))
    await house.do(lambda u: duty.pause(u, ash, on=True))
    for _ in range(3):
        assert await house.claims(ash, await in_danger(house, immediate))


@given(st.lists(st.integers(0, 4), max_size=8), st.integers(1, 4))
def test_the_load_is_one_each_and_more_for_those_in_danger(bands: list[int], danger: int) -> None:
    assert load(bands, danger=danger) == len(bands) + (danger - 1) * bands.count(IMMEDIATE)


# ── pause ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_whoever_pauses_claims_nobody_keeps_whom_they_hold_and_sees_the_queue(house) -> None:
    ash, held, other = await house.hires("Ash"), await waiting(house), await waiting(house)
    lease = await house.claims(ash, held)
    await house.do(lambda u: duty.pause(u, ash, on=True))
    with pytest.raises(Paused):
        await house.claims(ash, other)
    say = {"lease_no": lease.lease_no, "client_id": "a", "text": "I am still here"}
    assert await house.do(lambda u: advisor.say(u, ash, held, **say))
    assert {row.contact for row in await rows(house)} == {held, other}
    await house.do(lambda u: duty.pause(u, ash, on=False))
    assert await house.claims(ash, other)


async def test_a_pause_is_audited_once_and_ends_with_the_next_sign_in(house) -> None:
    ash = await house.hires("Ash")
    for _ in range(2):
        await house.do(lambda u: duty.pause(u, ash, on=True))
    seen = await house.see(lambda s: s.scalars(select(Audit.action).where(Audit.action == "paused")).all())
    assert seen == ["paused"]
    await house.do(lambda u: staff.begin_session(u, ash.id, hours=1))
    assert [row.paused_at for row in await house.all(Staff)] == [None]


# ── decline ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_whoever_is_left_to_others_keeps_their_place_and_anybody_may_claim_them(house) -> None:
    first, second = await waiting(house), await waiting(house)
    ash, bo = await house.hires("Ash"), await house.hires("Bo")
    before = await house.see(lambda s: board(s, house.office, here={first, second}).places)
    for _ in range(2):
        await house.do(lambda u: duty.decline(u, ash, first))  # twice is once
    drawn = await house.see(lambda s: board(s, house.office, here={first, second}))
    assert drawn.places == before
    assert [row.contact for row in drawn.rows] == [first, second]
    assert (drawn.rows[0].declined_by, drawn.decliners) == (1, {first: frozenset({ash.id})})
    assert await house.claims(bo, first)
    assert await house.claims(ash, second)


async def test_whoever_declined_may_still_claim(house) -> None:
    contact, ash = await waiting(house), await house.hires("Ash")
    await house.do(lambda u: duty.decline(u, ash, contact))
    assert await house.claims(ash, contact)
    assert await house.all(Declined) == []


async def test_in_danger_now_or_given_back_everybody_is_asked_again(house, immediate) -> None:
    contact, ash, bo = await waiting(house), await house.hires("Ash"), await house.hires("Bo")
    await house.do(lambda u: duty.decline(u, ash, contact))
    await house.says(contact, "hes here", immediate)
    assert await house.all(Declined) == []
    await house.do(lambda u: duty.decline(u, ash, contact))
    lease = await house.claims(bo, contact)
    await house.do(lambda u: advisor.release(u, bo, contact, lease_no=lease.lease_no))
    assert (await rows(house))[0].declined_by == 0


async def test_who_is_no_longer_waiting_is_not_declined(house) -> None:
    contact, ash, bo = await waiting(house), await house.hires("Ash"), await house.hires("Bo")
    await house.claims(bo, contact)
    with pytest.raises(NotFound):
        await house.do(lambda u: duty.decline(u, ash, contact))
