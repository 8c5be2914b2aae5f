"""`frontdoor serve`, with parts that break on a word, loudly and with the person's words in the exception.

Run by test_no_traces.py in a process of its own. Everything else is as it ships.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from typing import Any

from handoff.commands import serving
from handoff.desk import person, views
from handoff.gateway import person_socket
from handoff.screening import Screener

real_screen, real_complain, real_seen, real_entries = Screener.screen, person.complain, person.seen, views.entries


class Cruel(Exception):
    """Holds somebody's words, as an exception may."""


async def lost(words: str) -> None:
    raise Cruel(words)


class Unraisable:
    def __init__(self, words: str) -> None:
        self.words = words

    def __del__(self) -> None:
        raise Cruel(self.words)


def crash(words: str) -> None:
    raise Cruel(words)


def screen(self: Screener, text: str, **rest: Any) -> Any:
    if "fault:screening" in text:
        raise Cruel(text)
    return real_screen(self, text, **rest)


def complain(unit: Any, contact_id: str, *, text: str, **rest: Any) -> int:
    if "fault:transaction" in text:
        raise Cruel(text, unit, contact_id)
    return real_complain(unit, contact_id, text=text, **rest)


async def act(self: Any, frame: Any, changes: Any) -> bool:
    text = getattr(frame, "text", "")
    if "fault:background" in text:
        task = asyncio.create_task(lost(text))
        await asyncio.sleep(0)
        del task
        gc.collect()
        asyncio.get_running_loop().call_soon(crash, text)
        threading.Thread(target=crash, args=(text,)).start()
        Unraisable(text)
        gc.collect()
    if "fault:socket" in text:
        raise Cruel(text)
    if "fault:exit" in text:
        raise SystemError(text)
    return await real_act(self, frame, changes)


def entries(session: Any, office: Any, contact_id: str, **rest: Any) -> Any:
    found = real_entries(session, office, contact_id, **rest)
    if any("fault:reading" in entry.text for entry in found):
        raise Cruel(*(entry.text for entry in found))
    return found


real_act = person_socket._Talk._act
person_socket._Talk._act = act  # type: ignore[method-assign]
Screener.screen = screen  # type: ignore[method-assign, assignment]
person.complain = complain
views.entries = entries

make = serving.make_frontdoor


def make_with_a_broken_page(settings: Any) -> Any:
    opened, app = make(settings)

    @app.post("/breaks")
    async def breaks(words: dict[str, str]) -> None:
        raise Cruel(words)

    return opened, app


serving.make_frontdoor = make_with_a_broken_page

if __name__ == "__main__":
    sys.argv = ["frontdoor", "serve"]
    serving.serve_command()
