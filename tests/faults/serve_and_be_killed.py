"""`frontdoor serve`, as often as it is asked for, and killed between two steps of its work. Run by tests, as a process.

What takes seconds at a start (imports, what screening has learnt, the services' texts) is loaded once; each gateway is
then forked, and runs the very `serve_command` with an environment of its own. Orders come a line each on standard
input, as JSON; what became of them goes to standard output:

    {"start": 1, "env": {…}, "log": file, "die_at": a step or null, "after": how often it is passed before}
    {"signal": 9, "to": 1}                                                       from outside, at any moment
    → {"ready": [every step]}   {"gone": 1, "signal": 9}

The steps are wrapped round the edges of the product (store, screening, hints, bot, socket); it knows nothing of them.
Gateways die with this process, and this process with the test run.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from handoff import bootstrap, bot, tether
from handoff import frames as f
from handoff.commands import serving
from handoff.desk.office import Desk
from handoff.gateway.gateway import Gateway
from handoff.gateway.line import Line
from handoff.hints import InProcess
from handoff.redis_hints import ThroughRedis
from handoff.store.migrate import migrate
from handoff.store.work import Waiting, Work

for needed_later in (
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
):
    importlib.import_module(needed_later)

STEPS = (
    "a frame has come in",
    "it is screened",
    "a unit is handed to the store",
    "its transaction has begun",
    "everything is written, nothing is committed",
    "it is committed, nobody knows",
    "the writer knows, nobody is told",
    "one hint is out",
    "everybody is told, nothing is acknowledged",
    "the acknowledgement is about to go",
    "it is acknowledged",
    "an entry is about to be shown",
    "an entry is shown",
    "a turn is leased, the bot is not asked",
    "the bot has answered, nothing is stored",
    "a page has been welcomed",
)
(FRAME, SCREENED, HANDED, BEGUN, WRITTEN, COMMITTED, KNOWN, HINTED, TOLD, ACK, ACKED, ENTRY, SHOWN, LEASED, ANSWERED,
 WELCOMED) = STEPS  # fmt: skip
ACKS = (f.Ack, f.StaffAck, f.Claimed)
ENTRIES = (f.Entry, f.StaffEntry)


class Armed:
    """Dies at one step, at the n-th passing. Unarmed it does nothing."""

    at: str | None = None
    left = 0

    def passed(self, step: str) -> None:
        if step == self.at:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


armed = Armed()
passed = armed.passed


def around(owner: Any, name: str, *, before: str = "", after: str = "") -> None:
    """`owner.name`, a coroutine function, with a step on either side."""
    real = getattr(owner, name)

    @functools.wraps(real)
    async def stepping(*values: Any, **named: Any) -> Any:
        passed(before)
        try:
            return await real(*values, **named)
        finally:  # no answer is an answer, too
            passed(after)

    setattr(owner, name, stepping)


def wrap_the_edges() -> None:
    around(Line, "receive", after=FRAME)
    around(Gateway, "screen", after=SCREENED)
    around(bot.Bot, "ask", before=LEASED, after=ANSWERED)
    around(Desk, "_do", after=TOLD)
    _wrap_store()
    _wrap_hints()
    _wrap_sending()


def _wrap_store() -> None:
    real_hand_over, real_tell = Waiting.hand_over, Work.tell

    async def hand_over(self: Waiting, fn: Callable[[Any], Any]) -> Any:
        def unit(session: Any) -> Any:
            passed(BEGUN)
            result = fn(session)
            session.flush()
            passed(WRITTEN)
            return result

        passed(HANDED)
        result = await real_hand_over(self, unit)
        passed(KNOWN)
        return result

    def tell(self: Work) -> None:
        if self.error is None:
            passed(COMMITTED)
        real_tell(self)

    Waiting.hand_over, Work.tell = hand_over, tell  # type: ignore[method-assign,assignment]


def _wrap_hints() -> None:
    for making in (InProcess, ThroughRedis):
        real_poke = making.poke

        def poke(self: Any, topic: str, real_poke: Any = real_poke) -> None:
            real_poke(self, topic)
            passed(HINTED)

        making.poke = poke  # type: ignore[method-assign]


def _wrap_sending() -> None:
    real_send = Line.send

    async def send(self: Line, frame: f.Frame) -> None:
        passed(ACK if isinstance(frame, ACKS) else ENTRY if isinstance(frame, ENTRIES) else "")
        await real_send(self, frame)
        passed(ACKED if isinstance(frame, ACKS) else SHOWN if isinstance(frame, ENTRIES) else "")
        passed(WELCOMED if isinstance(frame, f.Welcome | f.StaffWelcome) else "")

    Line.send = send  # type: ignore[method-assign]


# ── one gateway ──────────────────────────────────────────────────────────────────────────────────────────────────────


def serve(order: dict[str, Any]) -> None:
    """In the forked process, to its end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(tether.PR_SET_PDEATHSIG, signal.SIGKILL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for fd, instead in ((0, nothing), (1, log), (2, log)):
        os.dup2(instead, fd)
    os.environ.update(order["env"])
    armed.at, armed.left = order["die_at"], order["after"]
    try:
        serving.serve_command()
    finally:
        os._exit(1)


# ── the nursery ──────────────────────────────────────────────────────────────────────────────────────────────────────


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def carry_out(order: dict[str, Any], pids: dict[int, int]) -> None:
    if "signal" in order:
        for pid in [pid for pid, n in pids.items() if n == order["to"]]:
            os.kill(pid, order["signal"])  # ours until it is waited for, so it can't be another's
        return
    pid = os.fork()
    if pid == 0:
        serve(order)
    pids[pid] = order["start"]


def bury(pids: dict[int, int]) -> None:
    while pids:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        say(gone=pids.pop(pid), signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


def main() -> None:
    settings = serving.Settings(_env_file=None)  # type: ignore[call-arg]
    loaded = bootstrap.make_screener(settings)
    bootstrap.make_screener = lambda _settings: loaded
    bootstrap.load_services = functools.cache(bootstrap.load_services)
    migrate(settings.database_url)
    first, _ = serving.make_frontdoor(settings)  # whatever is loaded or made only when it is first needed
    first.close()
    wrap_the_edges()
    gc.freeze()
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    say(ready=STEPS)
    pids: dict[int, int] = {}
    orders = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(0, selectors.EVENT_READ)
        waiting.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is woken:
                    with suppress(BlockingIOError):
                        woken.recv(4096)
                    continue
                more = os.read(0, 65536)
                if not more:
                    return  # the test run is over; what was started dies with us
                *whole, orders = (orders + more).split(b"\n")
                for line in whole:
                    carry_out(json.loads(line), pids)
            bury(pids)


if __name__ == "__main__":
    main()
