"""`frontdoor services` and `frontdoor notices`: is every service whole, and which policies are due for review (R15)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from handoff.cards import POLICY_CARDS
from handoff.commands.say import mended_by_operator, out
from handoff.services.load import BUILT_IN, load_services
from handoff.services.release import release
from handoff.services.review import stale_entries
from handoff.settings import Settings

services = typer.Typer(help="The services, as data.", no_args_is_help=True)
notices = typer.Typer(help="The public policies and their versions.", no_args_is_help=True)

Folder = Annotated[Path | None, typer.Option(help="the folder of services; otherwise the setting, or those that ship")]


@services.command("check")
def check(folder: Folder = None) -> None:
    """Is every service whole? Otherwise every problem, with file, line and mend."""
    with mended_by_operator():
        found = load_services(folder or Settings().services)
    for service in found.values():
        out.print(f"[green]whole[/green]  {service.id}: {service.file.name}, {len(service.texts)} texts")
        for entry in stale_entries(service, _today()):
            out.print(f"[yellow]check[/yellow]  {service.id}: {entry.name}, last verified on {entry.verified_on}")


@services.command("release")
def release_command(folder: Folder = None) -> None:
    """Release new texts. From then on they are never edited: a change is a new version."""
    root = folder or Settings().services or BUILT_IN
    with mended_by_operator():
        new = release(root)
    out.print("\n".join(f"released  {name}" for name in new) or "There was nothing new to release.")


@notices.command("list")
def list_notices() -> None:
    """Every version of every public policy, with its review date."""
    table = Table("service", "policy", "version", "language", "reviewed", "next review")
    with mended_by_operator():
        found = load_services(Settings().services)
    for service in found.values():
        for kind in sorted(POLICY_CARDS):
            for text in service.versions(kind):
                late = text.next_review <= _today()
                due = f"[red]{text.next_review}, overdue[/red]" if late else str(text.next_review)
                table.add_row(service.id, kind, str(text.version), text.lang, str(text.reviewed), due)
    out.print(table)


def _today() -> date:
    return datetime.now(UTC).date()
