"""`frontdoor run`: the front door, and behind it the action server and Rasa, on one machine.

The front door comes first and is never held up or taken down by the others: while the bot is trained, loads, or is
dead, people get cards and a person (promise 7). Ports are checked before anything is started.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from handoff.bot import Bot
from handoff.settings import Settings, said
from handoff.supervise import Child, Say, Supervisor
from handoff.training import MODEL, QUIET, RASA

PROJECT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"  # Rasa and the action server never listen anywhere else
DOOR_OPENS_S = 30  # after so long without an answer the bot is started all the same
COLOURS = {"front door": "cyan", "actions": "magenta", "rasa": "yellow"}


class Programs:
    """The one table of what is started, and how."""

    def __init__(self, settings: Settings) -> None:
        frontdoor = str(Path(sys.executable).with_name("frontdoor"))
        python = str(PROJECT / RASA.with_name("python"))
        door = _door_env(settings)
        bot = _bot_env(settings)

        self.migrate = Child(name="migrate", command=(frontdoor, "migrate"), cwd=Path.cwd(), env=door)
        self.demo = Child(name="demo", command=(frontdoor, "demo"), cwd=Path.cwd(), env=door)
        self.door = Child(name="front door", command=(frontdoor, "serve"), cwd=Path.cwd(), env=door)
        self.train = Child(
            name="training",
            command=(sys.executable, "-m", "handoff.training", str(settings.var.absolute() / "log" / "train.log")),
            cwd=PROJECT,
            env=bot,
        )
        self.actions = Child(name="actions", command=(python, "-m", "bot.serve_actions"), cwd=PROJECT, env=bot)
        # API off (Rasa's default): loopback, one way in, nothing else to reach.
        rasa = (python, "-m", "bot.rasa_command", "run", "--quiet")
        listen = ("--interface", LOOPBACK, "--port", str(settings.bot_port))
        files = ("--model", str(MODEL), "--credentials", "credentials.yml", "--endpoints", "endpoints.yml")
        self.rasa = Child(
            name="rasa",
            command=(*rasa, *files, *listen),
            cwd=PROJECT,
            env=bot,
        )


def run(settings: Settings) -> int:
    """Run everything until Ctrl-C or a signal. Returns the exit code; what went wrong has been said."""
    if taken := taken_ports(settings):
        for words in taken:
            print(words, file=sys.stderr)  # noqa: T201 - before there is anything else to say it
        return 1
    return asyncio.run(_until_told(settings, Supervisor(_terminal())))


async def _until_told(settings: Settings, supervisor: Supervisor) -> int:
    told = asyncio.Event()

    def tell() -> None:
        if told.is_set():
            supervisor.hurry()  # the second Ctrl-C: now
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, tell)
    work = asyncio.create_task(_everything(settings, supervisor))
    ends: set[asyncio.Task[Any]] = {asyncio.create_task(told.wait())}
    if sys.stdout.isatty():
        ends.add(asyncio.create_task(_terminal_gone()))
    await asyncio.wait({work, *ends}, return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        return work.result()
    work.cancel()
    await asyncio.wait({work})
    return 0


async def _terminal_gone() -> None:
    """Return once the terminal was closed: SIGHUP goes to the session's leader alone, which may be `make`."""
    while sys.stdout.isatty():  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(2)


async def _everything(settings: Settings, supervisor: Supervisor) -> int:
    say, programs = supervisor.say, Programs(settings)
    if await supervisor.once(programs.migrate) != 0:
        say("front door", "The database could not be brought up to date; nothing was started. See above.")
        return 1
    if settings.demonstration and await supervisor.once(programs.demo) != 0:
        say("front door", "The demonstration could not be seeded; going on without it.")
    behind = asyncio.create_task(_behind(settings, supervisor, programs))
    try:
        await supervisor.keep(programs.door)  # for ever; nothing that befalls the others ends it
    finally:
        behind.cancel()
        await asyncio.wait({behind})


async def _behind(settings: Settings, supervisor: Supervisor, programs: Programs) -> None:
    """What follows once the front door answers; it has the machine to itself until then."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DOOR_OPENS_S):
            await _answering(settings.host, settings.port)
            supervisor.say("front door", f"Open: {settings.origin}")
            supervisor.say("front door", "Ctrl-C ends everything.")
    try:
        await _bot(settings, supervisor, programs)
    except Exception as error:  # a fault of ours costs the bot, never the front door, and is said
        supervisor.say("rasa", f"The bot is away: {type(error).__name__}: {error}. Cards and people go on.")


async def _bot(settings: Settings, supervisor: Supervisor, programs: Programs) -> None:
    """Train if needed, then keep both of the bot's programs. Any failure is said, and costs only the bot."""
    away = "Until then: cards and people, no free words."
    if settings.bot_url:
        return supervisor.say("rasa", f"The bot is elsewhere, at {settings.bot_url}; none is started here.")
    if not (PROJECT / RASA).exists():
        return supervisor.say("rasa", f"The bot's runtime is not installed: make install. {away}")
    if await supervisor.once(programs.train) != 0:
        return supervisor.say("rasa", f"The bot is not started: mend what is said above, then run this again. {away}")
    supervisor.say("rasa", f"The bot is loading (half a minute). {away}")
    bot = Bot(settings.bot_address, secret="")  # looking needs none
    async with asyncio.TaskGroup() as both:
        both.create_task(supervisor.keep(programs.actions))
        # A Rasa that hangs is as dead as one that ended: 30 s without an answer, and it is started again.
        both.create_task(supervisor.keep(programs.rasa, answers=lambda: bot.look(within_s=5)))
        await _answering(LOOPBACK, settings.bot_port)  # Rasa listens only once its model is loaded
        supervisor.say("rasa", "The bot is here: free words are understood.")
    return None


async def _answering(host: str, port: int) -> None:
    """Return once something answers there."""
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104 - to knock, not to listen
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return


def taken_ports(settings: Settings) -> list[str]:
    """What stands in the way of listening, one clear sentence each. Nothing is started if there is any."""
    wanted = [("FRONTDOOR_PORT", settings.host, settings.port)]
    if not settings.bot_url:
        wanted += [
            ("FRONTDOOR_BOT_PORT", LOOPBACK, settings.bot_port),
            ("FRONTDOOR_ACTIONS_PORT", LOOPBACK, settings.actions_port),
        ]
    problems = []
    by_port: dict[int, str] = {}
    for name, host, port in wanted:
        if other := by_port.get(port):
            problems.append(f"{name} and {other} are both {port}. Give each its own port.")
            continue
        by_port[port] = name
        if why := _cannot_listen(host, port):
            problems.append(
                f"Port {port} cannot be used: {why}.\n"
                f"  To see who holds it:  ss -ltnp 'sport = :{port}'\n"
                f"  To use another:       {name}=<port>, in the environment or in .env"
            )
    return problems


def _cannot_listen(host: str, port: int) -> str | None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except (OSError, OverflowError) as error:
        return f"{host}: {getattr(error, 'strerror', None) or error}"
    return None


def _door_env(settings: Settings) -> dict[str, str]:
    return {**os.environ, "FRONTDOOR_BOT_SECRET": settings.shared_secret()}


def _bot_env(settings: Settings) -> dict[str, str]:
    """What Rasa may know. The database's address and the key ring's place are none of its business."""
    kept: Mapping[str, str] = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDOOR_")}
    return {
        **kept,
        **QUIET,
        "PYTHONUNBUFFERED": "1",
        "FRONTDOOR_BOT_SECRET": settings.shared_secret(),
        "FRONTDOOR_ACTIONS_HOST": LOOPBACK,
        "FRONTDOOR_ACTIONS_PORT": str(settings.actions_port),
        "FRONTDOOR_ACTIONS_URL": f"http://{LOOPBACK}:{settings.actions_port}/webhook",
    }


def _terminal() -> Say:
    """Lines with the name of who says them. A terminal that has gone away must not keep us from ending the children."""
    console = Console(highlight=False, soft_wrap=True)
    width = max(len(name) for name in COLOURS)

    def say(name: str, line: str) -> None:
        text = Text.assemble((f"{name:>{width}} │ ", COLOURS.get(name, "dim")), Text.from_ansi(line))
        try:
            console.print(text)
        except OSError:  # what is left of the line is flushed at our end, and would make it look like a failure
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())

    return say


def main() -> int:
    """`make run`: settings that make no sense are said before anything is started."""
    try:
        settings = Settings()
    except ValidationError as error:
        print(said(error), file=sys.stderr)  # noqa: T201 - before there is anything else to say it
        return 1
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
