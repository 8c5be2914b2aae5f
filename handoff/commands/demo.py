"""`frontdoor demo`: people to try it out with, plainly marked. Their passwords are said once and kept nowhere."""

from __future__ import annotations

import asyncio
import secrets

from rich.table import Table
from sqlalchemy import select

from handoff.bootstrap import Frontdoor
from handoff.commands.say import out, with_desk
from handoff.desk import staff as desk_staff
from handoff.desk.office import Unit
from handoff.settings import Settings
from handoff.store.tables import Staff

PEOPLE = (
    ("Demo Advisor", "advisor"),
    ("Demo Advisor Two", "advisor"),
    ("Demo Moderator", "moderator"),
    ("Demo Supervisor", "supervisor"),
)


def demo_command() -> None:
    """Seed the demonstration: staff of each role for the services that ship. Doing it again changes nothing."""
    settings = Settings()
    made = with_desk(settings, seed)
    if not made:
        out.print('The demonstration has its people. A lost password: frontdoor staff password "Demo Advisor"')
        return
    table = Table("name", "role", "password", title="Demonstration staff: written down nowhere else")
    for name, role, password in made:
        table.add_row(name, role, password)
    out.print(table)
    out.print(f"Sign in at {settings.origin}/staff")


def seed(opened: Frontdoor) -> list[tuple[str, str, str]]:
    """The people made, with their passwords; empty if they were there already."""

    def make(unit: Unit) -> list[tuple[str, str, str]]:
        known = set(unit.session.scalars(select(Staff.name)))
        new = [(name, role, secrets.token_urlsafe(9)) for name, role in PEOPLE if name not in known]
        for name, role, password in new:
            desk_staff.create(unit, name=name, role=role, password=password)
        return new

    return asyncio.run(opened.desk.do(make))
