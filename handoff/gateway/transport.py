"""How the front door is served: uvicorn, told to say goodbye first and to cut off whoever doesn't read.

Two things that uvicorn leaves open. When it is told to stop it closes every socket before the application hears of it,
so that pages would be dropped without a word and all come back in the same instant. And it waits without end for a
socket whose other side is there and reads nothing.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio.transports import BaseTransport

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from handoff.gateway.gateway import Gateway

STUCK_S = 30.0  # a page that takes nothing at all for so long is cut off; it comes back with its cursor
UNHEARD_MS = 60_000  # what the other side's machine has not taken for so long is given up by ours


class Server(uvicorn.Server):
    """Says goodbye to every page, with when to come back, before anything is closed."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._gateway.say_goodbye()
        await super().shutdown(sockets)


class Socket(WebSocketsSansIOProtocol):
    """A socket that costs no more than its buffer. Who doesn't read is not read either: every ping of theirs would
    leave an answer here. And who takes nothing for `STUCK_S` is cut off."""

    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        raw = transport.get_extra_info("socket")
        if raw is not None and hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.transport.pause_reading()
        self._look_again()

    def resume_writing(self) -> None:
        self._forget()
        if not self.read_paused:
            self.transport.resume_reading()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _look_again(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._stuck = self.loop.call_later(STUCK_S, self._still_stuck, left)

    def _still_stuck(self, before: int) -> None:
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._look_again()

    def _forget(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
