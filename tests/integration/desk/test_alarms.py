"""Alarms: a supervisor sees them, and what happens again is an alarm again."""

from __future__ import annotations

import pytest

from handoff.desk import cases, supervisor
from handoff.desk.record import raise_alarm
from handoff.errors import NotAllowed


async def alarms(house) -> list[dict]:
    overview = await house.see(lambda s: cases.overview(s, house.office, at_desk=()))
    return [alarm for alarm in overview["alarms"] if alarm["id"] is not None]


async def test_an_alarm_that_was_seen_goes_and_what_happens_again_is_an_alarm_again(house) -> None:
    contact = await house.opens()
    await house.do(lambda u: raise_alarm(u, contact, "threat_to_staff"))
    (alarm,) = await alarms(house)
    sol = await house.hires("Sol", "supervisor")
    await house.do(lambda u: supervisor.see_alarm(u, sol, alarm["id"]))
    assert await alarms(house) == []
    await house.do(lambda u: raise_alarm(u, contact, "threat_to_staff"))
    assert [again["what"] for again in await alarms(house)] == ["threat_to_staff"]


@pytest.mark.parametrize("role", ["advisor", "moderator"])
async def test_nobody_but_a_supervisor_takes_an_alarm_off(house, role: str) -> None:
    contact = await house.opens()
    await house.do(lambda u: raise_alarm(u, contact, "threat_to_staff"))
    (alarm,) = await alarms(house)
    other = await house.hires("Other", role)
    with pytest.raises(NotAllowed):
        await house.do(lambda u: supervisor.see_alarm(u, other, alarm["id"]))
    assert len(await alarms(house)) == 1
