"""The steps of screening, in order. Each reads the message and adds findings, or raises: an error is never a pass.

To add one (a trained classifier, say): write `def step(message: Message) -> None`, append it to `STEPS`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from handoff.screening import document as documents
from handoff.screening.context import weigh
from handoff.screening.history import answers, joined
from handoff.screening.lexicon import Lexicon, Phrase
from handoff.screening.message import Finding, Hit, Message
from handoff.verdict import Abuse, Risk, Target


@dataclass(frozen=True, slots=True)
class Step:
    """A named step; the name stands in every span it leaves."""

    name: str
    run: Callable[[Message], None]


def normalise(message: Message) -> None:
    """Letters, words and sentences, with the way back to the text as typed."""
    message.document = documents.read(message.text, message.lexicon.words)


def phrases(message: Message) -> None:
    """Every phrase of the lexicon that stands in the message."""
    message.hits = find(message.document, message.lexicon, message.service)


def context(message: Message) -> None:
    """What the phrases mean where they stand."""
    for hit in weigh(message.document, message.hits, message.lexicon):
        if (finding := _finding(message.document, hit, "phrases")) is not None:
            message.findings.append(finding)


def history(message: Message) -> None:
    """What the message means after what was said before: an answer, or the second half of a sentence."""
    if not message.history:
        return
    message.findings.extend(answers(message, find))
    before = joined(message.history, message.text)
    if before is None:
        return
    whole = documents.read(before + message.text, message.lexicon.words)
    for hit in weigh(whole, find(whole, message.lexicon, message.service), message.lexicon):
        # Only what the earlier message and this one say together; each was screened alone.
        if whole.starts[hit.first] < len(before) < whole.ends[hit.last - 1]:
            found = _finding(whole, hit, "history", shift=len(before))
            if found is not None:
                message.findings.append(found)


STEPS: tuple[Step, ...] = (
    Step("normalise", normalise),
    Step("phrases", phrases),
    Step("context", context),
    Step("history", history),
)


_SHORT = 40  # words; in a longer text the neighbourhood is asked first


def find(document: documents.Document, lexicon: Lexicon, service: str) -> list[Hit]:
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


def _finding(document: documents.Document, hit: Hit, step: str, shift: int = 0) -> Finding | None:
    rule = hit.rule
    risk = Risk.of(rule.risk) if rule.risk else Risk.NONE
    abuse = Abuse.of(rule.abuse) if rule.abuse else Abuse.NONE
    target = Target(rule.target) if rule.target else (Target.STAFF if abuse else None)
    if hit.lowered_by:
        risk, abuse = min(risk, Risk.of(rule.lowered)), Abuse.NONE
        if not risk:
            if hit.lowered_by != "quoting":
                return None
            target = Target.QUOTED
    if target in (Target.OTHER, Target.SELF, Target.QUOTED):
        abuse = Abuse.NONE  # only words aimed at whoever is answering count (M16)
    return Finding(
        label=hit.phrase.name,
        step=step,
        start=max(0, document.starts[hit.first] - shift),
        end=max(0, document.ends[hit.last - 1] - shift),
        risk=risk,
        abuse=abuse,
        category=rule.category,
        target=target,
    )
