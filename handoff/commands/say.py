"""How commands talk: what happened, the mend, the right exit status; no traceback for what an operator can mend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from typer.core import TyperGroup

from handoff.bootstrap import Frontdoor, open_desk
from handoff.errors import FrontdoorError
from handoff.services.errors import ServiceBroken
from handoff.settings import Settings, said

T = TypeVar("T")

# Nothing is broken into lines here: a command in a mend can be copied whole, and a terminal wraps by itself.
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def mended_by_operator() -> Iterator[None]:
    """What an operator can mend is said in words, with exit status 1. Anything else is a fault of ours, and shows."""
    try:
        yield
    except (FrontdoorError, ServiceBroken) as error:
        words = str(error)
    except OSError as error:
        words = f"{error.filename or 'The system'}: {error.strerror}. Mend: see that it is there, and ours to use."
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        words = said(error)
    else:
        return
    err.print(words, style="red", markup=False)
    raise typer.Exit(1)


class Mended(TyperGroup):
    """Every command, and the reading of its settings, under `mended_by_operator`."""

    def invoke(self, ctx: Any) -> Any:
        with mended_by_operator():
            return super().invoke(ctx)


def with_desk(settings: Settings, work: Callable[[Frontdoor], T]) -> T:
    """Open everything a command needs, work, close."""
    with mended_by_operator():
        opened = open_desk(settings)
        try:
            return work(opened)
        finally:
            opened.close()
