"""Somebody in danger whom nobody claims: the on-call contact is called, and if that fails, everybody hears of it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from handoff.desk import advisor, paging
from handoff.desk.alarms import alarms, for_role
from handoff.errors import PagingError
from handoff.paging import Page, Pager
from handoff.store.tables import Alarm, Audit, Paging

PAGE = Page(service="missing", band=0, waited_s=130)
LIMIT_S = 120  # of band 0, in the services that ship


@pytest.fixture
def in_danger(house, immediate) -> Callable:
    async def make() -> str:
        contact = await house.opens("missing")
        await house.says(contact, "a canary word: hes here", immediate)
        return contact

    return make


async def due(house) -> list[int]:
    return await house.see(lambda s: paging.due(s, house.office, house.now))


async def tries(house, error: str | None = None) -> paging.Try | None:
    """One try, if one is due, and what came of it."""
    for place_id in await due(house):
        begun = await house.do(lambda u, place_id=place_id: paging.begin(u, place_id))
        if begun is not None:
            await house.do(lambda u, begun=begun: paging.finish(u, begun.paging_id, error=error))
            return begun
    return None


async def standing(house, role: str = "supervisor") -> list[str]:
    rows = await house.see(lambda s: alarms(s, house.office))
    return [row.what for row in for_role(rows, role)]


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_immediate_nobody_claims_pages_on_call_once_its_band_says_so(house, in_danger) -> None:
    await in_danger()
    house.later(LIMIT_S - 1)
    assert await due(house) == []
    house.later(1)
    begun = await tries(house)
    assert begun is not None
    assert begun.page == Page(service="missing", band=0, waited_s=LIMIT_S)
    house.later(3600)
    assert await tries(house) is None  # once
    assert "on_call_paged" in await standing(house)


async def test_the_supervisor_hears_of_it_before_on_call_does(house, in_danger) -> None:
    await in_danger()
    house.later(30)
    assert await standing(house) == ["waiting_band_0"]
    assert await due(house) == []


async def test_who_is_claimed_in_time_pages_nobody_and_a_claim_ends_the_tries(house, in_danger) -> None:
    first, second = await in_danger(), await in_danger()
    await house.claims(await house.hires("Ash"), first)
    house.later(LIMIT_S)
    assert len(await due(house)) == 1
    await tries(house, "hang")
    await house.claims(await house.hires("Bo"), second)
    house.later(600)
    assert await due(house) == []
    assert "paging_failed" not in await standing(house)  # somebody has them


async def test_given_back_is_a_wait_of_its_own(house, in_danger) -> None:
    contact = await in_danger()
    house.later(LIMIT_S)
    assert await tries(house)
    ash = await house.hires("Ash")
    lease = await house.claims(ash, contact)
    house.later(600)
    await house.do(lambda u: advisor.release(u, ash, contact, lease_no=lease.lease_no))
    assert await due(house) == []
    house.later(LIMIT_S)
    assert await tries(house)


async def test_the_clock_runs_from_the_danger_and_not_from_the_first_hello(house, immediate) -> None:
    contact = await house.opens("missing")
    await house.asks_for_person(contact)
    house.later(1500)
    assert await due(house) == []  # band 3 pages nobody
    await house.says(contact, "hes here", immediate)
    assert await due(house) == []
    house.later(LIMIT_S)
    assert len(await due(house)) == 1


# ── failing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_page_that_fails_is_tried_again_within_a_bound_and_everybody_hears_of_it(house, in_danger) -> None:
    contact = await in_danger()
    house.later(LIMIT_S)
    assert await tries(house, "refused")
    assert await due(house) == []  # not at once
    assert await standing(house, "advisor") == ["paging_failed"]
    for pause in paging.PAUSES_S:
        house.later(pause)
        assert await tries(house, "refused")
    house.later(3600)
    assert await tries(house, "refused") is None
    assert [(a.contact_id, a.what) for a in await house.all(Alarm)] == [(contact, "paging_failed")]
    assert (await house.all(Paging))[0].tries == paging.MOST


async def test_a_later_try_that_works_takes_the_banner_off(house, in_danger) -> None:
    await in_danger()
    house.later(LIMIT_S)
    await tries(house, "status")
    house.later(paging.PAUSES_S[0])
    await tries(house)
    assert await standing(house, "advisor") == []
    assert await house.all(Alarm) == []


async def test_a_try_cut_off_by_a_crash_is_made_again_and_the_last_one_is_an_alarm(house, in_danger) -> None:
    await in_danger()
    house.later(LIMIT_S)
    for _ in range(paging.MOST):
        (place_id,) = await due(house)
        assert await house.do(lambda u, place_id=place_id: paging.begin(u, place_id))  # and then nothing more
        assert await house.do(lambda u, place_id=place_id: paging.begin(u, place_id)) is None  # another gateway
        house.later(max(paging.PAUSES_S))
    (place_id,) = await due(house)
    assert await house.do(lambda u: paging.begin(u, place_id)) is None
    assert [a.what for a in await house.all(Alarm)] == ["paging_failed"]


async def test_with_nobody_to_call_everybody_hears_of_it_at_once(house, in_danger) -> None:
    await in_danger()
    house.later(LIMIT_S)
    with pytest.raises(PagingError) as failed:
        await Pager().call(PAGE)
    await tries(house, failed.value.kind)
    assert await standing(house, "advisor") == ["paging_not_set"]
    assert await tries(house) is None


async def test_what_is_done_is_in_the_audit_without_words(house, in_danger) -> None:
    await in_danger()
    house.later(LIMIT_S)
    await tries(house)
    said = await house.see(lambda s: s.scalars(select(Audit.detail).where(Audit.action == "on_call_paged")).all())
    assert said == ["band=0 tries=1"]


# ── the call itself ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_holds_the_service_the_band_and_how_long_and_nothing_else() -> None:
    assert json.loads(PAGE.to_json()) == {
        "service": "missing",
        "band": 0,
        "waited_s": 130,
        "test": False,
        "text": "missing: somebody in band 0 has waited 2 min and nobody has claimed them.",
    }


async def test_a_command_gets_the_page_on_its_input_and_none_of_our_settings(tmp_path: Path, monkeypatch) -> None:
    told = tmp_path / "told"
    program = tmp_path / "page.py"
    program.write_text(
        "import os, sys, pathlib\n"
        f"pathlib.Path({str(told)!r}).write_text(sys.stdin.read() + str([k for k in os.environ if 'FRONTDOOR' in k]))"
    )
    monkeypatch.setenv("FRONTDOOR_BOT_SECRET", "a secret")
    await Pager(command=f"{sys.executable} {program}").call(PAGE)
    assert told.read_text() == PAGE.to_json() + "[]"


@pytest.mark.parametrize(
    ("command", "kind"), [("false", "exit_code"), ("/no/such/program", "cannot_start"), ("sleep 60", "hang")]
)
async def test_a_command_that_does_not_work_is_said_by_its_kind(command: str, kind: str) -> None:
    with pytest.raises(PagingError) as failed:
        await Pager(command=command, within_s=0.3 if kind == "hang" else 15).call(PAGE)
    assert failed.value.kind == kind


@asynccontextmanager
async def webhook(status: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A real server that answers every request so."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        heard.append(await reader.readexactly(length))
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", heard


async def test_a_webhook_gets_the_page_and_anything_but_2xx_is_a_failure() -> None:
    async with webhook("204 No Content") as (url, heard):
        await Pager(webhook=url).call(PAGE)
        assert heard == [PAGE.to_json().encode()]
    with pytest.raises(PagingError) as failed:
        await Pager(webhook=url).call(PAGE)
    assert failed.value.kind == "refused"
    async with webhook("500 Sorry") as (url, _):
        with pytest.raises(PagingError) as failed:
            await Pager(webhook=url).call(PAGE)
    assert failed.value.kind == "status"


async def test_one_way_that_works_is_enough_and_both_are_tried() -> None:
    async with webhook("200 OK") as (url, heard):
        await Pager(command="false", webhook=url).call(PAGE)
        assert len(heard) == 1
