"""What the steps of screening share: the message on its way to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from handoff.screening.document import Document
from handoff.screening.lexicon import Lexicon, Phrase, Rule
from handoff.screening.model import Model
from handoff.verdict import Abuse, Risk, Span, Target, Turn


@dataclass(slots=True)
class Hit:
    """A phrase found: words `first` up to but not including `last` of the document."""

    phrase: Phrase
    first: int
    last: int
    lowered_by: str = ""  # the cue that takes it back

    @property
    def rule(self) -> Rule:
        return self.phrase.rule


@dataclass(frozen=True, slots=True)
class Finding:
    """What a step answers: one thing found, already weighed."""

    label: str
    step: str
    start: int
    end: int
    risk: Risk = Risk.NONE
    abuse: Abuse = Abuse.NONE
    category: str = ""
    target: Target | None = None

    @property
    def span(self) -> Span:
        return Span(start=self.start, end=self.end, label=self.label, step=self.step)


@dataclass(slots=True)
class Message:
    """One message being screened; each step reads what earlier steps left and adds its own."""

    text: str
    service: str
    history: Sequence[Turn]
    lexicon: Lexicon
    model: Model | None
    document: Document = field(default_factory=lambda: Document(""))
    hits: list[Hit] = field(default_factory=list)
    weighed: list[Hit] = field(default_factory=list)  # those that are findings, with what lowers them
    findings: list[Finding] = field(default_factory=list)
