"""Handing a contact on, and asking a colleague: one holder at a time, and nobody reads longer than they are asked."""

from __future__ import annotations

import asyncio

import pytest
from contact_moves import everything
from sqlalchemy import select

from handoff.desk import advisor, duty, observe, presence, staff, transfer
from handoff.desk.board import board
from handoff.errors import Illegal, LeaseLost, NotAllowed, NotFound
from handoff.store.tables import Audit


@pytest.fixture
async def held(house):
    """(contact, Ash who holds it, their lease's number, Bo)."""
    contact = await house.opens()
    await house.asks_for_person(contact)
    ash, bo = await house.hires("Ash"), await house.hires("Bo")
    await house.sits_down(bo)
    lease = await house.claims(ash, contact)
    return contact, ash, lease.lease_no, bo


def hand_on(held, how: str, *, to=None, reason: str = "language"):
    contact, ash, no, _ = held
    to = to.id if to is not None else None
    return lambda u: transfer.hand_on(u, ash, contact, lease_no=no, how=how, to=to, reason=reason)


def say(contact, who, no: int, text: str = "Hello."):
    return lambda u: advisor.say(u, who, contact, lease_no=no, client_id="a", text=text)


async def may_read(house, who, contact) -> bool:
    try:
        await house.do(lambda u: observe.open_contact(u, who, contact, reason=""))
    except NotAllowed:
        return False
    return True


async def audited(house) -> list[str]:
    actions = ("transferred", "transfer_offered", "consulted", "asking_ended")
    rows = await house.see(lambda s: s.execute(select(Audit).where(Audit.action.in_(actions)).order_by(Audit.n)).all())
    return [f"{row.action} {row.detail.split(' to=')[0].split('to=')[0].split('of=')[0]}".strip() for (row,) in rows]


# ── cold ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_handed_to_a_colleague_the_person_is_told_who_goes_on_with_them(house, held) -> None:
    contact, _, no, bo = held
    await house.do(hand_on(held, "cold", to=bo))
    place = await house.place(contact)
    assert (place.state, place.staff_id, place.lease_no) == ("claimed", bo.id, no + 1)
    assert (await house.cards(contact))[-1] == "handed_on"
    assert "Bo is here" in (await house.entries(contact))[-1].text
    (row,) = (await house.see(lambda s: board(s, house.office, here=()).asked))[bo.id]
    assert (row.how, row.by, row.reason, row.lease_no) == ("handed", "Ash", "language", no + 1)
    assert await house.do(say(contact, bo, no + 1))


async def test_a_late_write_of_who_handed_on_is_refused_and_they_read_no_further(house, held) -> None:
    contact, ash, no, bo = held
    await house.do(hand_on(held, "cold", to=bo))
    for write in (
        say(contact, ash, no),
        say(contact, ash, no + 1, "with the new number"),
        lambda u: advisor.renew(u, ash, contact, lease_no=no),
        hand_on(held, "queue"),
        lambda u: transfer.withdraw(u, ash, contact, lease_no=no, to=bo.id),
    ):
        with pytest.raises(LeaseLost):
            await house.do(write)
    assert not await may_read(house, ash, contact)


async def test_a_colleague_whose_page_does_not_take_it_up_is_as_one_who_vanished(house, held) -> None:
    contact, _, _, bo = held
    entered = (await house.place(contact)).entered_at
    await house.do(hand_on(held, "cold", to=bo))
    house.later(31)
    assert await house.do(lambda u: advisor.give_back_if_expired(u, contact))
    place = await house.place(contact)
    assert (place.state, place.returned, place.entered_at) == ("waiting", True, entered)
    assert (await house.see(lambda s: board(s, house.office, here=()))).asked == {}


async def test_to_the_queue_is_the_front_of_the_band_with_a_reason_and_no_words(house, held) -> None:
    contact = held[0]
    await house.do(hand_on(held, "queue", reason="step_away"))
    place = await house.place(contact)
    assert (place.state, place.returned) == ("waiting", True)
    assert (await house.cards(contact))[-1] == "given_back"
    assert await audited(house) == ["transferred how=queue reason=step_away"]


async def refused(house, held, to, error: type[Exception], words: str | None = None) -> None:
    """Handing on is refused, and nothing at all is different."""
    before = await house.see(everything)
    with pytest.raises(error, match=words):
        await house.do(hand_on(held, "cold", to=to))
    assert await house.see(everything) == before


async def test_nobody_is_handed_to_who_may_not_take_them(house, held) -> None:
    new, moderator = await house.hires("New", reads=False), await house.hires("Mo", "moderator")
    for who in (new, moderator, held[1]):
        await house.sits_down(who)
    await refused(house, held, new, NotAllowed, "New has not acknowledged")
    await refused(house, held, moderator, NotFound)
    await refused(house, held, held[1], Illegal)
    await refused(house, held, None, NotFound)


async def test_nobody_is_handed_to_who_is_not_there_just_now(house, held) -> None:
    contact, _, no, bo = held
    never = await house.hires("Never")
    await refused(house, held, never, NotAllowed, "Never is not at their desk just now, so nothing has changed")
    await house.gets_up(bo)
    await refused(house, held, bo, NotAllowed, "not at their desk")
    await house.sits_down(bo)
    await house.do(hand_on(held, "cold", to=bo))
    assert (await house.place(contact)).lease_no == no + 1


async def test_an_open_room_is_nobody_s_without_a_session_that_lasts(house, held) -> None:
    cy = await house.hires("Cy")
    token = await house.sits_down(cy)
    await house.do(lambda u: staff.end_session(u, token))
    await refused(house, held, cy, NotAllowed, "not at their desk")
    await house.sits_down(cy, hours=1)
    house.later(60 * 60)
    _, ash, no, _ = held
    await house.do(lambda u: presence.beat(u, "gateway", pages=tuple, rooms=lambda: {cy.id}))
    await house.do(lambda u: advisor.renew(u, ash, held[0], lease_no=no))
    await refused(house, held, cy, NotAllowed, "not at their desk")
    await house.do(lambda u: staff.begin_session(u, cy.id, hours=1))
    await house.do(hand_on(held, "cold", to=cy))


async def test_a_room_at_a_gateway_that_died_is_nobody_s(house, held) -> None:
    house.later(presence.ALIVE_S)
    await refused(house, held, held[3], NotAllowed, "not at their desk")
    await house.do(lambda u: presence.beat(u, "gateway", pages=tuple, rooms=lambda: {held[3].id}))
    await house.do(hand_on(held, "cold", to=held[3]))


async def test_who_pauses_or_is_full_is_handed_nobody_not_even_in_danger(house, held, immediate) -> None:
    """Of a claim it is otherwise: that is their own press."""
    contact, _, _, bo = held
    await house.do(lambda u: duty.pause(u, bo, on=True))
    await refused(house, held, bo, NotAllowed, "Bo has paused just now")
    await house.says(contact, "hes here", immediate)
    await refused(house, held, bo, NotAllowed, "Bo has paused just now")
    await house.do(lambda u: duty.pause(u, bo, on=False))
    other = await house.opens()
    await house.asks_for_person(other)
    lease = await house.claims(bo, other)
    await refused(house, held, bo, NotAllowed, "Bo has no room for one more just now")
    await house.do(lambda u: advisor.release(u, bo, other, lease_no=lease.lease_no))
    await house.do(hand_on(held, "cold", to=bo))


async def test_of_two_who_hand_to_one_with_room_for_one_only_one_does(house, held) -> None:
    contact, _, _, bo = held
    bo_s, other = await house.opens(), await house.opens()
    for one in (bo_s, other):
        await house.asks_for_person(one)
    await house.claims(bo, bo_s)
    cy = await house.hires("Cy")
    lease = await house.claims(cy, other)
    also = (other, cy, lease.lease_no, bo)
    done = await asyncio.gather(
        *(house.do(hand_on(each, "cold", to=bo)) for each in (held, also)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "NotAllowed"]
    places = [await house.place(one) for one in (contact, other)]
    assert sorted(place.staff_id == bo.id for place in places) == [False, True]


# ── warm ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_warm_the_colleague_reads_and_accepts_before_the_first_leaves(house, held) -> None:
    contact, ash, no, bo = held
    assert not await may_read(house, bo, contact)
    await house.do(hand_on(held, "warm", to=bo))
    assert await may_read(house, bo, contact)
    assert "handed_on" not in await house.cards(contact)  # nothing has happened to the person yet
    assert await house.do(say(contact, ash, no))  # the first still has them
    with pytest.raises(LeaseLost):
        await house.do(say(contact, bo, no))
    lease = await house.do(lambda u: transfer.accept(u, bo, contact))
    assert lease.lease_no == no + 1
    assert (await house.cards(contact))[-1] == "handed_on"
    with pytest.raises(LeaseLost):
        await house.do(lambda u: advisor.say(u, ash, contact, lease_no=no, client_id="late", text="late"))
    assert not await may_read(house, ash, contact)
    assert await audited(house) == ["transfer_offered", "transferred how=warm"]


async def test_turned_down_or_withdrawn_the_first_keeps_the_person_and_the_other_reads_no_further(house, held) -> None:
    contact, ash, no, bo = held
    for ends in (
        lambda u: transfer.turn_down(u, bo, contact),
        lambda u: transfer.withdraw(u, ash, contact, lease_no=no, to=bo.id),
    ):
        await house.do(hand_on(held, "warm", to=bo))
        await house.do(ends)
        assert not await may_read(house, bo, contact)
        with pytest.raises(NotFound):
            await house.do(lambda u: transfer.accept(u, bo, contact))
    assert (await house.place(contact)).lease_no == no


async def test_an_offer_dies_with_the_lease_by_which_it_was_made(house, held) -> None:
    contact, ash, no, bo = held
    await house.do(hand_on(held, "warm", to=bo))
    await house.do(lambda u: advisor.release(u, ash, contact, lease_no=no))
    assert not await may_read(house, bo, contact)
    await house.claims(ash, contact)
    with pytest.raises(NotFound):
        await house.do(lambda u: transfer.accept(u, bo, contact))


async def test_of_two_who_accept_at_once_one_has_the_person(house, held) -> None:
    contact, _, no, bo = held
    cy = await house.hires("Cy")
    for other in (bo, cy):
        await house.do(hand_on(held, "warm", to=other))
    both = (house.do(lambda u, who=who: transfer.accept(u, who, contact)) for who in (bo, cy))
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["Lease", "NotFound"]
    assert (await house.place(contact)).lease_no == no + 1
    assert (await house.cards(contact)).count("handed_on") == 1


# ── consult ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_colleague_who_is_asked_reads_and_writes_notes_and_nothing_else(house, held) -> None:
    contact, ash, no, bo = held
    note = lambda u: advisor.note(u, bo, contact, lease_no=None, client_id="n", text="Ask where the children are.")  # noqa: E731
    with pytest.raises(LeaseLost):
        await house.do(note)
    await house.do(lambda u: transfer.consult(u, ash, contact, lease_no=no, to=bo.id))
    assert await may_read(house, bo, contact)
    assert await house.do(note) == 1
    assert await house.do(note) == 1  # said again, it is the same note
    for write in (say(contact, bo, no), lambda u: advisor.release(u, bo, contact, lease_no=no)):
        with pytest.raises(LeaseLost):
            await house.do(write)
    with pytest.raises(NotFound):
        await house.do(lambda u: transfer.accept(u, bo, contact))
    await house.do(lambda u: transfer.turn_down(u, bo, contact))
    with pytest.raises(LeaseLost):
        await house.do(lambda u: advisor.note(u, bo, contact, lease_no=None, client_id="m", text="late"))


async def test_the_person_is_told_once_that_a_colleague_reads_along(house, held) -> None:
    contact, ash, no, bo = held
    sol = await house.hires("Sol", "supervisor")
    for other in (bo, sol):
        await house.do(lambda u, other=other: transfer.consult(u, ash, contact, lease_no=no, to=other.id))
    assert (await house.cards(contact)).count("consulted") == 1
    assert await house.do(say(contact, ash, no))
