"""Run by tests: every advisor in a process of their own claims everybody. Arguments: url, key ring, staff ids…

Reads the contacts from standard input. Each process prints what it won: staff id, contact, lease number. Exit code 1 at
anything but "somebody else has them".
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

from handoff.clock import system_clock
from handoff.desk import advisor
from handoff.desk.office import Desk, Office
from handoff.errors import AlreadyClaimed, StoreUnavailable
from handoff.hints import InProcess
from handoff.services.load import load_services
from handoff.store.keys import KeyRing
from handoff.store.store import Store
from handoff.store.tables import Staff
from handoff.store.texts import register

AT_ONCE = 4  # presses of one advisor that are on their way together
TRIES = 50
SERVICES = load_services(None)


async def claim_everybody(url: str, ring: Path, staff_id: str, contacts: list[str], together: Barrier) -> None:
    store = Store(url, patience_s=60)
    store.start()
    text_ids = await store.write(lambda session: register(session, SERVICES, system_clock()))
    desk = Desk(
        store, Office(services=SERVICES, text_ids=text_ids, ring=KeyRing(ring), clock=system_clock), InProcess()
    )
    me = await store.read(lambda session: session.get_one(Staff, staff_id))
    random.shuffle(contacts)
    together.wait(120)
    await asyncio.gather(*(claim_all(desk, me, contacts) for _ in range(AT_ONCE)))
    store.close()


async def claim_all(desk: Desk, me: Staff, contacts: list[str]) -> None:
    while contacts:
        contact = contacts.pop()
        for _ in range(TRIES):
            try:
                lease = await desk.do(lambda u, contact=contact: advisor.claim(u, me, contact))
                os.write(1, f"{me.id} {contact} {lease.lease_no}\n".encode())  # whole, whoever else writes
            except AlreadyClaimed:
                pass
            except StoreUnavailable:
                continue  # said to be tried again, and so it is
            break
        else:
            sys.exit(f"{contact} could not be asked for")


def one_advisor(*what: object) -> None:
    asyncio.run(claim_everybody(*what))  # type: ignore[arg-type]


if __name__ == "__main__":
    url, ring, *crew = sys.argv[1:]
    contacts = sys.stdin.read().split()
    forked = multiprocessing.get_context("fork")  # what is slow to load is loaded once; no thread runs yet
    together = forked.Barrier(len(crew))
    processes = [forked.Process(target=one_advisor, args=(url, Path(ring), who, contacts, together)) for who in crew]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    sys.exit(any(process.exitcode for process in processes))
