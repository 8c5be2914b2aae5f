"""Staff: sessions that end, and policies read before the first claim and again when they change (R13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handoff.desk import staff
from handoff.errors import Illegal, NotAllowed
from handoff.store.texts import register


async def test_nobody_claims_before_reading_the_current_policies(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    ash = await house.hires("Ash", reads=False)
    with pytest.raises(NotAllowed):
        await house.claims(ash, contact)
    assert (await house.place(contact)).state == "waiting"


async def test_a_changed_policy_is_read_again_before_the_next_claim(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    ash = await house.hires("Ash")
    assert await house.see(lambda s: staff.may_claim(s, house.office, ash))
    service = house.office.services["missing"]
    old = service.text("notice")
    new = replace(old, version=old.version + 1, body=old.body + "\n\nMore.", sha256="1" * 64)
    texts = {**service.texts, ("notice", new.version, "en"): new}
    services = {**house.office.services, "missing": replace(service, texts=texts)}
    ids = await house.store.write(lambda s: register(s, services, house.now))
    office = replace(house.office, services=services, text_ids=ids)
    house.office = house.desk.office = office
    with pytest.raises(NotAllowed):
        await house.claims(ash, contact)
    unread = [p for p in await house.see(lambda s: staff.policies(s, office, ash)) if not p.acknowledged]
    assert [(p.service.id, p.text.version) for p in unread] == [("missing", new.version)]
    await house.do(lambda u: staff.acknowledge(u, ash, unread[0].text_id))
    assert await house.claims(ash, contact)


async def test_moderators_never_claim(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    with pytest.raises(NotAllowed):
        await house.claims(await house.hires("Mo", "moderator"), contact)


async def test_a_session_ends_at_its_hour_at_sign_out_with_a_new_password_and_when_somebody_leaves(house) -> None:
    ash = await house.hires("Ash", reads=False)

    async def begin() -> str:
        return await house.do(lambda u: staff.begin_session(u, ash.id, hours=8))

    async def who(token: str) -> str | None:
        found = await house.see(lambda s: staff.who(s, house.office, token))
        return found.name if found else None

    tokens = [await begin() for _ in range(2)]
    assert await who(tokens[0]) == "Ash"
    assert await who("nobody's") is None
    await house.do(lambda u: staff.end_session(u, tokens[0]))
    assert [await who(token) for token in tokens] == [None, "Ash"]
    house.later(8 * 3600)
    assert await who(tokens[1]) is None
    renewed = await begin()
    await house.do(lambda u: staff.change_password(u, "Ash", "another long password"))
    assert await who(renewed) is None
    last = await begin()
    await house.do(lambda u: staff.disable(u, "Ash"))
    assert await who(last) is None


async def test_a_short_password_and_a_role_that_is_none_are_refused(house) -> None:
    with pytest.raises(Illegal):
        await house.do(lambda u: staff.create(u, name="Ash", role="advisor", password="short"))
    with pytest.raises(Illegal):
        await house.do(lambda u: staff.create(u, name="Ash", role="boss", password="long enough indeed"))


async def test_only_a_hash_of_a_password_is_kept_and_a_wrong_one_does_not_fit(house) -> None:
    ash = await house.hires("Ash", reads=False)
    assert "a long enough password" not in ash.password_hash
    assert staff.password_fits(ash, "a long enough password")
    assert not staff.password_fits(ash, "another password")
    assert not staff.password_fits(None, "a long enough password")
