"""What group commit is worth: the same units by the same writers, up to 64 a commit and one a commit, side by side.

    python bench/store.py [folder]      folder: on the disk to be measured; the current one otherwise

Two kinds of unit: *bare* is one small statement, so that little but the commit is measured; *message* is what a
message does at the least: an entry, the contact's counters, a link of the audit. The rounds take turns, so that
whatever else the machine does falls on both; the ratio is the figure to look at.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from handoff.store import audit
from handoff.store.migrate import migrate
from handoff.store.sqlite import GROUP, Sqlite
from handoff.store.tables import ContactRow, EntryRow

WRITERS = 50
UNITS = 10  # by each writer in a round
ROUNDS = 5
NOW = datetime.now(UTC)


def contact(n: int) -> ContactRow:
    return ContactRow(
        id=f"c{n}",
        service="missing",
        phase="with_bot",
        state_ct=b"",
        opened_at=NOW,
        last_seen=NOW,
        audit_ref=f"r{n}",
    )


def message(writer: int, seq: int) -> Callable[[Session], None]:
    def unit(session: Session) -> None:
        session.add(
            EntryRow(contact_id=f"c{writer}", seq=seq, author="service", kind="words", body_ct=b"x" * 120, at=NOW)
        )
        session.execute(update(ContactRow).where(ContactRow.id == f"c{writer}").values(last_seq=seq, last_seen=NOW))
        audit.record(session, now=NOW, actor="software", action="measured", ref=f"r{writer}")

    return unit


def bare(writer: int, seq: int) -> Callable[[Session], None]:
    def unit(session: Session) -> None:
        session.connection().exec_driver_sql("UPDATE contact SET last_seq = ? WHERE id = ?", (seq, f"c{writer}"))

    return unit


async def one_round(store: Sqlite, number: int, unit: Callable[[int, int], Callable[[Session], None]]) -> float:
    """Units a second."""

    async def write(writer: int) -> None:
        for seq in range(number * UNITS, (number + 1) * UNITS):
            await store.write(unit(writer, seq))

    began = time.perf_counter()
    await asyncio.gather(*(write(n) for n in range(WRITERS)))
    return WRITERS * UNITS / (time.perf_counter() - began)


async def compare(folder: Path) -> None:
    stores: dict[int, Sqlite] = {}
    for group in (GROUP, 1):
        url = f"sqlite:///{folder / f'group-{group}.db'}"
        migrate(url)
        stores[group] = Sqlite(url, patience_s=5, group=group)
        stores[group].start()
        await stores[group].write(lambda session: session.add_all(contact(n) for n in range(WRITERS)))
    number = 0
    for name, unit in (("bare", bare), ("message", message)):
        speeds: dict[int, list[float]] = {GROUP: [], 1: []}
        for _ in range(1 + ROUNDS):
            for group, store in stores.items():
                speeds[group].append(await one_round(store, number, unit))
            number += 1
        together, alone = (speeds[group][1:] for group in (GROUP, 1))  # the first round warms up
        ratio = statistics.median(a / b for a, b in zip(together, alone, strict=True))
        print(
            f"{name}: up to {GROUP} units a commit {statistics.median(together):,.0f}/s, "
            f"one a commit {statistics.median(alone):,.0f}/s, ratio {ratio:.1f} "
            f"({WRITERS} writers, median of {ROUNDS} rounds)"
        )
    for store in stores.values():
        store.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else ".") as place:
        asyncio.run(compare(Path(place)))
