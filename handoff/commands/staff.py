"""`frontdoor staff`: who may sign in. Working names only (M9)."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import select

from handoff.commands.say import out, with_desk
from handoff.desk import staff as desk_staff
from handoff.settings import Settings
from handoff.store.tables import Staff

app = typer.Typer(help="Who may sign in.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The working name: what people are told, and what is typed to sign in.")]


@app.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="advisor, moderator or supervisor")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="asked for if left out")
    ],
) -> None:
    """Add somebody. They read and acknowledge the policies at their first sign-in (R13)."""
    with_desk(
        Settings(),
        lambda opened: asyncio.run(
            opened.desk.do(lambda u: desk_staff.create(u, name=name, role=role, password=password).id)
        ),
    )
    out.print(f"{name} can sign in as {role}.")


@app.command("password")
def password(
    name: Name,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Give somebody a new password. Their sessions end."""
    with_desk(
        Settings(),
        lambda opened: asyncio.run(opened.desk.do(lambda u: desk_staff.change_password(u, name, password))),
    )
    out.print(f"{name} has a new password.")


@app.command("disable")
def disable(name: Name) -> None:
    """Somebody has left: they can no longer sign in, and their sessions end. What they wrote stays."""
    with_desk(Settings(), lambda opened: asyncio.run(opened.desk.do(lambda u: desk_staff.disable(u, name))))
    out.print(f"{name} can no longer sign in.")


@app.command("list")
def list_staff() -> None:
    """Everybody who may sign in."""
    table = Table("name", "role", "signs in")

    def rows() -> list[tuple[str, str, bool]]:
        return with_desk(
            Settings(),
            lambda opened: asyncio.run(
                opened.desk.see(
                    lambda s: [(p.name, p.role, p.active) for p in s.scalars(select(Staff).order_by(Staff.name))]
                )
            ),
        )

    for name, role, active in rows():
        table.add_row(name, role, "yes" if active else "no")
    out.print(table)
