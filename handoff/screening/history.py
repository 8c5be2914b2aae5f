"""What earlier words add: a question to this answer, a first half to this second half."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from handoff.screening import document as documents
from handoff.screening.document import Document
from handoff.screening.lexicon import Lexicon
from handoff.screening.message import Finding, Hit, Message
from handoff.verdict import Risk, Turn

LONGEST = 20  # turns; more are left unread
_SHORT = 80  # characters: a half-sentence
_ANSWER_WORDS = 8

_YES = (
    "yes yeah yh ye yep y yea aye ya yup yess yas definitely course afraid sadly unfortunately sort kinda kind mm mhm "
    "think help please now right still bit little sometimes probably"
)
_YES_WORDS = frozenset(_YES.split())
_NO_WORDS = frozenset(["no", "nope", "nah", "na", "n", "not", "never", "none", "nothing", "nowt", "neither"])
_UNSURE = ("not sure", "do not know", "dunno", "idk", "maybe", "unsure", "might", "can not say", "can not tell", "?")
_ELSE_WORDS = "kids children child son daughter baby mum mam mom dad sister brother friend someone else him her"
_ELSE = frozenset(_ELSE_WORDS.split())
_NO_ANSWER = frozenset("about talk speak ask thanks thank thankyou cheers ta miss".split())  # a topic, or thanks

Find = Callable[[Document, Lexicon, str], list[Hit]]


def joined(history: Sequence[Turn], text: str) -> str | None:
    """The person's last message, if it may be the first half of this one: "he's got" / "a knife"."""
    last = history[-1]
    if last.author != "person" or len(last.text) > _SHORT or len(text) > 2 * _SHORT:
        return None
    before = last.text.rstrip()
    return None if not before or before[-1] in ".?!" else before + " "


def answers(message: Message, find: Find) -> Iterator[Finding]:
    """Risk that lies in the question: "is anyone in danger right now?" / "yes"."""
    asked = _question(message.history)
    if asked is None:
        return
    words = [word for word in message.document.words if word != "."]
    if not words:
        return
    if asked.card == "danger":
        risk = _danger(words, message)
        if risk:
            yield _answer(message, "history.danger", risk, "adult_at_risk")
        return
    kind = _kind(words)
    question = documents.read(asked.text, message.lexicon.words)
    for hit in find(question, message.lexicon, message.service):
        rule = hit.rule
        if rule.answer and rule.risk and rule.answer in (kind, "some"):
            yield _answer(message, hit.phrase.name, Risk.of(rule.risk), rule.category)


def _question(history: Sequence[Turn]) -> Turn | None:
    """The last thing asked, if nothing but the person's own words came between."""
    for turn in reversed(history[-LONGEST:]):
        if turn.author != "person":
            return turn
    return None


def _kind(words: list[str]) -> str:
    if len(words) > _ANSWER_WORDS:
        return ""
    if words[0] in _NO_WORDS or words[:2] == ["i", "not"]:
        return "no"
    if words[0] in _YES_WORDS or words[:2] in (["i", "am"], ["i", "have"], ["i", "do"], ["he", "is"], ["i", "did"]):
        return "no" if "not" in words[:4] else "yes"
    return ""


def _danger(words: list[str], message: Message) -> Risk:
    line = " ".join(words)
    kind = _kind(words)
    if any(unsure in line for unsure in _UNSURE):
        return Risk.CONCERN  # unsure and can't say count as concern
    if kind == "no" or words[0] in _NO_WORDS:
        return Risk.NONE
    if (kind == "yes" and not _NO_ANSWER & set(words)) or words[0] in {"yes", "yeah", "yh", "yep"}:
        return Risk.IMMEDIATE
    if len(words) <= _ANSWER_WORDS and (_ELSE | {"help"}) & set(words) and not _NO_ANSWER & set(words):
        return Risk.IMMEDIATE
    if any(finding.label == "violence.near" for finding in message.findings):
        return Risk.IMMEDIATE
    return Risk.NONE


def _answer(message: Message, label: str, risk: Risk, category: str) -> Finding:
    return Finding(label=label, step="history", start=0, end=len(message.text), risk=risk, category=category)
