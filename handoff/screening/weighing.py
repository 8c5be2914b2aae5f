"""The model's word beside the rules': what it adds, and what it takes back where a rule is plainly mistaken.

A finding of the rules stands unless the model is sure it's harmless (`DOUBT` below its threshold): an idiom nobody had
thought of shouldn't call somebody out at night. What the model adds names the words that made it speak.
"""

from __future__ import annotations

from dataclasses import replace

from handoff.screening import model as models
from handoff.screening.document import Document
from handoff.screening.message import Finding, Message
from handoff.screening.notes import noted
from handoff.verdict import ABUSE_CATEGORIES, RISK_CATEGORIES, Abuse, Risk, Target

# A score above its threshold is heard. They lean towards an alarm for immediate risk, away from one for abuse.
THRESHOLDS = {"immediate": -0.2, "risk": 1.0, "abusive": 0.8, "threatening": 0.8, "discriminatory": -0.6}
# A finding of the rules is taken back when the score is this much below the threshold.
DOUBTS = {"immediate": 1.0, "risk": 1.0, "abusive": 1.5, "discriminatory": 1.0}
TOGETHER = 0.5  # how much more two messages must say than one
RISKS = tuple(sorted(RISK_CATEGORIES))
GROUPS = tuple(sorted(ABUSE_CATEGORIES - {"insult", "sexual", "threat"}))


def weigh(message: Message) -> None:
    """Add the model's findings to the message's, and lower what it is sure about."""
    model = message.model
    if model is None:
        raise RuntimeError("no model")
    document = message.document
    reading = models.read(document, noted(document, message.hits, message.weighed), message.lexicon.alike)
    scored = model.score(reading, models.parts(document))
    best = {head: scored.best(head) for head in models.HEADS}
    over = {head: best[head][0] - THRESHOLDS[head] for head in models.HEADS}
    message.findings[:] = [found for finding in message.findings for found in _doubted(finding, over)]
    for head in _heard(over):
        _, part = best[head]
        first, last = model.telling(reading, part, head)
        start, end = document.starts[first], document.ends[last - 1]
        if end > start:
            message.findings.append(_finding(head, model.kind(reading, part, _among(head)), start, end))


def weigh_together(message: Message, document: Document) -> None:
    """Add what this message says only together with what was said before it."""
    model = message.model
    if model is None or any(finding.risk is Risk.IMMEDIATE for finding in message.findings):
        return
    reading = models.read(document, [], message.lexicon.alike)
    whole = (0, len(document.words))
    scored = model.score(reading, [whole])
    for head, risk in (("immediate", Risk.IMMEDIATE), ("risk", Risk.CONCERN)):
        if scored.best(head)[0] > THRESHOLDS[head] + TOGETHER:
            kind = model.kind(reading, whole, RISKS)
            message.findings.append(Finding(f"model.{head}", "history", 0, len(message.text), risk=risk, category=kind))
            return


def _heard(over: dict[str, float]) -> list[str]:
    heads = [head for head in ("immediate", "threatening", "abusive", "discriminatory") if over[head] > 0]
    return heads if "immediate" in heads else heads + (["risk"] if over["risk"] > 0 else [])


def _among(head: str) -> tuple[str, ...]:
    return {"abusive": ("insult", "sexual"), "threatening": ("threat",), "discriminatory": GROUPS}.get(head, RISKS)


def _doubted(finding: Finding, over: dict[str, float]) -> list[Finding]:
    """The finding as it stands, lowered, or nothing."""
    if finding.risk is Risk.IMMEDIATE and over["immediate"] < -DOUBTS["immediate"]:
        finding = replace(finding, risk=Risk.CONCERN)
    if finding.risk is Risk.CONCERN and over["risk"] < -DOUBTS["risk"]:
        return []
    if finding.abuse is Abuse.DISCRIMINATORY and over["discriminatory"] < -DOUBTS["discriminatory"]:
        return []
    if finding.abuse >= Abuse.ABUSIVE and over["abusive"] < -DOUBTS["abusive"]:
        return []
    return [finding]


def _finding(head: str, kind: str, start: int, end: int) -> Finding:
    label = f"model.{head}"
    match head:
        case "immediate" | "risk":
            risk = Risk.IMMEDIATE if head == "immediate" else Risk.CONCERN
            return Finding(label=label, step="model", start=start, end=end, risk=risk, category=kind)
        case "threatening":
            abuse = Abuse.THREATENING
        case "abusive":
            abuse = Abuse.ABUSIVE
        case _:
            abuse = Abuse.DISCRIMINATORY
    return Finding(label=label, step="model", start=start, end=end, abuse=abuse, category=kind, target=Target.STAFF)
