"""A verdict for a terminal: the text with what was found in colour, and one line for each finding."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from handoff.verdict import Abuse, Risk, Verdict

_STYLES = {Risk.IMMEDIATE: "bold white on red", Risk.CONCERN: "black on yellow", Risk.NONE: "dim"}


def _printable(text: str) -> str:
    """Control characters and broken surrogates shown as a mark of the same length, so that places still fit."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)


def explanation(text: str, verdict: Verdict) -> RenderableType:
    """What was found in `text` and where, ready for `rich.console.Console.print`."""
    shown = Text(_printable(text))
    for span in verdict.spans:
        shown.stylize(
            "magenta" if "abuse" in span.label or "discrimination" in span.label else "red", span.start, span.end
        )
    risk = Text(f"risk: {verdict.risk.word}", style=_STYLES[verdict.risk])
    if verdict.risk_categories:
        risk.append(f" ({', '.join(sorted(verdict.risk_categories))})")
    if verdict.risk is Risk.NONE:
        risk.append(" (nothing flagged: not an assessment)")
    abuse = Text(f"abuse: {verdict.abuse.word}", style="bold magenta" if verdict.abuse > Abuse.NONE else "dim")
    if verdict.target:
        abuse.append(f" at {verdict.target.value} ({', '.join(sorted(verdict.abuse_categories)) or 'not counted'})")
    parts: list[RenderableType] = [shown, risk, abuse]
    if verdict.uncertain:
        parts.append(Text(f"uncertain: {_printable(verdict.reason)}; this goes to a person", style="bold yellow"))
    if verdict.spans:
        table = Table("from", "to", "words", "found as", "by", box=None, header_style="dim")
        for span in verdict.spans:
            words = Text(_printable(text[span.start : span.end]))
            table.add_row(str(span.start), str(span.end), words, span.label, span.step)
        parts.append(table)
    return Group(*parts)
