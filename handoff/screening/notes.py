"""What the rules have to say to the model: which phrases and cues stand where, and whether somebody is quoted."""

from __future__ import annotations

from collections.abc import Iterable

from handoff.screening.context import weigh
from handoff.screening.document import Document
from handoff.screening.find import find
from handoff.screening.lexicon import Lexicon
from handoff.screening.message import Hit

FEW = 2  # words that say little by themselves


def of(document: Document, lexicon: Lexicon, service: str) -> list[tuple[int, str]]:
    """The notes of a message not yet looked through (for learning; screening has its hits already)."""
    hits = find(document, lexicon, service)
    return noted(document, hits, weigh(document, hits, lexicon))


def noted(document: Document, hits: Iterable[Hit], weighed: Iterable[Hit]) -> list[tuple[int, str]]:
    """(word, note) pairs."""
    found = [(hit.first, f"cue {hit.rule.cue}") for hit in hits if hit.rule.cue]
    for hit in weighed:
        rule = hit.rule
        level = rule.risk or rule.abuse or ""
        low = " lowered" if hit.lowered_by else ""
        found += [(hit.first, f"rule {hit.phrase.name}{low}"), (hit.first, f"level {level}{low}")]
    said = sum(word != "." for word in document.words)
    if said <= FEW:
        found.append((0, f"words {said}"))
    if document.quoted:
        found.append((min(document.quoted), "quoted"))
    return found
