"""The figures of `frontdoor evaluate` for people: a table for the terminal, a picture for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Template
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from handoff.screening.measure import Report

_PICTURE = Template(
    """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {{ height }}" role="img" aria-label="{{ title|e }}"
 font-family="system-ui, sans-serif" font-size="13">
<rect width="760" height="{{ height }}" fill="#fff"/>
<text x="16" y="24" font-size="15" font-weight="600" fill="#1a2b33">{{ title|e }}</text>
<text x="16" y="42" fill="#4a5a62">Bar: the share measured. Line: where the true share lies, 95 in 100.</text>
{% for tick in (0, 25, 50, 75, 100) -%}
<line x1="{{ 300 + tick * 3.6 }}" x2="{{ 300 + tick * 3.6 }}" y1="56" y2="{{ height - 24 }}" stroke="#dde4e7"/>
<text x="{{ 300 + tick * 3.6 }}" y="{{ height - 8 }}" text-anchor="middle" fill="#4a5a62">{{ tick }} %</text>
{% endfor -%}
{% for row in rows -%}
<text x="292" y="{{ row.y + 13 }}" text-anchor="end" fill="#1a2b33">{{ row.name|e }}</text>
<rect x="300" y="{{ row.y }}" width="{{ row.width }}" height="16" rx="2" fill="{{ row.fill }}"/>
<path d="M{{ row.low }} {{ row.y + 8 }}H{{ row.high }}M{{ row.low }} {{ row.y + 3 }}v10
M{{ row.high }} {{ row.y + 3 }}v10" stroke="#1a2b33" fill="none"/>
<text x="668" y="{{ row.y + 13 }}" fill="#1a2b33">{{ row.said }}</text>
{% endfor -%}
</svg>
"""
)


def percent(share: Sequence[float] | None) -> str:
    """`92.1 (90–94)`: in a hundred, and between what the true share lies, 95 times in 100."""
    if share is None:
        return "–"
    point, low, high = (100 * part for part in share)
    return f"{point:.1f} ({low:.0f}–{high:.0f})"


def table(report: Report, misses: int) -> RenderableType:
    """Everything measured, ready to print."""
    figures = report.as_json(texts=True)
    parts: list[RenderableType] = [Text(f"{report.messages:,} messages, {report.uncertain:,} of them uncertain")]
    parts.append(_questions("asked", dict.fromkeys(("",), figures["questions"])))
    if figures["groups"]:
        parts.append(_questions("part", figures["groups"]))
    if figures["categories"]:
        named = Table("category", "heard as it, in 100", box=None, header_style="dim")
        for name, share in figures["categories"].items():
            named.add_row(name, percent(share))
        parts.append(named)
    for name, counts in {**figures["steps"], **figures["confusion"]}.items():
        told = ", ".join(f"{key} {count:,}" for key, count in counts.items())
        parts.append(Text(f"{name}: {told}", style="dim"))
    if report.misses:
        parts.append(Text(f"{len(report.misses):,} messages not as labelled"))
    for miss in report.misses[:misses]:
        parts.append(
            Text(f"  {miss['place']}  {', '.join(miss['wrong'])}: ", style="yellow").append(_shown(miss["text"]))
        )
    return Group(*parts)


def _shown(text: str) -> Text:
    return Text("".join(char if char.isprintable() else " " for char in text[:200]), style="default")


def _questions(first: str, groups: Mapping[str, Any]) -> Table:
    shown = Table(first, "found", "in 100 (95 %)", "alarms", "in 100 (95 %)", "F1", box=None, header_style="dim")
    for group, questions in groups.items():
        for name, of in questions.items():
            shown.add_row(
                f"{group} {name}".strip(),
                f"{of['found']:,}/{of['positives']:,}",
                percent(of["recall"]),
                f"{of['false_alarms']:,}/{of['negatives']:,}",
                percent(of["false_alarm_rate"]),
                "–" if of["macro_f1"] is None else f"{of['macro_f1']:.3f}",
            )
    return shown


def picture(figures: Mapping[str, Any], title: str) -> str:
    """Recall and false alarms of each question, and recall of each category, as an SVG."""
    bars: list[tuple[str, Sequence[float], str]] = []
    for name, of in figures["questions"].items():
        if of["recall"]:
            bars.append((f"{name}: found", of["recall"], "#2f7d6d"))
        if of["false_alarm_rate"]:
            bars.append((f"{name}: false alarms", of["false_alarm_rate"], "#c2703d"))
    bars += [(name, share, "#6d94a8") for name, share in figures["categories"].items() if share]
    rows = [
        {
            "name": name,
            "y": 60 + 24 * at,
            "fill": fill,
            "width": round(share[0] * 360, 1),
            "low": round(300 + share[1] * 360, 1),
            "high": round(300 + share[2] * 360, 1),
            "said": f"{100 * share[0]:.1f} %",
        }
        for at, (name, share, fill) in enumerate(bars)
    ]
    return str(_PICTURE.render(rows=rows, title=title, height=60 + 24 * len(rows) + 30))
