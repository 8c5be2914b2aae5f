"""The round that calls the on-call contact when nobody claims. Each try runs by itself: none holds up another."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import structlog

from handoff.desk import paging
from handoff.errors import PagingError

if TYPE_CHECKING:
    from handoff.gateway.gateway import Gateway

log = structlog.get_logger()

LOOK_S = 1.0


class OnCall:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._calling: set[int] = set()

    async def watch(self) -> None:
        desk, office = self._gateway.desk, self._gateway.office
        while True:
            with self._gateway.surviving("on_call"):
                for place_id in await desk.see(partial(paging.due, office=office, now=office.clock())):
                    if place_id not in self._calling:
                        self._calling.add(place_id)
                        self._gateway.spawn(self._call(place_id))
            await asyncio.sleep(LOOK_S)

    async def _call(self, place_id: int) -> None:
        try:
            begun = await self._gateway.desk.do(partial(paging.begin, place_id=place_id))
            if begun is None:
                return
            error = None
            try:
                await self._gateway.pager.call(begun.page)
                log.info("on_call_paged", service=begun.page.service, band=begun.page.band)
            except PagingError as failed:
                error = failed.kind
            except Exception as failed:  # whatever it is, staff must hear that nobody was reached
                error = type(failed).__name__
            if error is not None:
                log.error("paging_failed", kind=error, service=begun.page.service, band=begun.page.band)
            await self._gateway.desk.do(partial(paging.finish, paging_id=begun.paging_id, error=error))
        finally:
            self._calling.discard(place_id)
