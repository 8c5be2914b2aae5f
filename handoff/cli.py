"""`frontdoor`: everything an operator types. Each command says what happened and, where it failed, the mend."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from handoff.commands import demo, doctor, keep, page, policies, serving, staff
from handoff.commands.say import Mended
from handoff.screening.command import screen_command
from handoff.screening.evaluate import evaluate_command

EXAMPLES = """
[bold]Examples[/bold]

Everything on this machine, bot and all:  frontdoor run

A working name, the password is asked for:  frontdoor staff add "Robin" --role advisor

Is every service whole?  frontdoor services check

What is heard in a message, and why:  frontdoor screen --explain "he's outside"

How well screening hears, on labelled messages:  frontdoor evaluate messages.jsonl --picture figures.svg

Is this installation fit to be used?  frontdoor doctor

Does the on-call contact hear of it?  frontdoor page
"""

app = typer.Typer(
    name="frontdoor",
    cls=Mended,
    help="The chat that helplines trust: code of contact, screening, notice, hand-off to people.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback may show somebody's words
    rich_markup_mode="rich",
)
app.command("run")(serving.run_command)
app.command("serve")(serving.serve_command)
app.command("migrate")(keep.migrate_command)
app.command("demo")(demo.demo_command)
app.add_typer(staff.app, name="staff")
app.add_typer(policies.services, name="services")
app.add_typer(policies.notices, name="notices")
app.command("screen")(screen_command)
app.command("evaluate")(evaluate_command)
app.command("page")(page.page_command)
app.command("doctor")(doctor.doctor_command)
app.add_typer(keep.audit, name="audit")


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"frontdoor {version('frontdoor')}")
        raise typer.Exit


@app.callback()
def _everything(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    pass


if __name__ == "__main__":
    app()
