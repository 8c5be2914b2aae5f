"""How well screening does on labelled messages: what it finds, what it alarms at, and how sure those figures are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handoff.verdict import ABUSE_CATEGORIES, RISK_CATEGORIES, Abuse, Risk, Verdict

GROUPS = ABUSE_CATEGORIES - {"insult", "sexual", "threat"}
QUESTIONS = ("immediate", "risk", "abuse", "discriminatory")
_Z = 1.959964  # a 95 % interval


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message and what should be said of it; None where nobody judged."""

    place: str  # file:line
    text: str
    service: str
    history: Sequence[Any]
    answers: Mapping[str, bool]  # question → what is right
    risk: Risk | None = None
    abuse: Abuse | None = None
    categories: frozenset[str] = frozenset()
    group: str = ""  # which part of the file it belongs to


@dataclass(slots=True)
class Count:
    """Right and wrong for one question."""

    found: int = 0
    missed: int = 0
    alarms: int = 0
    quiet: int = 0

    def add(self, right: bool, said: bool) -> None:
        if right:
            self.found, self.missed = self.found + said, self.missed + (not said)
        else:
            self.alarms, self.quiet = self.alarms + said, self.quiet + (not said)

    def figures(self) -> dict[str, Any]:
        """Recall, false alarms and precision, each as [share, lowest, highest]; and macro-F1."""
        return {
            "positives": self.found + self.missed,
            "found": self.found,
            "recall": share(self.found, self.found + self.missed),
            "negatives": self.alarms + self.quiet,
            "false_alarms": self.alarms,
            "false_alarm_rate": share(self.alarms, self.alarms + self.quiet),
            "precision": share(self.found, self.found + self.alarms),
            "accuracy": share(self.found + self.quiet, self.found + self.missed + self.alarms + self.quiet),
            "macro_f1": self.macro_f1(),
        }

    def macro_f1(self) -> float | None:
        if not (self.found + self.missed) or not (self.alarms + self.quiet):
            return None
        wrong = self.missed + self.alarms
        return round((self.found / (self.found + wrong / 2) + self.quiet / (self.quiet + wrong / 2)) / 2, 4)


def share(part: int, whole: int) -> list[float] | None:
    """Part of whole with its 95 % interval (Wilson's), or nothing to say."""
    if not whole:
        return None
    p, z2 = part / whole, _Z * _Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = _Z * ((p * (1 - p) + z2 / (4 * whole)) / whole) ** 0.5 / (1 + z2 / whole)
    return [round(p, 4), round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


def said(verdict: Verdict) -> dict[str, bool]:
    """What a verdict answers to each question."""
    return {
        "immediate": verdict.risk is Risk.IMMEDIATE,
        "risk": verdict.risk > Risk.NONE,
        "abuse": verdict.abuse > Abuse.NONE,
        "discriminatory": verdict.abuse > Abuse.NONE and bool(verdict.abuse_categories & GROUPS),
    }


@dataclass(slots=True)
class Report:
    """Everything counted so far."""

    questions: dict[str, Count] = field(default_factory=dict)
    groups: dict[str, dict[str, Count]] = field(default_factory=dict)
    categories: dict[str, Count] = field(default_factory=dict)
    steps: dict[str, Counter[str]] = field(default_factory=dict)  # question → step that spoke, in right and wrong
    confusion: dict[str, Counter[str]] = field(default_factory=dict)
    misses: list[dict[str, Any]] = field(default_factory=list)
    uncertain: int = 0
    messages: int = 0

    def add(self, message: Labelled, verdict: Verdict) -> None:
        self.messages += 1
        self.uncertain += verdict.uncertain
        answers = said(verdict)
        wrong = []
        for question, right in message.answers.items():
            got = answers[question]
            self.questions.setdefault(question, Count()).add(right, got)
            if message.group:
                self.groups.setdefault(message.group, {}).setdefault(question, Count()).add(right, got)
            if got:
                for step in {span.step for span in verdict.spans if _speaks(span.label, question)}:
                    self.steps.setdefault(question, Counter())[f"{step} {'right' if right else 'wrong'}"] += 1
            if got != right:
                wrong.append(f"{'missed' if right else 'alarm'}: {question}")
        heard = verdict.risk_categories | verdict.abuse_categories
        for category in message.categories:
            self.categories.setdefault(category, Count()).add(True, category in heard)
        if message.risk is not None:
            self.confusion.setdefault("risk", Counter())[f"{message.risk.word} → {verdict.risk.word}"] += 1
        if message.abuse is not None:
            self.confusion.setdefault("abuse", Counter())[f"{message.abuse.word} → {verdict.abuse.word}"] += 1
        if wrong:
            self.misses.append({"place": message.place, "wrong": wrong, "text": message.text})

    def as_json(self, texts: bool = False) -> dict[str, Any]:
        """Plain figures. `texts`: with the messages it got wrong, not only where they stand."""
        return {
            "messages": self.messages,
            "uncertain": self.uncertain,
            "questions": {name: count.figures() for name, count in self.questions.items()},
            "groups": {
                group: {name: count.figures() for name, count in counts.items()}
                for group, counts in sorted(self.groups.items())
            },
            "categories": {name: count.figures()["recall"] for name, count in sorted(self.categories.items())},
            "steps": {name: dict(sorted(counts.items())) for name, counts in self.steps.items()},
            "confusion": {name: dict(sorted(counts.items())) for name, counts in self.confusion.items()},
            "misses": [m if texts else {k: v for k, v in m.items() if k != "text"} for m in self.misses],
        }


def _speaks(label: str, question: str) -> bool:
    """A model's span names its head; a rule's may speak for any question it answers."""
    if not label.startswith("model."):
        return True
    head = label.removeprefix("model.")
    return {
        "immediate": head == "immediate",
        "risk": head in {"immediate", "risk"},
        "abuse": head in {"abusive", "threatening", "discriminatory"},
        "discriminatory": head == "discriminatory",
    }[question]


def measure(messages: Iterable[tuple[Labelled, Verdict]]) -> Report:
    """Count them all."""
    report = Report()
    for message, verdict in messages:
        report.add(message, verdict)
    return report


def known_category(name: str) -> bool:
    return name in RISK_CATEGORIES or name in ABUSE_CATEGORIES
