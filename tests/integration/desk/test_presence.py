"""Who is here, across gateways (promise 6: presence is not a phase), on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from handoff.desk import advisor, person, presence, views
from handoff.desk.presence import ALIVE_S, FORGOTTEN_S
from handoff.gateway.presence import Presence
from handoff.standing import Phase
from handoff.store.tables import ContactRow, GatewayRow, Page, Room


@pytest.fixture
async def two(house) -> tuple[Presence, Presence]:
    both = Presence(house.desk, "one"), Presence(house.desk, "other")
    for gateway in both:
        await gateway.beat()
    return both


async def waiting(house) -> str:
    contact = await house.opens()
    await house.asks_for_person(contact)
    return contact


async def test_a_page_at_one_gateway_is_here_for_the_other_until_it_goes(house, two) -> None:
    one, other = two
    contact = await waiting(house)
    assert contact not in await other.look()
    async with one.page_of(contact):
        assert contact in await other.look() and contact in other
        async with one.page_of(contact):
            pass  # a second page of the same person went
        assert contact in await other.look() and contact in await one.look()
        house.later(7)
        await one.beat()
    assert contact not in await other.look() and contact not in other and contact not in one
    assert (await house.all(ContactRow))[0].last_seen == house.now
    assert (await house.state(contact)).phase is Phase.WAITING


async def test_a_person_at_two_gateways_is_here_until_both_pages_are_gone(house, two) -> None:
    one, other = two
    third = Presence(house.desk, "third")
    contact = await waiting(house)
    async with one.page_of(contact):
        async with other.page_of(contact):
            pass
        assert contact in await third.look()
    assert contact not in await third.look()


async def test_what_a_gateway_had_that_died_is_away_after_a_while_and_forgotten_later(house, two) -> None:
    one, other = two
    contact = await waiting(house)
    died = one.page_of(contact)
    await died.__aenter__()
    house.later(ALIVE_S - 1)
    await other.beat()
    assert contact in await other.look()
    house.later(2)
    await other.beat()
    assert contact not in await other.look()
    house.later(FORGOTTEN_S)
    await other.beat()
    assert [row.id for row in await house.all(GatewayRow)] == ["other"]
    assert await house.all(Page) == []
    # It was not dead but stood still: it says again what it has.
    await one.beat()
    assert contact in await other.look()
    await died.__aexit__(None, None, None)
    assert contact not in await other.look()


async def test_what_could_not_be_written_down_is_with_the_next_beat(house, two) -> None:
    one, other = two
    contact = await waiting(house)
    async with one.page_of(contact):
        await house.store.write(lambda s: s.execute(delete(Page)))
        assert contact not in await other.look()
        await one.beat()
        assert contact in await other.look()
        assert contact in await one.look()


async def test_a_gateway_that_ends_in_good_order_has_nobody_at_once(house, two) -> None:
    one, other = two
    contact = await waiting(house)
    async with one.page_of(contact):
        await one.end()
        assert contact not in await other.look()


async def test_a_page_before_the_first_beat_is_here_all_the_same(house) -> None:
    one, other = Presence(house.desk, "one"), Presence(house.desk, "other")
    contact = await waiting(house)
    async with one.page_of(contact):
        assert contact in await other.look()


async def test_who_is_at_their_desk_is_known_everywhere_at_once(house, two) -> None:
    one, other = two
    ash = await house.hires("Ash")
    async with one.room_of(ash.id):
        async with one.room_of(ash.id):
            pass  # a second tab of the same room went
        assert await one.at_desk() == await other.at_desk() == {ash.id}
        await house.store.write(lambda s: s.execute(delete(Room)))
        await one.beat()  # what could not be written down is with the next beat
        assert await other.at_desk() == {ash.id}
    assert await other.at_desk() == set()
    assert await house.all(Room) == []


async def test_a_contact_that_is_gone_leaves_no_trace_here(house, two) -> None:
    contact = await house.opens()
    async with two[0].page_of(contact):
        await house.store.write(lambda s: s.execute(delete(ContactRow).where(ContactRow.id == contact)))
        assert await house.all(Page) == []
        await house.do(lambda u: presence.page_came(u, "one", contact))
        assert await house.all(Page) == []


async def how_gone(house, contact: str, *, here: bool) -> views.Gone:
    return await house.see(lambda s: views.gone(s.get_one(ContactRow, contact), here=here))


@pytest.mark.parametrize(("after_s", "reopened"), [(1, True), (60, True), (61, False)])
async def test_a_closed_page_is_opened_again_only_within_a_minute(house, after_s: int, reopened: bool) -> None:
    contact = await waiting(house)
    await goes_and_comes_back(house, contact, after_s=after_s, closed=True)
    back = views.at(house.now)
    house.later(3600)
    told = await how_gone(house, contact, here=True)
    assert (told["left"], told["back_at"], told["reopened"]) == (None, back, reopened)


async def test_who_was_back_and_is_gone_with_their_gateway_has_lost_the_line_not_closed_the_page(house) -> None:
    contact = await waiting(house)
    await goes_and_comes_back(house, contact, after_s=1, closed=True)
    assert (await how_gone(house, contact, here=False))["left"] == "lost"


async def test_an_old_drop_is_not_one_again_at_the_next_gateway(house) -> None:
    contact = await waiting(house)
    await goes_and_comes_back(house, contact, after_s=1)
    house.later(3600)  # their gateway died meanwhile
    await house.do(lambda u: presence.page_came(u, "other", contact))
    assert (await house.place(contact)).band == 3


# ── back after a drop: band 1 (PRACTICE, "Queue bands") ──────────────────────────────────────────────────────────────


async def goes_and_comes_back(house, contact: str, *, after_s: float, **how: bool) -> None:
    await house.do(lambda u: presence.page_came(u, "one", contact))
    await house.do(lambda u: presence.page_went(u, "one", contact, **how))
    house.later(after_s)
    await house.do(lambda u: presence.page_came(u, "one", contact))


def away_after(house) -> int:
    return house.office.services["survivors"].file.clocks.away_after_s


async def test_who_is_back_after_a_drop_stands_in_band_1(house) -> None:
    contact = await waiting(house)
    house.later(60)
    await goes_and_comes_back(house, contact, after_s=away_after(house))
    place = await house.place(contact)
    assert (place.band, place.state, place.band_since) == (1, "waiting", house.now)
    assert place.entered_at == house.now - timedelta(seconds=60 + away_after(house))
    assert (await house.state(contact)).band == 1


async def test_who_dropped_while_talking_stays_with_their_advisor_and_waits_in_band_1_if_given_back(house) -> None:
    contact, ash = await waiting(house), await house.hires("Ash")
    lease = await house.claims(ash, contact)
    await goes_and_comes_back(house, contact, after_s=away_after(house))
    place = await house.place(contact)
    assert (place.state, place.staff_id, place.lease_no) == ("claimed", ash.id, lease.lease_no)
    await house.do(lambda u: advisor.release(u, ash, contact, lease_no=lease.lease_no))
    place = await house.place(contact)
    assert (place.state, place.band, place.returned) == ("waiting", 1, True)


@pytest.mark.parametrize("how", [{"closed": True}, {"ours": True}, {"closed": True, "ours": True}])
async def test_a_closed_page_or_an_end_of_ours_lifts_nobody(house, how: dict[str, bool]) -> None:
    contact = await waiting(house)
    await goes_and_comes_back(house, contact, after_s=3600, **how)
    assert (await house.place(contact)).band == 3


async def test_a_blink_of_the_line_lifts_nobody_however_often(house) -> None:
    contact = await waiting(house)
    for _ in range(5):
        await goes_and_comes_back(house, contact, after_s=away_after(house) - 1)
    assert (await house.place(contact)).band == 3


async def test_a_line_lost_while_another_page_was_here_is_no_drop(house, two) -> None:
    one, other = two
    contact = await waiting(house)
    async with other.page_of(contact):
        async with one.page_of(contact):
            pass
        house.later(away_after(house))
        await other.beat()
        async with one.page_of(contact):
            assert (await house.place(contact)).band == 3


async def test_who_had_not_asked_for_anybody_yet_or_has_ended_is_only_here_again(house) -> None:
    contact = await house.opens()
    await goes_and_comes_back(house, contact, after_s=3600)
    assert await house.place(contact) is None
    assert (await house.state(contact)).phase is Phase.WITH_BOT
    await house.do(lambda u: person.leave(u, contact, how="end"))
    await goes_and_comes_back(house, contact, after_s=3600)
    assert (await house.state(contact)).phase is Phase.ENDED


async def test_whose_line_goes_because_this_process_ends_has_not_lost_it(house, two) -> None:
    one, other = two
    contact = await waiting(house)
    async with one.page_of(contact):
        one.ending = True
    house.later(3600)
    async with other.page_of(contact):
        assert (await house.place(contact)).band == 3
