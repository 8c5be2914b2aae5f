"""A line that is closed at the very moment something is sent on it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect
from structlog.testing import capture_logs

from handoff import frames as f
from handoff.gateway.line import Line

Message = MutableMapping[str, Any]


async def _nothing() -> Message:
    return {"type": "websocket.connect"}


async def _closed(message: Message) -> None:
    """What the server raises where the other side's close is being answered already."""
    if message["type"] != "websocket.accept":
        raise RuntimeError("Unexpected ASGI message 'websocket.send', after sending 'websocket.close'.")


@pytest.fixture
async def line() -> Line:
    socket = WebSocket({"type": "websocket"}, _nothing, _closed)
    await socket.accept()
    return Line(socket, f.person_frames)


async def test_a_line_that_closed_meanwhile_is_gone_and_no_fault_is_logged(line: Line) -> None:
    with capture_logs() as logs, pytest.raises(WebSocketDisconnect):
        await line.refuse("c1", "malformed", "Malformed.")
    assert not logs


async def test_a_fault_of_ours_is_told_by_kind_even_where_nobody_can_be_answered(line: Line) -> None:
    with capture_logs() as logs, pytest.raises(WebSocketDisconnect):
        await line.refuse_error("c1", RuntimeError("somebody's words"))
    assert [(log["event"], log["kind"]) for log in logs] == [("frame_failed", "RuntimeError")]
    assert "somebody" not in str(logs)
