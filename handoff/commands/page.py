"""`frontdoor page`: a test page to the on-call contact, by the very way that a real one takes."""

from __future__ import annotations

import asyncio

import typer

from handoff.bootstrap import make_pager
from handoff.commands.say import err, out
from handoff.errors import PagingError
from handoff.paging import Page
from handoff.settings import Settings

MENDS = {
    "not_set": "set FRONTDOOR_ON_CALL_COMMAND or FRONTDOOR_ON_CALL_WEBHOOK; see docs/operations.md, On-call.",
    "cannot_start": "the program of FRONTDOOR_ON_CALL_COMMAND is not there, or may not be run.",
    "exit_code": "the program ended with an exit code other than 0; run it by hand with a page on its input.",
    "hang": "it took longer than 15 seconds; let it hand the page on and end.",
    "refused": "the address of FRONTDOOR_ON_CALL_WEBHOOK cannot be reached from here.",
    "status": "the webhook answered with something other than 2xx.",
}


def page_command() -> None:
    """Send the on-call contact a page that says it is a test. Exit status 1 where nobody was reached."""
    try:
        asyncio.run(make_pager(Settings()).call(Page(service="test", band=0, waited_s=0, test=True)))
    except PagingError as error:
        err.print(f"The on-call contact was not reached. Mend: {MENDS[error.kind]}", style="red")
        raise typer.Exit(1) from None
    out.print("The page was handed over. Ask the on-call contact whether it arrived.")
