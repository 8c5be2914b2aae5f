"""A bot in Rasa's place, only for what the real one cannot be made to do on demand. tests/contract holds it to the turn
protocol; everything else is tested with the real one."""

from __future__ import annotations

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from typing import Any

from pydantic import ValidationError
from running import SECRET
from standing import Standing

from handoff.turn import TurnRequest

REPLY = "Most of the time."
GOOD = "good"
FAULTS = {
    "500": (500, b"{}"),
    "502, as the channel says it when an action failed": (502, b'{"error": "receipts", "message": "could not"}'),
    "an empty body": (200, b""),
    "an empty list, as the stock channel answers": (200, b"[]"),
    "neither replies nor commands": (200, {"replies": [], "commands": []}),
    "garbage": (200, b"\xff\xfe<html>"),
    "half of it": (200, b'{"v": 1, "turn": "'),
    "another turn's answer": (200, {"turn": "another", "replies": [{"name": "utter_bot", "text": REPLY}]}),
    "an unknown command": (200, {"commands": [{"do": "end_contact"}]}),
    "a card nobody knows": (200, {"commands": [{"do": "choose", "card": "nowhere", "option": "yes"}]}),
    "a field too many": (200, {"replies": [{"name": "utter_bot", "text": REPLY}], "also": 1}),
    "far too much": (200, b" " * 300_000 + b"{}"),
    "a redirection": (302, b""),
}
BREAKS_OFF, HANGS, HALF_THEN_HANGS, LATE = "breaks off", "hangs", "says half and hangs", "answers too late"


class BotDouble(Standing):
    """`how`: how the next turns are answered. `asked`: every turn; `waiting`: how many it has not answered."""

    def __init__(self) -> None:
        super().__init__()
        self.how = GOOD
        self.asked: list[TurnRequest] = []
        self.let_go = asyncio.Event()  # of what answers too late

    async def line(self, reader: StreamReader, writer: StreamWriter) -> None:
        while True:
            await self._one(reader, writer)

    async def _one(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        sent = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = await reader.readexactly(int(sent.get("content-length", 0)))
        if head.startswith("GET"):
            return await self._answer(writer, 200, {"status": "ok"})
        if sent.get("authorization") != f"bearer {SECRET}".lower():
            return await self._answer(writer, 401, {"error": "secret", "message": "wrong"})
        try:
            turn = TurnRequest.model_validate_json(body)
        except ValidationError:
            return await self._answer(writer, 400, {"error": "malformed", "message": "no such request"})
        self.asked.append(turn)
        await self._turn(turn, reader, writer)
        return None

    async def _turn(self, turn: TurnRequest, reader: StreamReader, writer: StreamWriter) -> None:
        how = self.how
        if how in FAULTS:
            status, what = FAULTS[how]
            await self._answer(writer, status, {"v": 1, "turn": turn.turn, **what} if isinstance(what, dict) else what)
            return
        if how == BREAKS_OFF:
            raise EOFError
        if how == HANGS:
            await reader.read()  # until the other side gives up
            raise EOFError
        good = {"v": 1, "turn": turn.turn, "replies": [{"name": "utter_confidential", "text": REPLY}], "commands": []}
        if how == HALF_THEN_HANGS:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n" + json.dumps(good).encode()[:40])
            await reader.read()
            raise EOFError
        if how == LATE:
            await self.let_go.wait()
        await self._answer(writer, 200, good)

    async def _answer(self, writer: StreamWriter, status: int, what: dict[str, Any] | bytes) -> None:
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        head = f"HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
