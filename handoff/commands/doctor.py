"""`frontdoor doctor`: is this installation fit to be used? Each line: what was looked at, how it is, the mend."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from handoff.bootstrap import make_pager, make_screener, read_once
from handoff.bot import PROBE, Bot
from handoff.commands.say import out
from handoff.errors import BotError, FrontdoorError
from handoff.services.errors import ServiceBroken
from handoff.services.load import load_services
from handoff.settings import Settings
from handoff.store.address import spoken
from handoff.store.audit import verify
from handoff.store.fitness import unfit
from handoff.store.keys import KeyRing


@dataclass(frozen=True, slots=True)
class Finding:
    fit: bool
    what: str
    mend: str = ""


def doctor_command() -> None:
    """Look at services, database, keys, screening and the bot. Exit status 1 where a promise could not be kept."""
    findings = list(look(Settings()))
    for finding in findings:
        mark = "[green]fit[/green]   " if finding.fit else "[red]unfit[/red] "
        out.print(f"{mark} {finding.what}")
        if finding.mend:
            out.print(f"       mend: {finding.mend}", markup=False)
    if not all(finding.fit for finding in findings):
        raise typer.Exit(1)


def look(settings: Settings) -> Iterator[Finding]:
    try:
        found = load_services(settings.services)
        yield Finding(True, f"services: {', '.join(found)}")
    except ServiceBroken as error:
        yield Finding(False, "services", str(error))
        found = {}
    try:
        chain = read_once(settings, verify)
        where = spoken(settings.database_url)
        yield Finding(chain.broken_at is None, f"database ({where}) and audit chain: {chain.n} links", chain.why)
        for problem in read_once(settings, unfit):
            yield Finding(False, "database", problem)
    except FrontdoorError as error:
        yield Finding(False, "database", str(error))
    try:
        KeyRing(settings.key_ring_folder)
        yield Finding(True, "key ring")
    except FrontdoorError as error:
        yield Finding(False, "key ring", str(error))
    if settings.redis_url.get_secret_value():
        yield _hints(settings)
    problems = make_screener(settings).problems
    yield Finding(not problems, "screening", "; ".join(problems))
    problem = asyncio.run(_bot_problem(settings))
    yield Finding(not problem, f"bot at {settings.bot_address}", problem)
    if not all(service.file.demonstration for service in found.values()):
        secure = settings.origin.startswith("https:")
        yield Finding(secure, "public address", "" if secure else "set FRONTDOOR_PUBLIC_ORIGIN to your https address")
        same = settings.key_ring_folder.resolve().is_relative_to(settings.var.resolve())
        yield Finding(
            not same,
            "key ring apart from the database",
            "set FRONTDOOR_KEY_RING to a folder off the database's disk and backups (R11)" if same else "",
        )
        yield from _on_call(settings)
        yield Finding(
            False,
            "destruction after six months and two (R11, R12), disclosures (R5 to R10)",
            "not built yet, though the notice speaks of them: this version is for trying out only",
        )


def _hints(settings: Settings) -> Finding:
    from redis import Redis, RedisError  # only where one is set

    mend = "start it, or look at FRONTDOOR_REDIS_URL. Meanwhile gateways hear of each other some seconds later."
    try:
        with Redis.from_url(settings.redis_url.get_secret_value(), socket_connect_timeout=5, socket_timeout=5) as redis:
            redis.ping()
    except (RedisError, OSError, ValueError):  # what they say may name the user
        return Finding(False, "hints through Redis", mend)
    return Finding(True, "hints through Redis")


def _on_call(settings: Settings) -> Iterator[Finding]:
    """PRACTICE, "Closed": an immediate nobody claims pages somebody."""
    mend = "set FRONTDOOR_ON_CALL_COMMAND or FRONTDOOR_ON_CALL_WEBHOOK, then try it: frontdoor page"
    command = shlex.split(settings.on_call_command)
    if command and shutil.which(command[0]) is None:
        yield Finding(False, f"on-call contact: there is no program {command[0]}", mend)
    else:
        is_set = make_pager(settings).is_set
        yield Finding(is_set, "on-call contact", "" if is_set else f"nobody would be called. {mend}")


async def _bot_problem(settings: Settings) -> str:
    """Empty where a question of ours is answered, as a person's would be."""
    bot = Bot(settings.bot_address, settings.shared_secret())
    try:
        if not await bot.look():
            return "start it: frontdoor run. Cards go on meanwhile."
        await bot.ask(PROBE, within_s=4)
    except BotError as error:
        why = {"status": "is FRONTDOOR_BOT_SECRET the same for both, and does the action server run?"}
        return f"it is there but does not answer a question ({error.kind}); {why.get(error.kind, 'see its log.')}"
    finally:
        await bot.close()
    return ""
