"""Headings that say what screening should hear in the lines below them: `== immediate violence`."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.verdict import ABUSE_CATEGORIES, RISK_CATEGORIES, Abuse, Risk, Target


@dataclass(frozen=True, slots=True)
class Label:
    """What screening should say of a message or hear in a phrase."""

    risk: Risk = Risk.NONE
    abuse: Abuse = Abuse.NONE
    categories: frozenset[str] = frozenset()
    target: Target | None = None
    service: str | None = None


def label(heading: str) -> Label:
    """Read a heading: risk and its categories, abuse and its categories, at whom. Raises `ValueError`."""
    risk, abuse, target, service = Risk.NONE, Abuse.NONE, None, None
    categories: set[str] = set()
    for word in heading.split():
        if word in {"none", "concern", "immediate"}:
            risk = Risk.of(word)
        elif word in {"discriminatory", "abusive", "threatening"}:
            abuse = max(abuse, Abuse.of(word))
        elif word in RISK_CATEGORIES or word in ABUSE_CATEGORIES:
            categories.add(word)
        elif word in {"other", "self", "quoted", "machine", "staff"}:
            target = Target(word)
        elif word.startswith("service="):
            service = word.removeprefix("service=")
        else:
            raise ValueError(f"{word!r} is no word of a heading")
    if risk and not categories & RISK_CATEGORIES:
        raise ValueError("a risk needs a category")
    if abuse and not categories & ABUSE_CATEGORIES:
        raise ValueError("abuse needs a category")
    return Label(risk, abuse, frozenset(categories), target, service)
