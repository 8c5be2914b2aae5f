"""A charity's own phrases: a place's name for a danger, a local word of contempt. Heard wherever they stand.

    == immediate suicide
    up at the viaduct
    == abusive insult
    daft apeth

They are looked for with spaCy's PhraseMatcher, whose cost does not grow with their number. A spaCy vocabulary keeps
every word it has seen; the memory zone makes it forget them with the message (promise 11).
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from handoff.screening import document as documents
from handoff.screening.labels import Label, label
from handoff.screening.message import Finding, Message
from handoff.screening.steps import Step
from handoff.screening.words import Words
from handoff.verdict import ABUSE_CATEGORIES, RISK_CATEGORIES, Abuse, Risk, Target

NAME = "own phrases"


class PhrasesError(ValueError):
    """The file can't be used; the message names file, line and mend."""


def read(path: Path) -> list[tuple[str, Label]]:
    """The phrases of a file and what they mean. Raises `PhrasesError`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PhrasesError(f"{path}: cannot be read ({type(error).__name__})") from error
    found: list[tuple[str, Label]] = []
    now: Label | None = None
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("=="):
            try:
                now = label(text[2:])
            except ValueError as error:
                raise PhrasesError(f"{path.name}:{number}: {error}") from error
        elif now is None or not (now.risk or now.abuse):
            raise PhrasesError(f"{path.name}:{number}: put a heading before it, such as == immediate violence")
        else:
            found.append((text, now))
    return found


def step(phrases: list[tuple[str, Label]], words: Words) -> Step:
    """The phrases as a step of screening; typed in other letters or text speak they are heard all the same."""
    vocab = Vocab()
    matcher = PhraseMatcher(vocab)
    for at, (text, _) in enumerate(phrases):
        said = [word for word in documents.read(text, words).words if word != "."]
        matcher.add(str(at), [Doc(vocab, words=said)])
    one_at_a_time = Lock()  # a memory zone is a vocabulary's, not a thread's

    def run(message: Message) -> None:
        document = message.document
        with one_at_a_time, vocab.memory_zone():
            matches = [
                (int(vocab.strings[key]), first, last) for key, first, last in matcher(Doc(vocab, words=document.words))
            ]
        for at, first, last in matches:
            _, means = phrases[at]
            message.findings += _findings(means, document.starts[first], document.ends[last - 1])

    return Step(NAME, run)


def _findings(means: Label, start: int, end: int) -> list[Finding]:
    label_ = f"own.{means.risk.word if means.risk else means.abuse.word}"
    risks = [
        Finding(label_, NAME, start, end, risk=means.risk, category=category)
        for category in sorted(means.categories & RISK_CATEGORIES)
        if means.risk
    ]
    at_staff = means.target in (None, Target.STAFF, Target.MACHINE)  # M16: words at others are not counted
    return risks + [
        Finding(label_, NAME, start, end, Risk.NONE, Abuse(means.abuse), category, means.target or Target.STAFF)
        for category in sorted(means.categories & ABUSE_CATEGORIES)
        if means.abuse and at_staff
    ]
