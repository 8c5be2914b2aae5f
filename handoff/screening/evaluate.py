"""`frontdoor evaluate FILE…`: how well screening does on labelled messages, as a table, JSON and a picture.

One JSON object a line: `text`, optional `id`, `service`, `history` (as for `frontdoor screen`), and what is right:

    "risk": "none" | "concern" | "immediate", or 1/0 for any risk       "abuse": a level's word, or 1/0
    "discriminatory": 1/0       "risk_categories", "abuse_categories": lists       anything else: for --by

A question nobody judged in a line isn't counted for it. Nothing is learnt from what is measured here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from handoff.screening.command import USUAL_SERVICE, BadLine, read_line
from handoff.screening.measure import GROUPS, Labelled, known_category, measure
from handoff.screening.measured import picture, table
from handoff.screening.screener import Screener, shared
from handoff.verdict import Abuse, Risk, Verdict


def _judged(row: dict[str, Any], place: str, by: str | None) -> Labelled:
    _, text, service, history = read_line(row, USUAL_SERVICE)
    answers: dict[str, bool] = {}
    risk, abuse = _level(row, "risk", Risk), _level(row, "abuse", Abuse)
    if isinstance(risk, Risk):
        answers["immediate"] = risk is Risk.IMMEDIATE
    if risk is not None:
        answers["risk"] = bool(risk)
    if abuse is not None:
        answers["abuse"] = bool(abuse)
    categories = frozenset(str(c) for name in ("risk_categories", "abuse_categories") for c in row.get(name) or ())
    unknown = sorted(category for category in categories if not known_category(category))
    if unknown:
        raise BadLine(f"no category {unknown[0]!r}")
    if "discriminatory" in row:
        answers["discriminatory"] = bool(row["discriminatory"])
    elif isinstance(abuse, Abuse):
        answers["discriminatory"] = abuse > Abuse.NONE and bool(categories & GROUPS)
    if not answers:
        raise BadLine("no risk, abuse or discriminatory says what is right")
    return Labelled(
        place=place,
        text=text,
        service=service,
        history=history,
        answers=answers,
        risk=risk if isinstance(risk, Risk) else None,
        abuse=abuse if isinstance(abuse, Abuse) else None,
        categories=categories,
        group=str(row.get(by, "")) if by else "",
    )


def _level(row: dict[str, Any], name: str, kind: type[Risk] | type[Abuse]) -> Risk | Abuse | bool | None:
    given = row.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or given in (0, 1):
        return bool(given)
    try:
        return kind.of(str(given))
    except KeyError:
        words = ", ".join(level.word for level in kind)
        raise BadLine(f"{name}: {given!r} is none of {words}, 1, 0") from None


def judged(paths: list[Path], by: str | None, complain: Any) -> Iterator[Labelled]:
    """Every labelled message; a line that can't be used is told to `complain` and passed over."""
    for path in paths:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise BadLine("one JSON object a line is needed")
                    yield _judged(row, f"{path.name}:{number}", by)
                except (BadLine, ValueError, RecursionError) as error:
                    why = str(error) if isinstance(error, BadLine) else "not JSON"
                    complain(f"{path.name}:{number}: {why}; the line is left out")


def _screened(messages: Iterator[Labelled], screener: Screener) -> Iterator[tuple[Labelled, Verdict]]:
    for message in messages:
        yield message, screener.screen(message.text, service=message.service, history=message.history)


def evaluate_command(
    files: Annotated[list[Path], typer.Argument(help="Labelled messages, JSON Lines.")],
    by: Annotated[str | None, typer.Option(help="Show figures for each value of this field of a line.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write the figures here; '-' prints them.")] = None,
    drawn: Annotated[Path | None, typer.Option("--picture", help="Draw the figures here, as SVG.")] = None,
    misses: Annotated[int, typer.Option(help="Show this many of the messages it got wrong.")] = 20,
) -> None:
    """Measure screening on labelled messages: what is found, what is a false alarm, and how sure that is."""
    screener = shared()
    errors = Console(stderr=True)
    for problem in screener.problems:
        errors.print(f"screening: {problem}", style="red", markup=False)
    missing = [path for path in files if not path.is_file()]
    if missing:
        errors.print(f"{missing[0]}: there is no such file; check the name", markup=False)
        raise typer.Exit(2)
    with errors.status("Screening…"):
        report = measure(_screened(judged(files, by, lambda said: errors.print(said, markup=False)), screener))
    if not report.messages:
        errors.print("Nothing to measure: no line could be used.")
        raise typer.Exit(2)
    figures = report.as_json()
    if as_json == Path("-"):
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    else:
        Console().print(table(report, misses))
        if as_json:
            as_json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if drawn:
        drawn.write_text(picture(figures, ", ".join(path.stem for path in files)), encoding="utf-8")
    if screener.problems:
        raise typer.Exit(1)
