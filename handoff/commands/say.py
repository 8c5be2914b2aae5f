"""How commands talk: what happened, the mend, the right exit status; no traceback for what an operator can mend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import typer
from rich.console import Console

from handoff.bootstrap import Frontdoor, open_desk
from handoff.errors import FrontdoorError
from handoff.services.errors import ServiceBroken
from handoff.settings import Settings

T = TypeVar("T")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


@contextmanager
def mended_by_operator() -> Iterator[None]:
    """What an operator can mend is said in words, with exit status 1."""
    try:
        yield
    except (FrontdoorError, ServiceBroken) as error:
        err.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None


def with_desk(settings: Settings, work: Callable[[Frontdoor], T]) -> T:
    """Open everything a command needs, work, close."""
    with mended_by_operator():
        opened = open_desk(settings)
        try:
            return work(opened)
        finally:
            opened.close()
