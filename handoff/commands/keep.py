"""`frontdoor migrate` and `frontdoor audit verify`: the database's tables, and the chain of what was done."""

from __future__ import annotations

import asyncio

import typer

from handoff.commands.say import err, mended_by_operator, out
from handoff.settings import Settings
from handoff.store.audit import verify
from handoff.store.migrate import migrate
from handoff.store.store import Store

audit = typer.Typer(help="The record of what was done, without anyone's words.", no_args_is_help=True)


def migrate_command() -> None:
    """Bring the database's tables to this version. Doing it again changes nothing."""
    with mended_by_operator():
        migrate(Settings().database_url)
    out.print("The database is at this version's tables.")


@audit.command("verify")
def verify_command() -> None:
    """Check every link of the audit chain: nothing edited, nothing cut out, nothing cut off."""
    with mended_by_operator():
        store = Store(Settings().database_url)
        store.start()
        try:
            found = asyncio.run(store.read(verify))
        finally:
            store.close()
    if found.broken_at is None:
        out.print(f"The audit chain is whole: {found.n} links.", style="green")
        return
    err.print(f"The audit chain is broken at link {found.broken_at}: {found.why}.", style="bold red")
    raise typer.Exit(1)
