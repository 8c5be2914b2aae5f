"""What earlier words add: a question to this answer, a first half to this second half."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from handoff.screening import document as documents
from handoff.screening.document import Document
from handoff.screening.lexicon import Lexicon
from handoff.screening.message import Finding, Hit, Message
from handoff.verdict import Risk, Turn

LONGEST = 20  # turns; more are left unread
TOGETHER = 60  # words read as one
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
_SAFE = frozenset("ok okay fine safe alright good".split())
_NO_ANSWER_WORDS = (  # a topic, thanks, something of oneself, or how one feels
    "about talk speak ask thanks thank thankyou cheers ta miss "
    "question questions curious bored interested wondering student called name "
    "sad lonely tired upset stressed depressed hopeless hope numb angry exhausted unhappy miserable"
)
_NO_ANSWER = frozenset(_NO_ANSWER_WORDS.split())
_AGE = frozenset("i am years year yrs yr yo old and a an now today in man woman male female".split())

Find = Callable[[Document, Lexicon, str], list[Hit]]


def joined(history: Sequence[Turn], text: str) -> str | None:
    """The person's last message, if it may be the first half of this one: "he's got" / "a knife"."""
    last = history[-1]
    if last.author != "person" or len(last.text) > _SHORT or len(text) > 2 * _SHORT:
        return None
    before = last.text.rstrip()
    return None if not before or before[-1] in ".?!" else before + " "


def together(history: Sequence[Turn], text: str, lexicon: Lexicon) -> Document | None:
    """What is said in this message after what was asked or said before, as one document; None if it stands alone.

    A short answer is read with its question, whose words are marked as not the person's own; otherwise with the
    person's last messages, for what comes out drip by drip. What answers a card stands alone.
    """
    said = documents.read(text, lexicon.words)
    if len(said.words) > TOGETHER or not history or history[-1].card:
        return None
    asked = history[-1]
    before: list[str]
    if asked.author != "person":
        if len(said.words) > _ANSWER_WORDS + 2:  # with the full stops at its ends
            return None
        before = [f"q:{word}" for word in documents.read(asked.text[-200:], lexicon.words).words[-14:]]
    else:
        before = []
        for turn in reversed(history[-3:]):
            words = documents.read(turn.text[:400], lexicon.words).words[:-1]
            if turn.author != "person" or len(before) + len(words) + len(said.words) > TOGETHER:
                break
            before = words + before
    if not before:
        return None
    joined = Document(text)
    for word in before:
        joined.add(word, 0, 0, 0)
    for word in said.words:
        joined.add(word, 0, len(text), 1)
    return joined


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
    if asked.card:  # only one card asks about danger; "ok" to one that names 999 is no emergency
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
    if any(word.isdecimal() for word in words) and all(word.isdecimal() or word in _AGE for word in words):
        return Risk.NONE  # "im 34": asked for later, told now
    if any(unsure in line for unsure in _UNSURE):
        return Risk.CONCERN  # unsure and can't say count as concern
    if kind == "no" or words[0] in _NO_WORDS:
        return Risk.NONE
    safe = bool(_SAFE & set(words)) and "not" not in words
    if kind == "yes" and safe:
        return Risk.CONCERN  # "yh im ok": to which question?
    if (kind == "yes" and not _NO_ANSWER & set(words)) or words[0] in {"yes", "yeah", "yh", "yep"}:
        return Risk.IMMEDIATE
    if len(words) <= _ANSWER_WORDS and (_ELSE | {"help"}) & set(words) and not _NO_ANSWER & set(words):
        return Risk.CONCERN if safe else Risk.IMMEDIATE  # "the kids are safe": and you?
    if any(finding.label == "violence.near" for finding in message.findings):
        return Risk.IMMEDIATE
    return Risk.NONE


def _answer(message: Message, label: str, risk: Risk, category: str) -> Finding:
    return Finding(label=label, step="history", start=0, end=len(message.text), risk=risk, category=category)
