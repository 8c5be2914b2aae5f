"""Exactly one advisor (promise 5), with every advisor in a process of their own, on both databases."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handoff.store import audit
from handoff.store.tables import Audit, ContactRow, EntryRow, QueueEntry

PROGRAM = Path(__file__).with_name("claims_everybody.py")
PROCESSES = 8


@pytest.mark.parametrize(
    "claims",
    [pytest.param(240, id="240"), pytest.param(10_000, id="10000", marks=pytest.mark.full)],
)
async def test_eight_processes_claim_everybody_and_none_is_double_and_none_vanishes(
    house, url: str, tmp_path: Path, immediate, claims: int
) -> None:
    contacts = []
    for _ in range(claims // PROCESSES):
        contact = await house.opens()
        await house.says(contact, "here", immediate)  # a full load never blocks claiming these
        contacts.append(contact)
    crew = [await house.hires(f"Advisor {n}") for n in range(PROCESSES)]
    command = [sys.executable, str(PROGRAM), url, str(tmp_path / "keys"), *(who.id for who in crew)]
    ran = await asyncio.to_thread(
        subprocess.run, command, input=" ".join(contacts), capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    # Each person was won by exactly one, with the first lease,
    wins = [line.split() for line in ran.stdout.splitlines()]
    won = {contact: (staff_id, int(lease_no)) for staff_id, contact, lease_no in wins}
    assert len(wins) == len(won) == len(contacts)
    assert {lease_no for _, lease_no in won.values()} == {1}
    # and the database says so, too: place, phase, one "joined" card, one link of the audit, and the chain is whole.
    places = await house.all(QueueEntry)
    assert {p.contact_id: (p.staff_id, p.lease_no) for p in places if p.state == "claimed"} == won
    assert Counter(row.phase for row in await house.all(ContactRow)) == {"with_advisor": len(contacts)}
    joined = select(EntryRow.contact_id, func.count()).where(EntryRow.card == "joined").group_by(EntryRow.contact_id)
    assert dict(await house.see(lambda s: [tuple(row) for row in s.execute(joined)])) == dict.fromkeys(contacts, 1)
    claimed = select(Audit.ref, func.count()).where(Audit.action == "claimed").group_by(Audit.ref)
    assert {n for _, n in await house.see(lambda s: s.execute(claimed).all())} == {1}
    assert (await house.see(audit.verify)).broken_at is None
