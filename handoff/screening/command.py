"""`frontdoor screen`: what screening says of messages from a file, a pipe, or the command line.

One JSON object a line in, one out, in the same order:

    in   {"text": str, "id"?: any, "service"?: str, "history"?: [str | {"author", "text", "card"?}]}
    out  {"id", "risk", "risk_categories", "abuse", "abuse_categories", "target", "spans", "uncertain", "reason",
          "elapsed_ms"}
    bad  {"error": str, "line": int}       one for each line that can't be read; the others go on

Words come in and are never written out: a span is places, a label and a step.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.console import Console

from handoff.screening.explain import explanation
from handoff.screening.screener import Screener, shared
from handoff.verdict import Turn, Verdict

USUAL_SERVICE = "survivors"


class BadLine(ValueError):
    """A line that can't be screened; the message says why and holds none of it."""


def _turn(entry: Any) -> Turn:
    if isinstance(entry, str):
        return Turn(author="person", text=entry)
    if not isinstance(entry, dict):
        raise BadLine("history: each entry is a string or an object with author and text")
    author, text, card = entry.get("author", "person"), entry.get("text", ""), entry.get("card")
    if not isinstance(author, str) or not isinstance(text, str) or not (card is None or isinstance(card, str)):
        raise BadLine("history: author, text and card are strings")
    return Turn(author=author, text=text, card=card)


def _read(line: str, service: str) -> tuple[Any, str, str, list[Turn]]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise BadLine("not JSON: one object a line, with at least a text") from None
    return read_line(row, service)


def read_line(row: Any, service: str) -> tuple[Any, str, str, list[Turn]]:
    """id, text, service and history of one line's object. Raises `BadLine`."""
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise BadLine('an object with "text" (a string) is needed')
    history = row.get("history") or []
    if not isinstance(history, list):
        raise BadLine("history: a list, oldest first")
    service = row.get("service") or service
    if not isinstance(service, str):
        raise BadLine("service: a string")
    return row.get("id"), row["text"], service, [_turn(entry) for entry in history]


def as_json(verdict: Verdict, identity: Any, elapsed_ms: float) -> dict[str, Any]:
    """A verdict in the words of the command's output."""
    return {
        "id": identity,
        "risk": verdict.risk.word,
        "risk_categories": sorted(verdict.risk_categories),
        "abuse": verdict.abuse.word,
        "abuse_categories": sorted(verdict.abuse_categories),
        "target": verdict.target.value if verdict.target else None,
        "spans": [{"start": s.start, "end": s.end, "label": s.label, "step": s.step} for s in verdict.spans],
        "uncertain": verdict.uncertain,
        "reason": verdict.reason,
        "elapsed_ms": round(elapsed_ms, 3),
    }


def screen_lines(
    lines: Iterable[str], *, service: str = USUAL_SERVICE, screener: Screener | None = None
) -> Iterator[dict[str, Any]]:
    """Screen JSON Lines. Blank lines are passed over; a bad line is answered with its number and why."""
    screener = screener or shared()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            identity, text, named, history = _read(line, service)
        except BadLine as error:
            yield {"error": str(error), "line": number}
            continue
        began = time.perf_counter()
        verdict = screener.screen(text, service=named, history=history)
        yield as_json(verdict, identity, (time.perf_counter() - began) * 1000)


def screen_stream(source: IO[str], sink: IO[str], *, service: str = USUAL_SERVICE) -> int:
    """Stream in, stream out. Returns how many lines could not be read."""
    bad = 0
    for answer in screen_lines(source, service=service):
        bad += "error" in answer
        sink.write(json.dumps(answer) + "\n")
        sink.flush()
    return bad


def screen_command(
    path: Annotated[Path | None, typer.Argument(help="JSON Lines; left out: standard input.")] = None,
    service: Annotated[str, typer.Option(help="The service to screen for.")] = USUAL_SERVICE,
    explain: Annotated[str | None, typer.Option(help="Show on the terminal what is found in this text.")] = None,
) -> None:
    """Say what screening finds in messages: JSON Lines in, JSON Lines out."""
    problems = shared().problems
    for problem in problems:
        typer.echo(f"screening: {problem}", err=True)
    if explain is not None:
        Console().print(explanation(explain, shared().screen(explain, service=service)))
    elif path is None:
        for stream in (sys.stdin, sys.stdout):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace")
        screen_stream(sys.stdin, sys.stdout, service=service)
    else:
        try:
            source = path.open(encoding="utf-8", errors="replace")
        except OSError as error:
            typer.echo(f"{path}: cannot be read ({error.strerror}); check the name", err=True)
            raise typer.Exit(2) from error
        with source:
            screen_stream(source, sys.stdout, service=service)
    if problems:
        raise typer.Exit(1)
