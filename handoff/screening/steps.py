"""The steps of screening, in order. Each reads the message and adds findings, or raises: an error is never a pass.

To add one, write `def step(message: Message) -> None` and append it to `STEPS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handoff.screening import document as documents
from handoff.screening import weighing
from handoff.screening.context import weigh
from handoff.screening.find import find
from handoff.screening.history import answers, joined, together
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
    message.weighed = weigh(message.document, message.hits, message.lexicon)
    for hit in message.weighed:
        if (finding := _finding(message.document, hit, "phrases")) is not None:
            message.findings.append(finding)


def learnt(message: Message) -> None:
    """What the trained model hears beside the phrases, and what it makes of them."""
    weighing.weigh(message)


def history(message: Message) -> None:
    """What the message means after what was said before: an answer, or the second half of a sentence."""
    if not message.history:
        return
    message.findings.extend(answers(message, find))
    if (both := together(message.history, message.text, message.lexicon)) is not None:
        weighing.weigh_together(message, both)
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
    Step("model", learnt),
    Step("history", history),
)


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
