"""Run by tests as a process of its own: writes for ever and prints every acknowledged id. Arguments: url, largest file.

With a largest file (bytes), the system refuses writes past it; the first refusal is printed, then the limit is lifted.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from datetime import UTC, datetime
from itertools import count

from sqlalchemy.orm import Session

from handoff.errors import StoreUnavailable
from handoff.store.store import Store
from handoff.store.tables import Staff

NUMBERS = count()


async def keep_writing(store: Store) -> None:
    for n in NUMBERS:

        def unit(session: Session, n: int = n) -> None:
            session.add(
                Staff(id=f"n{n}", name=f"n{n}", role="advisor", password_hash="x" * 500, created_at=datetime.now(UTC))
            )

        try:
            await store.write(unit)
        except StoreUnavailable as error:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            print("refused", f"n{n}", error, flush=True)
        else:
            print("ack", f"n{n}", flush=True)


async def main(url: str, largest: int) -> None:
    store = Store(url)
    store.start()
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    await asyncio.gather(*(keep_writing(store) for _ in range(20)))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
