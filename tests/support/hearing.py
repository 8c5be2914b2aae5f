"""Waiting for hints."""

from __future__ import annotations

import asyncio

from handoff.hints import Hints, Subscription

LONG = 30.0  # seconds after which a test has hung


async def heard(changes: Subscription) -> None:
    """Something came; a slow poll would be too late for this."""
    async with asyncio.timeout(LONG):
        await changes.changed(2 * LONG)


async def connected(hints: Hints, so: bool = True) -> None:
    """It hears of other gateways; or, `so` False, does not any more."""
    async with asyncio.timeout(LONG):
        while hints.here is not so:  # noqa: ASYNC110 - a connection has no event for us
            await asyncio.sleep(0.01)
