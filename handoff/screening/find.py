"""Where the phrases of the lexicon stand in a message. Only those whose anchor occurs are tried, only near it."""

from __future__ import annotations

from bisect import bisect_right

from handoff.screening.document import Document
from handoff.screening.lexicon import Lexicon, Phrase
from handoff.screening.message import Hit

_SHORT = 40  # words; in a longer text the neighbourhood is asked first


def find(document: Document, lexicon: Lexicon, service: str) -> list[Hit]:
    """All hits, cues and vetoes among them. Tries only phrases whose anchor occurs, only near it."""
    hits: list[Hit] = []
    seen: set[tuple[int, int]] = set()
    words, offsets, line = document.words, document.offsets, document.line
    last = len(words) - 1
    present = set(words)
    for at, word in enumerate(words):
        for phrase in lexicon.index.get(word, ()):
            if not _for_service(phrase, service):
                continue
            pattern = phrase.pattern
            if any(need.isdisjoint(present) for need in pattern.needs):
                continue
            low, high = max(0, at - pattern.before), min(last, at + pattern.after)
            if last > _SHORT and any(need.isdisjoint(words[low : high + 1]) for need in pattern.needs):
                continue
            end = offsets[high] + len(words[high]) + 1
            found = pattern.expression.search(line, offsets[low], end)
            while found is not None and found.end() <= offsets[at]:  # an earlier one; the anchor's own is wanted
                found = pattern.expression.search(line, found.start() + 1, end)
            if found is None or found.end() == found.start():
                continue
            key = (id(phrase), found.start())
            if key in seen:
                continue
            seen.add(key)
            first = bisect_right(offsets, found.start()) - 1
            hits.append(Hit(phrase, first, bisect_right(offsets, found.end() - 1)))
    return hits


def _for_service(phrase: Phrase, service: str) -> bool:
    rule = phrase.rule
    return (not rule.services or service in rule.services) and service not in rule.not_services
