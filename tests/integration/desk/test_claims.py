"""Exactly one advisor (promise 5), and nobody lost on the way (promise 6)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from handoff.desk import advisor, person, views
from handoff.desk.board import board
from handoff.errors import AlreadyClaimed, Full, Illegal, LeaseLost, NotAllowed, NotFound
from handoff.standing import Phase
from handoff.store.tables import Audit, Note, QueueEntry
from handoff.verdict import Risk, Verdict


async def waiting(house, service: str = "survivors") -> str:
    contact = await house.opens(service)
    await house.asks_for_person(contact)
    return contact


async def test_two_advisors_at_once_and_one_gets_the_person(house) -> None:
    contact = await waiting(house)
    both = [await house.hires(name) for name in ("Ash", "Bo")]
    results = await asyncio.gather(*(house.claims(who, contact) for who in both), return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["AlreadyClaimed", "Lease"]
    assert (await house.cards(contact)).count("joined") == 1


async def test_two_hundred_claims_from_eight_threads_and_none_is_double(house, immediate) -> None:
    contacts = []
    for _ in range(25):
        contact = await house.opens()
        await house.says(contact, "here", immediate)  # a full load never blocks claiming these
        contacts.append(contact)
    crew = [await house.hires(f"Advisor {n}") for n in range(8)]

    async def claim_all(who) -> int:
        got = 0
        for contact in contacts:
            try:
                await house.claims(who, contact)
                got += 1
            except (AlreadyClaimed, NotAllowed):
                pass
        return got

    with ThreadPoolExecutor(8) as threads:  # each its own event loop, as eight processes' sockets would be
        won = list(threads.map(lambda who: asyncio.run(claim_all(who)), crew))
    assert sum(won) == 25
    claims = await house.see(
        lambda s: s.execute(select(Audit.ref, func.count()).where(Audit.action == "claimed").group_by(Audit.ref)).all()
    )
    assert len(claims) == 25
    assert {count for _, count in claims} == {1}
    assert {place.lease_no for place in await house.all(QueueEntry)} == {1}


async def test_a_late_write_of_who_no_longer_holds_the_contact_is_refused(house) -> None:
    contact = await waiting(house)
    ash, bo = await house.hires("Ash"), await house.hires("Bo")
    old = await house.claims(ash, contact)
    house.later(31)
    assert await house.see(lambda s: advisor.expired(s, house.now)) == [contact]
    assert await house.do(lambda u: advisor.give_back_if_expired(u, contact))
    new = await house.claims(bo, contact)
    assert new.lease_no == old.lease_no + 1
    no = old.lease_no
    writes = [
        lambda u: advisor.say(u, ash, contact, lease_no=no, client_id="x", text="late"),
        lambda u: advisor.note(u, ash, contact, lease_no=no, client_id="x", text="late"),
        lambda u: advisor.warn(u, ash, contact, lease_no=no),
        lambda u: advisor.close_flag(u, ash, contact, lease_no=no),
        lambda u: advisor.end(u, ash, contact, lease_no=no, reason="done", why=""),
        lambda u: advisor.release(u, ash, contact, lease_no=no),
        lambda u: advisor.renew(u, ash, contact, lease_no=no),
        lambda u: advisor.say(u, bo, contact, lease_no=no, client_id="x", text="right person, old number"),
    ]
    before = await house.entries(contact)
    for write in writes:
        with pytest.raises(LeaseLost):
            await house.do(write)
    assert await house.entries(contact) == before


async def test_a_renewed_lease_is_not_given_back(house) -> None:
    contact = await waiting(house)
    ash = await house.hires("Ash")
    lease = await house.claims(ash, contact)
    house.later(25)
    await house.do(lambda u: advisor.renew(u, ash, contact, lease_no=lease.lease_no))
    house.later(25)
    assert not await house.do(lambda u: advisor.give_back_if_expired(u, contact))


async def test_given_back_is_the_front_of_the_band_with_the_original_age(house) -> None:
    older, contact = await waiting(house), await waiting(house)
    entered = (await house.place(contact)).entered_at
    house.later(60)
    ash = await house.hires("Ash")
    lease = await house.claims(ash, contact)
    house.later(300)
    await house.do(lambda u: advisor.release(u, ash, contact, lease_no=lease.lease_no))
    assert (await house.place(contact)).entered_at == entered
    seen = await house.see(lambda s: board(s, house.office, here={older, contact}))
    assert [row.contact for row in seen.rows] == [contact, older]
    assert (await house.cards(contact))[-1] == "given_back"


async def test_danger_told_to_an_advisor_who_then_vanishes_goes_to_the_top(house, immediate) -> None:
    others = [await waiting(house) for _ in range(2)]
    contact = await waiting(house)
    await house.claims(await house.hires("Ash"), contact)
    await house.says(contact, "hes here", immediate)
    house.later(31)
    await house.do(lambda u: advisor.give_back_if_expired(u, contact))
    assert (await house.place(contact)).band == 0
    seen = await house.see(lambda s: board(s, house.office, here={*others, contact}))
    assert seen.rows[0].contact == contact


async def test_nobody_waiting_is_ever_closed_by_a_clock(house) -> None:
    contact = await waiting(house)
    house.later(60 * 60 * 24 * 30)
    assert await house.see(lambda s: advisor.expired(s, house.now)) == []
    assert not await house.do(lambda u: advisor.give_back_if_expired(u, contact))
    assert (await house.state(contact)).phase is Phase.WAITING


async def test_an_advisor_holds_two_and_an_immediate_is_claimed_all_the_same(house, immediate) -> None:
    ash = await house.hires("Ash")
    for _ in range(2):
        await house.claims(ash, await waiting(house))
    third = await waiting(house)
    with pytest.raises(Full):
        await house.claims(ash, third)
    await house.says(third, "hes here", immediate)
    assert await house.claims(ash, third)


async def test_an_open_flag_is_not_ended_for_abuse_by_an_advisor_alone(house) -> None:
    contact = await waiting(house)
    ash, sam = await house.hires("Ash"), await house.hires("Sam", "supervisor")
    lease = await house.claims(ash, contact)
    await house.says(contact, "help", Verdict(risk=Risk.CONCERN))
    with pytest.raises(NotAllowed):
        await house.do(lambda u: advisor.end(u, ash, contact, lease_no=lease.lease_no, reason="abuse", why="rude"))
    await house.do(lambda u: advisor.release(u, ash, contact, lease_no=lease.lease_no))
    lease = await house.claims(sam, contact)
    await house.do(lambda u: advisor.end(u, sam, contact, lease_no=lease.lease_no, reason="abuse", why="rude"))
    assert (await house.state(contact)).phase is Phase.ENDED


async def test_only_a_human_closes_a_flag_and_the_level_stays(house) -> None:
    contact = await waiting(house)
    ash = await house.hires("Ash")
    lease = await house.claims(ash, contact)
    await house.says(contact, "help", Verdict(risk=Risk.CONCERN))
    await house.do(lambda u: advisor.close_flag(u, ash, contact, lease_no=lease.lease_no))
    state = await house.state(contact)
    assert (state.risk, state.risk_open) == (Risk.CONCERN, False)


async def test_notes_have_a_sequence_of_their_own(house) -> None:
    contact = await waiting(house)
    ash = await house.hires("Ash")
    no = (await house.claims(ash, contact)).lease_no
    say = lambda n: lambda u: advisor.say(u, ash, contact, lease_no=no, client_id=f"s{n}", text="hello")  # noqa: E731
    note = lambda n: lambda u: advisor.note(u, ash, contact, lease_no=no, client_id=f"n{n}", text="a note")  # noqa: E731
    first = await house.do(say(1))
    assert [await house.do(note(n)) for n in (1, 2, 2)] == [1, 2, 2]
    assert await house.do(say(2)) == first + 1, "no gap tells the person of it"
    assert {n.kind for n in await house.all(Note)} == {"note"}
    assert "a note" not in [e.text for e in await house.entries(contact)]


async def test_only_who_held_the_contact_wraps_it_up(house) -> None:
    contact = await waiting(house)
    ash, bo = await house.hires("Ash"), await house.hires("Bo")
    no = (await house.claims(ash, contact)).lease_no
    await house.do(lambda u: advisor.end(u, ash, contact, lease_no=no, reason="done", why=""))
    assert await house.do(lambda u: advisor.wrap_up(u, ash, contact, client_id="w", text="kind")) == 1
    with pytest.raises(NotAllowed):
        await house.do(lambda u: advisor.wrap_up(u, bo, contact, client_id="w", text="kind"))


async def test_what_staff_have_read_is_marked_and_only_for_who_holds_it(house) -> None:
    contact = await waiting(house)
    ash, bo = await house.hires("Ash"), await house.hires("Bo")
    await house.claims(ash, contact)
    await house.do(lambda u: advisor.seen(u, bo, contact, seq=3))
    assert await house.see(lambda s: views.mark(s, contact, party="staff")) is None
    for seq in (4, 2, 9_999):
        await house.do(lambda u, seq=seq: advisor.seen(u, ash, contact, seq=seq))
    assert (await house.see(lambda s: views.mark(s, contact, party="staff"))).read == 4


async def test_an_advisor_saying_it_again_changes_nothing(house) -> None:
    contact = await waiting(house)
    ash = await house.hires("Ash")
    no = (await house.claims(ash, contact)).lease_no
    say = lambda u: advisor.say(u, ash, contact, lease_no=no, client_id="s", text="hello")  # noqa: E731
    assert await house.do(say) == await house.do(say)
    with pytest.raises(Illegal):
        await house.do(lambda u: advisor.say(u, ash, contact, lease_no=no, client_id="t", text="  "))


async def test_who_is_not_waiting_cannot_be_claimed(house) -> None:
    contact = await house.opens()
    ash = await house.hires("Ash")
    with pytest.raises(NotFound):
        await house.claims(ash, contact)


async def test_a_person_who_exits_while_with_an_advisor_stays_with_them(house) -> None:
    contact = await waiting(house)
    await house.claims(await house.hires("Ash"), contact)
    await house.do(lambda u: person.leave(u, contact, how="exit"))
    assert (await house.state(contact)).phase is Phase.WITH_ADVISOR


async def test_a_caller_who_is_gone_loses_no_alert(house, immediate) -> None:
    contact = await house.opens()
    with house.desk.hints.subscribe("board") as staff_page:
        saying = asyncio.create_task(house.says(contact, "hes here", immediate))
        await asyncio.sleep(0)  # begun
        await asyncio.sleep(0)
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        await staff_page.changed(30)
        assert contact in staff_page.take_flagged()
    assert (await house.place(contact)).band == 0
