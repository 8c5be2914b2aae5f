"""Every ending for abuse is reviewed by another person, and can be undone (promise 12)."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from handoff import turn as t
from handoff.desk import advisor, cases, moderator, person
from handoff.desk.summary import summary
from handoff.errors import AlreadyClaimed, Illegal, NotAllowed
from handoff.ladder import Rung
from handoff.standing import Phase
from handoff.store.hold import hold
from handoff.store.tables import ContactRow, ModerationCase
from handoff.verdict import Risk, Verdict


async def ended(house) -> tuple[str, str]:
    contact = await house.opens()
    await house.presses(contact, "safe_to_chat", "yes")
    await house.says(contact, "i need to leave him")
    await house.closes(await house.leases(contact), t.RecordFact(name="need"), t.Choose(card="need", option="leaving"))
    await house.is_ended_for_abuse(contact)
    return contact, (await house.all(ModerationCase))[0].id


async def test_an_ending_by_software_opens_a_case_with_when_each_warning_was_displayed(house) -> None:
    _contact, case_id = await ended(house)
    mo = await house.hires("Mo", "moderator")
    case = await house.do(lambda u: cases.open_case(u, mo, case_id))
    assert case["ended_by"] == "software"
    assert case["mine_to_decide"]
    assert [step["displayed_at"] is not None for step in case["ladder"]] == [True, True, False]
    assert all(step["because_seq"] for step in case["ladder"])
    assert "complain" in case["ending_text"].lower()


async def test_an_overturned_ending_goes_on_with_what_was_told_and_a_clean_ladder(house) -> None:
    contact, case_id = await ended(house)
    token = house.token
    mo = await house.hires("Mo", "moderator")
    await house.do(lambda u: moderator.take(u, mo, case_id))
    assert await house.do(lambda u: moderator.decide(u, mo, case_id, outcome="overturn", reason="unfair"))
    place = await house.see(lambda s: person.find(s, token))
    assert place.continues
    assert place.contact_id != contact
    state = await house.state(place.contact_id)
    assert (state.phase, state.rung) == (Phase.WAITING, Rung.NONE)
    assert (await house.cards(place.contact_id))[:3] == ["overturned", "notice", "queue"]
    told = await house.see(lambda s: summary(s, house.office, place.contact_id, here=True))
    assert told.continues == contact
    assert "i need to leave him" in told.answers["need"]
    assert told.answers["safe_to_chat"].startswith("Yes")


async def test_the_token_opens_one_contact_only_after_an_overturn(house) -> None:
    contact, case_id = await ended(house)
    mo = await house.hires("Mo", "moderator")
    await house.do(lambda u: moderator.take(u, mo, case_id))
    await house.do(lambda u: moderator.decide(u, mo, case_id, outcome="overturn", reason="unfair"))
    rows = {row.id: row.token_hash for row in await house.all(ContactRow)}
    assert rows.pop(contact) is None
    assert list(rows.values()) == [house.token]


async def test_risk_is_kept_when_an_ending_is_overturned(house) -> None:
    contact = await house.opens()
    await house.says(contact, "help", Verdict(risk=Risk.CONCERN))
    await house.asks_for_person(contact)
    sam, mo = await house.hires("Sam", "supervisor"), await house.hires("Mo", "moderator")
    no = (await house.claims(sam, contact)).lease_no
    await house.do(lambda u: advisor.end(u, sam, contact, lease_no=no, reason="abuse", why="rude"))
    case = (await house.all(ModerationCase))[0]
    assert case.was_risk, "reviewed within the shift"
    await house.do(lambda u: moderator.take(u, mo, case.id))
    await house.do(lambda u: moderator.decide(u, mo, case.id, outcome="overturn", reason="unfair"))
    place = await house.see(lambda s: person.find(s, house.token))
    state = await house.state(place.contact_id)
    assert (state.risk, state.risk_open, state.band) == (Risk.CONCERN, True, 2)


async def test_who_used_quick_exit_is_cleared_and_nothing_is_opened_for_whoever_has_the_device(house) -> None:
    contact, case_id = await ended(house)
    await house.do(lambda u: person.leave(u, contact, how="exit"))
    mo = await house.hires("Mo", "moderator")
    await house.do(lambda u: moderator.take(u, mo, case_id))
    assert not await house.do(lambda u: moderator.decide(u, mo, case_id, outcome="overturn", reason="unfair"))
    assert len(await house.all(ContactRow)) == 1


async def test_upholding_opens_nothing_and_a_new_contact_always_opens(house) -> None:
    _contact, case_id = await ended(house)
    mo = await house.hires("Mo", "moderator")
    await house.do(lambda u: moderator.take(u, mo, case_id))
    assert not await house.do(lambda u: moderator.decide(u, mo, case_id, outcome="uphold", reason="fair"))
    assert (await house.state(await house.opens())).phase is Phase.WITH_BOT


async def test_a_case_is_taken_once_decided_once_and_with_a_reason(house) -> None:
    _, case_id = await ended(house)
    mo, kit = await house.hires("Mo", "moderator"), await house.hires("Kit", "moderator")
    with pytest.raises(Illegal):
        await house.do(lambda u: moderator.decide(u, mo, case_id, outcome="uphold", reason="not taken yet"))
    await house.do(lambda u: moderator.take(u, mo, case_id))
    with pytest.raises(AlreadyClaimed):
        await house.do(lambda u: moderator.take(u, kit, case_id))
    with pytest.raises(Illegal):
        await house.do(lambda u: moderator.decide(u, kit, case_id, outcome="uphold", reason="not hers"))
    with pytest.raises(Illegal):
        await house.do(lambda u: moderator.decide(u, mo, case_id, outcome="uphold", reason="  "))
    await house.do(lambda u: moderator.decide(u, mo, case_id, outcome="uphold", reason="fair"))
    with pytest.raises(Illegal):
        await house.do(lambda u: moderator.decide(u, mo, case_id, outcome="overturn", reason="again"))


async def test_nobody_reviews_what_they_ended_and_only_moderators_review(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    ash = await house.hires("Ash")
    no = (await house.claims(ash, contact)).lease_no
    await house.do(lambda u: advisor.end(u, ash, contact, lease_no=no, reason="abuse", why="rude"))
    case_id = (await house.all(ModerationCase))[0].id
    with pytest.raises(NotAllowed):
        await house.do(lambda u: moderator.take(u, ash, case_id))

    def by_the_database(unit) -> None:
        case = unit.session.get(ModerationCase, case_id)
        hold(unit.session, case.contact_id)
        case.state, case.moderator_id = "taken", ash.id
        unit.session.flush()

    with pytest.raises(IntegrityError):
        await house.do(by_the_database)


async def test_an_ending_for_abuse_by_staff_needs_a_sentence_for_the_moderator(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    ash = await house.hires("Ash")
    no = (await house.claims(ash, contact)).lease_no
    with pytest.raises(Illegal):
        await house.do(lambda u: advisor.end(u, ash, contact, lease_no=no, reason="abuse", why=" "))
    assert (await house.state(contact)).phase is Phase.WITH_ADVISOR
